"""Full information maximum likelihood: the normal likelihood of everything that incomplete rows have."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from survey_sem.errors import DataError
from survey_sem.estimation.discrepancy import NormalDiscrepancy, SampleMoments
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.linalg import Array, vech_indices
from survey_sem.statistics.continuous import RowBlocks
from survey_sem.statistics.incomplete import (
    MomentInformation,
    expected_information,
    likelihood,
    moment_information,
    moment_scores,
    padded_inverses,
    project,
    side_of,
)
from survey_sem.statistics.patterns import Chunk, Patterns

WIDE = 40
"""With more variables than this, information is summed pattern by pattern instead of by moments."""


@dataclass(frozen=True, eq=False)
class IncompleteMoments(SampleMoments):
    """One group's rows with missing values: `cov` and `mean` are their maximum likelihood moments.

    `saturated` is minus the log-likelihood of one row there, without its constant; `rows` are never serialised.
    """

    patterns: Patterns = field(repr=False)
    saturated: float
    rows: RowBlocks | None = field(default=None, repr=False)

    def discrepancy(self, sigma: Array, mu: Array) -> FullInformation | None:
        """Minus the log-likelihood of one row at implied moments, less `saturated`; None where Sigma has no inverse."""
        found = likelihood(self.patterns, sigma, mu)
        if found is None:
            return None
        return FullInformation(
            found.value - self.saturated, found.precision, found.by_sigma, found.by_mu, sigma, mu, self.patterns
        )

    @property
    def size(self) -> float:
        """Size of the log-likelihoods that are compared."""
        return max(1.0, abs(self.saturated), float(len(self.cov)))

    def complete(self) -> SampleMoments:
        """The maximum likelihood moments as those of complete rows."""
        return SampleMoments(self.cov, self.mean, self.log_det)

    @cached_property
    def information(self) -> MomentInformation:
        """Information of one row about its moments, at their maximum likelihood values."""
        assert self.mean is not None
        return moment_information(self.patterns, self.cov, self.mean, np.linalg.inv(self.cov))

    @cached_property
    def first_order(self) -> Array:
        """First-order information of one row about its moments, at their maximum likelihood values (m, m).

        Raises
        ------
        DataError
            The rows are not there: the result went through pickle before this was asked for.
        """
        assert self.mean is not None
        if self.rows is None:
            raise DataError(
                "rows-needed", "this needs the rows, and a result that was pickled has none", hint="fit the model again"
            )
        totals = self.rows.totals(len(self.mean) * (len(self.mean) + 3) // 2)
        for scores, at in moment_scores(self.patterns, self.rows, self.cov, self.mean):
            totals.add(scores, at)
        return totals.covariance() / self.patterns.size

    def __reduce__(self) -> tuple[Any, ...]:
        """Made anew without the handle to the rows, but with what was already had from them.

        The fields of the slotted base are in no ``__dict__``.
        """
        fields = (self.cov, self.mean, self.log_det, self.patterns, self.saturated)
        return _without_rows, (fields, self.__dict__.get("first_order"))


def _without_rows(fields: tuple[Any, ...], first_order: Array | None) -> IncompleteMoments:
    sample = IncompleteMoments(*fields)
    if first_order is not None:
        sample.__dict__["first_order"] = first_order
    return sample


@dataclass(frozen=True, eq=False)
class FullInformation:
    """The likelihood of incomplete rows at implied moments; see `Discrepancy`."""

    value: float
    precision: Array
    by_sigma: Array
    by_mu: Array
    sigma: Array = field(repr=False)
    mu: Array = field(repr=False)
    patterns: Patterns = field(repr=False)

    @property
    def inverse(self) -> None:
        """None: every pattern has a weight of its own."""

    @cached_property
    def information(self) -> MomentInformation:
        """Information of one row about its moments, at the implied ones."""
        return moment_information(self.patterns, self.sigma, self.mu, self.precision)

    @cached_property
    def expected(self) -> Array:
        """Expected information of one row about its moments, at the implied ones (m, m)."""
        if "information" in self.__dict__:
            return self.information.expected
        return expected_information(self.patterns, self.sigma, self.precision)

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """Expected information of one row, given who has what (k, k)."""
        if len(self.mu) > WIDE:
            return self._by_pattern(jacobian, observed=False)
        return by_moments(jacobian, self.expected)

    def second(self, jacobian: RankOneJacobian) -> Array:
        """Second derivatives that do not come from the curvature of the implied moments (k, k)."""
        if len(self.mu) > WIDE:
            return self._by_pattern(jacobian, observed=True)
        return by_moments(jacobian, self.information.observed)

    def _by_pattern(self, jacobian: RankOneJacobian, *, observed: bool) -> Array:
        total = np.zeros((len(jacobian.theta), len(jacobian.theta)))
        for chunk in self.patterns.chunks:
            for share, pattern in self._patterns_of(chunk):
                total += share * (pattern.second(jacobian) if observed else pattern.metric(jacobian))
        return total

    def _patterns_of(self, chunk: Chunk) -> list[tuple[float, NormalDiscrepancy]]:
        """Each pattern of a chunk as a complete sample of its own, padded with zeros, and its share of the rows."""
        side = side_of(chunk, self.sigma, self.precision)
        inverses = padded_inverses(chunk, side, self.precision)
        projected = project(chunk, side, self.precision, self.patterns.columns(chunk, self.mu), chunk.of)
        rows, columns = vech_indices(len(self.mu))
        found = []
        for at, share in enumerate(self.patterns.shares[chunk.first : chunk.last]):
            if not share:
                continue
            inverse = np.zeros_like(self.sigma)
            inverse[rows, columns] = inverse[columns, rows] = inverses[:, at]
            own = projected[:, chunk.of == at] / np.sqrt(share)
            weighted = own @ own.T
            found.append((float(share), NormalDiscrepancy(0.0, inverse, weighted, inverse - weighted, own[:, 0])))
        return found


def by_moments(jacobian: RankOneJacobian, weight: Array) -> Array:
    """J' W J with the moments (mu, vech Sigma)."""
    dense = jacobian.dense()
    return np.asarray(dense.T @ weight @ dense)


def incomplete(plain: SampleMoments, patterns: Patterns, rows: RowBlocks | None) -> IncompleteMoments:
    """The sample of incomplete rows whose maximum likelihood moments are `plain`."""
    assert plain.mean is not None
    found = likelihood(patterns, plain.cov, plain.mean)
    assert found is not None
    return IncompleteMoments(plain.cov, plain.mean, plain.log_det, patterns, found.value, rows)
