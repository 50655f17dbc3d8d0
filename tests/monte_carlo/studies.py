"""The simulation studies: who is drawn, what is fitted, what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

import survey_sem as ss
from survey_sem.inference.adjusted import adjusted_test
from survey_sem.inference.intervals import INTERVALS
from survey_sem.results import SemResult
from tests.monte_carlo import imputed
from tests.monte_carlo.population import (
    DISTRIBUTIONS,
    GROUP_MODEL,
    MODEL,
    mediation,
    two_groups,
    with_missing,
)
from tests.monte_carlo.record import Cell, Interval, Test, intervals, tests_of

SEED = 20261123
ESTIMATORS = ("ML", "MLM", "MLR", "MLF", "GLS", "ULS", "ULSM", "WLS", "DWLS", "WLSM")
OTHER_TESTS = {
    "MLM": {"MLMV": "scaled.shifted", "MLMVS": "mean.var.adjusted"},
    "ULSM": {"ULSMV": "scaled.shifted", "ULSMVS": "mean.var.adjusted"},
    "WLSM": {"WLSMV": "scaled.shifted", "WLSMVS": "mean.var.adjusted"},
}
"""Estimators that differ from another by their test alone: it is computed from the other's fit."""
BROWNE = ["browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf", "browne.residual.adf.model"]
YUAN_BENTLER = {"estimator": "ML", "se": "robust.huber.white", "test": "yuan.bentler"}
DIFFERENCES = {
    "ML": ("standard",),
    "MLM": ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"),
    "MLR": ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"),
}
KEPT = (
    "f=~x2", "f=~x3", "h=~x8", "h=~x9", "g~f", "h~g", "h~f", "indirect",
    "x1~~x1", "x8~~x8", "f~~f", "h~~h", "x2~1", "x8~1",
    "std f=~x1", "std h=~x8", "std g~f", "std h~g", "std indirect",
)  # fmt: skip
"""What is recorded of the mediation model."""
KEPT_OF_GROUPS = (
    "f=~x2", "g=~x6", "x2~~x2", "f~~f", "f~~g", "x2~1", "x2~~x2.2", "f~~f.2", "f~~g.2", "f~1.2", "g~1.2", "std f=~x2",
    "std f=~x2.2",
)  # fmt: skip
"""What is recorded of the scalar model: parameters of group 2 that are equal to those of group 1 are not repeated."""
N_DRAWS = 500
LARGE = 80_000


@dataclass(frozen=True, slots=True)
class Condition:
    """One population and sample size."""

    distribution: str
    n: int
    missing: str = ""


Cells = dict[str, Cell]
Replicate = Callable[[Condition, np.random.Generator, "Recorder"], None]


@dataclass(slots=True)
class Recorder:
    """The cells of one condition, made when an estimator first reports."""

    truth: dict[str, float]
    cells: Cells = field(default_factory=dict)

    def __getitem__(self, estimator: str) -> Cell:
        return self.cells.setdefault(estimator, Cell(self.truth))


@dataclass(frozen=True, slots=True)
class Study:
    """A study: its conditions, one replication, and how many."""

    number: int
    conditions: tuple[Condition, ...]
    replicate: Replicate
    truth: Callable[[], dict[str, float]]
    replications: int

    def run(self, condition: Condition, number: int, recorder: Recorder) -> None:
        """One replication; each has a stream of random numbers of its own."""
        at = self.conditions.index(condition)
        self.replicate(condition, np.random.default_rng([SEED, self.number, at, number]), recorder)


def mediation_truth() -> dict[str, float]:
    """Values of the parameters that are recorded, as the population moments determine them."""
    population = mediation()
    exact = ss.moments(cov=population.cov, mean=population.mean, n_obs=10**6, names=list(population.names))
    return _values(ss.sem(MODEL, exact, sample_cov_rescale=False), KEPT)


def groups_truth() -> dict[str, float]:
    """The same of the scalar model."""
    exact = {
        f"g{number}": ss.moments(cov=each.cov, mean=each.mean, n_obs=10**6, names=list(each.names))
        for number, each in enumerate(two_groups(), 1)
    }
    fit = ss.cfa(GROUP_MODEL, exact, group_equal=["loadings", "intercepts"], sample_cov_rescale=False)
    return _values(fit, KEPT_OF_GROUPS)


def _values(fit: SemResult, names: tuple[str, ...]) -> dict[str, float]:
    found = intervals(fit)
    return {name: found[name].est for name in names}


def _every_estimator(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    rows = mediation().draw(rng, condition.n, condition.distribution)
    for estimator in ESTIMATORS:
        options = {"test": BROWNE} if estimator == "ML" else {}
        fit = ss.sem(MODEL, rows, estimator=estimator, **options)
        recorder[estimator].add(fit)
        for name, test in OTHER_TESTS.get(estimator, {}).items():
            recorder[name].add(fit, {}, _adjusted(fit, test))


def _yuan_bentler(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    """MLR's standard errors with the test of 2000, in the samples of `_every_estimator`."""
    fit = ss.sem(MODEL, mediation().draw(rng, condition.n, condition.distribution), **YUAN_BENTLER)
    recorder["ML robust.huber.white"].add(fit, {}, {"yuan.bentler": tests_of(fit)["yuan.bentler"]})


def _adjusted(fit: SemResult, name: str) -> dict[str, Test]:
    """Another adjusted test of a fit."""
    found = adjusted_test(fit.solution, name, fit.fit_measures["chisq"], int(fit.fit_measures["df"]))
    return {} if found is None else {name: Test(found.statistic, found.df, found.p_value)}


def _incomplete(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    rows = mediation().draw(rng, condition.n, condition.distribution)
    rows = with_missing(rows, rng, condition.missing)
    for estimator in ("ML", "MLR"):
        fit = ss.sem(MODEL, rows, missing="fiml", estimator=estimator)
        recorder[f"FIML {estimator}"].add(fit)
    fit = ss.sem(MODEL, rows, missing="fiml", **YUAN_BENTLER)
    recorder["FIML ML robust.huber.white"].add(fit, {}, {"yuan.bentler": tests_of(fit)["yuan.bentler"]})
    for estimator in ("ML", "MLR"):
        fit = ss.sem(MODEL, rows, missing="listwise", estimator=estimator, meanstructure=True)
        recorder[f"listwise {estimator}"].add(fit)


def _groups(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    drawn = [each.draw(rng, condition.n, condition.distribution) for each in two_groups()]
    rows = pd.concat([each.assign(group=f"g{number}") for number, each in enumerate(drawn, 1)], ignore_index=True)
    for estimator, methods in DIFFERENCES.items():
        configural, scalar = (
            ss.cfa(GROUP_MODEL, rows, group="group", group_equal=equal, estimator=estimator)
            for equal in ([], ["loadings", "intercepts"])
        )
        found = {f"scalar: {name}": test for name, test in tests_of(scalar).items()}
        if estimator == "MLM":
            found |= {f"scalar: {name}": test for name, test in _adjusted(scalar, "scaled.shifted").items()}
        if configural.converged and scalar.converged:
            for method in methods:
                step = ss.compare(configural, scalar, method=method).steps[0]
                p_value = np.nan if step.p_value is None else step.p_value
                found[f"configural to scalar: {method}"] = Test(step.chisq_diff or np.nan, step.df_diff, p_value)
        recorder[estimator].add(scalar, None, found)


def _bootstrapped(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    rows = mediation().draw(rng, condition.n, condition.distribution)
    seed = int(rng.integers(2**31))
    fit = ss.sem(MODEL, rows, bootstrap=N_DRAWS, seed=seed, ci="bca", se="bootstrap", test="bollen.stine")
    for kind in INTERVALS:
        other = replace(fit, options={**fit.options, "ci": kind})
        recorder[f"ML {kind} bootstrap"].add(other, intervals(other), {})
    p_value = fit.fit_measures.get("pvalue_bollen_stine", np.nan)
    test = Test(fit.fit_measures["chisq"], fit.fit_measures["df"], p_value)
    recorder["ML Bollen-Stine"].add(fit, {}, {"bollen.stine": test})
    for estimator in ("ML", "MLR"):
        simulated = ss.sem(MODEL, rows, estimator=estimator, ci="monte_carlo", seed=seed)
        recorder[f"{estimator} Monte Carlo"].add(simulated, _effects(intervals(simulated)), {})
        plain = ss.sem(MODEL, rows, estimator=estimator)
        recorder[f"{estimator} delta method"].add(plain, None, {})


def _effects(found: dict[str, Interval]) -> dict[str, Interval]:
    return {name: each for name, each in found.items() if name.endswith("indirect")}


def _large(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    rows = mediation().draw(rng, condition.n, condition.distribution)
    for estimator in ("ML", "MLR"):
        recorder[estimator].add(ss.sem(MODEL, rows, estimator=estimator))
    rows = with_missing(rows, rng, "mcar")
    for estimator in ("ML", "MLR"):
        recorder[f"FIML {estimator}"].add(ss.sem(MODEL, rows, missing="fiml", estimator=estimator))


def _crossed(*missing: str) -> tuple[Condition, ...]:
    return tuple(Condition(kind, n, how) for how in missing for kind in DISTRIBUTIONS for n in (200, 1000))


STUDIES = {
    "estimators": Study(1, _crossed(""), _every_estimator, mediation_truth, 1000),
    "yuan_bentler": Study(1, _crossed(""), _yuan_bentler, mediation_truth, 1000),
    "missing": Study(2, _crossed("mcar", "mar"), _incomplete, mediation_truth, 1000),
    "groups": Study(3, _crossed(""), _groups, groups_truth, 1000),
    "bootstrap": Study(
        4, tuple(Condition(kind, 200) for kind in DISTRIBUTIONS), _bootstrapped, mediation_truth, 500
    ),
    "imputation": Study(
        6, tuple(Condition(kind, 500, "mar") for kind in DISTRIBUTIONS), imputed.replicate, mediation_truth, 400
    ),
    "large": Study(5, tuple(Condition(kind, LARGE) for kind in DISTRIBUTIONS), _large, mediation_truth, 50),
}  # fmt: skip
