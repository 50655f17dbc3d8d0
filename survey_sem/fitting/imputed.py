"""One model fitted to several imputed data sets, and pooled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, OptionError, SurveySemError, Warned
from survey_sem.estimation.build import Likelihood, build_model
from survey_sem.estimation.estimate import Estimates, estimate
from survey_sem.estimation.optimise import Optimum
from survey_sem.fitting.data_sets import FEWEST, DataSets
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.baseline import baseline_estimates
from survey_sem.inference.findings import Findings, examine
from survey_sem.inference.fit import fit_measures
from survey_sem.inference.imputed import (
    Imputations,
    implied_by,
    likelihood_ratios,
    pooled_measures,
    sample_moments_of,
)
from survey_sem.inference.measures import FitMeasures
from survey_sem.inference.solution import Solution, solve
from survey_sem.linalg import Array
from survey_sem.results.pooled import PooledResult
from survey_sem.statistics import Moments
from survey_sem.syntax import ParameterTable


@dataclass(frozen=True, slots=True, eq=False)
class SolvedModel:
    """One model estimated from one data set; `measures` where they are known already, and the rows are gone."""

    table: ParameterTable
    solution: Solution
    findings: Findings
    measures: FitMeasures | None = None

    def without_rows(self) -> SolvedModel:
        """The same with its fit measures instead of the rows that only they need: m data sets are not held at once."""
        moments = tuple(replace(own, rows=None, patterns=None) for own in self.solution.moments)
        return replace(self, solution=replace(self.solution, moments=moments), measures=fit_measures(self.solution))


Resolver = Callable[[ParameterTable], dict[str, Any]]
"""The options with every default said."""
Solver = Callable[[Any], SolvedModel]
"""Estimates the model from one data set."""


def check_imputed(options: FitOptions) -> None:
    """Refuse what is not pooled.

    Raises
    ------
    OptionError
        Draws, a test or standard errors that imputed data sets do not share; a pooled test without a likelihood.
    """
    if options.bootstrap or options.se == "bootstrap" or options.ci not in (None, "normal"):
        raise _contradiction("a bootstrap", "intervals come from Rubin's rules; leave out bootstrap, se and ci")
    if options.se == "none" or options.test == ("none",):
        raise _contradiction("se='none' or test='none'", "pooling needs both")
    if options.conditional_x:
        raise _contradiction("conditional_x=True", "model the exogenous variables, or fix their moments (fixed_x=True)")
    residual = [name for name in options.test if name.startswith("browne") or name == "bollen.stine"]
    if residual:
        raise _contradiction(f"test='{residual[0]}'", "it is not pooled over imputations")


def _contradiction(what: str, hint: str) -> OptionError:
    return OptionError("options-contradict", f"imputed data and {what} do not go together", where="missing", hint=hint)


def fit_pooled(
    model: str,
    imputed: DataSets,
    options: FitOptions,
    solver: Solver,
    resolved: Resolver,
) -> PooledResult:
    """Fit the model to every data set and pool.

    Raises
    ------
    DataError
        Fewer than two of the fits converged and were identified.
    """
    solved, failures = _fits(imputed, solver, options)
    return pool_solved(model, solved, failures, imputed, options, resolved)


def pool_solved(
    model: str,
    solved: dict[int, SolvedModel],
    failures: dict[int, str],
    imputed: DataSets,
    options: FitOptions,
    resolved: Resolver,
) -> PooledResult:
    """Pool the fits of one model to several data sets; see `fit_pooled`."""
    if len(solved) < FEWEST:
        told = "; ".join(f"data set {at + 1}: {why}" for at, why in list(failures.items())[:3])
        raise DataError(
            "no-fits-to-pool", f"only {len(solved)} of {imputed.count} fits can be pooled", got=told,
            hint="fit one of the data sets alone to see what is wrong",
        )  # fmt: skip
    solutions = [each.solution for each in solved.values()]
    each = [one.measures or fit_measures(one.solution) for one in solved.values()]
    pooled = _pooled_solution(solutions, options)
    found, baseline_stacked = _imputations(solutions, each, tuple(solved), pooled, imputed, options)
    pooled = replace(pooled, vcov=found.total())
    measures = pooled_measures(solutions, [one.values for one in each], pooled, found, baseline_stacked)
    first = next(iter(solved.values()))
    findings = examine(pooled)
    warnings = (*imputed.warnings, *_told(solved, failures, found, imputed, findings))
    shown = resolved(first.table)
    shown |= {"missing": "mi", "imputations": imputed.count, "cycles": imputed.cycles}
    shown |= {"seed": imputed.seed, "pool_test": found.method, "ci": "normal"}
    shown |= {"pool_vcov": "scaled" if found.is_scaled else "rubin"}
    return PooledResult(
        model=model,
        options=shown,
        solution=pooled,
        measures=measures.values,
        reasons=measures.not_applicable,
        converged=True,
        identified=findings.identified,
        admissible=findings.admissible,
        findings={**findings.evidence, "converged": f"{len(solved)} of {imputed.count} fits converged"},
        warnings=warnings,
        imputations=found,
    )


def _fits(imputed: DataSets, solver: Solver, options: FitOptions) -> tuple[dict[int, SolvedModel], dict[int, str]]:
    """The fits that can be pooled by their data set, and why the others cannot."""
    solved: dict[int, SolvedModel] = {}
    failures: dict[int, str] = {}
    for at, frame in enumerate(imputed.frames):
        try:
            one = solver(frame)
        except SurveySemError as error:
            if at == 0:
                raise
            failures[at] = error.what
            continue
        if one.findings.converged and one.findings.identified and one.solution.vcov is not None:
            solved[at] = one.without_rows()
        else:
            failures[at] = "not converged" if not one.findings.converged else "not identified"
        if options.progress is not None:
            options.progress(at + 1, imputed.count)
    return solved, failures


def _averaged_moments(solutions: Sequence[Solution], *, stacked: bool = False) -> tuple[Moments, ...]:
    """Averages of the sample moments; stacked ones are those of all rows of all data sets."""
    found = []
    for group in zip(*(solution.moments for solution in solutions), strict=True):
        cov = np.mean([own.cov for own in group], axis=0)
        mean = None
        if group[0].mean is not None:
            means = np.array([own.mean for own in group])
            mean = means.mean(axis=0)
            if stacked:
                cov = cov + (means - mean).T @ (means - mean) / len(means)
        found.append(replace(group[0], cov=cov, mean=mean, rows=None, patterns=None))
    return tuple(found)


def _pooled_solution(solutions: Sequence[Solution], options: FitOptions) -> Solution:
    """The solution at the average of the estimates, with averaged sample moments."""
    theta = np.mean([solution.estimates.theta for solution in solutions], axis=0)
    moments = _averaged_moments(solutions)
    first = solutions[0].estimates.built
    weights = [
        _average_weight(samples) for samples in zip(*(s.estimates.model.samples for s in solutions), strict=True)
    ]
    built = build_model(
        _unfilled(first.table),
        moments,
        _likelihood(options),
        rescale=options.sample_cov_rescale,
        weighting=first.weighting,
        weights=weights,
    )
    points = built.model.points(theta)
    value = built.model.value_at(points)
    optimum = Optimum(theta, value, True, 0, 0.0, 0.0, "the average of the fits to the imputed data sets")
    rules = solutions[0].rules
    solved = solve(Estimates(built, theta, optimum, points), moments, replace(rules, se="none", information="expected"))
    return replace(solved, rules=rules, n_scale=solutions[0].n_scale)


def _unfilled(table: ParameterTable) -> ParameterTable:
    """The table without the moments of fixed exogenous variables, which each sample fills in."""
    return table.replace_rows([replace(row, ustart=None) if row.is_sample_moment else row for row in table.rows])


def _likelihood(options: FitOptions) -> Likelihood:
    return "wishart" if options.likelihood == "wishart" else "normal"


def _average_weight(samples: Sequence[Any]) -> Array | None:
    weights = [getattr(sample, "weight", None) for sample in samples]
    known = [weight for weight in weights if weight is not None]
    return np.asarray(np.mean(known, axis=0)) if known else None


def _imputations(
    solutions: Sequence[Solution],
    each: Sequence[FitMeasures],
    used: tuple[int, ...],
    pooled: Solution,
    imputed: DataSets,
    options: FitOptions,
) -> tuple[Imputations, float | None]:
    """What the fits hold together, and the chi-square of the baseline of the stacked data sets."""
    method = options.pool_test or ("D3" if pooled.rules.has_likelihood else "D2")
    if method != "D2" and not pooled.rules.has_likelihood:
        raise OptionError(
            "options-contradict", f"{method} pools likelihoods, and {options.estimator} has none", where="pool_test",
            expected="D2",
        )  # fmt: skip
    at_pooled, stacked, baseline_stacked = None, None, None
    if pooled.rules.has_likelihood:
        at_pooled = likelihood_ratios(solutions, implied_by(pooled.estimates), sample_moments_of(pooled))
        stacked, baseline_stacked = _stacked(solutions, pooled, options)
    found = Imputations(
        n_imputations=imputed.count,
        used=used,
        theta=np.array([solution.estimates.theta for solution in solutions]),
        vcov=np.array([solution.vcov for solution in solutions]),
        chisq=np.array([measures.values["chisq"] for measures in each]),
        scaling=_scaling(each),
        chisq_at_pooled=at_pooled,
        chisq_stacked=stacked,
        method=method,
        is_scaled=options.pool_vcov == "scaled",
    )
    return found, baseline_stacked


def _scaling(each: Sequence[FitMeasures]) -> Array | None:
    """Scaling factors of the adjusted tests (m,)."""
    found = [one.values.get("chisq_scaling_factor", 1.0 if not one.values["df"] else None) for one in each]
    return None if None in found else np.array(found)


def _stacked(solutions: Sequence[Solution], pooled: Solution, options: FitOptions) -> tuple[float, float]:
    """Chi-squares of the model and of the baseline for all data sets as one, divided by their number."""
    moments = _averaged_moments(solutions, stacked=True)
    built = build_model(
        _unfilled(pooled.estimates.table), moments, _likelihood(options), rescale=options.sample_cov_rescale
    )
    estimates = estimate(built)
    return _chisq(estimates, pooled), _chisq(baseline_estimates(estimates, moments), pooled)


def _chisq(estimates: Estimates, like: Solution) -> float:
    less = 0 if like.rules.uses_n else 1
    pairs = zip(like.moments, estimates.points, strict=True)
    return sum(2.0 * (own.n_obs - less) * max(point.discrepancy.value, 0.0) for own, point in pairs)


def _told(
    solved: dict[int, SolvedModel],
    failures: dict[int, str],
    found: Imputations,
    imputed: DataSets,
    findings: Findings,
) -> Iterator[Warned]:
    """Warnings of the fits, counted; those of the pooled solution."""
    if failures:
        reasons = ", ".join(sorted(set(failures.values())))
        yield Warned(
            "imputations-left-out", f"{len(failures)} of {imputed.count} imputed data sets are left out: {reasons}",
            hint="results hold for the rest, and are too certain if the failures have a reason",
        )  # fmt: skip
    improper = sum(not one.findings.admissible for one in solved.values())
    if improper:
        yield Warned(
            "imputations-inadmissible",
            f"the solutions of {improper} of {len(solved)} imputed data sets are not admissible",
            hint="look at the smallest variances",
        )
    counted: dict[str, tuple[Warned, int]] = {}
    for one in solved.values():
        for warning in one.findings.warnings:
            first, count = counted.get(warning.code, (warning, 0))
            counted[warning.code] = first, count + 1
    for warning, count in counted.values():
        if warning.code not in ("several-optima", *(own.code for own in findings.warnings)):
            told = "" if count == len(solved) else f" ({count} of {len(solved)} data sets)"
            yield replace(warning, what=warning.what + told)
    yield from findings.warnings
    df = float(np.nanmin(np.where(found.pooled.riv > 0.0, found.pooled.df, np.inf)))
    if df < 20.0:
        yield Warned(
            "few-imputations",
            f"the least certain standard error has {df:.1f} degrees of freedom",
            hint="more imputations (imputations=100) make it, and the pooled test, more certain",
        )
