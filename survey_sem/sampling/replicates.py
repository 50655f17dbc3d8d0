"""Replicate weights: the estimate again under other weights, and its spread as the variance.

Replicates are kept as one factor per sampling unit, n_units x R; the replicate weights of a row are its weight times
the factors of its unit. Source: Wolter (2007), Introduction to Variance Estimation, ch. 3-5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError
from survey_sem.linalg import Array, Indices, symmetric
from survey_sem.sampling.totals import sums_by_code

ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap", "mrbbootstrap", "other"]
REPLICATE_KINDS: tuple[ReplicateKind, ...] = get_args(ReplicateKind)
RANK_TOLERANCE = 1e-5
"""A direction of the replicate factors that is smaller than this share of the largest is no degree of freedom."""


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """R replications of a sample of n rows.

    Parameters
    ----------
    factors : array (n_units, R)
        Factor of each unit's weights in each replicate; with `base`, the replicate weights themselves, one row each.
    unit : array of int (n,), or None
        The row's unit; None: every row is one.
    scale : float
        Factor of the whole covariance.
    rscales : array (R,)
        Factor of each replicate's square; 0: the replicate is left out.
    kind : str
        How the replicates came about.
    mse : bool
        Squares around the estimate of the whole sample (True) or around the mean of the replicates.
    base : array (n,), or None
        The sampling weights that belong to `factors`, where these are whole replicate weights as a data provider
        gives them.
    """

    factors: Array
    unit: Indices | None
    scale: float
    rscales: Array
    kind: ReplicateKind = "other"
    mse: bool = False
    base: Array | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.factors) if self.unit is None else len(self.unit)

    @property
    def n_replicates(self) -> int:
        """Number of replicates."""
        return int(self.factors.shape[1])

    def weights(self, base: Array, replicate: int) -> Array:
        """Weights (n,) of all rows in one replicate, where `base` (n,) are the weights of the whole sample.

        Whole replicate weights count as they are in rows whose weight is unchanged, and in proportion elsewhere.
        """
        column = self.factors[:, replicate]
        column = column if self.unit is None else column[self.unit]
        if self.base is None:
            return np.asarray(base * column)
        if base is self.base or np.array_equal(base, self.base):
            return column
        ratio = np.divide(base, self.base, out=np.zeros_like(base), where=self.base != 0)
        return np.asarray(ratio * column)

    def covariance(self, estimates: Array, centre: Array, *, partial: bool = False) -> Array:
        """Covariance (k, k) of an estimator.

        Parameters
        ----------
        estimates : array (R, k)
            The estimates under each replicate's weights.
        centre : array (k,)
            The estimate of the whole sample, from which squares are taken where `mse` is set.
        partial : bool
            Whether an estimate that is no number in a replicate has covariances NaN, as long as others have some;
            otherwise it is an error.

        Raises
        ------
        DataError
            An estimate of a replicate is not a number.
        """
        used = self.rscales > 0
        lost = ~np.isfinite(estimates[used]).all(axis=0)
        if lost.any() and (not partial or lost.all()):
            which = np.flatnonzero(~np.isfinite(estimates).all(axis=1) & used)
            raise DataError(
                "replicate-failed",
                f"{len(which)} of {self.n_replicates} replicates give no estimate",
                where=f"replicate {which[0] + 1}",
                hint="a group is empty in these replicates: merge small groups, or use linearised variances",
            )
        estimates = np.where(lost, np.nan, estimates)
        middle = centre if self.mse else estimates[used].mean(axis=0)
        scaled = (estimates[used] - middle) * np.sqrt(self.scale * self.rscales[used])[:, None]
        return symmetric(scaled.T @ scaled)

    def degrees_of_freedom(self, inside: NDArray[np.bool_] | None = None) -> int:
        """Rank of the replicate weights of the rows `inside` (n,) less one."""
        factors = self.factors
        if inside is not None:
            factors = factors[inside] if self.unit is None else factors[np.unique(self.unit[inside])]
        small = factors.T @ factors if len(factors) > factors.shape[1] else factors @ factors.T
        scale = np.sqrt(np.diag(small))
        scale[scale == 0] = 1.0
        singular = np.sqrt(np.abs(np.linalg.eigvalsh(small / np.outer(scale, scale))))
        return int((singular > RANK_TOLERANCE * singular.max()).sum()) - 1 if len(singular) else 0

    def totals(self, width: int) -> ReplicateTotals:
        """An accumulator of `width` totals, from which their covariance comes."""
        return ReplicateTotals(self, width)


class ReplicateTotals:
    """Totals of `width` weighted variables in the sample and in every replicate; made by `Replicates.totals`.

    The covariance of a linear statistic, and through influences the one of any estimator to first order.
    """

    def __init__(self, replicates: Replicates, width: int) -> None:
        self._replicates = replicates
        self._total = np.zeros(width)
        self._by_replicate = np.zeros((width, replicates.n_replicates))
        base = replicates.base
        self._inverse = None if base is None else np.divide(1.0, base, out=np.zeros_like(base), where=base != 0)

    @property
    def total(self) -> Array:
        """The totals so far (width,)."""
        return self._total

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add a block of rows: values times weights (width, block), and the rows' positions in the sample."""
        self._total += values.sum(axis=1)
        if self._inverse is not None:
            values = values * self._inverse[rows]
        unit = self._replicates.unit
        if unit is None:
            self._by_replicate += values @ self._replicates.factors[rows]
            return
        found, sums = sums_by_code(values, unit[rows])
        self._by_replicate += sums @ self._replicates.factors[found]

    def covariance(self) -> Array:
        """Covariance of the totals (width, width)."""
        return self._replicates.covariance(self._by_replicate.T, self._total)
