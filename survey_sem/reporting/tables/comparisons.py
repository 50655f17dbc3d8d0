"""Tables of means compared over groups, from their plain records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.reporting.contents import Absent, Amount, Cell, Interval, Said, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Format
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.groups import declared_place, group_content, variable_content
from survey_sem.reporting.tables.reading import as_percent
from survey_sem.sample.describe import SMALLEST_CELL

Record = Mapping[str, Any]


def group_means_table(record: Record, inputs: ReportInputs) -> Table:
    """Size, mean, spread and interval of every group."""
    columns = (
        Column("variable", is_block=True),
        Column("group"),
        Column("n", "count"),
        Column("mean", "estimate"),
        Column("sd", "estimate"),
        Column("mean_ci", "estimate", heading=said("column.mean_ci", level=as_percent(record["ci_level"]))),
    )
    forms = _forms(record)
    rows = tuple(
        (
            variable_content(row["variable"], inputs),
            group_content(record["by"], row["group"], inputs),
            _withheld() if row["n"] is None else int(row["n"]),
            Amount(row["mean"], forms[row["variable"]]),
            Amount(row["sd"], forms[row["variable"]]),
            _interval(row["ci_lower"], row["ci_upper"], row["se"] is None, forms[row["variable"]]),
        )
        for row in _ordered(record["groups"], record, inputs)
    )
    notes = [said("note.group_means.design")] if record["test"] == "design" else []
    if any(record["n_dropped"].values()):
        notes.append(said("note.group_means.missing"))
    if any(record["left_out"].values()):
        notes.append(said("note.group_means.withheld", smallest=SMALLEST_CELL))
    return Table(
        _file("group_means", record), columns, rows, tuple(notes), heading=_heading("group_means", record, inputs)
    )


def group_tests_table(record: Record, inputs: ReportInputs) -> Table:
    """Whether the groups differ, one row per variable."""
    by_design, several = record["test"] == "design", len(record["variables"]) > 1
    is_ranks = record["test"] == "kruskal"
    columns = [Column("variable"), Column("between_statistic", "statistic"), Column("df1", "df")]
    columns += [] if is_ranks else [Column("df2", "df")]
    columns += [Column("p_between", "p")]
    columns += [Column("p_variables", "p")] if several else []
    columns += [Column("eta2", "bounded")]
    columns += [] if by_design else [Column("omega2", "bounded"), Column("p_levene", "p")]
    names = ["statistic", "df1", *([] if is_ranks else ["df2"]), "p_value", *(["p_holm"] if several else []), "eta2"]
    names += [] if by_design else ["omega2", "p_levene"]
    guarded = {row["variable"] for row in record["groups"] if row["n"] is None}
    rows = tuple(
        (
            variable_content(row["variable"], inputs),
            *(_value(row[name], name == "df2" and row["variable"] in guarded) for name in names),
        )
        for row in record["tests"]
    )
    note = said("note.group_test", test=said(f"between.{record['test']}"))
    return Table(
        _file("group_tests", record), tuple(columns), rows, (note,), heading=_heading("group_tests", record, inputs)
    )


def group_pairs_table(record: Record, inputs: ReportInputs) -> Table:
    """Every pair: difference, test and Hedges' g."""
    level = as_percent(record["ci_level"])
    columns = (
        Column("variable", is_block=True),
        Column("groups_compared"),
        Column("mean_difference", "difference"),
        Column("difference_ci", "estimate", heading=said("column.difference_ci", level=level)),
        Column("p_between", "p"),
        Column("hedges_g", "score"),
        Column("g_ci", "score", heading=said("column.g_ci", level=level)),
    )
    forms = _forms(record)
    rows = tuple(
        (
            variable_content(row["variable"], inputs),
            _pair(record, row, inputs),
            Amount(row["difference"], forms[row["variable"]]),
            _interval(row["ci_lower"], row["ci_upper"], row["se"] is None, forms[row["variable"]]),
            _value(row["p_value"]),
            _value(row["g"]),
            _interval(row["g_lower"], row["g_upper"], row["se"] is None),
        )
        for row in _ordered(record["pairs"], record, inputs)
    )
    note = said("note.group_pairs", test=said(f"pairwise.{record['pair_test']}"))
    return Table(_file("group_pairs", record), columns, rows, (note,), heading=_heading("group_pairs", record, inputs))


def latent_beside_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Observed differences beside latent ones; None where the study compares no latent means of these groups."""
    if not record["latent"]:
        return None
    columns = (
        Column("construct", is_block=True),
        Column("groups_compared"),
        Column("mean_difference", "difference"),
        Column("hedges_g", "score"),
        Column("latent_difference", "difference"),
        Column("latent_p", "p"),
        Column("latent_d", "score"),
    )
    rows = tuple(
        (
            variable_content(row["variable"], inputs),
            _pair(record, row, inputs),
            *(_value(row[name]) for name in ("difference", "g", "latent_difference", "latent_p", "latent_d")),
        )
        for row in _ordered(record["latent"], record, inputs)
    )
    level = inputs.records.get("invariance", {}).get("means_level") or "scalar"
    note = said("note.latent_beside", level=said(f"level.{level}"))
    return Table(
        _file("latent_beside", record), columns, rows, (note,), heading=_heading("latent_beside", record, inputs)
    )


def _pair(record: Record, row: Record, inputs: ReportInputs) -> Said:
    first, second = (group_content(record["by"], row[name], inputs) for name in ("group", "against"))
    return said("cell.less", first=first, second=second)


def _value(value: float | None, is_withheld: bool = False) -> Cell:
    if value is None:
        return _withheld() if is_withheld else Absent(said("absent.not_applicable"))
    return float(value)


def _forms(record: Record) -> dict[str, Format]:
    """How means of each variable are shown: the same decimals throughout, fewer the wider its values spread."""
    spread = {
        name: max(row["sd"] for row in record["groups"] if row["variable"] == name) for name in record["variables"]
    }
    return {name: "difference" if sd < 10 else "statistic" if sd < 1000 else "index" for name, sd in spread.items()}


def _ordered(rows: Sequence[Record], record: Record, inputs: ReportInputs) -> list[Record]:
    """Rows of each variable in the questionnaire's order of the groups."""
    place, variables = declared_place(record["by"], inputs), list(record["variables"])
    return sorted(
        rows,
        key=lambda row: (variables.index(row["variable"]), place(row["group"]), place(row.get("against", ""))),
    )


def _interval(low: float | None, high: float | None, is_withheld: bool = False, form: Format | None = None) -> Cell:
    if low is None or high is None:
        return _withheld() if is_withheld else Absent(said("absent.not_applicable"))
    return Interval(low, high, form)


def _withheld() -> Absent:
    return Absent(said("absent.small"))


def _heading(key: str, record: Record, inputs: ReportInputs) -> Said:
    return said(f"table.{key}", of=variable_content(record["by"], inputs))


def _file(key: str, record: Record) -> str:
    return re.sub(r"[^\w-]", "_", f"{key}_{record['name']}")
