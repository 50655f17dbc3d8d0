"""Tables for machines and spreadsheets: one number in a cell, so intervals are taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from survey_sem.reporting.contents import Absent, Cell, Interval, Name, Said
from survey_sem.reporting.table import Table


def interval_columns(table: Table) -> list[bool]:
    """Which columns hold nothing but intervals: each becomes two."""
    return [_is_interval_column([row[at] for row in table.rows]) for at in range(len(table.columns))]


def _is_interval_column(cells: list[Cell]) -> bool:
    has_interval = any(isinstance(cell, Interval) for cell in cells)
    return has_interval and all(cell is None or isinstance(cell, Interval | Absent) for cell in cells)


def single_values(table: Table) -> Table:
    """The table with two rows, for lower and upper end, in place of one that holds intervals among numbers."""
    return replace(table, rows=tuple(_rows(table)))


def _rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    is_pair = interval_columns(table)
    for row in table.rows:
        ends = [at for at, cell in enumerate(row) if isinstance(cell, Interval) and not is_pair[at]]
        if not ends:
            yield row
            continue
        for end in ("lower", "upper"):
            yield (
                _end_of(row[0], end),
                *(_end(cell, end) if at in ends else cell for at, cell in enumerate(row[1:], start=1)),
            )


def _end_of(name: Cell, end: str) -> Said:
    code = name.code if isinstance(name, Name | Said) else str(name)
    return Said(f"cell.{end}_of", {"name": name if name is not None else ""}, f"{code}_{end}")


def _end(cell: Cell, end: str) -> Cell:
    return (cell.low if end == "lower" else cell.high) if isinstance(cell, Interval) else cell
