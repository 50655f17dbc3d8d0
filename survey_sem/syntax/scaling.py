"""What gives latent variables their scale: markers, unit variances, single indicators, rotated blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from survey_sem.syntax.drafts import Block, Draft

ROTATION = 7
"""`user` of rows that are fixed so that a rotated block is identified."""

HELD_ROTATION = 77
"""The same in later groups, where equal loadings identify the block."""


def fix_scales(block: Block) -> None:
    """Apply auto_fix_first, std_lv, auto_fix_single and auto_efa to a block, before the user's modifiers."""
    options = block.options
    loadings = loadings_of(block)
    index = block.index()
    rotated = rotated_factors(block)
    for factor, rows in loadings.items():
        variance = index[(factor, "~~", factor)]
        if factor in rotated:
            variance.fix(1.0, "auto_efa")
            continue
        if options.auto_fix_first:
            rows[0].fix(1.0, "auto_fix_first")
    if options.std_lv:
        for factor in block.variables().lv():
            index[(factor, "~~", factor)].fix(1.0, "std_lv")
    if options.auto_fix_single:
        for row in _single_indicator_variances(block, loadings):
            row.fix(0.0, "auto_fix_single")


def rotated_factors(block: Block) -> set[str]:
    """Factors of efa("...") blocks that auto_efa identifies."""
    return {row.lhs for row in block.where("=~") if row.efa} if block.options.auto_efa else set()


def fix_rotations(block: Block) -> None:
    """Fix what a rotation leaves open: of the k-th factor of a block the first k - 1 loadings, and the covariances.

    Where equal loadings hold a later group in place, its covariances stay free.
    """
    options = block.options
    if not options.auto_efa:
        return
    is_held = block.group > 1 and "loadings" in options.group_equal
    user = HELD_ROTATION if is_held else ROTATION
    loadings = loadings_of(block)
    for factors in _rotated_blocks(loadings):
        for position, factor in enumerate(factors):
            for row in loadings[factor][:position]:
                row.fix(0.0, "auto_efa")
                row.user, row.label = user, ""
        for row in _covariances(block, set(factors)):
            if not is_held:
                row.fix(0.0, "auto_efa")
            row.user = user


def _covariances(block: Block, factors: set[str]) -> list[Draft]:
    """Default covariances among the factors of a rotated block."""
    rows = [row for row in block.where("~~") if row.user == 0 and row.lhs != row.rhs and row.source != "orthogonal_efa"]
    return [row for row in rows if {row.lhs, row.rhs} <= factors]


def _rotated_blocks(loadings: dict[str, list[Draft]]) -> list[list[str]]:
    blocks: dict[str, list[str]] = {}
    for factor, rows in loadings.items():
        if rows[0].efa:
            blocks.setdefault(rows[0].efa, []).append(factor)
    return list(blocks.values())


def loadings_of(block: Block) -> dict[str, list[Draft]]:
    """Factor -> its loadings, in the order of the rows."""
    loadings: dict[str, list[Draft]] = {}
    for row in block.where("=~"):
        loadings.setdefault(row.lhs, []).append(row)
    return loadings


def _single_indicator_variances(block: Block, loadings: dict[str, list[Draft]]) -> Iterator[Draft]:
    """Default residual variances of variables that are the only indicator of one factor and measure no other."""
    index = block.index()
    counts = Counter(row.rhs for rows in loadings.values() for row in rows)
    for rows in loadings.values():
        if len(rows) == 1 and counts[rows[0].rhs] == 1:
            variance = index.get((rows[0].rhs, "~~", rows[0].rhs))
            if variance is not None and variance.user == 0:
                yield variance
