"""What an adjustment of the weights does to a variance.

Weights that were calibrated to known totals estimate these totals without error, so that of a variable only what the
calibration variables leave unexplained varies: in a linearised variance the weighted influence of an estimator is
replaced by its residual. Source: Deville & Saerndal (1992), doi:10.1080/01621459.1992.10475217.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from survey_sem.linalg import Array


@dataclass(frozen=True, slots=True, eq=False)
class LinearAdjustment:
    """An adjustment written out: the residual of z is ``z - B carried``, ``B = (sum_i z_i taken_i') solver'``.

    Parameters
    ----------
    carried, taken : arrays (k, n)
        Adjustment columns times the adjusted weights; times the regression's weights over the adjusted ones.
    solver : array (k, k)
        From weighted sums to coefficients.
    """

    carried: Array
    taken: Array
    solver: Array


class Adjustment(Protocol):
    """One adjustment of the weights; a design applies its adjustments in the order in which they were made."""

    def residuals(self, values: Array) -> Array:
        """Weighted influences (k, n), of all rows of the sample, zero outside a domain -> their residuals (k, n).

        `values` carry the final weights, and so must the result: divided by the weights of the adjustment, regressed
        (weighted) on its variables, and multiplied again.
        """
        ...

    def linear(self) -> LinearAdjustment:
        """The same written out, for totals that are taken block by block."""
        ...
