"""Models of samples from one finite population: coverage with the design, and without it.

The population is drawn once: 12 strata of 60 units of 40 people, with levels, slopes and disturbances that vary
between units. A sample takes 4 or 8 units of a stratum and about 10 people of a unit, by an inclination that grows with
what the model explains (informative selection); weights are the inverse probabilities. The truth is the model fitted to
the whole population. ``python -m tests.monte_carlo.designs [REPLICATIONS]`` prints the table of
docs/explanation/designs-in-models.md, and how often tests reject a model that holds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss

MODEL = """
trust =~ t1 + t2 + t3
buy =~ b1 + b2 + b3
buy ~ a*trust + c*age
trust ~ d*age
indirect := a*d
"""
SHOWN = [
    ("buy", "~", "trust"),
    ("buy", "~", "age"),
    ("trust", "~", "age"),
    ("indirect", ":=", "a*d"),
    ("trust", "=~", "t2"),
    ("buy", "=~", "b3"),
    ("buy", "~~", "buy"),
]
STRATA, UNITS, PEOPLE = 12, 60, 40
DRAWN = 10


def population(seed: int = 1) -> pd.DataFrame:
    """Everybody: answers, unit, stratum, and the inclination to take part."""
    rng = np.random.default_rng(seed)
    n_units = STRATA * UNITS
    stratum = np.repeat(np.arange(STRATA), UNITS)
    level = 0.55 * rng.normal(size=n_units) + 1.2 * (stratum / STRATA - 0.5)
    slope = 0.5 + 0.2 * rng.normal(size=n_units)
    unit = np.repeat(np.arange(n_units), PEOPLE)
    n = len(unit)
    age = rng.normal(size=n) + 0.5 * level[unit]
    trust = 0.4 * age + 0.7 * level[unit] + 0.8 * rng.normal(size=n)
    buy = slope[unit] * trust + 0.2 * age + 0.5 * rng.normal(size=n_units)[unit] + 0.8 * rng.normal(size=n)
    frame = pd.DataFrame({"age": age, "unit": unit, "stratum": stratum[unit]})
    for factor, name in ((trust, "t"), (buy, "b")):
        for at, loading in enumerate((1.0, 0.9, 0.8), 1):
            frame[f"{name}{at}"] = loading * factor + 0.7 * rng.normal(size=n)
    inclined = 0.35 * buy * trust / (buy.std() * trust.std()) + 0.25 * buy / buy.std()
    frame["inclination"] = np.exp(np.clip(inclined, -3.0, 2.5))
    return frame


def drawn(everybody: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One sample, with its weights."""
    inclination = everybody["inclination"].to_numpy()
    rows, weights = [], []
    for stratum in range(STRATA):
        n_units = 4 if stratum % 3 == 0 else 8
        for unit in stratum * UNITS + rng.choice(UNITS, n_units, replace=False):
            at = np.arange(unit * PEOPLE, (unit + 1) * PEOPLE)
            chance = np.minimum(1.0, DRAWN * inclination[at] / inclination[at].sum())
            taken = rng.random(PEOPLE) < chance
            rows.append(at[taken])
            weights.append(UNITS / n_units / chance[taken])
    sample = everybody.iloc[np.concatenate(rows)].reset_index(drop=True)
    return sample.assign(weight=np.concatenate(weights))


def with_design(sample: pd.DataFrame) -> ss.SemResult:
    """The model with everything that the sample's design says."""
    return ss.sem(MODEL, ss.design(sample, weights="weight", strata="stratum", psu="unit"))


WAYS: dict[str, Callable[[pd.DataFrame], ss.SemResult]] = {
    "design": with_design,
    "weights alone": lambda sample: ss.sem(MODEL, sample, weights="weight"),
    "clusters alone": lambda sample: ss.sem(MODEL, sample, cluster="unit"),
    "neither": lambda sample: ss.sem(MODEL, sample),
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Per parameter: share of 95% intervals that hold the truth, bias, mean standard error over spread of estimates."""

    covered: np.ndarray
    bias: np.ndarray
    ratio: np.ndarray


def coverage(replications: int, ways: list[str], seed: int = 5) -> dict[str, Coverage]:
    """What intervals do in repeated samples."""
    everybody = population()
    truth = _shown(ss.sem(MODEL, everybody))["est"].to_numpy()
    rng = np.random.default_rng(seed)
    samples = [drawn(everybody, rng) for _ in range(replications)]
    found = {}
    for way in ways:
        tables = [_shown(WAYS[way](sample)) for sample in samples]
        est, se, lower, upper = (np.array([t[c] for t in tables]) for c in ("est", "se", "ci_lower", "ci_upper"))
        hit = (lower <= truth) & (truth <= upper)
        found[way] = Coverage(hit.mean(axis=0), est.mean(axis=0) - truth, se.mean(axis=0) / est.std(axis=0))
    return found


def _shown(fit: ss.SemResult) -> pd.DataFrame:
    return fit.estimates.set_index(["lhs", "op", "rhs"]).loc[SHOWN]


def statistics_coverage(replications: int, seed: int = 6) -> dict[str, pd.Series[float]]:
    """Shares of 95% intervals of means and regressions that hold the value of the whole population, by way."""
    everybody = population().assign(high=lambda rows: (rows["b1"] > 1.0).astype(int))
    truth = _statistics(everybody)["est"]
    rng = np.random.default_rng(seed)
    hits: dict[str, list[pd.Series[bool]]] = {"design": [], "neither": []}
    for _ in range(replications):
        sample = drawn(everybody, rng)
        design = ss.design(sample, weights="weight", strata="stratum", psu="unit")
        for way, data in (("design", design), ("neither", sample)):
            found = _statistics(data)
            hits[way].append((found["ci_lower"] <= truth) & (truth <= found["ci_upper"]))
    return {way: pd.concat(each, axis=1).mean(axis=1) for way, each in hits.items()}


def _statistics(data: Any) -> pd.DataFrame:
    """Means, a linear and a logit regression: estimates with intervals, by name."""
    rows = data if isinstance(data, pd.DataFrame) else None
    means = (ss.design(rows) if rows is not None else data).mean(["t1", "b1"]).to_frame()
    found = {
        f"mean of {row['variable']}": (row["estimate"], row["ci_lower"], row["ci_upper"])
        for row in means.to_dict("records")
    }
    for family, formula in (("gaussian", "b1 ~ t1 + age"), ("binomial", "high ~ t1 + age")):
        for row in ss.regress(formula, data, family=family).estimates.to_dict("records"):
            name = f"{formula.partition(' ')[0]} on {row['term']}"
            found[name] = (row["est"], row["ci_lower"], row["ci_upper"])
    return pd.DataFrame.from_dict(found, orient="index", columns=["est", "ci_lower", "ci_upper"])


FACTORS = "f =~ x0 + x1 + x2 + x3\ng =~ x4 + x5 + x6 + x7"
TESTS: dict[str, dict[str, Any]] = {
    "Yuan-Bentler-Mplus (ML, MLR)": {},
    "Yuan-Bentler-Mplus, incomplete rows": {"missing": "fiml"},
    "Satorra-Bentler (MLM)": {"estimator": "MLM"},
    "scaled and shifted (MLMV)": {"estimator": "MLMV"},
    "mean and variance adjusted (MLMVS)": {"estimator": "MLMVS"},
}


def rejections(replications: int, seed: int = 9) -> dict[str, float]:
    """Shares of samples of 100 units of 10 people, in 5 strata, in which a test at 5% rejects a model that holds."""
    rng = np.random.default_rng(seed)
    loadings = np.zeros((8, 2))
    loadings[:4, 0], loadings[4:, 1] = (0.9, 0.8, 0.7, 0.8), (0.8, 0.9, 0.7, 0.8)
    root = np.linalg.cholesky(np.array([[1.0, 0.5], [0.5, 1.0]]))
    unit = np.repeat(np.arange(100), 10)
    found: dict[str, list[bool]] = {name: [] for name in (*TESTS, "unscaled", "scaled, weights alone")}
    for _ in range(replications):
        factors = np.sqrt(0.7) * rng.normal(size=(1000, 2)) + np.sqrt(0.3) * rng.normal(size=(100, 2))[unit]
        errors = np.sqrt(0.6) * rng.normal(size=(1000, 8)) + np.sqrt(0.4) * rng.normal(size=(100, 8))[unit]
        answers = factors @ root.T @ loadings.T + 0.7 * errors
        rows = pd.DataFrame(answers, columns=[f"x{k}" for k in range(8)])
        rows = rows.assign(unit=unit, stratum=unit % 5, weight=rng.gamma(2.0, size=100)[unit] + 0.2)
        design = ss.design(rows, weights="weight", strata="stratum", psu="unit")
        fits = {name: ss.cfa(FACTORS, design, **options) for name, options in TESTS.items()}
        for name, fit in fits.items():
            found[name].append(fit.fit_measures["pvalue_scaled"] < 0.05)
        found["unscaled"].append(fits["Satorra-Bentler (MLM)"].fit_measures["pvalue"] < 0.05)
        alone = ss.cfa(FACTORS, rows, weights="weight")
        found["scaled, weights alone"].append(alone.fit_measures["pvalue_scaled"] < 0.05)
    return {name: float(np.mean(each)) for name, each in found.items()}


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("| test | rejections |\n| --- | --- |")
    for name, share in rejections(asked).items():
        print(f"| {name} | {share:.1%} |")
    table = coverage(asked, list(WAYS))
    print("| parameter | " + " | ".join(table) + " |\n| --- |" + " --- |" * len(table))
    for at, (lhs, op, rhs) in enumerate(SHOWN):
        cells = (f"{each.covered[at]:.1%}, {each.bias[at]:+.3f}, {each.ratio[at]:.2f}" for each in table.values())
        print(f"| `{lhs} {op} {rhs}` | " + " | ".join(cells) + " |")
    beside = statistics_coverage(asked)
    print("| statistic | " + " | ".join(beside) + " |\n| --- |" + " --- |" * len(beside))
    for name in beside["design"].index:
        print(f"| {name} | " + " | ".join(f"{each[name]:.1%}" for each in beside.values()) + " |")
