"""Raking: weights whose margins are those of the population, by iterative proportional fitting over cells.

Rows that fall into the same classes of every margin get the same factor, so that all work after one count is done on
cells: at most as many as there are rows, mostly a few hundred. Source: Deming & Stephan (1940),
doi:10.1214/aoms/1177731829; Deville, Saerndal & Sautory (1993), doi:10.1080/01621459.1993.10476369.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, Indices
from survey_sem.sampling.calibration import MOST_ITERATIONS, TOLERANCE, calibrate_weights
from survey_sem.sampling.columns import Columns, sums_of
from survey_sem.sampling.distances import DistanceKind, distance

_DENSE = 4
"""Cells are numbered through directly where all combinations are at most this many times the rows."""
_MOST_SWEEPS = 40
"""Sweeps of proportional fitting after which Newton's method, which needs few steps, takes over."""


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """The classes of one margin and what they must sum to.

    Parameters
    ----------
    codes : array of int (n,)
        Class of each row, 0, 1, ...
    totals : array (n_classes,)
        Population total of each class.
    """

    codes: Indices
    totals: Array

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.totals)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Rows gathered by their classes in every margin.

    Parameters
    ----------
    of_row : array of int (n,)
        Cell of each row.
    classes : array of int (n_cells, n_margins)
        Class of each cell in each margin.
    weight : array (n_cells,)
        Sum of the base weights.
    """

    of_row: Indices
    classes: Indices
    weight: Array

    @property
    def n_cells(self) -> int:
        """Number of cells that hold rows."""
        return len(self.weight)

    def indicators(self, sizes: Sequence[int]) -> Array:
        """One column per class of every margin (n_cells, sum of sizes)."""
        return np.concatenate(
            [np.eye(size)[self.classes[:, at]] for at, size in enumerate(sizes)] or [np.zeros((self.n_cells, 0))],
            axis=1,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Raked:
    """Raked weights.

    Parameters
    ----------
    ratio : array (n,)
        Weight over base weight.
    cells : Cells
        The cells.
    cell_ratio : array (n_cells,)
        The ratio of each cell.
    error : array (sum of sizes,)
        What is missing to each class, relative to its total, margin by margin.
    iterations : int
        Sweeps over all margins, and Newton steps after them.
    converged : bool
        Whether every margin is met.
    contradicting : tuple of int
        Columns of the indicators whose totals contradict those before them.
    """

    ratio: Array
    cells: Cells
    cell_ratio: Array
    error: Array
    iterations: int
    converged: bool
    contradicting: tuple[int, ...] = ()


def gather_cells(codes: Sequence[Indices], sizes: Sequence[int], weights: Array) -> Cells:
    """Number the combinations of classes that occur.

    Parameters
    ----------
    codes : sequence of arrays of int (n,)
        Class of each row, one array per margin.
    sizes : sequence of int
        Number of classes of each margin.
    weights : array (n,)
        Base weights.
    """
    n_rows, combinations = len(weights), 1
    combined = np.zeros(n_rows, dtype=np.intp)
    for code, size in zip(codes, sizes, strict=True):
        if combinations * size > max(_DENSE * n_rows, 1 << 16):  # keep the numbers small: only what occurs counts
            found, combined = np.unique(combined, return_inverse=True)
            combinations = len(found)
        combined = combined * size + code
        combinations *= size
    count = np.bincount(combined, minlength=combinations)
    found = np.flatnonzero(count)
    place = np.zeros(combinations, dtype=np.intp)
    place[found] = np.arange(len(found))
    of_row = place[combined]
    first = np.zeros(len(found), dtype=np.intp)
    first[of_row[::-1]] = np.arange(n_rows - 1, -1, -1)
    classes = np.stack([code[first] for code in codes], axis=1) if codes else np.zeros((len(found), 0), dtype=np.intp)
    return Cells(of_row, classes, sums_of(of_row, weights, len(found)))


def rake_weights(
    base: Array,
    margins: Sequence[Margin],
    *,
    bounds: tuple[float, float] | None = None,
    kind: DistanceKind = "raking",
    tolerance: float = TOLERANCE,
    most_iterations: int = MOST_ITERATIONS,
) -> Raked:
    """Ratios that bring every margin to its totals.

    Parameters
    ----------
    base : array (n,)
        Base weights, not negative.
    margins : sequence of Margin
        Classes and totals.
    bounds : pair of float, optional
        Least and greatest ratio of a weight to its base weight.
    kind : str
        The distance; `raking` is proportional fitting.
    tolerance : float
        Greatest error of a class, relative to its total.
    most_iterations : int
        Newton steps after which there is no answer.
    """
    sizes = [margin.n_classes for margin in margins]
    cells = gather_cells([margin.codes for margin in margins], sizes, base)
    totals = np.concatenate([margin.totals for margin in margins])
    start, sweeps, ratio, met = None, 0, np.ones(cells.n_cells), False
    if kind == "raking":
        start, sweeps, met = _proportional_fitting(cells, margins, tolerance)
        ratio = np.exp(_scores(cells, sizes, start))
        met = met and (bounds is None or (bounds[0] <= ratio.min() and ratio.max() <= bounds[1]))
    if met:
        error = _errors(cells, sizes, ratio, totals)
        return Raked(ratio[cells.of_row], cells, ratio, error, sweeps, True)
    lower, upper = bounds or (-np.inf, np.inf)
    found = calibrate_weights(
        cells.weight,
        Columns.of_rows(cells.indicators(sizes)),
        totals,
        distance(kind, lower, upper, cells.n_cells),
        start=start,
        tolerance=tolerance,
        most_iterations=most_iterations,
    )
    error = _errors(cells, sizes, found.ratio, totals)
    return Raked(
        found.ratio[cells.of_row],
        cells,
        found.ratio,
        error,
        sweeps + found.iterations,
        found.converged,
        found.contradicting,
    )


def _proportional_fitting(cells: Cells, margins: Sequence[Margin], tolerance: float) -> tuple[Array, int, bool]:
    """Logarithms of the factors of every class, the sweeps taken, and whether every margin is met.

    A class without weight keeps its factor: its total cannot be met, which shows afterwards.
    """
    weight = cells.weight.copy()
    logs = [np.zeros(margin.n_classes) for margin in margins]
    worst = np.inf
    for sweep in range(1, _MOST_SWEEPS + 1):
        before, worst = worst, 0.0
        for at, margin in enumerate(margins):
            code = cells.classes[:, at]
            reached = sums_of(code, weight, margin.n_classes)
            possible = (reached > 0) & (margin.totals > 0)
            factor = np.divide(margin.totals, reached, out=np.ones(margin.n_classes), where=possible)
            off = np.where(possible, np.abs(1.0 / factor - 1.0), margin.totals > 0)
            worst = max(worst, float(off.max(initial=0.0)))
            logs[at] += np.log(factor)
            weight *= factor[code]
        if worst <= tolerance / 100:  # well inside: sums over rows round
            return np.concatenate(logs), sweep, True
        if worst > 0.5 * before and sweep > 4:  # slow: Newton's method needs fewer steps
            break
    return np.concatenate(logs), sweep, False


def _scores(cells: Cells, sizes: Sequence[int], multipliers: Array) -> Array:
    score = np.zeros(cells.n_cells)
    for at, own in enumerate(np.split(multipliers, np.cumsum(sizes)[:-1])):
        score += own[cells.classes[:, at]]
    return score


def _errors(cells: Cells, sizes: Sequence[int], ratio: Array, totals: Array) -> Array:
    reached = [np.bincount(cells.classes[:, at], cells.weight * ratio, minlength=size) for at, size in enumerate(sizes)]
    return np.asarray((np.concatenate(reached) - totals) / np.where(totals > 0, totals, 1.0))
