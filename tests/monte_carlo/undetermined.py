"""Robust indices where two variables are never observed together.

``python -m tests.monte_carlo.undetermined [SAMPLES]`` prints two tables (decision 0012): the covariance that no row
tells is moved along the saturated likelihood, which does not change, while the corrected CFI and RMSEA do; and
chi-squares of samples for which the model holds, half of the rows without the first variable and half without the
second.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2

import survey_sem as ss
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import IncompleteMoments
from survey_sem.inference.baseline import baseline_estimates
from survey_sem.inference.incomplete import Corrected, SaturatedMoments, corrected, saturated_groups
from survey_sem.inference.sandwich import Gammas
from survey_sem.inference.solution import Solution
from survey_sem.statistics.incomplete import likelihood

ROWS = Path(__file__).resolve().parents[1] / "reference" / "data" / "edge_never_jointly_observed.csv"
MODEL = "f =~ x1 + x2 + x3 + x4"
CORRELATIONS = tuple(tenth / 10 for tenth in range(-9, 10))


def moved(estimates: Estimates, correlation: float) -> Estimates:
    """The same estimates beside saturated moments with another correlation of the first two variables."""
    (sample,) = estimates.model.samples
    cov = sample.cov.copy()
    cov[0, 1] = cov[1, 0] = correlation * np.sqrt(cov[0, 0] * cov[1, 1])
    other = replace(sample, cov=cov, log_det=float(np.linalg.slogdet(cov)[1]))
    return replace(estimates, built=replace(estimates.built, model=replace(estimates.model, samples=(other,))))


def excess(solution: Solution, estimates: Estimates, correlation: float) -> float:
    """Misfit beyond its expectation (Zhang & Savalei), the covariance of the moments by a generalised inverse."""
    at = moved(estimates, correlation)
    groups = saturated_groups(at, replace(solution.rules, information="observed"))
    gammas = Gammas(tuple(np.linalg.pinv(group.observed, rcond=1e-8, hermitian=True) for group in groups))
    found = corrected(at, solution.rules, solution.n_scale, [()], SaturatedMoments(groups, groups, gammas))
    assert isinstance(found, Corrected)
    return found.statistic - found.trace


def along_the_flat_direction(fit: ss.SemResult, correlations: Sequence[float] = CORRELATIONS) -> pd.DataFrame:
    """Log-likelihood of the saturated model, corrected CFI and RMSEA by the correlation that no row tells."""
    solution = fit.solution
    baseline = baseline_estimates(solution.estimates, solution.moments)
    n, df = solution.n_scale, fit.fit_measures["df"]
    rows = []
    for correlation in correlations:
        (sample,) = moved(solution.estimates, correlation).model.samples
        assert isinstance(sample, IncompleteMoments)
        if np.linalg.eigvalsh(sample.cov)[0] <= 0 or sample.mean is None:
            continue
        found = likelihood(sample.patterns, sample.cov, sample.mean)
        own, base = (excess(solution, each, correlation) for each in (solution.estimates, baseline))
        cfi = 1.0 - max(own, 0.0) / max(own, base, 1e-12)
        rmsea = float(np.sqrt(max(own, 0.0) / (n * df)))
        rows.append((correlation, None if found is None else -n * found.value, cfi, rmsea))
    return pd.DataFrame(rows, columns=["correlation", "log-likelihood", "CFI", "RMSEA"])


def chi_squares(samples: int, n: int = 300, seed: int = 20261123) -> pd.Series:
    """Chi-squares of a model that holds, with two variables that no row has both of."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(samples):
        rows = 0.8 * rng.normal(size=(n, 1)) + 0.6 * rng.normal(size=(n, 4))
        data = pd.DataFrame(rows, columns=["x1", "x2", "x3", "x4"])
        data.loc[: n // 2 - 1, "x1"] = np.nan
        data.loc[n // 2 :, "x2"] = np.nan
        found.append(ss.cfa(MODEL, data, missing="fiml", se="none").fit_measures["chisq"])
    return pd.Series(found)


def main(samples: int) -> None:
    """Print both tables."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = ss.cfa(MODEL, pd.read_csv(ROWS), missing="fiml")
        print(along_the_flat_direction(fit).to_string(index=False))
        found = chi_squares(samples)
    print(f"{samples} chi-squares, model with {fit.fit_measures['df']:.0f} degrees of freedom: mean {found.mean():.2f}")
    for df in (1, 2):
        print(f"rejected at 5% with {df}: {(found > chi2.ppf(0.95, df)).mean():.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
