"""Every parameter of a model, in the notation of its text."""

from __future__ import annotations

from survey_sem.reporting.contents import Cell, Name, said
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.reading import Estimate, ci_heading, error, interval, number, read_estimates
from survey_sem.results import SemResult


def parameters_table(result: SemResult) -> Table:
    """All parameters, free, fixed and defined."""
    has_groups, estimates = result.n_groups > 1, read_estimates(result)
    has_labels = any(row.label for row in estimates)
    columns = (
        *(Column(key, is_code=True) for key in ("lhs", "op", "rhs")),
        *((Column("group", "count"),) if has_groups else ()),
        *((Column("label", is_code=True),) if has_labels else ()),
        Column("est", "estimate"),
        Column("se", "estimate"),
        Column("z", "statistic"),
        Column("p_value", "p"),
        Column("ci", "estimate", heading=ci_heading(result, "ci")),
        Column("std_lv", "estimate"),
        Column("std_all", "bounded"),
    )
    rows = tuple(_row(row, has_groups, has_labels) for row in estimates)
    return Table("parameters", columns, rows, (said("note.parameters"),))


def _row(row: Estimate, has_groups: bool, has_labels: bool) -> tuple[Cell, ...]:
    return (
        *(Name(code) for code in (row.lhs, row.op, row.rhs)),
        *((row.group,) if has_groups else ()),
        *((Name(row.label),) if has_labels else ()),
        number(row.est, row),
        error(row.se, row),
        number(row.z, row),
        number(row.p_value, row),
        interval(row.ci, row),
        number(row.std_lv, row),
        number(row.std_all, row),
    )


_GROUPS = (
    ("loadings", "=~"),
    ("composites", "<~"),
    ("regressions", "~"),
    ("covariances", "~~"),
    ("intercepts", "~1"),
    ("thresholds", "|"),
    ("variances", "~~"),
    ("scales", "~*~"),
    ("definitions", ":="),
)


def grouped_parameters(result: SemResult) -> tuple[Table, ...]:
    """The parameters in groups, as a notebook shows them: loadings, regressions, covariances ..."""
    columns = (
        Column("parameter", is_code=True),
        Column("est", "estimate"),
        Column("se", "estimate"),
        Column("ci", "estimate", heading=ci_heading(result, "ci")),
        Column("p_value", "p"),
        Column("std_all", "bounded"),
    )
    estimates = read_estimates(result)
    tables = []
    for name, op in _GROUPS:
        rows = tuple(
            (
                Name(_notation(row)),
                number(row.est, row),
                error(row.se, row),
                interval(row.ci, row),
                number(row.p_value, row),
                number(row.std_all, row),
            )
            for row in estimates
            if row.op == op and row.is_variance == (name == "variances")
        )
        if rows:
            tables.append(Table(name, columns, rows, heading=said(f"group.{name}")))
    return tuple(tables)


def _notation(row: Estimate) -> str:
    if row.is_variance:
        return row.lhs
    if row.op == ":=":
        return f"{row.lhs} := {row.rhs}"
    return f"{row.lhs} {row.op} {row.rhs}".strip()
