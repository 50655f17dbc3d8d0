"""Key findings in sentences, made of the numbers of the results."""

from __future__ import annotations

import math
from collections.abc import Iterable

from survey_sem.reporting.contents import Amount, Content, Foreign, Interval, Joined, Name, Said, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.tables.fit import fit_measure
from survey_sem.reporting.tables.measurement import estimator_name
from survey_sem.reporting.tables.reading import Estimate, as_percent, level, read_estimates
from survey_sem.reporting.wording import has_phrase
from survey_sem.results import SemResult

MOST = 12
"""Statements of one kind that stand on top; the rest is in the tables."""

Values = dict[str, Content]


def sample_statement(result: SemResult) -> Said:
    """How many were analysed, and how."""
    missing = missing_name(str(result.options["missing"]))
    return said("key.sample", n=result.n_obs, estimator=estimator_name(result), missing=missing)


def weighted_statement(inputs: ReportInputs) -> Said | None:
    """That numbers are weighted and allow for the sampling design; None where they do neither."""
    design = inputs.records.get("design")
    if design is None:
        return None
    if not inputs.is_weighted:
        return said("key.design")
    return said("key.weighted", n_eff=round(design["n_eff"]))


def missing_name(missing: str) -> Content:
    """What was done about missing answers."""
    return said(f"missing.{missing}") if has_phrase(f"missing.{missing}") else missing


def fit_statement(result: SemResult, name: str) -> Said:
    """Fit in one sentence."""
    fit = result.fit_measures
    if fit.get("df") == 0:
        return said("key.saturated")
    if "chisq" not in fit:
        return said("key.no_fit", reason=Foreign(result.not_applicable.get("chisq", "")))
    key = f"key.fit.{name}"
    values: Values = {
        "model": said(key) if has_phrase(key) else said("key.fit.model"),
        "level": as_percent(fit.get("rmsea_ci_level", 0.9)),
        "p": Amount(fit["pvalue"], "p_relation"),
    }
    for measure in ("chisq", "df", "cfi", "tli", "rmsea", "rmsea_ci", "srmr"):
        values[measure] = fit_measure(result, measure) or ""
    return Said("key.fit", values)


def adjusted_statements(result: SemResult) -> tuple[Said, ...]:
    """The adjusted test and the robust measures in one sentence, where the fit has them."""
    fit, test = result.fit_measures, result.solution.rules.adjusted_test
    if "pvalue_scaled" not in fit or test is None:
        return ()
    values: Values = {"test": said(f"test.{test}"), "p": Amount(fit["pvalue_scaled"], "p_relation")}
    for name, measure in (("chisq", "chisq_scaled"), ("cfi", "cfi_robust"), ("tli", "tli_robust")):
        values[name] = fit_measure(result, measure) or ""
    values["rmsea"] = fit_measure(result, "rmsea_robust") or ""
    df = fit["df_scaled"]
    values["df"] = Amount(df, "df" if float(df).is_integer() else "statistic")
    return (Said("key.fit.adjusted", values),)


def path_statements(inputs: ReportInputs) -> tuple[Said, ...]:
    """The paths of the main model, largest standardised coefficient first."""
    rows = _by_size(row for row in read_estimates(inputs.main) if row.op == "~")
    return _cut([_path(row, inputs) for row in rows])


def _path(row: Estimate, inputs: ReportInputs) -> Said:
    values: Values = {
        "predictor": inputs.name(row.rhs),
        "outcome": inputs.name(row.lhs),
        "beta": Amount(row.std_all, "correlation"),
    }
    bounds = Interval(row.std_ci.low, row.std_ci.high, "correlation")
    return _with_interval("key.path", values, bounds, inputs.main)


def effect_statements(inputs: ReportInputs) -> tuple[Said, ...]:
    """The defined effects of the main model, in the order of the study."""
    return _cut([_effect(row, inputs) for row in read_estimates(inputs.main) if row.op == ":="])


def _effect(row: Estimate, inputs: ReportInputs) -> Said:
    values: Values = {
        "effect": Name(row.lhs, inputs.effects.get(row.lhs, {})),
        "est": row.est,
        "std": Amount(row.std_all, "correlation"),
        "std_ci": Interval(row.std_ci.low, row.std_ci.high, "correlation"),
    }
    return _with_interval("key.effect", values, Interval(row.ci.low, row.ci.high, "estimate"), inputs.main)


def correlation_statements(inputs: ReportInputs) -> tuple[Said, ...]:
    """Correlations of the factors, strongest first."""
    latent = set(inputs.main.table.names("lv"))
    rows = _by_size(
        row
        for row in read_estimates(inputs.main)
        if row.op == "~~" and not row.is_variance and not row.is_fixed and {row.lhs, row.rhs} <= latent
    )
    return _cut([_correlation(row, inputs) for row in rows])


def _correlation(row: Estimate, inputs: ReportInputs) -> Said:
    values: Values = {
        "first": inputs.name(row.lhs),
        "second": inputs.name(row.rhs),
        "r": Amount(row.std_all, "correlation"),
    }
    bounds = Interval(row.std_ci.low, row.std_ci.high, "correlation")
    return _with_interval("key.correlation", values, bounds, inputs.main)


def _with_interval(key: str, values: Values, bounds: Interval, result: SemResult) -> Said:
    """The statement with its interval, that it includes zero, or without one where there is none."""
    if not (math.isfinite(bounds.low) and math.isfinite(bounds.high)) or bounds.low == bounds.high:
        return Said(f"{key}.bare", values)
    values |= {"ci": bounds, "level": level(result)}
    return Said(key if bounds.low > 0.0 or bounds.high < 0.0 else f"{key}.unclear", values)


def explained_statement(inputs: ReportInputs) -> Said | None:
    """Explained variance of the outcomes."""
    explained = inputs.main.r_squared()
    outcomes = dict.fromkeys(row.lhs for row in read_estimates(inputs.main) if row.op == "~")
    parts = tuple(
        said("key.explained.part", outcome=inputs.name(name), share=Amount(float(explained[name]), "correlation"))
        for name in outcomes
        if name in explained
    )
    return said("key.explained", parts=Joined(parts)) if parts else None


def measurement_statement(inputs: ReportInputs) -> Said | None:
    """Range of composite reliability, average variance extracted and standardised loadings."""
    if inputs.reliability is None:
        return None
    cr = [found.cr_std for found in inputs.reliability.factors if found.cr_std is not None]
    ave = [found.ave_std for found in inputs.reliability.factors if found.ave_std is not None]
    loadings = [row.std_all for row in read_estimates(inputs.measurement) if row.op == "=~"]
    if not cr or not ave or not loadings:
        return None
    ranges = {"cr": cr, "ave": ave, "load": loadings}
    return said(
        "key.reliability",
        **{
            f"{name}_{end}": Amount(choose(values), "correlation")
            for name, values in ranges.items()
            for end, choose in (("low", min), ("high", max))
        },
    )


def _by_size(rows: Iterable[Estimate]) -> list[Estimate]:
    return sorted(rows, key=lambda row: -abs(row.std_all) if math.isfinite(row.std_all) else 0.0)


def _cut(statements: list[Said]) -> tuple[Said, ...]:
    if len(statements) <= MOST + 1:
        return tuple(statements)
    return (*statements[:MOST], said("key.more", n=len(statements) - MOST))
