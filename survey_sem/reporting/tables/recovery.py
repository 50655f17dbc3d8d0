"""Simulated answers: what was planted beside what was found."""

from __future__ import annotations

from survey_sem.reporting.contents import Absent, Cell, Interval, Name, Said, said
from survey_sem.reporting.inputs import Recovered, Recovery, ReportInputs
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.reading import ci_heading

_KINDS = {"=~": "loading", "~": "path", ":=": "effect"}


def recovery_table(recovery: Recovery, inputs: ReportInputs) -> Table:
    """Loadings, paths and effects: planted, expected, found, and whether the interval holds what it should."""
    columns = (
        Column("kind", is_block=True),
        Column("parameter"),
        Column("planted", "bounded"),
        Column("expected", "bounded"),
        Column("found", "bounded"),
        Column("found_ci", "bounded", heading=ci_heading(inputs.main, "found_ci")),
        Column("difference", "bounded"),
        Column("is_inside"),
    )
    rows = tuple(_row(row, inputs) for row in recovery.rows)
    return Table("recovery", columns, rows, (said("note.recovery"),))


def _row(row: Recovered, inputs: ReportInputs) -> tuple[Cell, ...]:
    unknown = Absent(said("absent.unknown"))
    interval = Interval(row.low, row.high) if row.low is not None and row.high is not None else unknown
    is_inside: Cell = unknown
    if row.is_inside is not None:
        answer = "yes" if row.is_inside else "no"
        is_inside = Said(f"finding.{answer}", code=answer)
    return (
        Said(f"kind.{_KINDS[row.op]}", code=_KINDS[row.op]),
        _name(row, inputs),
        unknown if row.planted is None else row.planted,
        unknown if row.expected is None else row.expected,
        row.est,
        interval,
        unknown if row.aim is None else row.est - row.aim,
        is_inside,
    )


def _name(row: Recovered, inputs: ReportInputs) -> Cell:
    if row.op == ":=":
        return Name(row.lhs, inputs.effects.get(row.lhs, {}))
    first, second = (row.rhs, row.lhs) if row.op == "~" else (row.lhs, row.rhs)
    values = {"first": inputs.name(first), "second": inputs.name(second)}
    return Said("parameter.arrow", values, f"{row.lhs} {row.op} {row.rhs}")
