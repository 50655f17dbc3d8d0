"""The check of the data, who the respondents are, and what they were asked."""

from __future__ import annotations

from collections.abc import Iterator

from survey_sem.reporting.contents import Amount, Content, Name, said
from survey_sem.reporting.document import Block, Bullets, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.tables import (
    availability_table,
    choices_tables,
    codebook_table,
    findings_table,
    margins_table,
    missing_table,
    partitions_table,
    quantities_table,
    scales_table,
)
from survey_sem.responses import ValidationReport
from survey_sem.sample.background import AttentionResult, Fieldwork, SampleDescription
from survey_sem.sample.describe import SMALLEST_CELL


def validation_section(inputs: ReportInputs) -> Section | None:
    """What was checked and what was found; None where nothing is known of a check."""
    report = inputs.validation
    if report is None:
        return None
    blocks: list[Block] = [Paragraph(_checked(report))]
    found = findings_table(report, inputs.treatments)
    blocks.append(Paragraph(said("text.no_findings")) if found is None else Tabled(found, is_sortable=False))
    answered = availability_table(report)
    blocks.append(Paragraph(said("text.all_answered")) if answered is None else Tabled(answered))
    return Section("validation", tuple(blocks))


def _checked(report: ValidationReport) -> Content:
    return said(
        "text.validation",
        file=report.source,
        rows=report.n_rows,
        columns=report.n_columns,
        instrument=report.instrument,
    )


def description_blocks(description: SampleDescription) -> tuple[Block, ...]:
    """When the answers came in, who gave them, and how the sample compares with the population."""
    blocks: list[Block] = [Paragraph(sentence) for sentence in _fieldwork(description.fieldwork)]
    if description.attention:
        blocks.append(Paragraph(said("text.attention")))
        blocks.append(Bullets(tuple(_attention(check) for check in description.attention)))
    tables = [
        *choices_tables(description.choices),
        quantities_table(description.quantities),
        margins_table(description.margins),
    ]
    blocks += [Tabled(table, is_sortable=False) for table in tables if table is not None]
    return tuple(blocks)


def _fieldwork(fieldwork: Fieldwork) -> Iterator[Content]:
    if fieldwork.first_day is not None and fieldwork.last_day is not None:
        key = "text.field_day" if fieldwork.first_day == fieldwork.last_day else "text.field_days"
        yield said(key, first=fieldwork.first_day, last=fieldwork.last_day)
    times = fieldwork.duration
    if times is not None and times.median is not None and times.q1 is not None and times.q3 is not None:
        yield said("text.duration", n=times.n, median=_time(times.median), q1=_time(times.q1), q3=_time(times.q3))


def _time(seconds: float) -> Content:
    minutes, rest = divmod(round(seconds), 60)
    return (
        said("duration.minutes", minutes=minutes, seconds=rest) if minutes else said("duration.seconds", seconds=rest)
    )


def _attention(check: AttentionResult) -> Content:
    item = Name(check.item)
    if check.n_failed is None:
        key = "attention.few_failed" if check.n >= SMALLEST_CELL else "attention.few"
        return said(key, item=item, n=check.n, smallest=SMALLEST_CELL)
    if check.n_passed is None:
        return said("attention.few_passed", item=item, n=check.n, smallest=SMALLEST_CELL)
    share = Amount(check.n_passed / check.n, "percent") if check.n else ""
    return said("attention.passed", item=item, n=check.n, passed=check.n_passed, share=share)


def codebook_section(inputs: ReportInputs) -> Section | None:
    """Every item of the questionnaire; None where it is not known."""
    asked = inputs.questionnaire
    if asked is None:
        return None
    blocks: list[Block] = [Tabled(codebook_table(asked))]
    scales, partitions, missing = scales_table(asked), partitions_table(asked), missing_table(asked)
    for table in (scales, partitions, missing):
        if table is not None:
            blocks.append(Tabled(table, is_sortable=False))
    return Section("codebook", tuple(blocks))
