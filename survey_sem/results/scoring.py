"""Factor scores of a result as a table: which rows are scored, and under which labels they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.inference.scores import ScoreMethod, incomplete_scores, score_weights
from survey_sem.linalg import Array, Indices
from survey_sem.statistics import Moments, RowBlocks, label_of

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.results.sem_result import SemResult


def factor_scores(result: SemResult, rows: Sequence[RowBlocks], method: ScoreMethod) -> pd.DataFrame:
    """One row per scored row of the data, in the data's order and with its index; one column per latent variable."""
    import pandas as pd

    found = []
    for group, own in enumerate(rows):
        names, at, scores = _scores(result, own, method, group)
        found.append(pd.DataFrame(scores.T, columns=list(names), index=at))
    columns = list(dict.fromkeys(name for frame in found for name in frame.columns))
    frame = (pd.concat(found) if len(found) > 1 else found[0]).sort_index()[columns]
    return frame.set_axis(rows[0].labels[frame.index], axis=0)


def _scores(
    result: SemResult, rows: RowBlocks, method: ScoreMethod, group: int
) -> tuple[Sequence[str], Indices, Array]:
    """Names of the latent variables (k,), row numbers (n,) and scores (k, n) of one group."""
    if result.is_incomplete:
        return incomplete_scores(result.solution, method, rows, group)
    weights = score_weights(result.solution, method, group)
    blocks = [weights.scores(block) for block in rows.blocks()]
    at = np.arange(rows.n_rows) if rows.keep is None else rows.keep
    return weights.names, at, np.hstack(blocks) if blocks else np.zeros((len(weights.names), 0))


def rows_by_group(result: SemResult, data: pd.DataFrame | None) -> list[RowBlocks]:
    """The rows of every group: those that were analysed, or the usable ones of other data.

    Raises
    ------
    DataError
        The result holds no rows, or other data lack a column, hold text, or do not name the groups.
    OptionError
        `data` is no DataFrame.
    """
    if data is None:
        rows = [moments.rows for moments in result.moments if moments.rows is not None]
        if len(rows) < result.n_groups:
            raise DataError(
                "rows-needed",
                "factor scores need the rows, and this result holds only moments",
                hint="pass the rows: factor_scores(data=...)",
            )
        return rows
    if not hasattr(data, "columns"):
        raise OptionError("bad-data", "data must be a pandas DataFrame", where="data", got=type(data).__name__)
    groups = zip(result.moments, _split(result, data), strict=True)
    return [_new_rows(data, moments, keep, is_incomplete=result.is_incomplete) for moments, keep in groups]


def _new_rows(data: pd.DataFrame, moments: Moments, keep: Indices | None, *, is_incomplete: bool) -> RowBlocks:
    names = moments.names
    absent = [name for name in names if name not in data.columns]
    if absent:
        raise DataError("unknown-variable", f"the data have no column {', '.join(absent)}")
    text = [name for name in names if getattr(data[name].dtype, "kind", "O") not in "iufb"]
    if text:
        raise DataError("not-numeric", f"not numeric: {', '.join(text)}", hint="recode to numbers first")
    columns = tuple(data[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names)
    rows = RowBlocks(columns, keep, data.index)
    if is_incomplete:
        return rows
    complete = rows.complete_rows()
    return rows if len(complete) == rows.n_rows else replace(rows, keep=complete)


def _split(result: SemResult, data: pd.DataFrame) -> list[Indices | None]:
    """Row numbers of every group in other data."""
    if result.n_groups == 1:
        return [None]
    column = result.options.get("group")
    if column is None or column not in data.columns:
        raise DataError(
            "unknown-variable",
            "the data do not say which group a row belongs to",
            expected=f"a column '{column}'" if column else "a fit with group=...",
        )
    labels = data[column].map(label_of, na_action="ignore")
    return [np.flatnonzero((labels == moments.label).to_numpy(dtype=bool)) for moments in result.moments]
