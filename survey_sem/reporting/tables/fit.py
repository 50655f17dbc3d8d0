"""The table of fit measures, one column for each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from survey_sem.reporting.contents import Absent, Amount, Cell, Content, Foreign, Interval, Said, said
from survey_sem.reporting.numbers import Format
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.reading import as_percent
from survey_sem.reporting.wording import has_phrase
from survey_sem.results import SemResult

_COMPARATIVE = said("cutoff.comparative", strict=Amount(0.95, "correlation"), mild=Amount(0.90, "correlation"))
_CUTOFFS: Mapping[str, Said] = {
    "ratio": said("cutoff.ratio"),
    **dict.fromkeys(("cfi", "tli", "cfi_robust", "tli_robust"), _COMPARATIVE),
    **dict.fromkeys(
        ("rmsea", "rmsea_robust"),
        said("cutoff.rmsea", strict=Amount(0.06, "correlation"), mild=Amount(0.08, "correlation")),
    ),
    "srmr": said("cutoff.srmr", strict=Amount(0.08, "correlation")),
    "aic": said("cutoff.smaller"),
    "bic": said("cutoff.smaller"),
    "bic2": said("cutoff.smaller"),
}
_FORMS: Mapping[str, Format] = {
    "npar": "count",
    "chisq": "statistic",
    "df": "df",
    "pvalue": "p",
    "cfi": "bounded",
    "tli": "bounded",
    "rmsea": "bounded",
    "rmsea_pvalue": "p",
    "srmr": "bounded",
    "aic": "index",
    "bic": "index",
    "bic2": "index",
    "logl": "index",
    "chisq_scaled": "statistic",
    "df_scaled": "df",
    "pvalue_scaled": "p",
    "chisq_scaling_factor": "bounded",
    "cfi_robust": "bounded",
    "tli_robust": "bounded",
    "rmsea_robust": "bounded",
}
_ORDER = (
    "n_obs", "npar", "chisq", "df", "pvalue", "ratio", "cfi", "tli", "rmsea", "rmsea_ci", "rmsea_pvalue", "srmr",
    "aic", "bic", "bic2", "logl",
)  # fmt: skip
ADJUSTED = (
    "chisq_scaled", "df_scaled", "pvalue_scaled", "chisq_scaling_factor", "cfi_robust", "tli_robust", "rmsea_robust",
    "rmsea_robust_ci",
)  # fmt: skip
"""Measures of an adjusted test, shown where a model has one."""


def fit_table(fits: Mapping[str, SemResult]) -> Table:
    """Fit measures of several models of the same data, beside the conventional cut-offs."""
    columns = (
        Column("measure"),
        *(Column(name, "estimate", heading=fit_name(name)) for name in fits),
        Column("convention"),
    )
    results = tuple(fits.values())
    adjusted = ADJUSTED if any("chisq_scaled" in result.fit_measures for result in results) else ()
    rows = tuple(
        (_measure_name(name, results[-1]), *(fit_measure(result, name) for result in results), _CUTOFFS.get(name))
        for name in (*_ORDER, *adjusted)
    )
    pseudo = (said("note.pseudo"),) if any(result.has_pseudo_likelihood for result in results) else ()
    return Table("fit", columns, rows, (said("note.fit"), *pseudo))


def fit_name(name: str) -> Content:
    """What a model of the study is called."""
    key = f"fit.{name}"
    return said(key) if has_phrase(key) else name


def _measure_name(name: str, result: SemResult) -> Said:
    values: dict[str, Content] = {}
    if name in ("rmsea_ci", "rmsea_robust_ci"):
        values["level"] = as_percent(result.fit_measures.get("rmsea_ci_level", 0.9))
    if name == "rmsea_pvalue":
        values["limit"] = Amount(result.fit_measures.get("rmsea_close_h0", 0.05), "correlation")
    return Said(f"measure.{name}", values, name)


def fit_measure(result: SemResult, name: str) -> Cell:
    """A fit measure as it is shown, or why it does not apply."""
    special: Mapping[str, Callable[[SemResult], Cell]] = {
        "n_obs": lambda fit: fit.n_obs,
        "npar": lambda fit: fit.n_par,
        "ratio": _ratio,
        "rmsea_ci": partial(_rmsea_interval, suffix=""),
        "rmsea_robust_ci": partial(_rmsea_interval, suffix="_robust"),
    }
    if name in special:
        return special[name](result)
    value = result.fit_measures.get(name)
    return _why_absent(result, name) if value is None else Amount(value, _FORMS[name])


def _ratio(result: SemResult) -> Cell:
    """Chi-square per degree of freedom: two numbers of the table, divided."""
    chisq, df = result.fit_measures.get("chisq"), result.fit_measures.get("df")
    if chisq is None or not df:
        return _why_absent(result, "pvalue")
    return Amount(chisq / df, "statistic")


def _rmsea_interval(result: SemResult, suffix: str) -> Cell:
    low, high = (result.fit_measures.get(f"rmsea_ci_{end}{suffix}") for end in ("lower", "upper"))
    if low is None or high is None:
        return _why_absent(result, f"rmsea_ci_lower{suffix}")
    return Interval(low, high, "bounded")


def _why_absent(result: SemResult, name: str) -> Absent:
    reason = result.not_applicable.get(name) or result.not_applicable.get("chisq")
    return Absent(Foreign(reason) if reason else said("absent.not_computed"))
