"""What fixes the scale of latent variables, and what the user's modifiers make of a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.places import syntax_error

T = TypeVar("T")


def fix_scales(block: Block) -> None:
    """Apply auto_fix_first, auto_fix_single and std_lv."""
    options = block.options
    loadings = _loadings(block)
    index = block.index()
    for factor, rows in loadings.items():
        first = rows[0]
        if options.auto_fix_first and not first.efa:
            first.fix(1.0, "auto_fix_first")
        if options.std_lv:
            variance = index[(factor, "~~", factor)]
            if variance.user == 0:
                variance.fix(1.0, "std_lv")
    if options.auto_fix_single:
        for row in _single_indicator_variances(block, loadings):
            row.fix(0.0, "auto_fix_single")


def _loadings(block: Block) -> dict[str, list[Draft]]:
    loadings: dict[str, list[Draft]] = {}
    for row in block.where("=~"):
        loadings.setdefault(row.lhs, []).append(row)
    return loadings


def _single_indicator_variances(block: Block, loadings: dict[str, list[Draft]]) -> Iterator[Draft]:
    index = block.index()
    for rows in loadings.values():
        if len(rows) == 1:
            variance = index.get((rows[0].rhs, "~~", rows[0].rhs))
            if variance is not None and variance.user == 0:
                yield variance


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
        lower = _of_group(given.lower, block.group) if given.lower else None
        upper = _of_group(given.upper, block.group) if given.upper else None
        row.lower = row.lower if lower is None else lower
        row.upper = row.upper if upper is None else upper


def _of_group(values: tuple[T, ...], group: int) -> T:
    return values[0] if len(values) == 1 else values[group - 1]


def _check_length(row: Draft, name: str, length: int, n_groups: int) -> None:
    if length not in (1, n_groups):
        raise _wrong_length(row, name, length, n_groups)


def _wrong_length(row: Draft, name: str, length: int, n_groups: int) -> ModelSyntaxError:
    return syntax_error(
        "wrong-group-count",
        f"the modifier '{name}' of '{row.lhs} {row.op} {row.rhs}' has {length} values",
        row.place,
        expected=f"one value, or one for each of {n_groups} group{'s' if n_groups > 1 else ''}",
    )
