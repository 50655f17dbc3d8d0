"""Tests and fit measures of incomplete rows: scalings of the chi-square, and indices corrected for what is missing.

All rest on the saturated model: A, the information of a row about its moments at their maximum likelihood values, and
Gamma, N times the sampling covariance of these: A^-1, or A^-1 B A^-1 with B the first-order information where rows need
not be normal. Moments of fixed exogenous variables are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from survey_sem.estimation.discrepancy import maximum_likelihood
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import FullInformation, IncompleteMoments
from survey_sem.estimation.model import Point
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.rules import Rules
from survey_sem.inference.sandwich import Gammas, Placed, joint_gammas, normal_weight
from survey_sem.inference.solution import Solution, fixed_exogenous
from survey_sem.linalg import Array, Indices, cholesky_or_none, vech_indices
from survey_sem.statistics.incomplete import MomentInformation, moment_scores
from survey_sem.statistics.scatter import Scatter

UNDETERMINED = 1e-9
"""Eigenvalue of the information about moments, scaled to unit diagonal, below which they are not determined."""


def is_incomplete(estimates: Estimates) -> bool:
    """Whether the estimates are full information ones."""
    return all(isinstance(sample, IncompleteMoments) for sample in estimates.model.samples)


@dataclass(frozen=True, eq=False)
class SaturatedGroup:
    """One group's moments (m of them are modelled), at their maximum likelihood values.

    Parameters
    ----------
    block : int
        Position of the group.
    sample : IncompleteMoments
    modelled : array
        Positions of the modelled moments in (mu, vech Sigma).
    kind : str
        ``"observed"``, ``"expected"`` or ``"first.order"`` information.
    share : float
        Share of all rows.
    """

    block: int
    sample: IncompleteMoments
    modelled: Indices
    kind: str
    share: float

    def part(self, matrix: Array) -> Array:
        """Of a matrix for all moments, the rows and columns of the modelled ones."""
        return np.asarray(matrix[np.ix_(self.modelled, self.modelled)])

    @cached_property
    def information(self) -> Array:
        """A (m, m)."""
        if self.kind == "first.order":
            return self.first_order
        return self.part(chosen(self.sample.information, self.kind))

    @property
    def is_determined(self) -> bool:
        """Whether the rows determine all moments: those of two variables that no row has both of are not."""
        scale = np.sqrt(np.maximum(np.diag(self.observed), 1e-300))
        scaled = self.observed / np.outer(scale, scale)
        return cholesky_or_none(scaled - UNDETERMINED * np.eye(len(scale))) is not None

    @cached_property
    def observed(self) -> Array:
        """Observed information (m, m)."""
        return self.part(self.sample.information.observed)

    @cached_property
    def first_order(self) -> Array:
        """B (m, m)."""
        return self.part(self.sample.first_order)

    @cached_property
    def inverse(self) -> Array:
        """A^-1 (m, m)."""
        return np.asarray(np.linalg.inv(self.information))

    def gamma(self, *, robust: bool) -> Array:
        """N times the sampling covariance of the moments (m, m)."""
        return self.inverse @ self.first_order @ self.inverse if robust else self.inverse


def chosen(information: MomentInformation, kind: str) -> Array:
    """Observed or expected information."""
    return information.observed if kind == "observed" else information.expected


def saturated_groups(estimates: Estimates, rules: Rules) -> tuple[SaturatedGroup, ...]:
    """The saturated model, group by group."""
    found = []
    for block, (sample, share) in enumerate(zip(estimates.model.samples, estimates.model.shares, strict=True)):
        assert isinstance(sample, IncompleteMoments)
        found.append(SaturatedGroup(block, sample, _modelled(estimates, block), rules.information, share))
    return tuple(found)


def is_determined(solution: Solution) -> bool:
    """Whether the rows determine all the moments that are modelled; complete ones do."""
    if not is_incomplete(solution.estimates):
        return True
    return all(group.is_determined for group in saturated_groups(solution.estimates, solution.rules))


def _modelled(estimates: Estimates, block: int) -> Indices:
    """Positions of the moments that are not those of fixed exogenous variables alone."""
    names = estimates.model.groups[block].observed
    fixed = np.isin(names, fixed_exogenous(estimates, block))
    rows, columns = vech_indices(len(names))
    return np.flatnonzero(~np.concatenate([fixed, fixed[rows] & fixed[columns]]))


def _gammas(groups: Sequence[SaturatedGroup], *, robust: bool) -> Gammas:
    """N times the sampling covariance of the moments of all groups."""
    own = tuple(group.gamma(robust=robust) for group in groups)
    rows = [group.sample.rows for group in groups]
    joint = None if rows[0] is None or len(groups) == 1 else rows[0].scatter
    if joint is None or not robust:
        return Gammas(own)
    return Gammas(own, _crossed(groups, joint))


def _crossed(groups: Sequence[SaturatedGroup], joint: Scatter) -> dict[tuple[int, int], Array]:
    """Covariances between the moments of groups that share sampled units."""
    blocks, sizes = [], []
    for group in groups:
        sample = group.sample
        assert sample.mean is not None and sample.rows is not None
        blocks.append(_modelled_scores(group, moment_scores(sample.patterns, sample.rows, sample.cov, sample.mean)))
        sizes.append(sample.rows.size)
    scores = joint_gammas(joint, blocks, [len(group.modelled) for group in groups], sizes)
    return {(g, h): groups[g].inverse @ block @ groups[h].inverse for (g, h), block in scores.crossed.items()}


def _modelled_scores(
    group: SaturatedGroup, blocks: Iterator[tuple[Array, Indices | slice]]
) -> Iterator[tuple[Array, Indices | slice]]:
    for values, where in blocks:
        yield values[group.modelled], where


def _jacobians(estimates: Estimates, groups: tuple[SaturatedGroup, ...]) -> list[Array]:
    """Derivatives of the modelled moments of every group by all parameters (m, q)."""
    found: list[Array] = []
    for point, group in zip(estimates.points, groups, strict=True):
        dense = np.zeros((len(group.modelled), estimates.model.n_free))
        dense[:, point.jacobian.theta] = point.jacobian.dense()[group.modelled]
        found.append(dense)
    return found


def saturated_trace(solution: Solution) -> float:
    """tr(A^-1 B) of the saturated model."""
    groups = saturated_groups(solution.estimates, solution.rules)
    return sum(float(np.sum(group.inverse * group.first_order)) for group in groups)


def yuan_bentler_trace(solution: Solution) -> float:
    """tr(U Gamma), U with the information of the saturated model at the implied moments where ``h1_information`` is
    ``"structured"``. Source: Yuan & Bentler (2000), doi:10.1111/0081-1750.00078.
    """
    estimates, rules = solution.estimates, solution.rules
    groups = saturated_groups(estimates, rules)
    gammas = _gammas(groups, robust=True)
    q = estimates.model.n_free
    inner: Array = np.zeros((q, q))
    everything = np.arange(q)
    turned: list[Placed] = []
    total = 0.0
    for group, point, jacobian in zip(groups, estimates.points, _jacobians(estimates, groups), strict=True):
        weight = _weight_at(group, point, rules)
        turned.append((everything, weight @ jacobian))
        inner += group.share * jacobian.T @ turned[-1][1]
        total += float(np.sum(weight * gammas.own[group.block]))
    middle = gammas.sandwiched(turned, turned, estimates.model.shares, q)
    if rules.information == "observed" and rules.observed_in_tests == "hessian":
        inner = estimates.model.observed_information(estimates.points)
    inverse = constrained_inverse(inner, estimates.active_directions())
    assert inverse is not None
    return total - float(np.sum(inverse * middle))


@dataclass(frozen=True, slots=True)
class Corrected:
    """Misfit as complete rows would show it, and what of it missing values and sampling error bring.

    `statistic` is N times the complete-data fit function at the maximum likelihood moments; `trace` its expectation
    where the model holds.
    """

    statistic: float
    trace: float


@dataclass(frozen=True, slots=True)
class SaturatedMoments:
    """The saturated model with the covariance of its moments, which models of the same moments share.

    Parameters
    ----------
    groups, observed : tuples of SaturatedGroup
        With the information that the rules name, and with the observed one.
    gammas : Gammas
        Of the observed information.
    """

    groups: tuple[SaturatedGroup, ...]
    observed: tuple[SaturatedGroup, ...]
    gammas: Gammas

    def are_of(self, estimates: Estimates) -> bool:
        """Whether a model has the same moments."""
        blocks = enumerate(self.groups)
        return all(np.array_equal(group.modelled, _modelled(estimates, block)) for block, group in blocks)


def saturated_moments(estimates: Estimates, rules: Rules) -> SaturatedMoments | None:
    """The saturated model of the moments that are modelled; None where the rows do not determine them."""
    groups = saturated_groups(estimates, rules)
    if not all(group.is_determined for group in groups):
        return None
    observed = tuple(replace(group, kind="observed") for group in groups)
    return SaturatedMoments(groups, observed, _gammas(observed, robust=rules.adjusted_test is not None))


def corrected(
    estimates: Estimates, rules: Rules, n_obs: float, exogenous: Sequence[Sequence[str]], saturated: SaturatedMoments
) -> Corrected | None:
    """The pieces of corrected indices; None where an information matrix has no inverse.

    `exogenous` are the exogenous observed variables of every group, `saturated` belongs to the same moments.

    As in lavaan, the moments' own covariance is always that of observed information, and moments of exogenous
    variables alone have no weight in the trace even where they are modelled.

    Source: Zhang & Savalei (2023), doi:10.1037/met0000445.
    """
    groups, observed, gammas = saturated.groups, saturated.observed, saturated.gammas
    robust = rules.adjusted_test is not None
    q = estimates.model.n_free
    inner, outer, everything = np.zeros((q, q)), np.zeros((q, q)), np.arange(q)
    by_a: list[Placed] = []
    by_w: list[Placed] = []
    total = misfit = 0.0
    for group, own, point, jacobian in zip(
        groups, observed, estimates.points, _jacobians(estimates, groups), strict=True
    ):
        sample = group.sample
        weight = _complete_weight(group, estimates.model.groups[group.block].observed, exogenous[group.block])
        by_a.append((everything, own.information @ jacobian))
        by_w.append((everything, weight @ jacobian))
        inner += group.share * jacobian.T @ group.information @ jacobian
        outer += group.share * jacobian.T @ by_w[-1][1]
        total += float(np.sum(weight * gammas.own[group.block]))
        complete = maximum_likelihood(sample.complete(), point.moments.sigma, point.moments.mu)
        assert complete is not None
        misfit += group.share * complete.value
    left = constrained_inverse(inner, estimates.active_directions())
    if left is None:
        return None
    if robust:
        middle = gammas.sandwiched(by_a, by_a, estimates.model.shares, q)
        mixed = gammas.sandwiched(by_a, by_w, estimates.model.shares, q)
        trace = total - 2.0 * float(np.sum(left * mixed)) + float(np.sum((left @ middle @ left) * outer))
    else:
        trace = total - float(np.sum(left * outer))
    return Corrected(2.0 * n_obs * misfit, trace)


def _complete_weight(group: SaturatedGroup, names: Sequence[str], exogenous: Sequence[str]) -> Array:
    """Normal-theory weight of the modelled moments of complete rows, zero for those of exogenous variables alone."""
    inverse = np.linalg.inv(group.sample.cov)
    weight = group.part(normal_weight(inverse, inverse, with_mean=True))
    given = np.isin(names, list(exogenous))
    rows, columns = vech_indices(len(names))
    alone = np.concatenate([given, given[rows] & given[columns]])[group.modelled]
    weight[alone] = 0.0
    weight[:, alone] = 0.0
    return weight


def residual_variances(solution: Solution, *, standardized: bool) -> tuple[Array, ...]:
    """Number of rows times the variances of the residual moments of every group, zero for fixed ones (p + p*,).

    Those of the maximum likelihood moments themselves, or (`standardized`) of what the model leaves of them, as
    lavaan has it: with the saturated model's information at the implied moments where ``h1_information`` is
    ``"structured"``. NaN where the rows do not determine the moments.
    """
    estimates, rules = solution.estimates, solution.rules
    groups = saturated_groups(estimates, rules)
    robust = rules.has_casewise_errors or rules.adjusted_test is not None
    jacobians = _jacobians(estimates, groups)
    determined = all(group.is_determined for group in groups)
    if not determined:
        return tuple(_at_all(np.full(len(group.modelled), np.nan), group) for group in groups)
    gammas = _gammas(groups, robust=robust)
    found = [np.diag(gamma).copy() for gamma in gammas.own]
    if standardized:
        weights = [_weight_at(group, point, rules) for group, point in zip(groups, estimates.points, strict=True)]
        turned = [weight @ jacobian for weight, jacobian in zip(weights, jacobians, strict=True)]
        q = estimates.model.n_free
        inner = sum(
            (group.share * j.T @ by for group, j, by in zip(groups, jacobians, turned, strict=True)), np.zeros((q, q))
        )
        placed: list[Placed] = [(np.arange(q), by) for by in turned]
        middle = gammas.sandwiched(placed, placed, estimates.model.shares, q)
        inverse = constrained_inverse(inner, estimates.active_directions())
        for at, (variance, group, jacobian) in enumerate(zip(found, groups, jacobians, strict=True)):
            if inverse is None:
                variance[:] = np.nan
                continue
            reach = jacobian @ inverse
            for other, by in enumerate(turned):
                between = gammas.between(at, other)
                if between is not None:
                    factor = 2.0 * np.sqrt(group.share * groups[other].share)
                    variance -= factor * np.sum(reach * (between @ by), axis=1)
            variance += group.share * np.sum((reach @ middle) * reach, axis=1)
    return tuple(_at_all(variance, group) for variance, group in zip(found, groups, strict=True))


def _weight_at(group: SaturatedGroup, point: Point, rules: Rules) -> Array:
    """The saturated model's information, where `rules` want it (m, m)."""
    found = point.discrepancy
    if rules.h1_information == "structured" and rules.information != "first.order":
        assert isinstance(found, FullInformation)
        return group.part(chosen(found.information, rules.information))
    return group.information


def _at_all(values: Array, group: SaturatedGroup) -> Array:
    """Values of the modelled moments among all of them, zero elsewhere."""
    p = len(group.sample.cov)
    found = np.zeros(p + p * (p + 1) // 2)
    found[group.modelled] = values
    return found
