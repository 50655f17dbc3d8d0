"""Average marginal effects, in the units of the response, with standard errors by the delta method.

Of a number: the mean over the rows of the derivative of the expected value. Of a category: the mean change when every
row has it instead of the reference. Terms made of a variable (squares, products) move with it.
Source: Williams (2012), doi:10.1177/1536867X1201200209.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survey_sem.linalg import Array
from survey_sem.regression.fitted import Fitted
from survey_sem.regression.formula import Predictors

if TYPE_CHECKING:
    import pandas as pd

STEP = 1e-5
"""Of the derivative, in standard deviations of the variable."""


def is_number(data: pd.DataFrame, name: str) -> bool:
    """Whether a variable enters as a number."""
    return getattr(data[name].dtype, "kind", "O") in "iuf"


def change(
    fit: Fitted, matrix: Predictors, data: pd.DataFrame, weights: Array, name: str, level: object, reference: object
) -> tuple[Array, Array]:
    """Mean change of the expected values (m,), and its derivatives (m, q), when all rows move to another level."""
    upper, lower = (_at(fit, matrix, data.assign(**{name: _filled(data, name, value)})) for value in (level, reference))
    return _average(weights, upper[0] - lower[0]), _average(weights, upper[1] - lower[1])


def slope(fit: Fitted, matrix: Predictors, data: pd.DataFrame, weights: Array, name: str) -> tuple[Array, Array]:
    """Mean derivative of the expected values (m,) by a number, and its derivatives by the coefficients (m, q)."""
    step = STEP * float(data[name].std()) or STEP
    values = data[name].to_numpy(dtype=np.float64)
    upper, lower = (_at(fit, matrix, data.assign(**{name: values + turn * step})) for turn in (1.0, -1.0))
    means, slopes = ((upper[part] - lower[part]) / (2.0 * step) for part in (0, 1))
    return _average(weights, means), _average(weights, slopes)


def _at(fit: Fitted, matrix: Predictors, data: pd.DataFrame) -> tuple[Array, Array]:
    return fit.means(matrix.anew(data))


def _filled(data: pd.DataFrame, name: str, value: object) -> pd.Series:
    import pandas as pd

    return pd.Series([value] * len(data), index=data.index, dtype=data[name].dtype)


def _average(weights: Array, values: Array) -> Array:
    return np.asarray(np.tensordot(weights, values, axes=(0, 0)) / weights.sum())
