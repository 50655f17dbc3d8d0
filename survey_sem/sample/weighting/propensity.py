"""Response propensities: the one door to scikit-learn's classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array
from survey_sem.sample.design.columns import column, is_numeric, refuse_many_classes, values_of
from survey_sem.sample.weighting.classes import class_codes

if TYPE_CHECKING:
    import pandas as pd

_TOLERANCE = 1e-8
_MOST_ITERATIONS = 500
_CERTAIN = 1e-4
"""A fitted probability this near 0 or 1 says that a variable separates respondents from non-respondents."""


def response_propensity(
    frame: pd.DataFrame,
    variables: Sequence[str],
    responded: NDArray[np.bool_],
    weights: Array | None,
    penalty: float,
) -> Array:
    """Fitted probability of every row to respond (n,), by logistic regression.

    Parameters
    ----------
    frame : DataFrame, shape (n, any)
        All that were asked, with weight.
    variables : sequence of str
        What is known of all: numeric variables enter linearly, others as classes.
    responded : array of bool (n,)
        Who answered.
    weights : array (n,), optional
        Weights of the rows in the fit; None: all equal.
    penalty : float
        Strength of the ridge penalty on the coefficients of standardised columns; 0: maximum likelihood.

    Raises
    ------
    DataError
        Missing values; variables that tell respondents from non-respondents without error.
    OptionError
        A negative penalty.
    """
    from sklearn.linear_model import LogisticRegression

    if not (isinstance(penalty, (int, float)) and 0 <= penalty < np.inf):
        raise OptionError("wrong-value", f"the penalty cannot be {penalty!r}", where="penalty", expected="0 or more")
    columns = _columns(frame, variables)
    if not columns.shape[1]:
        raise DataError(
            "constant-predictors",
            "nothing that the propensity model is given varies",
            where=f"propensity: {', '.join(variables)}",
            hint="name variables that differ between those who were asked",
        )
    strength = np.inf if penalty == 0 else 1.0 / penalty
    model: Any = LogisticRegression(C=strength, solver="newton-cholesky", tol=_TOLERANCE, max_iter=_MOST_ITERATIONS)
    share = None if weights is None else weights / weights.mean()
    found = np.asarray(model.fit(columns, responded, sample_weight=share).predict_proba(columns)[:, 1])
    if penalty == 0 and (found.min() < _CERTAIN or found.max() > 1 - _CERTAIN / 100):
        raise DataError(
            "separated-response",
            "the propensity model tells some respondents and non-respondents apart without error",
            where="propensity",
            got=f"fitted probabilities from {found.min():.3g} to {found.max():.6g}",
            hint="leave out the variable that decides it, join small classes, or give penalty=1",
        )
    return found


def _columns(frame: pd.DataFrame, variables: Sequence[str]) -> Array:
    """Standardised columns (n, k): numeric variables, and indicators of all classes but the first."""
    import pandas as pd

    everybody = np.arange(len(frame))
    parts: list[Array] = []
    for name in variables:
        series = column(frame, name, "propensity")
        if is_numeric(series) and not pd.api.types.is_bool_dtype(series.dtype):
            values = values_of(series, "propensity")
            if not np.isfinite(values).all():
                what = f"{int((~np.isfinite(values)).sum())} of {len(values)} rows have no value of '{name}'"
                hint = "a propensity model needs what is known of all: impute it, or use classes with one for missing"
                raise DataError("missing-class", what, where="propensity", hint=hint)
            parts.append(values[:, None])
        else:
            codes, labels = class_codes(series, everybody, "propensity")
            refuse_many_classes(len(labels), name, "propensity")
            parts.append(np.eye(len(labels))[codes][:, 1:])
    columns = np.concatenate(parts, axis=1)
    spread = columns.std(axis=0)
    used = spread > 0
    return np.asarray((columns[:, used] - columns[:, used].mean(axis=0)) / spread[used])
