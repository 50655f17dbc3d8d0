"""Replicates made from the stages of a sample: jackknife, balanced half-samples, bootstraps.

Sources: Wolter (2007), Introduction to Variance Estimation (jackknife, balanced half-samples); Judkins (1990), Journal
of Official Statistics 6, 223-239 (Fay's method); Canty & Davison (1999), doi:10.1111/1467-9884.00195 (bootstrap); Rao &
Wu (1988), doi:10.1080/01621459.1988.10478591 (subbootstrap); Preston (2009), Survey Methodology 35, 227-234
(mrbbootstrap).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sampling.given_numbers import given_number
from survey_sem.sampling.hadamard import hadamard
from survey_sem.sampling.replicates import Replicates
from survey_sem.sampling.stages import Level, Sampling

MadeKind = Literal["auto", "JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap", "mrbbootstrap"]
MADE_KINDS: tuple[MadeKind, ...] = get_args(MadeKind)
MOST_FACTORS = 100_000_000
"""More factors than these would not fit into memory."""


def make_replicates(
    sampling: Sampling,
    kind: MadeKind = "auto",
    *,
    replicates: int = 500,
    seed: int = 1,
    fay_rho: float | None = None,
    mse: bool = False,
) -> Replicates:
    """Replicates of a sample.

    Parameters
    ----------
    sampling : Sampling
        Stages; all kinds but ``mrbbootstrap`` use the first one only.
    kind : {"auto", "JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap", "mrbbootstrap"}
        ``auto``: JKn with strata, JK1 without. See ``SurveyDesign.as_replicates``.
    replicates : int
        How many, of the bootstraps.
    seed : int
        Seed of the bootstraps.
    fay_rho : float, optional
        Fay's rho.
    mse : bool
        Squares around the estimate of the whole sample.

    Raises
    ------
    OptionError
        An unknown kind, or one that does not fit to the strata.
    DataError
        A stratum with a single unit under a policy that replicates cannot follow; too many units for a jackknife.
    """
    first = sampling.levels[0]
    if kind not in MADE_KINDS:
        raise OptionError(
            "unknown-option", f"replicate type '{kind}' is not known", where="type", expected=", ".join(MADE_KINDS)
        )
    if kind == "auto":
        kind = "JKn" if sampling.n_strata > 1 else "JK1"
    fay_rho = None if fay_rho is None else given_number(fay_rho, "fay_rho")
    if (kind == "Fay") != (fay_rho is not None) or not 0 <= (fay_rho or 0.0) < 1:
        raise OptionError(
            "wrong-fay-rho", "fay_rho belongs to type='Fay', and Fay needs it", where="fay_rho", expected="0 up to 1"
        )
    if isinstance(replicates, bool) or not isinstance(replicates, int) or replicates < 2:
        raise OptionError("wrong-replicates", "replicates is no whole number of at least 2", where="replicates")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise OptionError("wrong-seed", "seed is no whole number of 0 or more", where="seed", got=repr(seed)[:80])
    _check_lonely(sampling)
    n_units = len(first.stratum)
    count = n_units if kind in ("JK1", "JKn") else n_units + 4 if kind in ("BRR", "Fay") else replicates
    if n_units * count > MOST_FACTORS:
        raise DataError(
            "too-many-units",
            f"{count} replicates of {n_units} sampling units do not fit into memory",
            where="as_replicates",
            hint="type='bootstrap' with replicates=500, or linearised variances",
        )
    stream = np.random.default_rng(seed)
    if kind == "JK1":
        factors, scale, rscales = _jackknife_one(first)
    elif kind == "JKn":
        factors, scale, rscales = _jackknife_strata(first)
    elif kind in ("BRR", "Fay"):
        factors, scale, rscales = _balanced(first, fay_rho or 0.0)
    elif kind == "mrbbootstrap":
        level, factors = _rescaled(sampling, replicates, stream)
        rscales = np.ones(replicates)
        return Replicates(factors, level.unit, 1 / (replicates - 1), rscales, "mrbbootstrap", mse)
    else:
        factors, scale, rscales = _bootstrap(first, replicates, stream, fewer=kind == "subbootstrap")
    return Replicates(factors, first.unit, scale, rscales, kind, mse)


def _check_lonely(sampling: Sampling) -> None:
    if sampling.lonely in ("adjust", "average") and sampling.lonely_strata():
        raise DataError(
            "lonely-psu",
            f"replicates cannot follow lonely_psu='{sampling.lonely}'",
            where="as_replicates",
            expected="'certainty', where a stratum with a single sampling unit adds nothing",
            hint="merge strata, or use linearised variances",
        )


def _jackknife_one(level: Level) -> tuple[Array, float, Array]:
    n = len(level.stratum)
    if len(level.size) > 1:
        raise OptionError("wrong-replicates", "JK1 is for a sample without strata", where="type", expected="JKn")
    if n < 2:
        raise DataError("lonely-psu", "a jackknife needs two sampling units", where="as_replicates")
    return (1.0 - np.eye(n)) * (n / (n - 1)), (n - 1) / n * float(level.factor[0]), np.ones(n)


def _jackknife_strata(level: Level) -> tuple[Array, float, Array]:
    """Each unit left out in turn, the rest of its stratum in its place."""
    stratum, size = level.stratum, level.size[level.stratum]
    left_out = np.flatnonzero(size > 1)
    factors = np.ones((len(stratum), len(left_out)))
    for column, unit in enumerate(left_out):
        same = stratum == stratum[unit]
        factors[same, column] = size[unit] / (size[unit] - 1)
        factors[unit, column] = 0.0
    share = (size - 1) / size * level.factor[stratum]
    return factors, 1.0, share[left_out]


def _balanced(level: Level, rho: float) -> tuple[Array, float, Array]:
    """Half-samples: of a pair of units one has 2 - rho times its weight, the other rho times.

    Strata of four and more units are split into pairs of neighbours, as if each pair were a stratum; they come first.
    """
    if (odd := np.flatnonzero(level.size % 2)).size:
        raise OptionError(
            "wrong-replicates",
            f"balanced half-samples need pairs of sampling units, {len(odd)} strata have an odd number",
            where="type",
            hint="JKn or bootstrap",
        )
    n_pairs = len(level.stratum) // 2
    signs = hadamard(n_pairs + 1)
    first_row = np.unique(level.unit, return_index=True)[1]
    order = np.lexsort((first_row, level.stratum, level.size[level.stratum] == 2))
    sign = np.empty((len(level.stratum), len(signs)))
    sign[order[0::2]], sign[order[1::2]] = signs[1 : n_pairs + 1], -signs[1 : n_pairs + 1]
    n = signs.shape[1]
    return 1.0 + (1.0 - rho) * sign, 1 / (n * (1 - rho) ** 2), np.ones(n)


def _bootstrap(level: Level, count: int, stream: np.random.Generator, *, fewer: bool) -> tuple[Array, float, Array]:
    """Units drawn with replacement in every stratum; sampling fractions draw the factors towards 1.

    With `fewer` one unit less is drawn, and the factors make up for it; without, the scale does, by the harmonic mean
    of the sizes.
    """
    factors = np.ones((len(level.stratum), count))
    for code in np.flatnonzero((level.size > 1) & (level.factor > 0)):
        units, n = np.flatnonzero(level.stratum == code), int(level.size[code])
        drawn = n - 1 if fewer else n
        counts = stream.multinomial(drawn, np.full(n, 1 / n), size=count).T * (n / drawn)
        factors[units] += np.sqrt(level.factor[code]) * (counts - 1.0)
    several = level.size[level.size > 1].astype(np.float64)
    harmonic = len(several) / (1 / several).sum() if len(several) else 2.0
    scale = 1.0 if fewer else harmonic / (harmonic - 1)
    return factors, scale / (count - 1), np.ones(count)


def _rescaled(sampling: Sampling, count: int, stream: np.random.Generator) -> tuple[Level, Array]:
    """Half of the units of every stage without replacement, weights rescaled: the last level and its factors."""
    factors, product = np.ones((1, count)), np.ones((1, count))
    above: Indices = np.zeros(sampling.n_rows, dtype=np.intp)
    for level in sampling.levels:
        first_rows = np.unique(level.unit, return_index=True)[1]
        parent = above[first_rows]
        half = level.size // 2
        n, m = level.size[level.stratum][:, None], np.maximum(half, 1)[level.stratum][:, None]
        chosen = _halves(level, half, count, stream)
        moved = (n > 1) & (level.factor[level.stratum] > 0)[:, None]
        size = np.sqrt(m * level.factor[level.stratum][:, None] / np.maximum(n - m, 1)) * moved
        factors = factors[parent] + size * product[parent] * (chosen * (n / m) - 1.0)
        product = product[parent] * np.where(moved, np.sqrt(n / m) * chosen, 1.0)
        above = level.unit
    return level, factors


def _halves(level: Level, half: Indices, count: int, stream: np.random.Generator) -> Array:
    """Which units (n_units, count) are among the drawn half of their stratum."""
    chosen = np.ones((len(level.stratum), count))
    for code in np.flatnonzero(level.size > 1):
        units = np.flatnonzero(level.stratum == code)
        ranks = stream.random((len(units), count)).argsort(axis=0).argsort(axis=0)
        chosen[units] = ranks < half[code]
    return chosen
