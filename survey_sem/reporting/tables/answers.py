"""Tables of weighted answers and of missing ones, from their plain records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.reporting.contents import Absent, Cell, Count, Interval, Joined, Name, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.reading import as_percent
from survey_sem.sample.describe import SMALLEST_CELL

Record = Mapping[str, Any]
LEVEL = 0.95
MOST_ITEMS = 20


def weighted_table(record: Record, inputs: ReportInputs) -> Table:
    """Mean of every item with weights, its interval from the design, and the mean without weights."""
    plain = {item.name: item for item in inputs.items}
    columns = (
        Column("item", is_code=True),
        Column("n", "count"),
        Column("mean_unweighted", "score"),
        Column("mean_weighted", "score"),
        Column("se", "estimate"),
        Column("ci", "score", heading=said("column.ci", level=as_percent(LEVEL))),
        Column("deff", "score"),
    )
    rows = tuple(
        (
            Name(row["item"]),
            row["n"],
            plain[row["item"]].mean if row["item"] in plain else None,
            row["estimate"],
            row["se"],
            Interval(row["ci_lower"], row["ci_upper"]),
            row["deff"],
        )
        for row in record["items"]
    )
    return Table("weighted_items", columns, rows, (said("note.weighted", df=int(record["df"])),))


def imputation_table(record: Record) -> Table:
    """How many answers of every item were imputed, and their mean beside that of the answers that were given."""
    columns = (
        Column("item", is_code=True),
        Column("imputed", "count"),
        Column("mean_observed", "score"),
        Column("mean_imputed", "score"),
    )
    few = Absent(said("absent.small"))
    rows = tuple(
        (Name(row["item"]), few if row["n"] is None else row["n"], row["mean_observed"], row["mean_imputed"])
        for row in record["items"]
    )
    return Table("imputation", columns, rows, (said("note.imputation", smallest=SMALLEST_CELL),))


def missing_items_table(record: Record) -> Table | None:
    """Items that ten or more left without an answer, those with the most first; None where there are none."""
    rows = sorted((row for row in record["items"] if row["missing"] >= SMALLEST_CELL), key=lambda row: -row["rate"])
    if not rows:
        return None
    has_routes = any(row["not_asked"] for row in rows)
    columns = (
        Column("item", is_code=True),
        Column("asked", "count"),
        Column("lacking_answers", "count"),
        *((Column("not_asked", "count"),) if has_routes else ()),
    )
    cells = tuple(
        (
            Name(row["item"]),
            int(row["asked"]),
            Count(int(row["missing"]), int(row["asked"])),
            *((int(row["not_asked"]),) if has_routes else ()),
        )
        for row in rows[:MOST_ITEMS]
    )
    note = said("note.missing_items", shown=len(cells), total=len(rows), smallest=SMALLEST_CELL)
    return Table("missing_items", columns, cells, (note,))


def patterns_table(record: Record) -> Table | None:
    """The most frequent patterns of missing answers; None where each is rare."""
    if not record["patterns"]:
        return None
    columns = (Column("lacking"), Column("n", "count"), Column("share_of_rows", "percent"))
    rows = tuple(
        (Joined(tuple(row["missing"])) if row["missing"] else said("cell.nothing_missing"), row["n"], row["share"])
        for row in record["patterns"]
    )
    told = sum(row["n"] for row in record["patterns"])
    note = said("note.patterns", shown=len(rows), total=record["n_patterns"], n=told)
    return Table("missing_patterns", columns, rows, (note,))


def differences_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Where those who lack an answer differ most from those who gave it; None where that is not known."""
    rows = record["little"].get("differences")
    if not rows:
        return None
    columns = (
        Column("lacked"),
        Column("differs_in"),
        Column("difference_sd", "score"),
        Column("n_lacking", "count"),
        Column("n_giving", "count"),
    )
    cells: list[tuple[Cell, ...]] = [
        (Name(row["missing"]), Name(row["variable"]), row["difference"], row["n_missing"], row["n_observed"])
        for row in rows
    ]
    return Table("missing_differences", columns, tuple(cells), (said("note.missing_differences"),))
