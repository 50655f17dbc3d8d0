"""How far calibrated weights may be from base weights: the distances of Deville and Saerndal, by their inverse slopes.

A distance G(g) of the ratio g of a weight to its base weight enters calibration only through the function that turns
a row's score ``u = x' lambda`` into its ratio, g = F(u) with F(0) = 1 and F'(0) = 1, its slope F', and its integral,
whose sum over rows is the convex function that calibration minimises. Source: Deville & Saerndal (1992),
doi:10.1080/01621459.1992.10475217.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from scipy.special import expit

from survey_sem.linalg import Array

DistanceKind = Literal["linear", "raking", "logit"]
DISTANCE_KINDS: tuple[DistanceKind, ...] = get_args(DistanceKind)
_LARGEST_EXPONENT = 700.0


class Distance(Protocol):
    """Least and greatest ratio of each row (n,), and the ratio as a function of the row's score."""

    @property
    def lower(self) -> Array:
        """Least ratio (n,)."""

    @property
    def upper(self) -> Array:
        """Greatest ratio (n,)."""

    def ratio(self, score: Array) -> Array:
        """Ratio of weight to base weight (n,)."""

    def slope(self, score: Array) -> Array:
        """Its derivative (n,)."""

    def integral(self, score: Array) -> Array:
        """Its integral from 0 (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Chi-square distance: F(u) = 1 + u, cut off at the bounds (generalised regression where there are none)."""

    lower: Array
    upper: Array

    def ratio(self, score: Array) -> Array:
        """Ratio of weight to base weight (n,)."""
        return np.asarray(np.clip(1.0 + score, self.lower, self.upper))

    def slope(self, score: Array) -> Array:
        """Its derivative (n,): 0 beyond the bounds."""
        return _inside(1.0 + score, self).astype(float)

    def integral(self, score: Array) -> Array:
        """Its integral from 0 (n,)."""
        within = np.clip(score, self.lower - 1.0, self.upper - 1.0)
        return np.asarray(within * (1.0 + within / 2) + (score - within) * (1.0 + within))


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    """Multiplicative distance, that of raking: F(u) = exp(u), cut off at the bounds."""

    lower: Array
    upper: Array

    def ratio(self, score: Array) -> Array:
        """Ratio of weight to base weight (n,)."""
        return np.clip(_exp(score), self.lower, self.upper)

    def slope(self, score: Array) -> Array:
        """Its derivative (n,): 0 beyond the bounds."""
        ratio = _exp(score)
        return np.where(_inside(ratio, self), ratio, 0.0)

    def integral(self, score: Array) -> Array:
        """Its integral from 0 (n,)."""
        raw = _exp(score)
        ratio = np.clip(raw, self.lower, self.upper)
        beyond = np.where(ratio == raw, 0.0, score - np.log(np.where(ratio > 0, ratio, 1.0)))
        return ratio - 1.0 + beyond * ratio


@dataclass(frozen=True, slots=True, eq=False)
class Logit:
    """Distance that stays within its bounds smoothly; both are finite, on both sides of 1."""

    lower: Array
    upper: Array

    def _scaled(self, score: Array) -> tuple[Array, Array]:
        """Steepness A, and the argument of the logistic function."""
        below, above = 1.0 - self.lower, self.upper - 1.0
        steepness = (self.upper - self.lower) / (below * above)
        return steepness, steepness * score + np.log(below / above)

    def ratio(self, score: Array) -> Array:
        """Ratio of weight to base weight (n,)."""
        return np.asarray(self.lower + (self.upper - self.lower) * expit(self._scaled(score)[1]))

    def slope(self, score: Array) -> Array:
        """Its derivative (n,)."""
        steepness, argument = self._scaled(score)
        share = expit(argument)
        return np.asarray((self.upper - self.lower) * steepness * share * expit(-argument))

    def integral(self, score: Array) -> Array:
        """Its integral from 0 (n,)."""
        steepness, argument = self._scaled(score)
        start = argument - steepness * score
        rise = np.logaddexp(0.0, argument) - np.logaddexp(0.0, start)
        return np.asarray(self.lower * score + (self.upper - self.lower) / steepness * rise)


_DISTANCES: dict[DistanceKind, type[Linear] | type[Exponential] | type[Logit]] = {
    "linear": Linear,
    "raking": Exponential,
    "logit": Logit,
}


def distance(kind: DistanceKind, lower: Array | float, upper: Array | float, n_rows: int) -> Distance:
    """A distance of `n_rows` rows; raking never goes below 0."""
    least = 0.0 if kind == "raking" else -np.inf
    bounds = (np.maximum(lower, least), upper)
    return _DISTANCES[kind](*(np.broadcast_to(np.asarray(bound, dtype=float), (n_rows,)) for bound in bounds))


def _inside(ratio: Array, bounds: Linear | Exponential) -> Array:
    return np.asarray((ratio > bounds.lower) & (ratio < bounds.upper))


def _exp(score: Array) -> Array:
    """The exponential function, finite for every score that a search may try."""
    return np.asarray(np.exp(np.minimum(score, _LARGEST_EXPONENT)))
