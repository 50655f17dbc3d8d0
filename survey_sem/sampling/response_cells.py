"""Non-response adjustment by cells: respondents answer for the non-respondents of their cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices

CollapseRule = Literal["adjacent", "similar"]
COLLAPSE_RULES: tuple[CollapseRule, ...] = get_args(CollapseRule)


@dataclass(frozen=True, slots=True)
class CellLimits:
    """When a cell is too small to adjust by, and with which it is joined.

    Parameters
    ----------
    least_respondents : int
        Respondents that a cell needs.
    greatest_factor : float
        Factor that its respondents' weights may be multiplied by.
    rule : str or None
        ``adjacent``: with the neighbour, before or after it in the order of the cells and if possible within the same
        block, whose response rate is nearer; ``similar``: with the cell whose response rate is nearest; None: never.
    """

    least_respondents: int = 1
    greatest_factor: float = np.inf
    rule: CollapseRule | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two groups of cells that became one, and why the first could not stand alone."""

    small: tuple[int, ...]
    into: tuple[int, ...]
    n_respondents: int
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class ResponseCells:
    """Groups of cells and what their respondents' weights are multiplied by.

    Parameters
    ----------
    group : array of int (n_cells,)
        Group of each cell.
    factor : array (n_groups,)
        Weight of all rows over weight of the respondents.
    merges : tuple of Merge
        How the groups came about.
    too_small : tuple of int
        Groups that break the limits still.
    """

    group: Indices
    factor: Array
    merges: tuple[Merge, ...]
    too_small: tuple[int, ...]


def response_factors(
    weights: Array,
    responded: NDArray[np.bool_],
    cell: Indices,
    block: Sequence[int],
    limits: CellLimits,
) -> ResponseCells:
    """Factors by cell, after small cells were joined with others.

    Parameters
    ----------
    weights : array (n,)
        Weights of all that were asked.
    responded : array of bool (n,)
        Who answered.
    cell : array of int (n,)
        Cell of each row; cells are numbered in their order.
    block : sequence of int, one per cell
        Within the same block cells are joined first.
    limits : CellLimits
        When and how cells are joined.
    """
    n_cells = len(block)
    asked = np.bincount(cell, weights, minlength=n_cells)
    answered = np.bincount(cell, weights * responded, minlength=n_cells)
    count = np.bincount(cell, responded & (weights > 0), minlength=n_cells)
    groups = [_Group((at,), block[at], asked[at], answered[at], int(count[at])) for at in range(n_cells)]
    merges = []
    while limits.rule is not None and len(groups) > 1:
        small = [at for at, group in enumerate(groups) if group.breaks(limits)]
        if not small:
            break
        at = min(small, key=lambda which: groups[which].n_respondents)
        into = _partner(groups, at, limits.rule)
        merges.append(Merge(groups[at].cells, groups[into].cells, groups[at].n_respondents, groups[at].factor))
        groups[min(at, into)] = groups[into].joined(groups[at])
        del groups[max(at, into)]
    place = np.zeros(n_cells, dtype=np.intp)
    for at, group in enumerate(groups):
        place[list(group.cells)] = at
    too_small = tuple(at for at, group in enumerate(groups) if group.breaks(limits))
    return ResponseCells(place, np.array([group.factor for group in groups]), tuple(merges), too_small)


@dataclass(frozen=True, slots=True)
class _Group:
    cells: tuple[int, ...]
    block: int
    asked: float
    answered: float
    n_respondents: int

    @property
    def factor(self) -> float:
        return self.asked / self.answered if self.answered > 0 else np.inf

    @property
    def rate(self) -> float:
        return self.answered / self.asked if self.asked > 0 else 0.0

    def breaks(self, limits: CellLimits) -> bool:
        return self.asked > 0 and (
            self.n_respondents < max(limits.least_respondents, 1) or self.factor > limits.greatest_factor
        )

    def joined(self, other: _Group) -> _Group:
        return _Group(
            tuple(sorted(self.cells + other.cells)),
            self.block,
            self.asked + other.asked,
            self.answered + other.answered,
            self.n_respondents + other.n_respondents,
        )


def _partner(groups: list[_Group], at: int, rule: CollapseRule) -> int:
    """The group with which one is joined."""
    others = [other for other in range(len(groups)) if other != at]
    if rule == "adjacent":
        beside = [other for other in (at - 1, at + 1) if 0 <= other < len(groups)]
        same = [other for other in beside if groups[other].block == groups[at].block]
        others = same or beside
    return min(others, key=lambda other: abs(groups[other].rate - groups[at].rate))
