"""Satorra-Bentler 2010, metric against scalar under MLR, where the scalar model holds and latent means differ by 1 SD.

Two ways to take the scaling factor of the larger model: at its parameters that imply the scalar model's moments, and at
the scalar model's parameters with the latent means of the second group left at zero, as lavaan does. Factors and
residuals are chi-square with 4 degrees of freedom, 200 observations in each of two groups. Run from the repository's
root: ``python tests/reference/comparison/simulate_sb2010.py [replications]`` (half a minute for 500).
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from scipy.stats import chi2

import survey_sem as ss
from survey_sem.inference.difference import scaled_difference, scaling_at

MODEL = "f =~ a + b + c + d + e"
LOADINGS = {"a": 0.8, "b": 0.7, "c": 0.6, "d": 0.7, "e": 0.75}
SIZE, SHIFT, DF = 200, 1.0, 4


def sample(seed: int, shift: float) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    factor = (draw.chisquare(4, SIZE) - 4.0) / np.sqrt(8.0) + shift
    residual = (draw.chisquare(4, (SIZE, len(LOADINGS))) - 4.0) / np.sqrt(8.0)
    items = {k: v * factor + np.sqrt(1.0 - v * v) * residual[:, j] for j, (k, v) in enumerate(LOADINGS.items())}
    return pd.DataFrame(items)


def by_names(metric: ss.SemResult, scalar: ss.SemResult) -> float:
    """The difference with the larger model at the smaller one's parameters by name; NaN where it is negative."""
    values = zip(scalar.solution.rows, scalar.solution.row_values(), strict=True)
    known = {(row.group, row.lhs, row.op, row.rhs): value for row, value in values}
    rows = [row for row in metric.solution.rows if row.free]
    theta = np.array([known[row.group, row.lhs, row.op, row.rhs] for row in rows])
    factor = scaling_at(metric.solution, theta, "yuan.bentler.mplus")
    if factor is None:
        return float("nan")
    gap = scalar.measures["chisq"] - metric.measures["chisq"]
    df0, df1 = int(scalar.measures["df"]), int(metric.measures["df"])
    test = scaled_difference("by names", gap, df0, scalar.measures["chisq_scaling_factor"], df1, factor)
    return test.statistic if test.scaling > 0.0 else float("nan")


def main(replications: int) -> None:
    found: dict[str, list[float]] = {"2001": [], "2010 at the moments": [], "2010 by names": []}
    for seed in range(replications):
        parts = [sample(2 * seed, 0.0).assign(g="1"), sample(2 * seed + 1, SHIFT).assign(g="2")]
        data = pd.concat(parts, ignore_index=True)
        fits = [
            ss.cfa(MODEL, data, group="g", group_equal=equal, estimator="MLR")
            for equal in ("loadings", ["loadings", "intercepts"])
        ]
        for name, method in (("2001", "satorra.bentler.2001"), ("2010 at the moments", "satorra.bentler.2010")):
            step = ss.compare(*fits, method=method).steps[0]
            found[name].append(float("nan") if step.p_value is None else float(step.chisq_diff or 0.0))
        found["2010 by names"].append(by_names(*fits))
    for name, values in found.items():
        kept = np.array(values)[np.isfinite(values)]
        rejected = np.mean(kept > chi2.ppf(0.95, DF))
        print(f"{name:>20}: {len(kept)} used, mean {kept.mean():.2f} (df {DF}), rejected at .05: {rejected:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
