"""One calibration: base weights, classes, columns, totals, distance, bounds; solved once, or in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.errors import DataError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.weighting.targets import PopulationMargin
from survey_sem.sampling.calibration import TOLERANCE, calibrate_weights
from survey_sem.sampling.columns import Columns, sums_of
from survey_sem.sampling.distances import DistanceKind, distance
from survey_sem.sampling.feasibility import emptied_rows, nearest_totals
from survey_sem.sampling.raking import Margin, gather_cells, rake_weights
from survey_sem.sampling.residuals import Residuals, regression_residuals

_SHOWN = 4
_MISSED = 1e-7
VANISHED = 1e-7
"""A row whose weight is below this share of its base weight is raked out of the sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Ratio of weights to base weights (n,), and the steps that it took."""

    ratio: Array
    iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationProblem:
    """What calibrated weights must meet.

    Parameters
    ----------
    base : array (n,)
        Base weights of the rows in the sample, above 0.
    targets : tuple of PopulationMargin
        Margins, for words.
    margins : tuple of Margin
        Classes and totals of these rows.
    numeric : array (n, k)
        Numeric variables.
    numeric_names : tuple of str
        Their names.
    numeric_totals : array (k,)
        Their population totals.
    kind : str
        Distance: ``linear``, ``raking`` or ``logit``.
    bounds : pair of float or None
        Least and greatest ratio, or weight.
    on_weights : bool
        Whether the bounds are those of the weights themselves.
    tolerance : float
        Greatest relative error of a total.
    most_iterations : int
        Steps after which there is no answer.
    """

    base: Array
    targets: tuple[PopulationMargin, ...]
    margins: tuple[Margin, ...]
    numeric: Array
    numeric_names: tuple[str, ...]
    numeric_totals: Array
    kind: DistanceKind
    bounds: tuple[float, float] | None = None
    on_weights: bool = False
    tolerance: float = TOLERANCE
    most_iterations: int = 100

    @property
    def sizes(self) -> list[int]:
        """Number of classes of each margin."""
        return [margin.n_classes for margin in self.margins]

    @property
    def labels(self) -> list[str]:
        """What each total is of."""
        classes = [f"{target.name} = {label}" for target in self.targets for label in target.labels]
        return [*classes, *(f"the total of {name}" for name in self.numeric_names)]

    @property
    def totals(self) -> Array:
        """Every total: classes of all margins, then numeric variables."""
        return np.concatenate([*(margin.totals for margin in self.margins), self.numeric_totals])

    def columns(self, rows: Indices | slice = slice(None)) -> Columns:
        """Calibration columns of these rows: indicators of all classes, then numeric variables."""
        cells = gather_cells([margin.codes[rows] for margin in self.margins], self.sizes, self.base[rows])
        return Columns(cells.indicators(self.sizes), cells.of_row, self.numeric[rows])

    def residuals(self, weights: Array) -> Residuals:
        """Residuals on the calibration columns, for variances under the new weights (n,)."""
        return regression_residuals(self.columns(), self.base, weights)

    def solve(self, base: Array | None = None, whose: str = "") -> Solution:
        """The ratios; under other base weights (n,) of the same rows in a replicate.

        Raises
        ------
        DataError
            The totals contradict each other, or cannot be met, with the place where they cannot.
        """
        start = self.base if base is None else base
        self._check_reach(start, whose)
        there = start > 0
        rows = slice(None) if there.all() else np.flatnonzero(there)
        ratio, iterations, converged, contradicting = self._found(start, rows)
        vanished = self.kind == "raking" and bool((ratio < VANISHED).any())
        if not converged or (vanished and self.bounds is None):
            raise self._refusal(start, contradicting, whose)
        if there.all():
            return Solution(ratio, iterations)
        whole = np.ones(len(start))
        whole[there] = ratio
        return Solution(whole, iterations)

    def _found(self, base: Array, rows: Indices | slice) -> tuple[Array, int, bool, tuple[int, ...]]:
        base = base[rows]
        margins = [Margin(margin.codes[rows], margin.totals) for margin in self.margins]
        if not self.numeric_names and not self.on_weights:
            raked = rake_weights(
                base,
                margins,
                bounds=self.bounds,
                kind=self.kind,
                tolerance=self.tolerance,
                most_iterations=self.most_iterations,
            )
            return raked.ratio, raked.iterations, raked.converged, raked.contradicting
        lower, upper = self._ratio_bounds(base)
        found = calibrate_weights(
            base,
            self.columns(rows),
            self.totals,
            distance(self.kind, lower, upper, len(base)),
            tolerance=self.tolerance,
            most_iterations=self.most_iterations,
        )
        return found.ratio, found.iterations, found.converged, found.contradicting

    def _ratio_bounds(self, base: Array) -> tuple[Array | float, Array | float]:
        lower, upper = self.bounds or (-np.inf, np.inf)
        return (lower / base, upper / base) if self.on_weights else (lower, upper)

    def _check_reach(self, base: Array, whose: str) -> None:
        """Refuse a class that is empty, or whose rows cannot reach its total within the bounds."""
        for target, margin in zip(self.targets, self.margins, strict=True):
            reached = sums_of(margin.codes, base, margin.n_classes)
            count = np.bincount(margin.codes, base > 0, minlength=margin.n_classes)
            for at, label in enumerate(target.labels):
                if margin.totals[at] > 0 and reached[at] == 0:
                    what = f"nobody with weight has {target.name} = {label}{whose}"
                    raise DataError("empty-class", what, where=f"targets of '{target.name}'", hint="join small classes")
                if self.bounds is not None:
                    limits = [bound * (count[at] if self.on_weights else reached[at]) for bound in self.bounds]
                    self._check_limits(f"{target.name} = {label}", margin.totals[at], reached[at], limits, whose)

    def _check_limits(self, label: str, total: float, reached: float, limits: Sequence[float], whose: str) -> None:
        slack = _MISSED * total
        if limits[0] - slack <= total <= limits[1] + slack:
            return
        level = float(self.margins[0].totals.sum() / self.base.sum())
        hint = "widen the bounds, or join small classes"
        if not 0.5 < level < 2:
            hint = f"the base weights sum to {self.base.sum():.6g}, the targets to {level:.4g} times that: scale first"
        raise DataError(
            "unreachable-bounds",
            f"within the bounds the weights of {label} cannot sum to its target{whose}",
            where="bounds",
            expected=f"{total:.6g}, from {reached:.6g} under base weights",
            got=f"between {limits[0]:.6g} and {limits[1]:.6g}",
            hint=hint,
        )

    def _refusal(self, base: Array, contradicting: tuple[int, ...], whose: str) -> DataError:
        """Why there is no answer, as far as that can be found out."""
        if contradicting:
            labels = [self.labels[at] for at in contradicting]
            return DataError(
                "contradicting-targets",
                f"the target of {_listed(labels)} contradicts the others{whose}: in the data it follows from them",
                where="targets",
                hint="variables that determine each other need targets that agree",
            )
        columns, cell = self._distinct()
        lower, upper = self._limits()
        mass = np.ones(len(base)) if self.on_weights else base
        mass = mass if cell is None else sums_of(cell, mass, len(columns))
        reached = nearest_totals(mass, columns, self.totals, lower, upper)
        if reached is None or not (reached != self.totals).any():
            return self._boundary(mass, columns, cell, whose)
        missed = np.flatnonzero(reached != self.totals)
        shown = [f"{self.labels[at]}: {reached[at]:.6g} instead of {self.totals[at]:.6g}" for at in missed[:_SHOWN]]
        more = f", and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else ""
        bounded = " within the bounds" if self.bounds is not None else ""
        return DataError(
            "unreachable-targets",
            f"no weights{bounded} meet all targets together{whose}",
            where="targets",
            got="nearest " + "; ".join(shown) + more,
            hint="widen the bounds, join classes" if bounded else "join classes that hardly occur together",
        )

    def _distinct(self) -> tuple[Array, Indices | None]:
        """Columns of every cell and the cell of each row; with numeric variables of every row, and None."""
        columns = self.columns()
        if not self.numeric_names:
            return columns.by_cell, columns.cell
        return np.concatenate([columns.by_cell[columns.cell], columns.by_row], axis=1), None

    def _limits(self) -> tuple[float, float]:
        lower, upper = self.bounds or (-np.inf, np.inf)
        return (max(lower, 0.0) if self.kind == "raking" else lower), upper

    def _boundary(self, mass: Array, columns: Array, cell: Indices | None, whose: str) -> DataError:
        """The targets can be met, but only at the edge of what weights may be."""
        empty = emptied_rows(mass, columns, self.totals) if self.bounds is None and self.kind == "raking" else None
        if empty is not None and len(empty):
            rows = int(np.isin(cell, empty).sum()) if cell is not None else len(empty)
            shown = [self._combination(columns[at]) for at in empty[:_SHOWN]]
            return DataError(
                "emptied-rows",
                f"the targets can only be met by giving {rows} rows no weight at all{whose}",
                where="targets",
                got="; ".join(shown),
                hint="these combinations occur in the sample, but the targets leave no room for them: join classes",
            )
        return DataError(
            "not-converged",
            f"the weights were not found in {self.most_iterations} steps{whose}",
            where="targets",
            hint="the targets are at the edge of what the bounds allow: widen them, or join classes",
        )

    def _combination(self, column: Array) -> str:
        n_classes = sum(self.sizes)
        return " and ".join(self.labels[at] for at in np.flatnonzero(column[:n_classes]))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
