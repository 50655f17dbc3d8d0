"""What the user's modifiers make of the rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.places import syntax_error

T = TypeVar("T")


def apply_modifiers(block: Block, n_groups: int) -> None:
    """Give each row of the text its fixed value, start, label and bounds for the block's group.

    Raises
    ------
    ModelSyntaxError
        A vector whose length is neither one nor the number of groups.
    """
    for row in block.rows:
        given = row.modifiers
        if not given.given:
            continue
        for name in given.given:
            if name != "efa":
                _check_length(row, name, len(getattr(given, name)), n_groups)
        if given.fixed:
            value = _of_group(given.fixed, block.group)
            row.free, row.ustart = value is None, value
        if given.start:
            row.ustart = _of_group(given.start, block.group)
        if given.label:
            row.label = _of_group(given.label, block.group)
        if given.equal:
            row.equal = _of_group(given.equal, block.group)
        if given.rv:
            row.rv = _of_group(given.rv, block.group)
        _apply_bounds(row, block.group)


def _apply_bounds(row: Draft, group: int) -> None:
    lower = _of_group(row.modifiers.lower, group) if row.modifiers.lower else None
    upper = _of_group(row.modifiers.upper, group) if row.modifiers.upper else None
    row.lower = row.lower if lower is None else lower
    row.upper = row.upper if upper is None else upper
    if row.lower > row.upper:
        raise syntax_error(
            "empty-bounds",
            f"the lower bound of '{row.shown}' is above its upper bound",
            row.place,
            got=f"lower {row.lower}, upper {row.upper}",
        )


def clamp_fixed(blocks: Sequence[Block]) -> None:
    """Where the model has lower (upper) bounds, give fixed rows their value as lower (upper) bound, as lavaan does."""
    rows = [row for block in blocks for row in block.rows]
    fixed = [row for row in rows if not row.free and row.ustart is not None and not row.exo]
    if any(row.lower > -math.inf for row in rows):
        for row in fixed:
            row.lower = float(row.ustart or 0.0)
    if any(row.upper < math.inf for row in rows):
        for row in fixed:
            row.upper = float(row.ustart or 0.0)


def _of_group(values: tuple[T, ...], group: int) -> T:
    return values[0] if len(values) == 1 else values[group - 1]


def _check_length(row: Draft, name: str, length: int, n_groups: int) -> None:
    if length not in (1, n_groups):
        raise _wrong_length(row, name, length, n_groups)


def _wrong_length(row: Draft, name: str, length: int, n_groups: int) -> ModelSyntaxError:
    return syntax_error(
        "wrong-group-count",
        f"the modifier '{name}' of '{row.shown}' has {length} values",
        row.place,
        expected=f"one value, or one for each of {n_groups} group{'s' if n_groups > 1 else ''}",
    )
