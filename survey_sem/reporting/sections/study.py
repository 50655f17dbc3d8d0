"""The study, who was analysed, what they answered."""

from __future__ import annotations

from dataclasses import replace

from survey_sem.reporting.contents import Content, Foreign, Joined, Said, Texts, said
from survey_sem.reporting.document import Block, Facts, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.answers import weighted_blocks
from survey_sem.reporting.sections.description import description_blocks
from survey_sem.reporting.sections.figures import answers_figure
from survey_sem.reporting.sections.screening import rates_blocks
from survey_sem.reporting.statements import missing_name
from survey_sem.reporting.table import Table
from survey_sem.reporting.tables import category_tables, correlations_table, flow_table, items_table
from survey_sem.reporting.tables.screening import exclusion_words
from survey_sem.reporting.wording import has_phrase


def study_section(inputs: ReportInputs) -> Section | None:
    """Design of the study and origin of its data."""
    rows: list[tuple[Content, Content]] = [
        (said(f"metadata.{key}") if has_phrase(f"metadata.{key}") else key, Texts(texts))
        for key, texts in inputs.metadata.items()
    ]
    if inputs.instrument:
        rows.append((said("metadata.instrument"), Texts(inputs.instrument)))
    for key in ("origin", "citation", "license"):
        texts = getattr(inputs.data, key)
        if texts:
            rows.append((said(f"metadata.{key}"), Texts(texts)))
    return Section("study", (Facts(tuple(rows)),)) if rows else None


def sample_section(inputs: ReportInputs) -> Section:
    """Flow of respondents, and what was done to their answers."""
    blocks: list[Block] = []
    if inputs.flow.stages:
        screening = inputs.records.get("screening")
        screened = None if screening is None else exclusion_words(screening)
        blocks.append(Tabled(flow_table(inputs.flow, screened), is_sortable=False))
    blocks += rates_blocks(inputs)
    missing = missing_name(str(inputs.main.options["missing"]))
    blocks.append(Paragraph(said("text.missing", missing=missing)))
    if inputs.reversed_items:
        blocks.append(Paragraph(said("text.reversed", items=Joined(inputs.reversed_items))))
    return Section("sample", (*blocks, *description_blocks(inputs.description)))


def items_section(inputs: ReportInputs, language: Language) -> Section:
    """Descriptive statistics of the items and correlations of the analysed variables."""
    blocks: list[Block] = []
    if inputs.items:
        items = _told_apart(items_table(inputs.items), inputs)
        blocks.append(Tabled(replace(items, notes=(*items.notes, *_routed(inputs)))))
        blocks += answers_figure(inputs, language)
        tables = (_told_apart(table, inputs) for table in category_tables(inputs.items))
        blocks += [Tabled(table, is_sortable=False) for table in tables]
        blocks += weighted_blocks(inputs, language)
    for moments in inputs.main.moments:
        if moments.label:
            blocks.append(Paragraph(Foreign(moments.label)))
        table = correlations_table(moments)
        if inputs.is_weighted:
            table = replace(table, notes=(*table.notes, said("note.weighted_moments")))
        blocks.append(Tabled(table, is_sortable=False))
    return Section("items", tuple(blocks))


def _told_apart(table: Table, inputs: ReportInputs) -> Table:
    """A table of plain answers, told from the weighted ones where there are such."""
    return replace(table, notes=(said("note.unweighted"), *table.notes)) if inputs.is_weighted else table


def _routed(inputs: ReportInputs) -> tuple[Said, ...]:
    """Which items not everybody was asked."""
    if inputs.questionnaire is None:
        return ()
    routed = {item.id for item in inputs.questionnaire.items if item.relevant is not None}
    names = tuple(item.name for item in inputs.items if item.name in routed)
    return (said("note.items.routed", items=Joined(names)),) if names else ()
