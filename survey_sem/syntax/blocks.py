"""Groups and levels: which rows of the text belong to which block of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_sem.errors import ModelError, ModelSyntaxError, nearest
from survey_sem.syntax.drafts import Block, user_rows
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.places import syntax_error
from survey_sem.syntax.statements import FlatRow, ModelSyntax

MAX_GROUPS = 2_000


@dataclass(frozen=True, slots=True)
class _Section:
    """The rows of the text between two block lines; "" where no group or level line applies."""

    group: str
    level: str
    line: FlatRow | None
    rows: tuple[FlatRow, ...]


def lay_out_blocks(syntax: ModelSyntax, options: TableOptions) -> tuple[list[Block], tuple[str, ...], tuple[str, ...]]:
    """The blocks, group by group and within a group level by level, and the labels of groups and levels.

    Without `group:` lines every group gets all rows.

    Raises
    ------
    ModelSyntaxError
        Formulas before the first block line, a block given twice, a group that the options do not know.
    ModelError
        Fewer or more group blocks than groups.
    """
    sections = _sections(syntax.rows)
    labels = list(dict.fromkeys(section.group for section in sections))
    levels = tuple(dict.fromkeys(section.level for section in sections if section.level))
    n_groups = options.n_groups or 1
    if n_groups > MAX_GROUPS:
        raise ModelError("model-too-large", f"the model has {n_groups} groups", expected=f"at most {MAX_GROUPS}")
    if labels == [""]:
        numbers = {"": list(range(1, n_groups + 1))}
        group_labels = options.group_labels
    else:
        numbers, group_labels = _numbered_groups(sections, labels, options)
    placed = [(group, section) for section in sections for group in numbers[section.group]]
    placed.sort(key=lambda pair: pair[0])
    blocks = [
        Block(number, group, section.level, options, user_rows(section.rows), is_group_block=section.group != "")
        for number, (group, section) in enumerate(placed, 1)
    ]
    _mark_within(blocks, levels)
    return blocks, group_labels, levels


def _sections(rows: Sequence[FlatRow]) -> list[_Section]:
    group = level = ""
    line: FlatRow | None = None
    members: list[FlatRow] = []
    closed: dict[tuple[str, str], _Section] = {}
    for row in rows:
        if row.op == ":":
            if not members and line is not None and (line.lhs, row.lhs) != ("group", "level"):
                raise _empty_block(line)
            _close(closed, _Section(group, level, line, tuple(members)))
            members = []
            line = row
            group, level = (row.rhs, "") if row.lhs == "group" else (group, row.rhs)
        else:
            members.append(row)
    if not members and line is not None:
        raise _empty_block(line)
    _close(closed, _Section(group, level, line, tuple(members)))
    sections = list(closed.values())
    if len(sections) > 1 and sections[0].line is None:
        first = sections[0].rows[0]
        raise syntax_error(
            "formula-before-block",
            f"'{first.shown}' stands before the first block line and belongs to no block",
            first.place,
            expected="every formula in a block once there are blocks",
            hint="repeat it in each block (definitions and constraints may stand anywhere)",
        )
    return sections


def _empty_block(line: FlatRow) -> ModelSyntaxError:
    return syntax_error(
        "empty-block", f"the block '{line.lhs}: {line.rhs}' has no formula", line.place, expected="at least one formula"
    )


def _close(sections: dict[tuple[str, str], _Section], section: _Section) -> None:
    if not section.rows:
        return
    key = (section.group, section.level)
    if key in sections and section.line is not None:
        raise syntax_error(
            "duplicate-block",
            f"the block '{section.line.lhs}: {section.line.rhs}' is given twice",
            section.line.place,
            expected="each block once",
        )
    sections[key] = section


def _numbered_groups(
    sections: Sequence[_Section], labels: Sequence[str], options: TableOptions
) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """Each group block's number: by the known group labels, else 1, 2, ... as written, else in order of appearance."""
    n_groups = options.n_groups or len(labels)
    if len(labels) != n_groups:
        raise ModelError(
            "wrong-group-count",
            f"the model text describes {len(labels)} groups ({', '.join(labels)})",
            expected=f"{n_groups} group blocks, or none",
        )
    counted = [str(number) for number in range(1, n_groups + 1)]
    known = options.group_labels if set(labels) <= set(options.group_labels) else tuple(counted)
    if set(labels) != set(known):
        if options.group_labels:
            raise _unknown_group(sections, options.group_labels)
        known = tuple(labels)
    numbers = {label: [known.index(label) + 1] for label in labels}
    return numbers, options.group_labels or (() if known == tuple(counted) else known)


def _unknown_group(sections: Sequence[_Section], known: Sequence[str]) -> ModelSyntaxError:
    wrong = next(section for section in sections if section.group not in known)
    assert wrong.line is not None
    found = nearest(wrong.group, known)
    return syntax_error(
        "unknown-group",
        f"there is no group '{wrong.group}'",
        wrong.line.place,
        expected=", ".join(known),
        hint=f"did you mean '{found[0]}'?" if found else None,
    )


def _mark_within(blocks: Sequence[Block], levels: Sequence[str]) -> None:
    """Note in each first-level block which of its variables exist at other levels too: their means live there."""
    if len(levels) < 2:
        return
    for block in blocks:
        if block.level != levels[0]:
            continue
        others = [other for other in blocks if other.group == block.group and other is not block]
        elsewhere = {name for other in others for name in other.variables().ov()}
        block.split = frozenset(elsewhere & set(block.variables().ov()))
