"""What one fit says, and what many of them say together, with Monte Carlo standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from survey_sem.results import SemResult

LEVELS = (0.05, 0.01)
OF_STANDARDISED = ("=~", "~", ":=")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its standard error and its 95 percent interval."""

    est: float
    se: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Test:
    """A test statistic with its p-value."""

    statistic: float
    df: float
    p_value: float


def intervals(fit: SemResult) -> dict[str, Interval]:
    """Estimates by name; standardised loadings, paths and effects with "std " before it; ".2" after it in group 2."""
    rows, found = fit.estimate_records(), {}
    whole = fit.standardized()[["est_std", "se", "ci_lower", "ci_upper"]].to_numpy().tolist()
    for row, standardised in zip(rows, whole, strict=True):
        name = row["lhs"] if row["op"] == ":=" else f"{row['lhs']}{row['op']}{row['rhs']}"
        name += f".{row['group']}" if row["group"] > 1 else ""
        if row["se"] > 0.0:
            found[name] = Interval(row["est"], row["se"], row["ci_lower"], row["ci_upper"])
        if row["op"] in OF_STANDARDISED and standardised[1] > 0.0:
            found[f"std {name}"] = Interval(*standardised)
    return found


def tests_of(fit: SemResult) -> dict[str, Test]:
    """Tests of the model: the standard one, the adjusted one and Browne's, as far as there are any."""
    measures, missing = fit.fit_measures, float("nan")
    found = {"standard": Test(measures["chisq"], measures["df"], measures["pvalue"])}
    names = fit.options["test"] if isinstance(fit.options["test"], list) else [fit.options["test"]]
    for name in names:
        if name.startswith("browne"):
            short = name.replace(".", "_")
            found[name] = Test(measures[f"chisq_{short}"], measures["df"], measures[f"pvalue_{short}"])
        elif name not in ("standard", "bollen.stine"):
            found[name] = Test(
                measures.get("chisq_scaled", missing),
                measures.get("df_scaled", missing),
                measures.get("pvalue_scaled", missing),
            )
    return found


@dataclass(slots=True)
class Cell:
    """Replications of one estimator under one condition; `truth` names what is recorded."""

    truth: Mapping[str, float]
    estimates: dict[str, list[Interval]] = field(default_factory=dict)
    tests: dict[str, list[Test]] = field(default_factory=dict)
    n_fits: int = 0
    n_failed: int = 0
    n_inadmissible: int = 0

    def add(
        self, fit: SemResult, found: Mapping[str, Interval] | None = None, tests: Mapping[str, Test] | None = None
    ) -> None:
        """Count a fit and keep what it says; a fit that did not converge says nothing."""
        self.n_fits += 1
        if not fit.converged:
            self.n_failed += 1
            return
        self.n_inadmissible += not fit.admissible
        for name, interval in (intervals(fit) if found is None else found).items():
            if name in self.truth:
                self.estimates.setdefault(name, []).append(interval)
        for name, test in (tests_of(fit) if tests is None else tests).items():
            self.tests.setdefault(name, []).append(test)

    def estimate_rows(self) -> list[dict[str, float | str]]:
        """One row per parameter: bias, accuracy of the standard error, coverage, each with its Monte Carlo error."""
        return [
            {"parameter": name, "truth": self.truth[name], **_accuracy(found, self.truth[name])}
            for name, found in self.estimates.items()
        ]

    def test_rows(self) -> list[dict[str, float | str]]:
        """One row per test: mean of the statistic and share of rejections."""
        return [{"test": name, **_rejections(found)} for name, found in self.tests.items()]


def _accuracy(found: list[Interval], truth: float) -> dict[str, float]:
    values = np.array([[each.est, each.se, each.lower, each.upper] for each in found])
    values = values[np.isfinite(values).all(axis=1)]
    est, se, lower, upper = values.T
    n, sd, mean_se = len(est), est.std(ddof=1), se.mean()
    ratio, covered = mean_se / sd, np.mean((lower <= truth) & (truth <= upper))
    influence = (se - mean_se) / mean_se - ((est - est.mean()) ** 2 / sd**2 - 1.0) / 2.0
    return {
        "replications": n,
        "bias": est.mean() - truth,
        "bias_mcse": sd / np.sqrt(n),
        "sd": sd,
        "se_ratio": ratio,
        "se_ratio_mcse": ratio * influence.std(ddof=1) / np.sqrt(n),
        "coverage": covered,
        "coverage_mcse": _share_error(covered, n),
    }


def _rejections(found: list[Test]) -> dict[str, float]:
    statistic, df, p_value = np.array([[each.statistic, each.df, each.p_value] for each in found]).T
    has = np.isfinite(p_value)
    n = int(has.sum())
    row = {
        "replications": n,
        "df": df[has].mean(),
        "mean": statistic[has].mean(),
        "mean_mcse": statistic[has].std(ddof=1) / np.sqrt(n),
    }
    for level in LEVELS:
        share, name = float(np.mean(p_value[has] < level)), f"rejected_{level:.2f}".replace("0.", "")
        row |= {name: share, f"{name}_mcse": _share_error(share, n)}
    return row


def _share_error(share: float, n: int) -> float:
    """Standard error of a share; never zero: at 0 or 1 that of half an event."""
    inside = min(max(share, 0.5 / n), 1.0 - 0.5 / n)
    return float(np.sqrt(inside * (1.0 - inside) / n))
