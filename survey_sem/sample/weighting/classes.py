"""The class of every row in a population margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import column, factorized, is_numeric, values_of
from survey_sem.sample.weighting.targets import PopulationMargin, label_of
from survey_sem.sampling.raking import Margin

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

_SHOWN = 5


def rows_of(data: Any, weights: Any) -> tuple[pd.DataFrame, Array | None]:
    """The rows that are to be weighted, and their base weights (n,); None where all are equal.

    Parameters
    ----------
    data : DataFrame, Sample or SurveyDesign
        A design brings its weights, and a sample those of its design, unless others are given.
    weights : str, Series, array or None
        Base weights.

    Raises
    ------
    OptionError
        Something else.
    DataError
        No rows; wrong weights.
    """
    import pandas as pd

    design = data if hasattr(data, "adjustments") else getattr(data, "design", None)
    frame = data if isinstance(data, pd.DataFrame) else getattr(data, "data", None)
    if not isinstance(frame, pd.DataFrame):
        what = f"weights are made for the rows of a DataFrame or a Sample, not for a {type(data).__name__}"
        raise OptionError("wrong-type", what, where="data")
    if not len(frame):
        raise DataError("nobody-left", "there are no rows to weight", where="data")
    if weights is None and design is not None and not isinstance(data, pd.DataFrame):
        weights = design.weights
    return frame, base_weights(frame, weights)


def base_weights(frame: pd.DataFrame, weights: Any, where: str = "weights") -> Array | None:
    """Weights as an array (n,): a column's name, or one value per row; None where none are given.

    Raises
    ------
    DataError
        Missing, negative or infinite weights; as many as there are not rows; all 0.
    """
    import pandas as pd

    if weights is None:
        return None
    if isinstance(weights, str):
        given = column(frame, weights, where)
    elif isinstance(weights, pd.Series) and len(weights) == len(frame) and not weights.index.equals(frame.index):
        what = "the index of the weights is not that of the data"
        raise DataError("different-index", what, where=where, hint="give weights.to_numpy() if the order is the same")
    else:
        given = weights if isinstance(weights, pd.Series) else pd.Series(np.asarray(weights).ravel(), name=where)
    if len(given) != len(frame):
        raise DataError("wrong-length", f"{len(given)} weights for {len(frame)} rows", where=where)
    if not is_numeric(given) and not given.isna().all():
        raise DataError("not-numeric", "the weights are no numbers", where=where, got=f"type {given.dtype}")
    values = values_of(given, where)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        raise DataError(
            "wrong-weights",
            f"{int(wrong.sum())} of {len(values)} weights are missing, negative or no finite number",
            where=where,
            got=f"first in row {int(np.flatnonzero(wrong)[0]) + 1}",
            hint="a respondent who is not in the sample has weight 0",
        )
    if not values.any():
        raise DataError("wrong-weights", "all weights are 0", where=where)
    return values


def margin_of(frame: pd.DataFrame, target: PopulationMargin, inside: Indices, total: float) -> Margin:
    """Class of the rows `inside` in a population margin, with its totals.

    Raises
    ------
    DataError
        Rows without a class; classes without a target, or without a row; a target of 0 for a class with rows.
    """
    codes, labels = _joint_codes(frame, target, inside)
    place = {label: at for at, label in enumerate(target.classes)}
    known = [label in place for label in labels]
    count = np.bincount(codes, minlength=len(labels))
    if not all(known):
        _refuse_unknown(target, [(label, count[at]) for at, label in enumerate(labels) if not known[at]])
    to_class = np.array([place[label] for label in labels], dtype=np.intp)
    rows_of = np.bincount(to_class[codes], minlength=len(place))
    for label, n_rows, value in zip(target.labels, rows_of, target.values, strict=True):
        _check_class(target, label, int(n_rows), value)
    return Margin(to_class[codes], np.asarray(target.totals(total)))


def _joint_codes(
    frame: pd.DataFrame, target: PopulationMargin, inside: Indices
) -> tuple[Indices, list[tuple[str, ...]]]:
    """A code of every row, and the labels that the codes stand for."""
    combined = np.zeros(len(inside), dtype=np.intp)
    labels: list[tuple[str, ...]] = [()]
    for name in target.of:
        codes, own = class_codes(column(frame, name, f"targets of '{target.name}'"), inside, target.name)
        found, combined = np.unique(combined * len(own) + codes, return_inverse=True) if len(target.of) > 1 else (
            np.arange(len(own)), codes,
        )  # fmt: skip
        labels = [(*labels[at // len(own)], own[at % len(own)]) for at in found]
    return combined.astype(np.intp, copy=False), labels


def class_codes(series: Column, inside: Indices, purpose: str) -> tuple[Indices, list[str]]:
    """Codes of the rows `inside` of one column, and what they stand for.

    Raises
    ------
    DataError
        Missing values.
    """
    rows = series if len(inside) == len(series) else series.iloc[inside]
    codes, values = factorized(rows, f"weighting by '{purpose}'")
    absent = int((codes < 0).sum())
    if absent:
        raise DataError(
            "missing-class",
            f"{absent} of {len(codes)} rows have no value of '{series.name}', by which they are to be weighted",
            where=f"weighting by '{purpose}'",
            hint="impute it, give these rows a class of their own with a target, or leave them out",
        )
    texts = [label_of(value) for value in values]
    if len(set(texts)) == len(texts):
        return codes, texts
    first = {text: at for at, text in reversed(list(enumerate(texts)))}  # 1 and "1" are one class
    places = {text: at for at, text in enumerate(first)}
    return np.array([places[text] for text in texts], dtype=np.intp)[codes], list(first)


def _refuse_unknown(target: PopulationMargin, unknown: Sequence[tuple[tuple[str, ...], int]]) -> None:
    shown = ", ".join(f"{':'.join(label)} ({n} rows)" for label, n in unknown[:_SHOWN])
    more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    raise DataError(
        "class-without-target",
        f"the data have classes of '{target.name}' for which there is no target",
        where=f"targets of '{target.name}'",
        expected=", ".join(target.labels[:20]),
        got=shown + more,
        hint="give the population's share, join the classes, or leave these rows out",
    )


def _check_class(target: PopulationMargin, label: str, n_rows: int, value: float) -> None:
    if value > 0 and not n_rows:
        raise DataError(
            "empty-class",
            f"nobody in the sample has {target.name} = {label}, whose target is {value:g}",
            where=f"targets of '{target.name}'",
            hint="no weight can make up for it: join this class with another, in the data and in the targets",
        )
    if value == 0 and n_rows:
        raise DataError(
            "zero-target",
            f"the target of {target.name} = {label} is 0, but {n_rows} rows have it",
            where=f"targets of '{target.name}'",
            hint="leave these rows out: they do not belong to the population",
        )
