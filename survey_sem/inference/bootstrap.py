"""The bootstrap: a model refitted to resampled moments.

Rows are resampled within groups, or whole sampling units within strata. Draws come in chunks of fixed size, each with
its own random stream and its own sums, so that the bits do not depend on how many workers share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError
from survey_sem.estimation.refit import Refits, refit
from survey_sem.estimation.stacked import StackedModel, StackedMoments, stacked_model
from survey_sem.inference.intervals import Intervals
from survey_sem.inference.sandwich import own_mean
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import ValueKind
from survey_sem.linalg import Array, Indices
from survey_sem.sampling import Sampling
from survey_sem.statistics import Moments
from survey_sem.statistics.resampling import (
    Draws,
    GivenDraws,
    ListedDraws,
    ResampledMoments,
    UniformDraws,
    resampled_moments,
    unit_factors,
)
from survey_sem.statistics.scatter import AdjustedSampling

CHUNK = 128
"""Draws that share a stream and are refitted together."""
TOLERANCE = 1e-8
"""A variance above minus this is not negative."""
Progress = Callable[[int, int], None]
"""Is told how many draws are done, of how many."""


@dataclass(frozen=True, slots=True)
class BootstrapPlan:
    """What to draw.

    Parameters
    ----------
    n_draws : int
        Draws.
    seed : int
        Decides all of them.
    estimates, test : bool
        Whether parameters are drawn, and the Bollen-Stine test.
    workers : int
        Threads; nothing that is computed depends on it.
    progress : callable, optional
        Is told how many draws are done.
    """

    n_draws: int
    seed: int
    estimates: bool = True
    test: bool = False
    workers: int = 1
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BollenStine:
    """Bootstrap distribution of the chi-square where the model holds.

    `p_value` is the share of the usable draws whose statistic is not below the sample's; `statistics` holds them.
    """

    p_value: float
    n_draws: int
    n_failed: int
    statistics: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Bootstrap draws.

    Parameters
    ----------
    seed : int
        The seed of the draws.
    n_draws, n_failed, n_inadmissible : int
        Draws asked for; draws that did not converge and are left out; converged ones with a negative variance or a
        covariance matrix that is not positive definite, which stay.
    theta : array (R, q) or None
        Parameters of the converged draws; None where only summaries were stored.
    exogenous : tuple of arrays (R, e)
        Moments of fixed exogenous variables in the same draws, group by group.
    admissible : array (R,) or None
        Which of them are proper solutions.
    bollen_stine : BollenStine or None
        The test, where it was asked for.
    accelerations : mapping
        For BCa intervals, by kind of value ("est", "std_all", ...).
    summaries : mapping
        Standard errors and intervals by kind of value, where they were stored.
    """

    seed: int
    n_draws: int
    n_failed: int = 0
    n_inadmissible: int = 0
    theta: Array | None = field(default=None, repr=False)
    exogenous: tuple[Array, ...] = field(default=(), repr=False)
    admissible: NDArray[np.bool_] | None = field(default=None, repr=False)
    bollen_stine: BollenStine | None = None
    accelerations: Mapping[ValueKind, Array] = field(default_factory=dict, repr=False)
    summaries: Mapping[ValueKind, Intervals] = field(default_factory=dict, repr=False)

    @property
    def has_estimates(self) -> bool:
        """Whether parameters were drawn, and not only the test."""
        return self.theta is not None or bool(self.summaries)


class Resampling(Protocol):
    """Where draws come from."""

    def __call__(self, chunk: int, group: int, n_draws: int, n_units: int) -> Draws:
        """Draws of one chunk in one group of `n_units` rows (or clusters)."""


def seeded(seed: int) -> Resampling:
    """Draws from random streams, one for each chunk and group."""

    def draws(chunk: int, group: int, n_draws: int, n_units: int) -> Draws:
        sequence = np.random.SeedSequence(seed, spawn_key=(chunk, group))
        return UniformDraws(np.random.Generator(np.random.Philox(sequence)), n_draws, n_units)

    return draws


def of_units(seed: int, units: SampledUnits) -> Resampling:
    """Draws of whole sampling units, the same ones in all groups that they have rows in."""

    def draws(chunk: int, group: int, n_draws: int, n_units: int) -> Draws:
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(chunk,))))
        factors = unit_factors(stream, n_draws, units.strata, rescaled=units.rescaled)
        return GivenDraws(factors[:, units.by_group[group]])

    return draws


@dataclass(frozen=True, slots=True, eq=False)
class SampledUnits:
    """Sampling units over all groups.

    Parameters
    ----------
    strata : array of int (n_units,)
        Stratum of each unit; zeros where there are none.
    by_group : tuple of arrays
        The units that each group has rows of, in the order in which `RowBlocks` numbers them.
    rescaled : bool
        See `unit_factors`.
    """

    strata: Indices
    by_group: tuple[Indices, ...]
    rescaled: bool


def sampled_units(moments: Sequence[Moments]) -> SampledUnits | None:
    """The units that are resampled, where they are drawn by stratum or hold rows of several groups; else None."""
    rows = [own.rows for own in moments if own.rows is not None]
    scatter = rows[0].scatter
    sampling = scatter.sampling if isinstance(scatter, AdjustedSampling) else scatter
    if isinstance(sampling, Sampling):
        first = sampling.levels[0]
        places = (np.arange(first.unit.size) if each.keep is None else each.keep for each in rows)
        if rows[0].clusters is None:
            by_group = tuple(first.unit[each] for each in places)
        else:
            by_group = tuple(np.unique(first.unit[each]) for each in places)
        return SampledUnits(first.stratum, by_group, rescaled=True)
    found = [codes for each in rows if (codes := each.kept_clusters) is not None]
    if not found:
        return None
    found = [np.unique(codes) for codes in found]
    codes = np.unique(np.concatenate(found))
    if len(codes) == sum(map(len, found)):  # no unit has rows of two groups: each group is drawn by itself
        return None
    by_group = tuple(np.searchsorted(codes, each) for each in found)
    return SampledUnits(np.zeros(len(codes), dtype=np.intp), by_group, rescaled=False)


def listed(positions: Sequence[Indices]) -> Resampling:
    """Draws whose rows are known: for every group the positions of the rows drawn (n_draws, n_rows)."""

    def draws(chunk: int, group: int, n_draws: int, n_units: int) -> Draws:
        return ListedDraws(positions[group][chunk * CHUNK :][:n_draws], n_units)

    return draws


def bootstrap(solution: Solution, plan: BootstrapPlan, resampling: Resampling | None = None) -> Bootstrap:
    """Draw, refit and count.

    Raises
    ------
    DataError
        The moments have no rows behind them; fewer than two draws could be fitted.
    """
    rows_behind(solution.moments)
    units = sampled_units(solution.moments)
    source = resampling or (seeded(plan.seed) if units is None else of_units(plan.seed, units))
    sizes = [min(CHUNK, plan.n_draws - start) for start in range(0, plan.n_draws, CHUNK)]

    def run(chunk: int) -> _Chunk:
        return _chunk(solution, plan, source, chunk, sizes[chunk])

    found: list[_Chunk] = []
    for chunk in _in_order(run, len(sizes), plan.workers):
        found.append(chunk)
        if plan.progress is not None:
            plan.progress(sum(sizes[: len(found)]), plan.n_draws)
    return _gathered(solution, plan, found)


def rows_behind(moments: Sequence[Moments]) -> None:
    """Refuse moments without rows."""
    if any(own.rows is None or own.mean is None for own in moments):
        raise DataError(
            "rows-needed",
            "the bootstrap resamples rows, and these moments have none",
            hint="pass the data themselves",
        )


def _in_order(run: Callable[[int], _Chunk], n_chunks: int, workers: int) -> Iterator[_Chunk]:
    if workers == 1 or n_chunks == 1:
        yield from map(run, range(n_chunks))
        return
    with ThreadPoolExecutor(min(workers, n_chunks)) as pool:
        yield from pool.map(run, range(n_chunks))


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Refits of one chunk of draws: to the resampled moments, and to those turned so that the model holds."""

    estimates: Refits | None = None
    exogenous: tuple[Array, ...] = ()
    admissible: NDArray[np.bool_] | None = None
    test: Refits | None = None


def _chunk(solution: Solution, plan: BootstrapPlan, source: Resampling, chunk: int, n_draws: int) -> _Chunk:
    drawn = []
    for group, own in enumerate(solution.moments):
        assert own.rows is not None and own.mean is not None
        drawn.append(resampled_moments(own.rows, own.mean, source(chunk, group, n_draws, own.rows.n_units)))
    found = _Chunk()
    if plan.estimates:
        model = resampled_model(solution, drawn)
        refits = refit(solution.estimates, model)
        found = _Chunk(refits, model.exogenous, _is_admissible(model, refits))
    if plan.test:
        turned = refit(solution.estimates, resampled_model(solution, drawn, as_null=True))
        found = _Chunk(found.estimates, found.exogenous, found.admissible, turned)
    return found


def resampled_model(solution: Solution, drawn: Sequence[ResampledMoments], *, as_null: bool = False) -> StackedModel:
    """The model with resampled moments on the divisor of its fit function; `as_null` turns them (Bollen & Stine)."""
    estimates = solution.estimates
    samples, counts = [], []
    for block, each in enumerate(drawn):
        sample = estimates.model.samples[block]
        n_obs = each.n_obs
        factor = 1.0 if solution.rules.uses_n else n_obs / (n_obs - 1.0)
        cov, mean = each.cov * np.reshape(factor, (-1, 1, 1)), each.mean
        if as_null:
            cov, mean = _turned(solution, block, cov, mean)
        samples.append(StackedMoments(cov, mean if sample.mean is not None else None, n_obs))
        is_wishart = estimates.built.weighting == "ML" and not solution.rules.uses_n
        counts.append(n_obs - 1.0 if is_wishart else n_obs)
    return stacked_model(estimates.built, samples, np.stack(counts, axis=1))


def _turned(solution: Solution, block: int, cov: Array, mean: Array) -> tuple[Array, Array]:
    """Moments of y* = Sigma^(1/2) S^(-1/2) (y - mean) + mu, under which the model holds in the sample.

    Source: Bollen & Stine (1992), doi:10.1177/0049124192021002004.
    """
    sample, point = solution.estimates.model.samples[block], solution.estimates.points[block].moments
    own = own_mean(solution.moments[block])
    turn = _power(point.sigma, 0.5) @ _power(sample.cov, -0.5)
    target = point.mu if sample.mean is not None else own
    return turn @ cov @ turn.T, (mean - own) @ turn.T + target


def _power(matrix: Array, exponent: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**exponent) @ vectors.T)


def _is_admissible(model: StackedModel, refits: Refits) -> NDArray[np.bool_]:
    """Whether each draw is a proper solution (R,); a draw that did not converge is none."""
    proper = refits.converged.copy()
    at = np.flatnonzero(proper)
    if not len(at):
        return proper
    table = model.built.table
    groups = zip(model.built.model.groups, model.take(at).points(refits.theta[at]), strict=True)
    for block, (rep, point) in enumerate(groups):
        latent = [rep.latent.index(name) for name in table.names("lv", block + 1)]
        theta, psi = point.matrices["Theta"], point.matrices["Psi"]
        variances = np.concatenate([np.diagonal(each, axis1=1, axis2=2) for each in (theta, psi)], axis=1)
        ok = (variances >= -TOLERANCE).all(axis=1)
        if len(latent) > 1:
            ok = ok & (_smallest_eigenvalue(point.cov_eta[:, latent][:, :, latent]) > TOLERANCE)
        if len(rep.places["Theta"]) and (rep.places["Theta"].row != rep.places["Theta"].column).any():
            ok = ok & (_smallest_eigenvalue(theta) >= -TOLERANCE)
        proper[at] &= ok
    return proper


def _smallest_eigenvalue(covs: Array) -> Array:
    """Smallest eigenvalue of each matrix, scaled to unit diagonal where that is positive."""
    scale = np.sqrt(np.maximum(np.diagonal(covs, axis1=1, axis2=2), 0.0))
    scale = np.where(scale > 0.0, scale, 1.0)
    scaled = np.nan_to_num(covs / (scale[:, :, None] * scale[:, None, :]))
    return np.asarray(np.linalg.eigvalsh(scaled)[:, 0])


def _gathered(solution: Solution, plan: BootstrapPlan, chunks: Sequence[_Chunk]) -> Bootstrap:
    test = None
    if plan.test:
        test = _bollen_stine(solution, plan, [each.test for each in chunks if each.test is not None])
    if not plan.estimates:
        return Bootstrap(plan.seed, plan.n_draws, bollen_stine=test)
    refits = [each.estimates for each in chunks if each.estimates is not None]
    kept = np.concatenate([each.converged for each in refits])
    theta = np.concatenate([each.theta for each in refits])[kept]
    _require_draws(len(theta), plan.n_draws)
    admissible = np.concatenate([each.admissible for each in chunks if each.admissible is not None])[kept]
    exogenous = tuple(np.concatenate(each)[kept] for each in zip(*(chunk.exogenous for chunk in chunks), strict=True))
    n_failed, n_inadmissible = int((~kept).sum()), int((~admissible).sum())
    return Bootstrap(plan.seed, plan.n_draws, n_failed, n_inadmissible, theta, exogenous, admissible, test)


def _require_draws(n_usable: int, n_draws: int) -> None:
    if n_usable < 2:
        raise DataError(
            "bootstrap-failed",
            f"{n_usable} of {n_draws} bootstrap draws could be fitted",
            hint="the sample is too small for the model, or the model does not fit; simplify it",
        )


def _bollen_stine(solution: Solution, plan: BootstrapPlan, refits: Sequence[Refits]) -> BollenStine:
    values = np.concatenate([each.value[each.converged] for each in refits])
    _require_draws(len(values), plan.n_draws)
    statistics = 2.0 * solution.n_scale * np.maximum(values, 0.0)
    own = 2.0 * solution.n_scale * max(solution.estimates.optimum.value, 0.0)
    p_value = float(np.mean(statistics >= own))
    return BollenStine(p_value, plan.n_draws, plan.n_draws - len(values), statistics)


def draws_covariance(theta: Array) -> Array:
    """Covariance matrix of the drawn parameters (R, q), divisor R - 1."""
    return np.asarray(np.cov(theta, rowvar=False).reshape(theta.shape[1], -1))
