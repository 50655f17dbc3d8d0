"""The door to scikit-learn's learner, which knows no formula: gradient boosting over histograms.

It finds bends and products by itself; where it predicts new rows better than a regression, the regression misses some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError
from survey_sem.linalg import Array, Indices

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 255
_LEAF = 20
_SHARE = 0.1
_FEWEST_ANSWERS = 20
"""Of either answer in the training rows: the tenth that is kept aside has two of them."""
_ROUNDS, _FEW_ROUNDS = 300, 50
_FEW_ROWS = 100
"""Fewer training rows have no tenth to spare: a fixed, small number of rounds."""


def features(data: pd.DataFrame) -> tuple[Array, NDArray[np.bool_]]:
    """Columns as numbers (n, k), categories as codes, and which columns are categories (k,)."""
    columns, is_category = [], []
    for name in data.columns:
        column = data[name]
        is_number = getattr(column.dtype, "kind", "O") in "iufb"
        if is_number:
            columns.append(column.to_numpy(dtype=np.float64))
        else:
            codes, levels = column.factorize(sort=True)
            if len(levels) > MOST_LEVELS:
                raise DataError(
                    "too-many-levels", f"'{name}' has {len(levels)} categories", expected=f"at most {MOST_LEVELS}"
                )
            columns.append(codes.astype(np.float64))
        is_category.append(not is_number)
    return np.column_stack(columns), np.array(is_category, dtype=bool)


def boosted(
    x: Array, is_category: NDArray[np.bool_], y: Array, train: Indices, test: Indices, *, binary: bool, seed: int
) -> Array:
    """Predicted means (probabilities of 1 where `binary`) of the rows `test`, learned from the rows `train`.

    Rounds of boosting end when a tenth of the training rows is predicted no better.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    is_small = len(train) < _FEW_ROWS
    options = {
        "learning_rate": 0.05, "max_iter": _FEW_ROUNDS if is_small else _ROUNDS, "max_leaf_nodes": 15,
        "min_samples_leaf": _LEAF,
        "early_stopping": not is_small, "validation_fraction": _SHARE, "categorical_features": is_category,
        "random_state": seed,
    }  # fmt: skip
    if binary:
        _needs_both_answers(y[train])
    with threadpool_limits(limits=1, user_api="openmp"):  # parts this small lose more by threads than they gain
        if binary:
            learner = HistGradientBoostingClassifier(**options).fit(x[train], y[train])
            return np.asarray(learner.predict_proba(x[test])[:, 1], dtype=np.float64)
        return np.asarray(HistGradientBoostingRegressor(**options).fit(x[train], y[train]).predict(x[test]))


def _needs_both_answers(y: Array) -> None:
    ones = int(y.sum())
    if min(ones, len(y) - ones) < _FEWEST_ANSWERS:
        raise DataError(
            "too-few-answers",
            "one of the two answers is too rare to be learned",
            got=f"{ones} of {len(y)} training rows have the answer 1",
            expected=f"at least {_FEWEST_ANSWERS} of each",
            hint="fewer folds",
        )
