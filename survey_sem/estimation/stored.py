"""Full information results without their rows: the likelihood's derivatives at one point, as a document holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from survey_sem.errors import DataError
from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.full_information import by_moments
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.linalg import Array

SAME = 1e-6
"""Moments whose relative difference is below this are the stored ones."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredMoments(SampleMoments):
    """One group of incomplete rows as it was at the implied moments of the estimates.

    Parameters
    ----------
    at : StoredLikelihood
        The likelihood there.
    residual_variances : mapping
        By kind of residual, number of rows times the variances of the residual moments (p + p*,).
    """

    at: StoredLikelihood
    residual_variances: Mapping[str, Array] = field(repr=False)

    def discrepancy(self, sigma: Array, mu: Array) -> StoredLikelihood | None:
        """The stored likelihood; None anywhere else."""
        sd = np.sqrt(np.diag(self.at.sigma))
        off = np.abs(sigma - self.at.sigma) / np.outer(sd, sd)
        return self.at if off.max() < SAME and (np.abs(mu - self.at.mu) / sd).max() < SAME else None


@dataclass(frozen=True, slots=True, eq=False)
class StoredLikelihood:
    """The likelihood of incomplete rows at one point; see `Discrepancy`. `expected` is None where it was too large."""

    value: float
    sigma: Array
    mu: Array
    by_sigma: Array
    by_mu: Array
    expected: Array | None = field(repr=False)

    @property
    def precision(self) -> Array:
        """Sigma^-1."""
        return np.asarray(np.linalg.inv(self.sigma))

    @property
    def inverse(self) -> None:
        """None: every pattern has a weight of its own."""

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """Expected information of one row (k, k).

        Raises
        ------
        DataError
            It was not stored.
        """
        if self.expected is None:
            raise self._rows_needed()
        return by_moments(jacobian, self.expected)

    def second(self, jacobian: RankOneJacobian) -> Array:
        """Second derivatives: not without the rows.

        Raises
        ------
        DataError
            Always.
        """
        raise self._rows_needed()

    def _rows_needed(self) -> DataError:
        return DataError(
            "rows-needed",
            "this needs the incomplete rows, and the document holds only what follows from them at the estimates",
            hint="fit the model to the data again",
        )
