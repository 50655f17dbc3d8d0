"""The regressions of a study: fitted to the sample, or to imputed data where the study imputes; each a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from survey_sem.errors import inside
from survey_sem.regression import PooledRegression, Regression, regress
from survey_sem.regression.formula import read_formula
from survey_sem.regression.scored import with_constructs
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.imputation import Imputed
from survey_sem.study.study import RegressionPlan, Study

Record = Mapping[str, Any]


def regressions(study: Study, sample: Sample, imputed: Imputed | None) -> Record:
    """All of them, fitted to the imputed data where these filled in any of their variables; see `_record`."""
    names = regression_variables(study, sample)
    is_filled = imputed is not None and any(name in imputed.cells for name in names)
    data = imputed if imputed is not None and is_filled else sample
    return {"schema": "survey-sem/regressions/1", "models": [_record(plan, data) for plan in study.regressions]}


def regression_variables(study: Study, sample: Sample) -> tuple[str, ...]:
    """The columns behind all regressions of a study; an error names the regression."""
    names: dict[str, None] = {}
    for plan in study.regressions:
        with inside(f"regressions: {plan.name}"):
            names |= dict.fromkeys(_variables(plan.formula, sample))
    return tuple(names)


def _variables(formula: str, sample: Sample) -> Iterator[str]:
    """The columns behind a formula: of a construct its items."""
    rows = with_constructs(sample, formula)
    frame = rows.data if isinstance(rows, SurveyDesign) else rows
    for name in read_formula(formula, frame).variables:
        is_construct = name in sample.constructs and name not in sample.data.columns
        yield from sample.constructs[name] if is_construct else (name,)


def _record(plan: RegressionPlan, data: Sample | Imputed) -> Record:
    """Coefficients with what a reviewer asks of them."""
    with inside(f"regressions: {plan.name}"):
        fit = regress(plan.formula, data, missing="listwise", **plan.options)  # type: ignore[arg-type]
    extra: dict[str, Any] = {"name": plan.name, "label": dict(plan.label), "margins": []}
    if fit.has_terms:
        extra["margins"] = _rows(fit.margins())
        extra["vif"] = _rows(fit.vif())
        extra["tests"] = _rows(fit.tests())
    if fit.family == "gaussian" and _is_additive(fit):
        extra["importance"] = _rows(fit.importance())
    if plan.equivalence is not None:
        extra["equivalence"] = _equivalence(fit, plan.equivalence)
    return {**fit.to_dict(), **extra}


def _is_additive(fit: Regression | PooledRegression) -> bool:
    """Whether no variable is in two terms: orders in which a product comes in before its parts share out nothing."""
    found = (fit.fits[0] if isinstance(fit, PooledRegression) else fit).predictors
    used = [name for term in found.terms for name in term.variables]
    return bool(used) and found.has_intercept and len(used) == len(set(used))


def _equivalence(fit: Regression | PooledRegression, bound: float) -> Record:
    scale: Literal["std_beta", "est"] = "std_beta" if fit.family == "gaussian" else "est"
    return {"bound": bound, "scale": scale, "rows": _rows(fit.equivalence(bound, scale=scale))}


def _rows(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
