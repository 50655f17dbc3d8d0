"""From a data frame to the variables of an imputation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.linalg import Array
from survey_sem.responses import ABSENT_KINDS, Responses
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.design.columns import is_numeric, values_of
from survey_sem.sample.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 50
"""A nominal variable with more levels than this predicts nothing and is not imputed."""
_NOT_ASKED = ABSENT_KINDS.index("routed") if "routed" in ABSENT_KINDS else 1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One usable column: `values` (n,), NaN where missing; of categories the positions of their levels."""

    name: str
    values: Array
    is_nominal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Data as they are needed here.

    Parameters
    ----------
    frame : DataFrame
        Columns under text names.
    not_asked : mapping
        Column -> which rows were not asked.
    design : SurveyDesign, optional
        How the rows were sampled, where the data know it.
    constructs : mapping
        Construct -> its items, where the data know any.
    """

    frame: pd.DataFrame
    not_asked: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    design: SurveyDesign | None = None
    constructs: Mapping[str, Sequence[str]] = field(default_factory=dict)


def as_table(data: Any, not_asked: Any = None) -> Table:
    """A data frame, and who was not asked what, from what a user passes as data.

    Parameters
    ----------
    data : DataFrame, Sample, Responses or SurveyDesign
        A sample and responses know which answers are absent because nobody asked.
    not_asked : DataFrame of bool, or mapping of column -> bools, optional
        The same for a data frame.

    Raises
    ------
    DataError
        Two columns of one name, no rows; `not_asked` of another shape.
    OptionError
        Another kind of data.
    """
    absent: Any = None
    design: SurveyDesign | None = None
    constructs: Mapping[str, Sequence[str]] = {}
    if isinstance(data, Sample):
        data, absent, design, constructs = data.data, data.absent, data.design, data.constructs
    elif isinstance(data, SurveyDesign):
        data, design = data.data, data
    elif isinstance(data, Responses):
        data, absent = data.frame, data.absent
    if not hasattr(data, "columns") or not hasattr(data, "iloc"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame, a Sample or Responses", where="data", got=type(data).__name__
        )
    frame = data.set_axis([str(name) for name in data.columns], axis=1)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError("duplicate-column", f"the data have two columns named '{twice[0]}'")
    if not len(frame):
        raise DataError("no-rows", "the data have no rows")
    known = {} if absent is None else _routed(frame, absent)
    return Table(frame, known | _given(frame, not_asked), design, constructs)


def _routed(frame: pd.DataFrame, absent: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Which rows were not asked, for every column of an item: options of a multi item are ``id_code``."""
    found = {}
    items = sorted((str(name) for name in absent.columns), key=len, reverse=True)
    for name in frame.columns:
        item = next((item for item in items if name == item or name.startswith(f"{item}_")), None)
        if item is not None:
            found[name] = absent[item].to_numpy() == _NOT_ASKED
    return found


def _given(frame: pd.DataFrame, not_asked: Any) -> dict[str, NDArray[np.bool_]]:
    if not_asked is None:
        return {}
    if not isinstance(not_asked, Mapping) and not hasattr(not_asked, "columns"):
        raise OptionError(
            "bad-option", "not_asked is a DataFrame or a mapping of column -> True where nobody asked",
            where="not_asked", got=type(not_asked).__name__,
        )  # fmt: skip
    names = not_asked.columns if hasattr(not_asked, "columns") else not_asked
    check_known([str(name) for name in names], frame, "not_asked")
    found = {}
    for name in names:
        rows = np.asarray(not_asked[name])
        if rows.shape != (len(frame),) or rows.dtype != bool:
            raise DataError(
                "bad-not-asked", f"not_asked has no True or False for every row of '{name}'", where="not_asked",
                expected=f"{len(frame)} values, True or False", got=f"{rows.size} of type {rows.dtype}",
            )  # fmt: skip
        found[str(name)] = rows
    return found


def check_known(names: Sequence[str], frame: pd.DataFrame, where: str) -> None:
    """Refuse names that no column has."""
    for name in names:
        if name not in frame.columns:
            known = [str(column) for column in frame.columns]
            raise DataError(
                "unknown-variable", f"the data have no column '{name}'", where=where, hint=did_you_mean(name, known)
            )


def usable_column(series: pd.Series[Any], name: str, *, is_nominal: bool = False) -> Column | str:
    """A column as numbers, or why it can take no part; `is_nominal`: what stands in it are categories without order.

    Raises
    ------
    DataError
        Infinite values.
    """
    dtype: Any = series.dtype
    if hasattr(dtype, "categories"):
        codes = series.cat.codes.to_numpy().astype(np.float64)
        codes[codes < 0] = np.nan
        if not dtype.ordered and len(dtype.categories) > MOST_LEVELS:
            return f"more than {MOST_LEVELS} categories"
        return Column(name, codes, is_nominal=is_nominal or not dtype.ordered)
    if not is_numeric(series):
        if is_nominal and series.notna().all() and series.nunique() <= MOST_LEVELS:
            return Column(name, series.astype("category").cat.codes.to_numpy().astype(np.float64), is_nominal=True)
        return f"neither numbers nor categories ({dtype})"
    values = values_of(series, name)
    if np.isinf(values).any():
        raise DataError("infinite-values", f"infinite values in {name}", hint="recode them")
    if is_nominal and len(np.unique(values[~np.isnan(values)])) > MOST_LEVELS:
        return f"more than {MOST_LEVELS} categories"
    return Column(name, values, is_nominal)
