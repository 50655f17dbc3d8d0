"""Indices of the order of answers: the longest string, the longest repeated pattern, pages of one answer, spread.

Arrays only. Answers are an array (rows, items) in the order of presentation, before anything is reversed; NaN where
there is none. An answer that is missing neither breaks nor lengthens a string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices

_BLOCK = 8192
"""Rows looked at together, so that what is compared stays in the cache."""


def long_string(answers: Array) -> Array:
    """Length of the longest run of one and the same answer (Johnson 2005), items."""
    found = np.zeros(len(answers))
    for rows, packed in _blocks(answers):
        found[rows] = _longest_run(packed)
    return found


def long_pattern(answers: Array, longest_period: int = 5) -> Array:
    """Length of the longest stretch that repeats a pattern such as 3-4-5-4, items; 0 where there is none.

    A pattern has from 2 to `longest_period` answers that are not all equal, and counts from its second repetition: the
    stretch 3-4-3-4-3 has length 5, 3-4-3 is none.
    """
    found = np.zeros(len(answers))
    for rows, packed in _blocks(answers):
        found[rows] = _longest_pattern(packed, longest_period)
    return found


def flat_pages(answers: Array, pages: Sequence[Indices]) -> Array:
    """Share of the pages (at least three items together) that have one answer throughout; NaN without any page.

    A page counts for a row that answered at least three of its items.
    """
    return _share_of_pages(answers, pages, lambda steps: steps == 0)


def zigzag_pages(answers: Array, pages: Sequence[Indices]) -> Array:
    """Share of the pages that go up and down in steps of one code: diagonals and zigzags such as 3-4-5-4.

    A page counts for a row that answered at least three of its items, in codes one apart.
    """
    return _share_of_pages(answers, pages, lambda steps: np.abs(steps) == 1)


def _share_of_pages(answers: Array, pages: Sequence[Indices], is_sign: Callable[[Array], NDArray[np.bool_]]) -> Array:
    """Share of a row's pages in which every step from an answer to the next is a sign."""
    shown, seen = np.zeros(len(answers)), np.zeros(len(answers))
    for page in pages:
        if len(page) < 3:
            continue
        for rows, packed in _blocks(answers[:, page]):
            steps = np.diff(packed, axis=0)
            there = ~np.isnan(steps)
            counts = there.sum(axis=0) >= 2
            shown[rows] += counts & (is_sign(steps) | ~there).all(axis=0)
            seen[rows] += counts
    found: Array = np.divide(shown, seen, out=np.full(len(answers), np.nan), where=seen > 0)
    return found


def response_variability(answers: Array) -> Array:
    """Intra-individual response variability: standard deviation (n - 1) of a row's answers (Dunn et al. 2018).

    Items should share one scale. NaN with fewer than two answers.
    """
    there = ~np.isnan(answers)
    n = there.sum(axis=1)
    values = np.where(there, answers, 0.0)
    mean = values.sum(axis=1) / np.maximum(n, 1)
    deviations = np.where(there, answers - mean[:, None], 0.0)
    squares = np.einsum("ij,ij->i", deviations, deviations)
    found: Array = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    return found


def _blocks(answers: Array) -> Iterator[tuple[slice, Array]]:
    """Blocks of rows as (items, rows), answers first and what is missing last."""
    for start in range(0, len(answers), _BLOCK):
        rows = slice(start, min(start + _BLOCK, len(answers)))
        block = np.array(answers[rows], dtype=np.float32)
        lacking = np.isnan(block)
        gaps = np.flatnonzero(lacking.any(axis=1))
        if len(gaps):
            order = np.argsort(lacking[gaps], axis=1, kind="stable")
            block[gaps] = np.take_along_axis(block[gaps], order, axis=1)
        yield rows, np.ascontiguousarray(block.T)


def _longest_run(packed: Array) -> NDArray[np.int16]:
    run = (~np.isnan(packed[0])).astype(np.int16)
    longest: NDArray[np.int16] = run.copy()
    for before, now in pairwise(packed):
        run = run * (now == before) + ~np.isnan(now)
        np.maximum(longest, run, out=longest)
    return longest


def _longest_pattern(packed: Array, longest_period: int) -> NDArray[np.int16]:
    n_items, n = packed.shape
    longest = np.zeros(n, dtype=np.int16)
    constant = _runs(packed)
    for period in range(2, min(longest_period, n_items // 2) + 1):
        repeated = np.zeros(n, dtype=np.int16)
        for at in range(period, n_items):
            repeated = (repeated + 1) * (packed[at] == packed[at - period])
            # a stretch whose last period is one answer is one answer throughout: that is a string, no pattern
            counts = (repeated >= period) & (constant[at] < period)
            np.maximum(longest, (repeated + period) * counts, out=longest)
    return longest


def _runs(packed: Array) -> NDArray[np.int16]:
    """Length of the run of equal answers that ends at each item (items, rows)."""
    runs = np.ones(packed.shape, dtype=np.int16)
    for at in range(1, len(packed)):
        runs[at] = runs[at - 1] * (packed[at] == packed[at - 1]) + 1
    return runs
