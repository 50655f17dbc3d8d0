"""Tables about how well the constructs were measured."""

from __future__ import annotations

from survey_sem.measurement import FactorReliability, Reliability
from survey_sem.reporting.contents import Absent, Amount, Cell, Content, Foreign, said
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.reading import (
    Estimate,
    Labels,
    ci_heading,
    error,
    interval,
    named,
    number,
    read_estimates,
)
from survey_sem.reporting.wording import has_phrase
from survey_sem.results import SemResult


def loadings_table(result: SemResult, labels: Labels | None = None) -> Table:
    """Loadings, raw and standardised, factor by factor."""
    labels = labels or {}
    columns = (
        Column("construct", is_block=True),
        Column("item", is_code=True),
        Column("loading", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(result, "ci")),
        Column("p_value", "p"),
        Column("std_loading", "bounded"),
        Column("std_ci", "bounded", heading=ci_heading(result, "std_ci")),
    )
    rows = tuple(
        (
            named(row.lhs, labels),
            named(row.rhs, labels if row.rhs in factors(result) else {}),
            number(row.est, row),
            error(row.se, row),
            interval(row.ci, row),
            number(row.p_value, row),
            number(row.std_all, row),
            interval(row.std_ci, row),
        )
        for row in read_estimates(result)
        if row.op == "=~"
    )
    return Table("loadings", columns, rows, (said("note.loadings", estimator=estimator_name(result)),))


def estimator_name(result: SemResult) -> Content:
    """What the estimator is called."""
    name = str(result.options["estimator"])
    return said(f"estimator.{name}") if has_phrase(f"estimator.{name}") else said("estimator.other", name=name)


def standardised(row: Estimate) -> tuple[Cell, Cell, Cell]:
    """Standardised estimate, its standard error and its interval."""
    return number(row.std_all, row), error(row.std_se, row), interval(row.std_ci, row)


def factors(result: SemResult) -> tuple[str, ...]:
    """The latent variables of a result."""
    return result.table.names("lv")


def reliability_table(found: Reliability, labels: Labels | None = None) -> Table:
    """Alpha, omega, composite reliability and average variance extracted of every factor."""
    coefficients = {"alpha": "alpha", "omega": "omega", "cr": "cr_std", "ave": "ave_std"}
    columns = (
        Column("construct"),
        Column("n_items", "count"),
        *(Column(key, "bounded") for key in coefficients),
    )
    rows = tuple(
        (
            named(record.factor, labels or {}),
            len(record.items),
            *(_coefficient(record, name) for name in coefficients.values()),
        )
        for record in found.factors
    )
    note = said("note.reliability", cr=Amount(0.7, "correlation"), ave=Amount(0.5, "correlation"))
    return Table("reliability", columns, rows, (note,))


def _coefficient(record: FactorReliability, name: str) -> Cell:
    value: float | None = getattr(record, name)
    if value is not None:
        return value
    reason = record.not_applicable.get(name)
    return Absent(Foreign(reason) if reason else said("absent.not_computed"))


def factor_correlations_table(result: SemResult, labels: Labels | None = None) -> Table | None:
    """Correlations among factors with intervals, strongest first; None where the model frees none."""
    latent = set(factors(result))
    found = [
        row
        for row in read_estimates(result)
        if row.op == "~~" and not row.is_variance and {row.lhs, row.rhs} <= latent and not row.is_fixed
    ]
    if not found:
        return None
    columns = (
        Column("first"),
        Column("second"),
        Column("correlation", "bounded"),
        Column("std_se", "bounded", heading=said("column.se")),
        Column("std_ci", "bounded", heading=ci_heading(result, "ci")),
    )
    found.sort(key=lambda row: -abs(row.std_all))
    rows = tuple((named(row.lhs, labels or {}), named(row.rhs, labels or {}), *standardised(row)) for row in found)
    return Table("factor_correlations", columns, rows, (said("note.factor_correlations"),))
