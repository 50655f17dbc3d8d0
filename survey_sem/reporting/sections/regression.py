"""Regressions, and how they stand to the structural model."""

from __future__ import annotations

from survey_sem.reporting.contents import said
from survey_sem.reporting.document import Block, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.tables.regression import (
    equivalence_table,
    importance_table,
    marginal_effects_table,
    regression_table,
    side_by_side_table,
)


def regression_section(inputs: ReportInputs) -> Section | None:
    """Every regression with its tables, then those paths that a regression has too; None without regressions."""
    models = inputs.records.get("regressions", {}).get("models", ())
    if not models:
        return None
    blocks: list[Block] = [Paragraph(said("text.regressions"))]
    for model in models:
        tables = (
            regression_table(model, inputs),
            marginal_effects_table(model, inputs),
            importance_table(model, inputs),
            equivalence_table(model, inputs),
        )
        blocks += [Tabled(table) for table in tables if table is not None]
    beside = side_by_side_table(models, inputs)
    if beside is not None:
        blocks.append(Tabled(beside))
    return Section("regressions", tuple(blocks))
