"""Fitted models side by side: fit, and tests of their differences where one is nested in the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned, did_you_mean
from survey_sem.inference.difference import Difference, satorra_2000, scaled_difference, scaling_at
from survey_sem.inference.nesting import Reached, group_position, reach, variable_positions
from survey_sem.inference.solution import fixed_exogenous
from survey_sem.linalg import one_blas_thread
from survey_sem.measurement.pooled import (
    MEAN_SCALED,
    POOLED_NAMES,
    PooledDifference,
    pooled_difference,
    pooled_method,
)
from survey_sem.provenance import readable_json
from survey_sem.results import SemResult
from survey_sem.results.pooled import PooledResult
from survey_sem.results.sem_result import DESIGN_OPTIONS
from survey_sem.shown import fixed, html_notes, html_table, p_text, text_table, warning_lines

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "survey-sem/comparison/1"
METHODS = ("standard", "satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")
ROUNDING = 1e-6
"""A difference in chi-square above minus this is not negative."""
COMPARED = ("estimator", "missing", "likelihood", "test", "information", "meanstructure")
"""Options that fits must share to be compared, beside those of the design."""
SAME_DATA = 1e-8
"""Moments that differ by less than this many standard deviations are the same."""
DELTAS = ("cfi", "rmsea", "srmr")


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One model; a measure that it does not have is None."""

    name: str
    df: int
    n_par: int
    aic: float | None
    bic: float | None
    chisq: float
    chisq_scaled: float | None
    cfi: float | None
    rmsea: float | None
    srmr: float | None


@dataclass(frozen=True, slots=True)
class ModelStep:
    """One model against a less restricted one.

    relation : "nested", "equivalent", "not nested" or "unknown"
    method : of the test; None where there is none, with the `reason`
    chisq_diff, df_diff, p_value : the test
    delta_cfi, delta_rmsea, delta_srmr : measure of `model` less that of `against`
    """

    model: str
    against: str
    relation: str
    df_diff: int
    method: str | None = None
    chisq_diff: float | None = None
    p_value: float | None = None
    delta_cfi: float | None = None
    delta_rmsea: float | None = None
    delta_srmr: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Models from the least to the most restricted, and the steps between them.

    models, steps : records; every model but the first has one step
    measures : where the columns cfi, rmsea and srmr come from, e.g. "cfi_robust"
    """

    models: tuple[ComparedModel, ...]
    steps: tuple[ModelStep, ...]
    measures: Mapping[str, str]
    warnings: tuple[Warned, ...] = ()

    def step(self, model: str) -> ModelStep | None:
        """The step of a model; None for the least restricted one."""
        return next((step for step in self.steps if step.model == model), None)

    @property
    def table(self) -> pd.DataFrame:
        """One row per model (index): its measures, then its step. What does not apply is missing."""
        import pandas as pd

        rows = []
        for model in self.models:
            step = self.step(model.name)
            own = {name: getattr(model, name) for name in ComparedModel.__slots__}
            names = [name for name in ModelStep.__slots__ if name != "model"]
            rows.append({**own, **{name: getattr(step, name) if step else None for name in names}})
        frame = pd.DataFrame(rows).set_index("name")
        texts = ("against", "relation", "method", "reason")
        frame = frame.astype({name: float for name in frame.columns if name not in (*texts, "df", "n_par")})
        return frame.drop(columns="chisq_scaled") if frame["chisq_scaled"].isna().all() else frame

    def __str__(self) -> str:
        heads, rows = self._cells()
        return "\n".join([*text_table(heads, rows), *self._notes(), *warning_lines(self.warnings)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return html_table(*self._cells()) + html_notes([*self._notes(), *warning_lines(self.warnings)])

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data; what does not apply is None."""
        return {
            "schema": SCHEMA,
            "models": [{name: getattr(each, name) for name in ComparedModel.__slots__} for each in self.models],
            "steps": [{name: getattr(each, name) for name in ModelStep.__slots__} for each in self.steps],
            "measures": dict(self.measures),
            "warnings": [warning.to_dict() for warning in self.warnings],
        }

    def to_json(self) -> str:
        """The same as a JSON document."""
        return readable_json(self.to_dict())

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        scaled = any(model.chisq_scaled is not None for model in self.models)
        heads = ["model", "df", "AIC", "BIC", "chi-square", *(["scaled"] if scaled else []), "CFI", "RMSEA", "SRMR"]
        heads += ["d.chi-square", "d.df", "p", "d.CFI", "d.RMSEA", "d.SRMR"]
        rows = []
        for model in self.models:
            row = [model.name, str(model.df), fixed(model.aic, 1), fixed(model.bic, 1), fixed(model.chisq)]
            row += [fixed(model.chisq_scaled)] if scaled else []
            row += [fixed(model.cfi), fixed(model.rmsea), fixed(model.srmr)]
            step = self.step(model.name)
            if step is None:
                rows.append([*row, *[""] * 6])
                continue
            row += [fixed(step.chisq_diff), str(step.df_diff), p_text(step.p_value)]
            rows.append([*row, fixed(step.delta_cfi), fixed(step.delta_rmsea), fixed(step.delta_srmr)])
        return heads, rows

    def _notes(self) -> list[str]:
        notes = []
        methods = list(dict.fromkeys(step.method for step in self.steps if step.method))
        if methods:
            notes.append(f"Difference test: {', '.join(METHOD_NAMES[method] for method in methods)}.")
        named = [f"{name} is {source}" for name, source in self.measures.items() if name != source]
        if named:
            notes.append(f"{', '.join(named)}.")
        previous = dict(zip([m.name for m in self.models[1:]], [m.name for m in self.models], strict=False))
        for step in self.steps:
            if step.against != previous[step.model]:
                notes.append(f"{step.model} is compared with {step.against}.")
            if step.reason:
                notes.append(f"{step.model} against {step.against}: {step.reason}.")
        return notes


METHOD_NAMES = {
    **POOLED_NAMES,
    "standard": "difference of the chi-squares",
    "satorra.bentler.2001": "Satorra-Bentler (2001) scaled difference",
    "satorra.bentler.2010": "Satorra-Bentler (2010) scaled difference",
    "satorra.2000": "Satorra (2000), scaled and shifted",
}


def compare(*fits: SemResult, method: str | None = None, names: Sequence[str] | None = None) -> Comparison:
    """Compare models that were fitted to the same data.

    Parameters
    ----------
    *fits : SemResult
        Two or more, in any order: they are sorted by degrees of freedom. Each is tested against the nearest less
        restricted model that it is nested in.
    method : str, optional
        ``"standard"``, ``"satorra.bentler.2001"`` (default where the test is scaled), ``"satorra.bentler.2010"`` or
        ``"satorra.2000"`` (default where the test is scaled and shifted, or mean and variance adjusted).
    names : sequence of str, optional
        Of the models, in the order in which they are given; else "model 1", "model 2", ...

    Returns
    -------
    Comparison
        ``.table``, ``.warnings``, ``.to_json()``.

    Notes
    -----
    Whether models are nested is decided by their implied moments (Bentler & Satorra 2010, doi:10.1037/a0019625), not by
    their names or syntax. Models that are not nested get information criteria and no test. Models with equal degrees
    of freedom and the same implied moments are equivalent: no data can tell them apart.

    Raises
    ------
    OptionError
        Fewer than two fits; an unknown method, or one that does not suit the fits; fits of different estimators.
    DataError
        Fits of different data or variables; fits that did not converge or have no test.

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]], n_obs=200, names=["x", "m", "y"])
    >>> full = ss.sem("m ~ x; y ~ m + x", m)
    >>> chain = ss.sem("m ~ x; y ~ m", m)
    >>> step = ss.compare(chain, full, names=["chain", "full"]).step("chain")
    >>> step.relation, step.df_diff, round(step.chisq_diff, 3)
    ('nested', 1, 19.209)
    """
    labels = _names(fits, names)
    _check_comparable(fits, labels)
    chosen = _method(fits, method)
    measures = _measures(fits)
    order = sorted(range(len(fits)), key=lambda at: (_df(fits[at]), round(fits[at].measures["chisq"], 6)))
    ordered, known = [fits[at] for at in order], [labels[at] for at in order]
    steps: list[ModelStep] = []
    warnings: list[Warned] = []
    with one_blas_thread():
        for at in range(1, len(ordered)):
            step, told = _step(ordered, known, at, chosen, measures)
            steps.append(step)
            warnings += told
    warnings += _findings(ordered, known, chosen)
    models = tuple(_model(fit, name, measures) for fit, name in zip(ordered, known, strict=True))
    return Comparison(models, tuple(steps), measures, tuple(warnings))


# -- what is compared ----------------------------------------------------------------------------------------------


def _names(fits: Sequence[SemResult], names: Sequence[str] | None) -> list[str]:
    if len(fits) < 2:
        raise OptionError("too-few-models", "a comparison needs at least two fits", got=str(len(fits)))
    for fit in fits:
        if not isinstance(fit, SemResult):
            raise OptionError("bad-option", "only fits can be compared", expected="SemResult", got=type(fit).__name__)
    if names is None:
        return [f"model {k}" for k in range(1, len(fits) + 1)]
    if isinstance(names, str) or len(names) != len(fits) or len(set(names)) != len(fits):
        raise OptionError("bad-option", "names are one different text for each fit", where="names", got=repr(names))
    return [str(name) for name in names]


def _check_comparable(fits: Sequence[SemResult], names: Sequence[str]) -> None:
    for fit, name in zip(fits, names, strict=True):
        if not fit.converged:
            raise DataError("not-converged", f"{name} did not converge: it has no fit to compare", hint=".findings")
        if "chisq" not in fit.measures:
            reason = fit.reasons.get("chisq", "it has no test")
            raise DataError("no-test", f"{name} cannot be compared: {reason}", hint="fit it with its standard test")
    for fit, name in zip(fits[1:], names[1:], strict=True):
        _check_options(fits[0], fit, names[0], name)
        _check_data(fits[0], fit, names[0], name)


def _check_options(one: SemResult, other: SemResult, name: str, other_name: str) -> None:
    for option in (*COMPARED, *DESIGN_OPTIONS, "sampling_weights_normalization"):
        here, there = (fit.options.get(option) for fit in (one, other))
        if here != there:
            raise OptionError(
                "different-options",
                f"{name} and {other_name} were fitted with different options, so that their tests do not compare",
                where=option,
                got=f"{here} and {there}",
                hint="fit both in the same way",
            )


def _check_data(one: SemResult, other: SemResult, name: str, other_name: str) -> None:
    difference = _data_difference(one, other)
    if difference:
        raise DataError(
            "different-data",
            f"{name} and {other_name} are not fits of the same data: {difference}",
            hint="fit all models to the same rows of the same variables"
            + (", unused ones included as free variances" if "variables" in difference else ""),
        )


def _data_difference(one: SemResult, other: SemResult) -> str | None:
    """In what the data behind two fits differ; None where they are the same."""
    if set(one.group_labels) != set(other.group_labels):
        return f"groups {', '.join(one.group_labels) or 'none'} and {', '.join(other.group_labels) or 'none'}"
    for block, own in enumerate(one.moments):
        at = group_position(other.solution, own.label)
        their = other.moments[at]
        place = f" in group {own.label}" if own.label else ""
        if set(own.names) != set(their.names):
            only = sorted(set(own.names) ^ set(their.names))
            return f"the variables differ{place} ({', '.join(only)})"
        if own.n_rows != their.n_rows:
            return f"{own.n_rows} and {their.n_rows} observations{place}"
        if abs(own.n_obs - their.n_obs) > SAME_DATA * own.n_obs:
            return f"weights that sum to {own.n_obs:.8g} and {their.n_obs:.8g}{place}"
        order = variable_positions(other.solution, at, own.names)
        sd = np.sqrt(np.diag(own.cov))
        gap = np.abs(own.cov - their.rescaled(own.divisor).cov[np.ix_(order, order)]) / np.outer(sd, sd)
        if gap.max() > SAME_DATA:
            return f"their covariances differ{place}"
        if own.mean is not None and their.mean is not None:
            shift = np.abs(own.mean - their.mean[order])
            if (shift > SAME_DATA * (sd + np.abs(own.mean))).any():
                return f"their means differ{place}"
        fixed_here = set(fixed_exogenous(one.solution.estimates, block))
        if fixed_here != set(fixed_exogenous(other.solution.estimates, at)):
            return f"different exogenous variables are fixed at their sample moments{place} (fixed_x)"
    return None


def _method(fits: Sequence[SemResult], method: str | None) -> str:
    pooled = pooled_method(fits, method)
    if pooled is not None:
        return pooled
    adjusted = fits[0].solution.rules.adjusted_test
    if method is None:
        if adjusted is None:
            return "standard"
        return "satorra.bentler.2001" if adjusted in MEAN_SCALED else "satorra.2000"
    spelled = method.lower().replace("_", ".").replace("-", ".") if isinstance(method, str) else ""
    if spelled not in METHODS:
        raise OptionError(
            "bad-option", f"there is no difference test {method!r}", where="method", expected=", ".join(METHODS),
            hint=did_you_mean(spelled, METHODS),
        )  # fmt: skip
    needs = None
    if spelled != "standard" and adjusted is None:
        needs = "fits with a scaled test, e.g. estimator='MLM' or 'MLR'"
    elif spelled.startswith("satorra.bentler") and adjusted not in MEAN_SCALED:
        needs = "a test whose mean alone is scaled; here it is " + str(adjusted) + ": use satorra.2000"
    if needs:
        raise OptionError("method-unsuited", f"{spelled} does not suit these fits", where="method", expected=needs)
    return spelled


def _measures(fits: Sequence[SemResult]) -> dict[str, str]:
    """Where CFI, RMSEA and SRMR are taken from: robust ones where all fits have them, else scaled ones."""
    is_adjusted = fits[0].solution.rules.adjusted_test is not None
    found = {}
    for name in DELTAS:
        choices = (f"{name}_robust", f"{name}_scaled", name) if is_adjusted else (name,)
        found[name] = next((choice for choice in choices if all(choice in fit.measures for fit in fits)), name)
    return found


def _df(fit: SemResult) -> int:
    return round(fit.measures["df"])


def _model(fit: SemResult, name: str, measures: Mapping[str, str]) -> ComparedModel:
    known = fit.measures
    return ComparedModel(
        name,
        _df(fit),
        fit.n_par,
        known.get("aic"),
        known.get("bic"),
        known["chisq"],
        known.get("chisq_scaled"),
        *(known.get(measures[each]) for each in DELTAS),
    )


# -- steps ---------------------------------------------------------------------------------------------------------


def _step(
    fits: Sequence[SemResult], names: Sequence[str], at: int, method: str, measures: Mapping[str, str]
) -> tuple[ModelStep, list[Warned]]:
    """The model at `at` against the nearest one before it that contains it."""
    fit = fits[at]
    found: tuple[int, Reached] | None = None
    for before in range(at - 1, -1, -1):
        reached = reach(fits[before].solution, fit.solution)
        if found is None or reached.is_nested:
            found = before, reached
        if reached.is_nested:
            break
    assert found is not None
    before, reached = found
    against = fits[before]
    df = _df(fit) - _df(against)
    deltas = {f"delta_{name}": _less(fit, against, measures[name]) for name in DELTAS}
    plain: dict[str, Any] = {"model": names[at], "against": names[before], "df_diff": df, **deltas}
    if not reached.is_nested:
        return ModelStep(relation="unknown" if reached.reason else "not nested", reason=_why(reached, df), **plain), []
    if df == 0:
        reason = "equivalent models, which imply the same moments: there is no difference to test"
        return ModelStep(relation="equivalent", reason=reason, **plain), []
    test, reason, warnings = _tested(fit, against, reached, method, df)
    where = f"{names[at]} against {names[before]}"
    told = [Warned(each.code, each.what, where, each.hint) for each in (*warnings, *_boundary(fit, against))]
    if test is None:
        return ModelStep(relation="nested", reason=reason, **plain), told
    p_value = test.p_value if test.statistic >= 0.0 and test.scaling > 0.0 else None
    step = ModelStep(
        relation="nested", method=method, chisq_diff=test.statistic, p_value=p_value, reason=reason, **plain
    )
    return step, told


def _less(fit: SemResult, against: SemResult, name: str) -> float | None:
    here, there = fit.measures.get(name), against.measures.get(name)
    return None if here is None or there is None else here - there


def _why(reached: Reached, df: int) -> str:
    if reached.reason:
        return f"no difference test, as it could not be decided whether they are nested ({reached.reason})"
    if df == 0:
        return "no difference test: as many degrees of freedom, but different moments; compare AIC and BIC"
    return "no difference test: not nested; compare AIC and BIC"


def _tested(
    fit: SemResult, against: SemResult, reached: Reached, method: str, df: int
) -> tuple[Difference | PooledDifference | None, str, list[Warned]]:
    """The difference test, or the reason why there is none, and what must be said of it."""
    if isinstance(fit, PooledResult) and isinstance(against, PooledResult):
        return pooled_difference(fit, against, method, df)
    chi2 = fit.measures["chisq"] - against.measures["chisq"]
    if chi2 < -ROUNDING * max(1.0, fit.measures["chisq"]):
        what = "the less restricted model fits worse than the restricted one: its search ended in a local optimum"
        hint = "give it the restricted model's estimates as starting values"
        return None, "no difference test: " + what, [Warned("local-optimum", what, hint=hint)]
    chi2 = max(chi2, 0.0)
    if method == "standard":
        return Difference(method, chi2, df), "", []
    if method == "satorra.2000":
        found = satorra_2000(against.solution, fit.solution, chi2, df)
        return found, "" if found else "no difference test: no inverse of the information matrix", []
    own, name = _scaling(fit), against.solution.rules.adjusted_test
    assert name is not None
    other: float | None = _scaling(against)
    if method == "satorra.bentler.2010":
        assert reached.theta is not None
        other = scaling_at(against.solution, reached.theta, name)
    if own is None or other is None:
        what = "there is no scaling factor, as an information matrix is not positive definite"
        warned = Warned("no-scaling-factor", what, hint='use method="satorra.2000"')
        return None, f"no difference test: {what}", [warned]
    test = scaled_difference(method, chi2, _df(fit), own, _df(against), other)
    if test.scaling > 0.0:
        return test, "", []
    what = f"the scaled difference is negative (scaling factor {test.scaling:.3f}), which happens in small samples"
    hint = 'use method="satorra.bentler.2010" or "satorra.2000"'
    return test, "no p-value: the scaled difference is negative", [Warned("negative-difference", what, hint=hint)]


def _scaling(fit: SemResult) -> float | None:
    """Scaling factor of a fit's own test; 1 where it has no degrees of freedom."""
    return 1.0 if not _df(fit) else fit.measures.get("chisq_scaling_factor")


def _boundary(fit: SemResult, against: SemResult) -> list[Warned]:
    """A warning where the restricted model sets a variance to zero that the other estimates."""
    zero = {
        (fit.group_labels[row.group - 1], row.lhs)
        for row, value in zip(fit.solution.rows, fit.solution.row_values(), strict=True)
        if row.op == "~~" and row.lhs == row.rhs and not row.free and value == 0.0
    }
    free = {
        (against.group_labels[row.group - 1], row.lhs)
        for row in against.solution.rows
        if row.op == "~~" and row.lhs == row.rhs and row.free
    }
    names = sorted({name for _, name in zero & free})
    if not names:
        return []
    what = f"the variance of {', '.join(names)} is tested against zero, the edge of what it can be"
    return [Warned("variance-at-boundary", what, hint="the p-value is too large: chi-square is not its distribution")]


def _findings(fits: Sequence[SemResult], names: Sequence[str], method: str) -> list[Warned]:
    """What must be said of the fits themselves."""
    found = []
    if any(fit.has_pseudo_likelihood for fit in fits):
        what = "AIC and BIC rest on a pseudo-likelihood: rows have weights, or were sampled together"
        found.append(Warned("pseudo-likelihood", what, hint="nested models are compared by the scaled difference"))
    improper = [name for fit, name in zip(fits, names, strict=True) if not fit.admissible]
    if improper:
        what = f"improper solution of {', '.join(improper)}"
        found.append(Warned("inadmissible", what, hint="see .findings of the fit before reading differences"))
    unidentified = [name for fit, name in zip(fits, names, strict=True) if not fit.identified]
    if unidentified:
        found.append(Warned("unidentified", f"not identified by the data at hand: {', '.join(unidentified)}"))
    if method == "standard" and fits[0].solution.rules.adjusted_test:
        what = "the difference of unscaled chi-squares is tested, though the fits are robust"
        found.append(Warned("unscaled-difference", what, hint="leave method out"))
    return found
