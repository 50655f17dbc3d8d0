"""Effect coding: a factor's scale is the average of its indicators (loadings average to 1, intercepts sum to 0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.scaling import loadings_of


@dataclass(frozen=True, slots=True)
class CodedSum:
    """An effect-coding constraint: these rows sum to a total."""

    rows: tuple[Draft, ...]
    total: int


def free_coded_means(block: Block) -> None:
    """Free the means of the factors whose indicators' intercepts are all free, one factor after the other.

    The user's modifiers have not been applied yet; an intercept that they will fix counts as fixed.
    """
    options = block.options
    if "intercepts" not in options.effect_coding or not options.meanstructure:
        return
    means = {row.lhs: row for row in block.where("~1")}
    for factor, rows in loadings_of(block).items():
        if all(_will_be_free(means[row.rhs]) for row in rows):
            block.coded.add(factor)
            if means[factor].user == 0:
                means[factor].free, means[factor].ustart, means[factor].source = True, 0.0, "effect_coding"


def effect_coding(block: Block) -> list[CodedSum]:
    """The sums that are held, factor by factor; a factor with a fixed loading (intercept) is left out."""
    sums: list[CodedSum] = []
    for factor, rows in loadings_of(block).items():
        if "loadings" in block.options.effect_coding:
            sums += _coded(rows, len(rows))
        if factor in block.coded:
            measured = {row.rhs for row in rows}
            sums += _coded([row for row in block.where("~1") if row.lhs in measured], 0)
    return sums


def _coded(rows: Sequence[Draft], total: int) -> list[CodedSum]:
    return [CodedSum(tuple(rows), total)] if all(row.free for row in rows) else []


def _will_be_free(row: Draft) -> bool:
    return row.free and all(value is None for value in row.modifiers.fixed)
