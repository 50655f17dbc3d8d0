"""The second engine as an engine: ``engine="semopy"``.

Data, parameter table and the check of identification are the native ones; the search, its estimates, their standard
errors and the chi-square are semopy's. Whatever else semopy prints (AIC and BIC from the discrepancy, its GFI, its
degrees of freedom with fixed exogenous variables, FIML, ordinal and robust output) follows other definitions or is
wrong, and is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from survey_sem.engines.description import describe, obstacles
from survey_sem.engines.door import SemopyFit, run_semopy
from survey_sem.errors import OptionError, Warned
from survey_sem.estimation.start import starting_values
from survey_sem.fitting import fit_model
from survey_sem.fitting.options import Function
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.findings import examine
from survey_sem.inference.fit import degrees_of_freedom, n_parameters
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array
from survey_sem.results import SemResult
from survey_sem.statistics import Moments

NOT_SHOWN = (
    "engine='semopy' gives estimates, standard errors and chi-square; for other measures fit with engine='native'"
)

# option -> the values under which semopy estimates the same thing
_SAME: dict[str, tuple[Any, ...]] = {
    "estimator": ("ML",),
    "missing": ("complete", "listwise"),
    "se": ("standard", "none"),
    "test": ("standard", "none"),
}


def fit_semopy(function: Function, model: str, data: Any, keywords: Mapping[str, Any]) -> SemResult:
    """Fit complete data of one group by maximum likelihood with semopy.

    Parameters
    ----------
    function : str
        Whose defaults hold: "sem", "cfa", "growth" or "lavaan".
    model : str
        Model text.
    data : DataFrame or Moments
        Rows or published moments; means are left out.
    keywords : mapping
        The options, by keyword; ``engine`` is ignored.

    Returns
    -------
    SemResult
        With semopy's estimates, standard errors (expected information) and chi-square. Standardised values and
        definitions follow from the estimates. All other fit measures are in `not_applicable`.

    Raises
    ------
    OptionError
        The model or an option is one that semopy cannot fit, with the reason.
    """
    if isinstance(data, Moments):
        data = replace(data, mean=None)
    native = fit_model(function, model, data, {k: v for k, v in keywords.items() if k != "engine"})
    reasons = list(_not_for_semopy(native))
    if reasons:
        raise _refused(reasons)
    return second_result(native)


def _not_for_semopy(native: SemResult) -> Iterator[str]:
    """What a cross-check can leave aside, but a result of semopy's own would have to contain."""
    if native.resampled is not None or native.options.get("ci", "normal") != "normal":
        yield "what is drawn at random is drawn by the native engine"
    if native.table.meanstructure:
        yield "semopy estimates means apart from the covariances, which are the same without them"
    if native.options["information"] != "expected":
        yield "semopy's observed information is numerical"
    if native.options["max_iterations"] is not None:
        yield "the limit of iterations is for the native search"


def second_result(native: SemResult) -> SemResult:
    """The same model for the same moments, fitted by semopy."""
    reasons = [*_other_options(native.options), *obstacles(native.solution.estimates.built)]
    if reasons:
        raise _refused(reasons)
    solution, found = _solved(native.solution)
    findings = examine(solution)
    own = examine(native.solution).warnings
    kept = tuple(w for w in native.warnings if w not in own and w.code != "worse-than-baseline")
    measures = _measures(solution, found) if found.converged and native.options["test"] != "none" else {}
    not_shown = dict.fromkeys(native.fit_measures, NOT_SHOWN) | native.not_applicable
    return SemResult(
        model=native.model,
        options={**native.options, "engine": "semopy"},
        solution=solution,
        measures=measures,
        reasons={name: reason for name, reason in not_shown.items() if name not in measures},
        converged=findings.converged,
        identified=findings.identified,
        admissible=findings.admissible,
        findings=findings.evidence,
        warnings=(*kept, *findings.warnings, *_unpolished(found)),
        provenance={**native.provenance, "engine": f"semopy {found.version}"},
    )


def _other_options(options: Mapping[str, Any]) -> list[str]:
    """Options of the fit under which semopy would estimate something else."""
    return [
        f"{name}='{options[name]}' is not what semopy does (it takes {' or '.join(map(str, same))})"
        for name, same in _SAME.items()
        if options[name] not in same
    ]


def _refused(reasons: list[str]) -> OptionError:
    return OptionError(
        "not-supported",
        "semopy cannot fit this as the native engine does: " + "; ".join(reasons),
        where="engine",
        expected="complete data of one group, maximum likelihood, equal or fixed parameters as the only constraints",
        hint="use engine='native'",
    )


def _solved(native: Solution) -> tuple[Solution, SemopyFit]:
    """semopy's estimates and covariance matrix in the place of the native ones."""
    built = native.estimates.built
    starts = starting_values(built.model.groups, built.model.samples, built.given)
    found = run_semopy(describe(built), built.model.samples[0].cov, native.n_scale, starts)
    theta = _with_means(built.model.samples[0].mean, native, found.theta)
    optimum = replace(
        native.estimates.optimum,
        theta=theta,
        value=0.5 * found.objective,
        converged=found.converged,
        n_iterations=found.n_iterations,
        gradient_norm=found.gradient_norm,
        decrement=found.decrement,
        message=f"semopy {found.version}: " + ("optimum found" if found.converged else "no optimum found"),
    )
    points = built.model.points(theta)
    estimates = replace(native.estimates, start=starts[0], optimum=optimum, points=points)
    inverse = None if found.vcov is None else found.vcov * native.n_scale
    information = built.model.expected_information(points)
    solution = replace(native, estimates=estimates, information=information, inverse=inverse, vcov=found.vcov)
    return solution, found


def _with_means(mean: Array | None, native: Solution, theta: Array) -> Array:
    """The parameter vector with native intercepts: semopy has none, and saturated ones carry no information."""
    if mean is None:
        return theta
    at = [row.free - 1 for row in native.rows if row.op == "~1" and row.free]
    result = theta.copy()
    result[at] = native.estimates.theta[at]
    return np.asarray(result)


def _measures(solution: Solution, found: SemopyFit) -> dict[str, float]:
    """What rests on semopy's objective; degrees of freedom are counted natively."""
    df = degrees_of_freedom(solution.estimates)
    chisq = solution.n_scale * found.objective if df else 0.0
    measures = {
        "npar": float(n_parameters(solution.estimates)),
        "fmin": 0.5 * found.objective,
        "chisq": chisq,
        "df": float(df),
        "ntotal": float(sum(m.n_obs for m in solution.moments)),
    }
    return {**measures, "pvalue": chi_square_tail(chisq, df)} if df else measures


def _unpolished(found: SemopyFit) -> tuple[Warned, ...]:
    if found.converged:
        return ()
    return (
        Warned(
            "engine-stopped",
            f"semopy stopped {np.sqrt(found.decrement):.2g} standard errors before an optimum",
            hint="its estimates are not maximum likelihood estimates; use the native engine",
        ),
    )
