"""The models in groups: whether the groups were measured alike, and how their paths differ."""

from __future__ import annotations

from collections.abc import Iterable

from survey_sem.reporting.contents import Foreign, said
from survey_sem.reporting.document import Block, Notice, Paragraph, Section, Tabled
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.table import Table
from survey_sem.reporting.tables.groups import (
    changes_table,
    equal_words,
    group_effects_table,
    group_paths_table,
    ladder_table,
    mean_differences_table,
    path_differences_table,
    variable_content,
)

MOST_ROWS = 80
"""Longer tables are shown on demand."""


def groups_section(inputs: ReportInputs) -> Section | None:
    """Invariance ladder, latent means, paths by group and their differences; None without groups."""
    ladder, groups = inputs.records.get("invariance"), inputs.records.get("groups")
    if ladder is None or groups is None:
        return None
    blocks: list[Block] = [
        Paragraph(said("text.groups", of=variable_content(groups["of"], inputs), n=len(groups["labels"])))
    ]
    blocks += [Notice("warning", Foreign(warning["what"])) for warning in ladder["warnings"]]
    blocks += _tabled(ladder_table(ladder), changes_table(ladder, inputs), mean_differences_table(ladder, inputs))
    if inputs.by_group is not None and not inputs.by_group.converged:
        blocks.append(Notice("error", said("text.groups.not_converged")))
        return Section("groups", tuple(blocks))
    tables = [builder(groups, inputs) for builder in (group_paths_table, path_differences_table, group_effects_table)]
    if any(tables):
        blocks.append(Paragraph(said("text.group_paths", equal=equal_words(groups))))
    return Section("groups", (*blocks, *_tabled(*tables)))


def _tabled(*tables: Table | None) -> Iterable[Block]:
    return [Tabled(table, is_folded=len(table.rows) > MOST_ROWS) for table in tables if table is not None]
