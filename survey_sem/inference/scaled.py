"""Fit measures of an adjusted test: scaled ones put it in the place of the standard statistic, robust ones correct the
standard statistic for the mean that it has under the data's own distribution.

Source of the robust ones: Brosseau-Liard & Savalei (2014), doi:10.1080/00273171.2014.933697.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt

from survey_sem.estimation.estimate import Estimates
from survey_sem.inference import indices
from survey_sem.inference.adjusted import AdjustedTest, adjusted_test, complete_saturated_trace, likelihood_traces
from survey_sem.inference.incomplete import Corrected, corrected, is_determined, is_incomplete, saturated_moments
from survey_sem.inference.measures import RMSEA_CLOSE, RMSEA_LEVEL, RMSEA_NOT_CLOSE, SATURATED, WIDER, FitMeasures
from survey_sem.inference.solution import Solution, solve

ROBUST = ("cfi_robust", "tli_robust", "nnfi_robust", "rni_robust", "rmsea_robust")
ROBUST_TESTS = (
    "rmsea_ci_lower_robust", "rmsea_ci_upper_robust", "rmsea_pvalue_robust", "rmsea_notclose_pvalue_robust",
)  # fmt: skip
UNDETERMINED = "the rows do not determine all moments of the unrestricted model (see the warnings)"


@dataclass(frozen=True, slots=True)
class Tested:
    """Standard statistics and degrees of freedom of the model and of the baseline."""

    chi2: float
    df: int
    chi2_base: float
    df_base: int


SCALED = ("chisq_scaled", "df_scaled", "pvalue_scaled", "cfi_scaled", "rmsea_scaled")
"""Measures that are named with the reason where there is no adjusted test."""
NO_TEST = "the baseline model has no degrees of freedom, or no information matrix"
NEGATIVE = "the scaling factor is negative, which happens in samples too small for it"
NEGATIVE_BASELINE = "the scaling factor of the baseline model is negative"
AGAINST_BASELINE = (
    "baseline_chisq_scaled", "baseline_df_scaled", "baseline_pvalue_scaled", "baseline_chisq_scaling_factor",
    "cfi_scaled", "tli_scaled", "nnfi_scaled", "rfi_scaled", "nfi_scaled", "pnfi_scaled", "ifi_scaled", "rni_scaled",
)  # fmt: skip
"""Measures that are named with the reason where the baseline has no adjusted test."""


def add_adjusted(fit: FitMeasures, solution: Solution, baseline: Estimates, tested: Tested) -> None:
    """Add the scaled and robust measures of the adjusted test that the rules name."""
    name = solution.rules.adjusted_test
    assert name is not None
    is_muthens = name == "yuan.bentler.mplus" and not is_incomplete(solution.estimates)
    saturated = complete_saturated_trace(solution) if is_muthens else None
    own = adjusted_test(solution, name, tested.chi2, tested.df, saturated)
    rules = replace(solution.rules, se="none")
    base = adjusted_test(solve(baseline, solution.moments, rules), name, tested.chi2_base, tested.df_base, saturated)
    if own is None or not own.has_scale:
        reason = NO_TEST if own is None else NEGATIVE
        fit.not_applicable.update(dict.fromkeys(SCALED, reason if is_determined(solution) else UNDETERMINED))
        return
    _add_test(fit, "", own)
    _add_rmsea(fit, solution, tested, own)
    _add_scalings(fit, solution, own, saturated)
    usable = base if base is not None and base.has_scale else None
    if usable is None:
        reason = NO_TEST if base is None else NEGATIVE_BASELINE
        fit.not_applicable.update(dict.fromkeys(AGAINST_BASELINE, reason))
    else:
        _add_test(fit, "baseline_", usable)
        _add_comparative(fit, own, usable)
    if not is_incomplete(solution.estimates):
        _add_robust(fit, solution, tested, own, usable)


def add_pooled_adjusted(
    fit: FitMeasures, solution: Solution, tested: Tested, own: AdjustedTest, base: AdjustedTest | None
) -> None:
    """Add the scaled and robust measures of an adjusted test that was pooled over imputed data sets."""
    _add_test(fit, "", own)
    _add_rmsea(fit, solution, tested, own)
    if base is None:
        fit.not_applicable.update(dict.fromkeys(AGAINST_BASELINE, NO_TEST))
        return
    _add_test(fit, "baseline_", base)
    _add_comparative(fit, own, base)
    _add_robust(fit, solution, tested, own, base)


def _add_scalings(fit: FitMeasures, solution: Solution, own: AdjustedTest, known: float | None) -> None:
    """Scalings of the two log-likelihoods; that of the model counts every free parameter, as in lavaan."""
    names = ("scaling_factor_h1", "scaling_factor_h0")
    if not own.name.startswith("yuan") or not solution.rules.has_likelihood or not own.df:
        for name in names:
            fit.not_applicable[name] = "the test is not a difference of two scaled log-likelihoods"
        return
    n_par = solution.estimates.equality_directions().size
    saturated, model = likelihood_traces(solution, known)
    fit.add(names[0], lambda: saturated / (n_par + own.df))
    fit.add(names[1], lambda: model / len(solution.estimates.theta))


def add_corrected(fit: FitMeasures, solution: Solution, baseline: Estimates, tested: Tested) -> None:
    """Add the robust measures of incomplete rows: indices as complete rows would give them."""
    groups, n = len(solution.moments), solution.n_scale
    if not tested.df or not tested.df_base:
        _add_saturated(fit)
        return
    table = solution.estimates.table
    exogenous = [table.names("ov_x", block + 1) for block in range(groups)]
    own, base = _corrected_pair(solution, baseline, n, exogenous)
    if own is None or base is None:
        fit.not_applicable |= dict.fromkeys((*ROBUST, *ROBUST_TESTS), UNDETERMINED)
        return
    excess, excess_base = own.statistic - own.trace, base.statistic - base.trace
    _add_robust_comparative(fit, tested, excess, excess_base)
    fit.add("rmsea_robust", lambda: _robust_rmsea(solution, tested, excess))
    scale = own.trace / tested.df
    if scale <= 0.0:
        fit.not_applicable |= dict.fromkeys(ROBUST_TESTS, NEGATIVE)
        return
    for name, compute in _rmsea(own.statistic / scale, tested.df, n / scale, groups).items():
        if name != "rmsea":
            fit.add(f"{name}_robust", compute)


def _corrected_pair(
    solution: Solution, baseline: Estimates, n: float, exogenous: Sequence[Sequence[str]]
) -> tuple[Corrected | None, Corrected | None]:
    """Model and baseline, which share the saturated model where they have the same moments."""
    saturated = saturated_moments(solution.estimates, solution.rules)
    if saturated is None:
        return None, None
    own = corrected(solution.estimates, solution.rules, n, exogenous, saturated)
    of_baseline = saturated if saturated.are_of(baseline) else saturated_moments(baseline, solution.rules)
    if of_baseline is None:
        return own, None
    return own, corrected(baseline, solution.rules, n, exogenous, of_baseline)


def _add_test(fit: FitMeasures, prefix: str, test: AdjustedTest) -> None:
    fit.add(f"{prefix}chisq_scaled", partial(float, test.statistic))
    fit.add(f"{prefix}df_scaled", partial(float, test.df))
    saturated = None if test.df else SATURATED
    fit.add(f"{prefix}pvalue_scaled", partial(getattr, test, "p_value"), saturated)
    fit.add(f"{prefix}chisq_scaling_factor", partial(float, test.scaling), saturated)
    if test.name == "scaled.shifted":
        fit.add(f"{prefix}chisq_shift_parameter", partial(float, test.shift))


def _add_comparative(fit: FitMeasures, own: AdjustedTest, base: AdjustedTest) -> None:
    values = own.statistic, own.df, base.statistic, base.df
    wider = WIDER if base.df < own.df else None
    measures: dict[str, Callable[[], float]] = {
        "cfi": lambda: indices.cfi(*values),
        "tli": lambda: indices.tli(*values),
        "nnfi": lambda: indices.tli(*values),
        "rfi": lambda: indices.rfi(*values),
        "nfi": lambda: indices.nfi(values[0], values[2]),
        "pnfi": lambda: indices.pnfi(*values),
        "ifi": lambda: indices.ifi(values[0], values[1], values[2]),
        "rni": lambda: indices.rni(*values),
    }
    for name, compute in measures.items():
        fit.add(f"{name}_scaled", compute, wider if name in ("rfi", "nfi") else None)


def _add_rmsea(fit: FitMeasures, solution: Solution, tested: Tested, own: AdjustedTest) -> None:
    """RMSEA of the adjusted statistic.

    A statistic whose mean alone is corrected keeps its own scale here, with the trace of U Gamma for degrees of
    freedom; so does a mean and variance adjusted one.
    """
    is_shifted = own.name == "scaled.shifted"
    df = float(tested.df) if is_shifted else own.mean_scaling * tested.df
    statistic = own.statistic if is_shifted else tested.chi2
    for name, compute in _rmsea(statistic, df, solution.n_scale, len(solution.moments)).items():
        fit.add(f"{name}_scaled", compute)


def _rmsea(statistic: float, df: float, n: float, groups: int) -> dict[str, Callable[[], float]]:
    tail = (1.0 - RMSEA_LEVEL) / 2.0
    if not df:
        return {name: lambda: 0.0 for name in ("rmsea", "rmsea_ci_lower", "rmsea_ci_upper")}
    return {
        "rmsea": lambda: indices.rmsea(statistic, df, n, groups),
        "rmsea_ci_lower": lambda: indices.rmsea_bound(statistic, df, n, 1.0 - tail, groups),
        "rmsea_ci_upper": lambda: indices.rmsea_bound(statistic, df, n, tail, groups),
        "rmsea_pvalue": lambda: indices.rmsea_close_p(statistic, df, n, RMSEA_CLOSE, groups),
        "rmsea_notclose_pvalue": lambda: indices.rmsea_notclose_p(statistic, df, n, RMSEA_NOT_CLOSE, groups),
    }


def _add_robust(
    fit: FitMeasures, solution: Solution, tested: Tested, own: AdjustedTest, base: AdjustedTest | None
) -> None:
    if own.name == "mean.var.adjusted":
        for name in (*ROBUST, *ROBUST_TESTS):
            fit.not_applicable[name] = "not defined for mean and variance adjusted tests"
        return
    if not tested.df:
        _add_saturated(fit)
        return
    excess = tested.chi2 - own.mean_scaling * tested.df
    if base is None:
        fit.not_applicable |= dict.fromkeys(ROBUST[:-1], NEGATIVE_BASELINE)
    else:
        excess_base = tested.chi2_base - base.mean_scaling * tested.df_base
        _add_robust_comparative(fit, tested, excess, excess_base)
    fit.add("rmsea_robust", lambda: _robust_rmsea(solution, tested, excess))
    for name, compute in _robust_bounds(solution, tested, own).items():
        fit.add(f"{name}_robust", compute)


def _add_saturated(fit: FitMeasures) -> None:
    for name in ROBUST:
        fit.add(name, partial(float, name != "rmsea_robust"))
    fit.not_applicable |= dict.fromkeys(ROBUST_TESTS, SATURATED)


def _add_robust_comparative(fit: FitMeasures, tested: Tested, excess: float, excess_base: float) -> None:
    fit.add("cfi_robust", lambda: 1.0 - max(excess, 0.0) / max(excess, excess_base, 1e-300))
    for name in ("tli_robust", "nnfi_robust"):
        fit.add(name, lambda: 1.0 - (excess / tested.df) / (excess_base / tested.df_base))
    fit.add("rni_robust", lambda: 1.0 - excess / excess_base)


def _robust_rmsea(solution: Solution, tested: Tested, excess: float) -> float:
    return sqrt(max(excess, 0.0) / (tested.df * solution.n_scale)) * sqrt(len(solution.moments))


def _robust_bounds(solution: Solution, tested: Tested, own: AdjustedTest) -> dict[str, Callable[[], float]]:
    """Interval and tests of the robust RMSEA, from the adjusted statistic on the scale of the standard one."""
    groups, factor = len(solution.moments), own.scaling
    n = solution.n_scale / factor
    found = _rmsea(own.statistic, tested.df, n, groups)
    return {name: compute for name, compute in found.items() if name != "rmsea"}
