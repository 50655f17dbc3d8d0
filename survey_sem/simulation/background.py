"""Answers outside of the model: one function per distribution, each from its own stream."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.instrument import Item
from survey_sem.instrument.routing import Code
from survey_sem.linalg import Array
from survey_sem.simulation.population import (
    Choices,
    Classes,
    Dates,
    Distribution,
    Logistic,
    Lognormal,
    Poisson,
    Shares,
    Telephone,
    Utilities,
    Written,
)

Column = NDArray[Any]
"""One value per respondent."""
BETWEEN = "|"
"""Between the codes of one answer to a multi or rank item."""

_MAX_RATE = 1e7  # of a Poisson draw: beyond it numpy's generator would be asked for numbers that no survey has


def draw_background(
    item: Item,
    distribution: Distribution,
    rng: np.random.Generator,
    n: int,
    variable: Callable[[str], Column],
    predictor: Callable[[Mapping[str, float]], tuple[Array, float]],
) -> Column:
    """Answers of `n` respondents to one item.

    Parameters
    ----------
    item : Item
    distribution : Distribution
    rng : Generator
        The item's own stream.
    n : int
        Number of respondents.
    variable : callable
        Name of an item or partition drawn before -> its codes (n,).
    predictor : callable
        Effects on factors -> linear predictor (n,), and its variance in the model without groups.

    Returns
    -------
    array (n,)
        Codes, numbers, days, or texts (None: not answered); several codes are joined by ``|``.
    """
    match distribution:
        case Shares():
            return _codes(distribution, rng, n, variable)
        case Classes():
            return _whole_numbers(distribution, rng, n)
        case Lognormal():
            line, variance = predictor(distribution.on)
            return _amounts(distribution, item, rng, line, variance)
        case Poisson():
            line, variance = predictor(distribution.on)
            rate = np.minimum(distribution.mean * np.exp(np.minimum(line - variance / 2.0, 50.0)), _MAX_RATE)
            return _within(rng.poisson(rate).astype(np.float64), item)
        case Logistic():
            line, variance = predictor(distribution.on)
            constant = log_odds(distribution.share, variance)
            is_first = rng.random(n) < _expit(constant + line)
            return coded(np.where(is_first, 0, 1), distribution.codes)
        case Choices():
            return _several(distribution, item, rng, n)
        case Utilities():
            return _ranking(distribution, item, rng, n)
        case Written():
            return _texts(distribution, rng, n)
        case Dates():
            days = (distribution.last - distribution.first).days + 1
            return np.datetime64(distribution.first, "s") + rng.integers(0, days, n) * np.timedelta64(86400, "s")
        case Telephone():
            return _joined_digits(rng, n)


def coded(index: NDArray[np.integer[Any]], codes: Sequence[Code]) -> Column:
    """The codes at positions: whole numbers as int32, other numbers as float64, anything else as objects."""
    if all(isinstance(code, int) and abs(code) < 2**31 for code in codes):
        return np.asarray(np.array(codes, dtype=np.int32)[index])
    if all(isinstance(code, (int, float)) for code in codes):
        return np.asarray(np.array(codes, dtype=np.float64)[index])
    values = np.empty(len(codes), dtype=object)
    values[:] = list(codes)
    return np.asarray(values[index])


def positions(shares: Sequence[float], uniform: Array) -> NDArray[np.intp]:
    """Which share each uniform number falls into; a share of 0 is never hit."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    last = int(np.flatnonzero(np.asarray(shares) > 0.0)[-1])
    return np.asarray(np.minimum(np.searchsorted(edges, uniform * edges[-1], side="right"), last))


def _codes(shares: Shares, rng: np.random.Generator, n: int, variable: Callable[[str], Column]) -> Column:
    uniform = rng.random(n)
    if shares.by is None:
        return coded(positions(shares.table[None], uniform), shares.codes)
    index = np.zeros(n, dtype=np.intp)
    given = variable(shares.by)
    for code, row in shares.table.items():
        here = np.flatnonzero(given == code)
        index[here] = positions(row, uniform[here])
    return coded(index, shares.codes)


def _whole_numbers(classes: Classes, rng: np.random.Generator, n: int) -> Column:
    low, high, shares = (np.array(column) for column in zip(*classes.classes, strict=True))
    both = rng.random((n, 2))
    at = positions(shares.tolist(), both[:, 0])
    return np.asarray(low[at] + np.floor(both[:, 1] * (high - low + 1)[at]).astype(np.int64))


def _amounts(distribution: Lognormal, item: Item, rng: np.random.Generator, line: Array, variance: float) -> Column:
    rest = math.sqrt(max(1.0 - variance, 0.0)) * rng.standard_normal(len(line))
    with np.errstate(over="ignore"):
        amounts = distribution.median * np.exp(np.minimum(distribution.sd_log * (line + rest), 600.0))
    if distribution.step is not None:
        amounts = np.round(amounts / distribution.step) * distribution.step
    return _within(amounts, item)


def _within(values: Array, item: Item) -> Column:
    """Numbers inside the item's limits, whole where it says so."""
    low, high = (limit if isinstance(limit, (int, float)) else None for limit in (item.min, item.max))
    if low is not None or high is not None:
        values = np.clip(values, low, high)
    return np.round(np.clip(values, -1e15, 1e15)).astype(np.int64) if item.whole else values


def log_odds(share: float, variance: float) -> float:
    """The constant c with ``E expit(c + sqrt(variance) Z) = share`` for standard normal Z."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    spread = math.sqrt(variance) * nodes
    low, high = -800.0 - 10.0 * spread.max(), 800.0 + 10.0 * spread.max()
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if float(weights @ _expit(middle + spread)) < share else (low, middle)
    return float(low + high) / 2.0


def _expit(values: Array) -> Array:
    from scipy.special import expit

    return np.asarray(expit(values))


def _several(choices: Choices, item: Item, rng: np.random.Generator, n: int) -> Column:
    """Chosen options: an exclusive one alone, else each with its probability, at least one of them."""
    shares = np.array(choices.shares)
    is_exclusive = np.array([code in item.exclusive for code in choices.codes])
    open_shares = np.where(is_exclusive, 0.0, shares)
    uniform = rng.random((n, 2 * len(shares) + 2))  # for each option whether and in which order, then two for all
    chosen = uniform[:, : len(shares)] < open_shares
    _choose_at_least_one(chosen, open_shares, uniform)
    _limit_count(chosen, item, uniform[:, len(shares) : -2], open_shares > 0.0)
    alone = np.flatnonzero(is_exclusive)
    if len(alone):
        edges = np.cumsum(shares[alone])
        if not (~is_exclusive & (shares > 0.0)).any():
            edges = edges / edges[-1]
        which = np.searchsorted(edges, uniform[:, -1], side="right")
        for position, option in enumerate(alone):
            chosen[which == position] = False
            chosen[which == position, option] = True
    return _joined(chosen, choices.codes)


def _choose_at_least_one(chosen: NDArray[np.bool_], shares: Array, uniform: Array) -> None:
    """Give those who chose nothing the first option that is chosen, by its probability given that there is one."""
    none = np.flatnonzero(~chosen.any(axis=1))
    if not len(none) or not (shares > 0.0).any():
        return
    before = np.concatenate([[1.0], np.cumprod(1.0 - shares)[:-1]])
    first = positions(shares * before, uniform[none, -2])
    ahead = np.arange(len(shares)) > first[:, None]
    scaled = (uniform[none, : len(shares)] - shares) / np.maximum(
        1.0 - shares, 1e-300
    )  # uniform again, given not chosen
    chosen[none] = ahead & (scaled < shares)
    chosen[none, first] = True


def _limit_count(chosen: NDArray[np.bool_], item: Item, order: Array, allowed: NDArray[np.bool_]) -> None:
    """Bring the number of chosen options between the item's limits, at random."""
    least = int(item.min) if isinstance(item.min, (int, float)) else 0
    most = int(item.max) if isinstance(item.max, (int, float)) else chosen.shape[1]
    count = chosen.sum(axis=1)
    rows = np.flatnonzero((count > most) | (count < least))
    keys = np.where(chosen[rows], order[rows], np.where(allowed, 1.0 + order[rows], np.inf))
    ranked = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1, kind="stable")
    wanted = np.clip(count[rows], least, most)[:, None]
    chosen[rows] = (ranked < wanted) & np.isfinite(keys)


def _joined(chosen: NDArray[np.bool_], codes: Sequence[Code]) -> Column:
    """Codes of the chosen options joined by ``|``: each pattern is put into words once."""
    names = [str(code) for code in codes]
    return _worded(
        np.packbits(chosen, axis=1), lambda row: BETWEEN.join(np.array(names)[np.unpackbits(row)[: len(names)] > 0])
    )


def _ranking(utilities: Utilities, item: Item, rng: np.random.Generator, n: int) -> Column:
    worth = np.array(utilities.utilities) + rng.gumbel(size=(n, len(utilities.codes)))
    most = int(item.max) if isinstance(item.max, (int, float)) else len(utilities.codes)
    order = np.argsort(-worth, axis=1, kind="stable")[:, :most].astype(np.uint16)
    names = [str(code) for code in utilities.codes]
    return _worded(order, lambda row: BETWEEN.join(names[at] for at in row))


def _worded(patterns: NDArray[Any], word: Callable[[NDArray[Any]], str]) -> Column:
    """Text of each row of small integers; each distinct row is put into words once."""
    rows = np.ascontiguousarray(patterns)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    words = np.empty(len(first), dtype=object)
    words[:] = [word(rows[at]) for at in first]
    return words[inverse.ravel()]


def _texts(written: Written, rng: np.random.Generator, n: int) -> Column:
    both = rng.random((n, 2))
    texts = np.empty(len(written.texts) + 1, dtype=object)
    texts[:] = [*written.texts, None]
    index = np.floor(both[:, 0] * len(written.texts)).astype(np.intp)
    index[both[:, 1] >= written.answered] = len(written.texts)
    return texts[index]


def _joined_digits(rng: np.random.Generator, n: int) -> Column:
    """Eleven digits that begin with 100: no mobile number in China does."""
    return objects(f"100{each:08d}" for each in rng.integers(0, 10**8, n).tolist())


def objects(values: Iterable[object]) -> Column:
    """Values as a column of objects."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column
