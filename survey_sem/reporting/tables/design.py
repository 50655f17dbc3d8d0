"""Tables about whom the respondents stand for: margins before and after weighting, variants of the main model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.reporting.contents import Absent, Cell, Foreign, Name, Said, said
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.tables.groups import group_content, variable_content
from survey_sem.reporting.wording import has_phrase

Record = Mapping[str, Any]


def margins_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Shares before and after weighting beside the population's; None where nothing was calibrated."""
    if not record["margins"]:
        return None
    columns = (
        Column("variable", is_block=True),
        Column("category"),
        Column("before_weighting", "percent"),
        Column("after_weighting", "percent"),
        Column("population_share", "percent"),
    )
    rows = tuple(
        (
            variable_content(row["variable"], inputs),
            group_content(row["variable"], row["category"], inputs) if row["category"] else None,
            Absent(said("absent.small")) if row["before_share"] is None else row["before_share"],
            row["after_share"],
            row["target_share"],
        )
        for row in record["margins"]
    )
    sources = list(dict.fromkeys(row["source"] for row in record["margins"] if row["source"]))
    notes = tuple(said("note.margin_source", source=Foreign(source)) for source in sources)
    return Table("weighting", columns, rows, notes)


def robustness_table(record: Record, inputs: ReportInputs) -> Table | None:
    """Standardised paths and effects of the main model under every variant, and how far they move."""
    variants = [variant for variant in record["variants"] if "failed" not in variant]
    main, others = variants[0], variants[1:]
    if not main["rows"] or not others:
        return None
    columns = [Column("kind", is_block=True), Column("parameter")]
    columns += [
        Column(f"variant_{variant['name']}", "bounded", heading=said(f"variant.{variant['name']}"))
        for variant in variants
    ]
    columns.append(Column("largest_move", "bounded"))
    values = [{_key(row): row["est_std"] for row in variant["rows"]} for variant in variants]
    rows = []
    for row in main["rows"]:
        own = [found.get(_key(row)) for found in values]
        moves = [abs(value - own[0]) for value in own[1:] if value is not None]
        cells: list[Cell] = [_kind(row), _name(row, inputs)]
        cells += [Absent(said("absent.not_converged")) if value is None else value for value in own]
        rows.append((*cells, max(moves, default=None)))
    notes = (said("note.robustness"), *_explanations(others), *_failures(record))
    return Table("robustness", tuple(columns), tuple(rows), notes, is_landscape=True)


def variants_table(record: Record) -> Table:
    """How each variant was fitted, and how it fits."""
    columns = (
        Column("variant"),
        Column("n", "count"),
        Column("chisq", "statistic"),
        Column("df", "df"),
        Column("cfi", "bounded"),
        Column("rmsea", "bounded"),
        Column("srmr", "bounded"),
        Column("se_ratio", "statistic"),
    )
    main = {_key(row): row["se"] for row in record["variants"][0]["rows"]}
    rows = tuple(
        (
            said(f"variant.{variant['name']}"),
            variant["n_obs"],
            *(_measure(variant["fit"].get(name)) for name in ("chisq", "df", "cfi", "rmsea", "srmr")),
            _error_ratio(variant, main),
        )
        for variant in record["variants"]
        if "failed" not in variant
    )
    return Table("variants", columns, rows)


def _error_ratio(variant: Record, main: Mapping[tuple[str, str, str], float]) -> Cell:
    """Standard errors of the paths on average, as a share of those of the main model."""
    ratios = [row["se"] / main[_key(row)] for row in variant["rows"] if row["se"] and main.get(_key(row))]
    return sum(ratios) / len(ratios) if ratios else Absent(said("absent.not_converged"))


def _measure(value: float | None) -> Cell:
    return Absent(said("absent.not_converged")) if value is None else float(value)


def _explanations(variants: Sequence[Record]) -> tuple[Said, ...]:
    """What the variants leave out, of those whose name does not say it."""
    keys = {variant["name"]: f"note.variant.{variant['name']}" for variant in variants}
    return tuple(said(key, variant=said(f"variant.{name}")) for name, key in keys.items() if has_phrase(key))


def _failures(record: Record) -> tuple[Said, ...]:
    return tuple(
        said("note.variant_failed", variant=said(f"variant.{variant['name']}"), reason=Foreign(variant["failed"]))
        for variant in record["variants"]
        if "failed" in variant
    )


def _key(row: Record) -> tuple[str, str, str]:
    return row["lhs"], row["op"], row["rhs"]


def _kind(row: Record) -> Said:
    kind = "effect" if row["op"] == ":=" else "path"
    return Said(f"kind.{kind}", code=kind)


def _name(row: Record, inputs: ReportInputs) -> Cell:
    if row["op"] == ":=":
        return Name(row["lhs"], inputs.effects.get(row["lhs"], {}))
    values = {"first": inputs.name(row["rhs"]), "second": inputs.name(row["lhs"])}
    return Said("parameter.arrow", values, f"{row['lhs']} {row['op']} {row['rhs']}")
