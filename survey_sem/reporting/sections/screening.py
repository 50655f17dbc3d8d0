"""Careless answers: the rules, what they found, and who was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_sem.reporting.contents import Foreign, said
from survey_sem.reporting.document import Block, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.figures import drawn_pictures
from survey_sem.reporting.tables.screening import (
    dispositions_table,
    numbers_table,
    overlap_table,
    rates_table,
    rules_table,
)
from survey_sem.sample.describe import SMALLEST_CELL


def rates_blocks(inputs: ReportInputs) -> list[Block]:
    """The tables of dispositions and of response rates under the flow of respondents."""
    record = inputs.records.get("response_rates")
    tables = () if record is None else (dispositions_table(record), rates_table(record))
    return [Tabled(table, is_sortable=False) for table in tables if table is not None]


def screening_section(inputs: ReportInputs, language: Language) -> Section | None:
    """Rules, flags, their overlap and the distributions of the indices; None where nothing was screened."""
    record = inputs.records.get("screening")
    if record is None:
        return None
    blocks: list[Block] = [Paragraph(said("text.screening", n=record["n"], items=record["n_items"]))]
    exclude = record["plan"]["exclude"]
    if exclude["at_least"] is not None:
        key = "text.screening.or" if exclude["or"] else "text.screening.at_least"
        blocks.append(Paragraph(said(key, flags=exclude["at_least"])))
    elif exclude["or"]:
        blocks.append(Paragraph(said("text.screening.alone")))
    else:
        blocks.append(Paragraph(said("text.screening.nobody")))
    if exclude["at_least"] is not None or exclude["or"]:
        n = record["n_excluded"]
        key = "text.screening.excluded" if n is not None else "text.screening.few"
        blocks.append(Paragraph(said(key, n=n or 0, smallest=SMALLEST_CELL)))
    blocks += [Notice("warning", Foreign(note)) for note in record["notes"]]
    if record["rules"]:
        blocks += [Tabled(rules_table(record), is_sortable=False), Tabled(numbers_table(record), is_sortable=False)]
        overlap = overlap_table(record)
        blocks += [] if overlap is None else [Tabled(overlap, is_sortable=False)]
    return Section("screening", (*blocks, *_figure(record["histograms"], language)))


def _figure(histograms: Sequence[Mapping[str, Any]], language: Language) -> list[Block]:
    from survey_sem.reporting.screening_figure import draw_histograms

    shown = [each for each in histograms if any(each["counts"])]  # what is withheld throughout would be a blank row
    if not shown:
        return []
    return drawn_pictures("screening", said("figure.screening"), [draw_histograms(shown, lang=language)])
