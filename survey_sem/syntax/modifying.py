"""What the user's modifiers make of the rows."""

from __future__ import annotations

from typing import TypeVar

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
    n_values = 1 if block.is_group_block else n_groups
    for row in block.rows:
        given = row.modifiers
        if not given.given:
            continue
        for name in given.given:
            if name != "efa":
                _check_length(row, name, len(getattr(given, name)), n_values)
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
            expected="lower <= upper",
            got=f"lower {row.lower}, upper {row.upper}",
        )


def _of_group(values: tuple[T, ...], group: int) -> T:
    return values[0] if len(values) == 1 else values[group - 1]


def _check_length(row: Draft, name: str, length: int, n_values: int) -> None:
    if length in (1, n_values):
        return
    raise syntax_error(
        "wrong-group-count",
        f"the modifier '{name}' of '{row.shown}' has {length} values",
        row.place,
        expected="one value (one group, or a formula inside a group block)"
        if n_values == 1
        else f"one value, or one for each of {n_values} groups",
    )
