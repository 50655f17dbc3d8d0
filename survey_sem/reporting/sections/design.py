"""Sampling design and weights; the main model under other justified choices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from survey_sem.reporting.contents import Amount, Content, Foreign, Joined, said, spoken
from survey_sem.reporting.document import Block, Facts, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.figures import drawn_pictures
from survey_sem.reporting.tables.design import margins_table, robustness_table, variants_table
from survey_sem.reporting.tables.groups import group_content, variable_content
from survey_sem.sample.describe import SMALLEST_CELL
from survey_sem.sample.weighting import MarginRow

Record = Mapping[str, Any]


def design_section(inputs: ReportInputs, language: Language) -> Section | None:
    """How respondents were drawn, what was done to their weights and what it costs; None without a design."""
    design, weighting = inputs.records.get("design"), inputs.records.get("weighting")
    if design is None:
        return None
    blocks: list[Block] = [Paragraph(said("text.design")), Facts(tuple(_facts(design, inputs)))]
    if weighting is None:
        return Section("design", tuple(blocks))
    blocks.append(Paragraph(_weights_text(weighting)))
    blocks += [Notice("warning", Foreign(note["what"])) for note in weighting["notes"]]
    table = margins_table(weighting, inputs)
    if table is not None:
        blocks.append(Tabled(table))
        blocks += _margins_figure(weighting, inputs, language)
    blocks += _weights_figure(weighting, language)
    return Section("design", tuple(blocks))


def _facts(design: Record, inputs: ReportInputs) -> list[tuple[Content, Content]]:
    rows: list[tuple[Content, Content]] = [
        (said(f"design.{role}"), Joined(tuple(inputs.name(name) for name in names)))
        for role, names in design["columns"].items()
        if role in ("strata", "psu", "weights", "fpc")
    ]
    if design["n_units"] is not None and not design["units_are_rows"]:
        rows.append((said("design.n_units"), int(design["n_units"])))
        if design["n_strata"] > 1:
            rows.append((said("design.n_strata"), int(design["n_strata"])))
    rows.append((said("design.degrees_of_freedom"), int(design["degrees_of_freedom"])))
    rows.append((said("design.deff_weights"), Amount(design["deff_weights"], "statistic")))
    rows.append((said("design.n_eff"), Amount(design["n_eff"], "count")))
    return rows


def _weights_text(weighting: Record) -> Content:
    low, high = weighting["range"]
    return said(
        "text.weights",
        methods=Joined(tuple(said(f"weights.{name}") for name in weighting["method"].split("+"))),
        low=Amount(low, "statistic"),
        high=Amount(high, "statistic"),
    )


def _margins_figure(weighting: Record, inputs: ReportInputs, language: Language) -> list[Block]:
    from survey_sem.reporting.weighting_figure import draw_margins

    rows = [_margin_row(row, inputs, language) for row in weighting["margins"] if row["category"]]
    caption = said("figure.weighting")
    return drawn_pictures("weighting", caption, [draw_margins(rows, title="", lang=language)]) if rows else []


def _margin_row(row: Record, inputs: ReportInputs, language: Language) -> MarginRow:
    """A class in words; NaN where its size is withheld."""
    known: dict[str, Any] = {name: math.nan if value is None else value for name, value in row.items()}
    words = {
        "variable": spoken(variable_content(row["variable"], inputs), language),
        "category": spoken(group_content(row["variable"], row["category"], inputs), language),
    }
    return MarginRow(**{**known, **words})


def _weights_figure(weighting: Record, language: Language) -> list[Block]:
    from survey_sem.reporting.weighting_figure import draw_weights

    edges, counts = (weighting["histogram"][name] for name in ("edges", "counts"))
    if not any(counts):
        return []
    low, high = weighting["range"]
    caption = said(
        "figure.weights" if None not in counts else "figure.weights.withheld",
        deff=Amount(weighting["deff"], "statistic"),
        n_eff=Amount(weighting["n_eff"], "count"),
        smallest=SMALLEST_CELL,
    )
    return drawn_pictures("weights", caption, [draw_weights(edges, counts, lang=language)]) if low < high else []


def robustness_section(inputs: ReportInputs) -> Section | None:
    """Paths and effects under every variant; None where the study asks for none."""
    record = inputs.records.get("robustness")
    if record is None or not inputs.main.converged:
        return None
    table = robustness_table(record, inputs)
    if table is None:
        return None
    return Section("robustness", (Paragraph(said("text.robustness")), Tabled(table), Tabled(variants_table(record))))
