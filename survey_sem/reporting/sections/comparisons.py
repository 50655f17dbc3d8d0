"""Means of groups side by side."""

from __future__ import annotations

from survey_sem.reporting.contents import Foreign, said
from survey_sem.reporting.document import Block, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.tables.comparisons import (
    group_means_table,
    group_pairs_table,
    group_tests_table,
    latent_beside_table,
)


def comparisons_section(inputs: ReportInputs) -> Section | None:
    """Every comparison: means, tests, pairs, latent differences beside; None without comparisons."""
    found = inputs.records.get("comparisons", {}).get("comparisons", ())
    if not found:
        return None
    blocks: list[Block] = [Paragraph(said("text.comparisons"))]
    for record in found:
        blocks += [Notice("warning", Foreign(warned["what"])) for warned in record["warnings"]]
        tables = (
            group_means_table(record, inputs),
            group_tests_table(record, inputs),
            group_pairs_table(record, inputs),
            latent_beside_table(record, inputs),
        )
        blocks += [Tabled(table) for table in tables if table is not None]
    return Section("comparisons", tuple(blocks))
