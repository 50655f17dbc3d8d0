"""How much each predictor adds to R squared: Shapley shares (LMG), which are the general dominance weights.

The share of a predictor is what it adds to R squared, averaged within and then over the sizes of the sets of other
predictors. All R squared come from one covariance matrix.
Sources: Lindeman, Merenda & Gold (1980); Budescu (1993), doi:10.1037/0033-2909.114.3.542;
Groemping (2006), doi:10.18637/jss.v017.i01.
"""

from __future__ import annotations

from math import comb

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.linalg import Array

MOST_TERMS = 16


def explained_by_sets(covariance: Array, blocks: list[list[int]]) -> Array:
    """R squared of the last variable by every set of blocks: element s uses block b where bit b of s is set."""
    total = covariance[-1, -1]
    found = np.zeros(1 << len(blocks))
    for chosen in range(1, len(found)):
        columns = [column for at, block in enumerate(blocks) if chosen >> at & 1 for column in block]
        inside, towards = covariance[np.ix_(columns, columns)], covariance[columns, -1]
        found[chosen] = towards @ np.linalg.solve(inside, towards) / total
    return found


def shares(covariance: Array, blocks: list[list[int]]) -> Array:
    """Mean contribution of each block by the number of others already in: (blocks, sizes); rows average to LMG.

    Parameters
    ----------
    covariance : array (k + 1, k + 1)
        Of predictors and, last, the response.
    blocks : list of lists
        Columns of each term.

    Raises
    ------
    OptionError
        More terms than whose 2^k sets can be gone through.
    """
    n = len(blocks)
    if n > MOST_TERMS:
        raise OptionError(
            "too-many-terms",
            f"relative importance goes through all sets of terms, and {n} terms have {2**n} of them",
            expected=f"at most {MOST_TERMS} terms",
        )
    r2 = explained_by_sets(covariance, blocks)
    sets = np.arange(len(r2))
    sizes = np.array([int(each).bit_count() for each in sets])
    found = np.zeros((n, n))
    for at in range(n):
        without = sets[(sets >> at & 1) == 0]
        gain = r2[without | 1 << at] - r2[without]
        found[at] = np.bincount(sizes[without], weights=gain, minlength=n) / [comb(n - 1, m) for m in range(n)]
    return found
