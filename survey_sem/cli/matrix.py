"""A published matrix given as data: which table is one, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import DataError, OptionError

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.statistics import Moments

EXTRA_ROWS = ("n", "mean", "sd")


@dataclass(frozen=True, slots=True)
class PublishedMatrix:
    """A covariance or correlation matrix with what its file says besides.

    Parameters
    ----------
    cov : DataFrame, shape (n_variables, n_variables)
        Full or lower triangle, named both ways.
    counts : tuple of float
        The different values of a row ``n``, from the smallest; empty without such a row.
    mean, sd : mapping or None
        Of rows ``mean`` and ``sd``.
    """

    cov: pd.DataFrame
    counts: tuple[float, ...]
    mean: Mapping[str, float] | None
    sd: Mapping[str, float] | None


def published_matrix(frame: pd.DataFrame) -> PublishedMatrix | None:
    """The matrix that a table holds, or None when it holds respondents.

    A matrix has a first column with the names of the others, in any order; rows named ``n``, ``mean`` and ``sd``
    may stand among them.
    """
    import pandas as pd

    names = [str(name) for name in frame.columns[1:]]
    first = frame.iloc[:, 0]
    if not names or pd.api.types.is_numeric_dtype(first.dtype):
        return None
    table = frame.iloc[:, 1:].set_axis(first.astype("str").str.strip(), axis="index")
    if not set(names) <= set(table.index):
        return None
    extra = {name: _extra_row(table, name, names) for name in EXTRA_ROWS}
    unknown = [name for name in table.index if name not in names and name.lower() not in EXTRA_ROWS]
    if unknown or table.index.has_duplicates:
        raise DataError(
            "matrix-rows",
            "the file looks like a matrix, but its rows are not its columns",
            got=f"row {unknown[0]}" if unknown else "a row name that occurs twice",
            expected="the names of the columns, and perhaps rows named n, mean and sd",
        )
    counts = tuple(sorted(set((extra["n"] or {}).values())))
    return PublishedMatrix(table.loc[names, names], counts, extra["mean"], extra["sd"])


def _extra_row(table: pd.DataFrame, name: str, variables: list[str]) -> dict[str, float] | None:
    rows = [row for row in table.index if row.lower() == name and row not in variables]
    if not rows:
        return None
    try:
        return {str(key): float(value) for key, value in table.loc[rows[0]].dropna().items()} or None
    except ValueError as problem:
        raise DataError("matrix-not-numeric", f"row {rows[0]} of the matrix: {problem}", where=rows[0]) from None


def matrix_moments(matrix: PublishedMatrix, n_obs: int | None, means: Path | None, sds: Path | None) -> Moments:
    """Moments of a published matrix; options on the command line go before rows of the file.

    Raises
    ------
    OptionError
        The number of observations is nowhere, or the file says something else.
    """
    from survey_sem.statistics import moments

    count = _number_of_observations(matrix.counts, n_obs)
    mean = named_numbers(means) if means else matrix.mean
    sd = named_numbers(sds) if sds else matrix.sd
    return moments(matrix.cov, count, mean=mean, sd=sd)  # type: ignore[arg-type]  # checked there


def _number_of_observations(counts: tuple[float, ...], given: int | None) -> float:
    """The number that file and command line agree on; of several in the file the user chooses one in their range."""
    told = " to ".join(f"{count:g}" for count in dict.fromkeys((*counts[:1], *counts[-1:])))
    if given is None and len(counts) == 1:
        return counts[0]
    if given is None:
        what = "the number of observations behind it is needed"
        if counts:
            what = "its row n gives a different number of observations for different variables"
        raise OptionError(
            "n-obs",
            f"the data are a matrix: {what}",
            where="--n-obs",
            got=told or None,
            hint="give --n-obs N" + (" (the smallest is the careful choice)" if counts else ", or a row named n"),
        )
    if counts and not counts[0] <= given <= counts[-1]:
        what = "--n-obs and the row n of the matrix contradict each other"
        raise OptionError("n-obs", what, where="--n-obs", expected=f"{told}, as the file says", got=str(given))
    return given


def named_numbers(path: Path) -> dict[str, float]:
    """Numbers by name: two columns (name, number) with or without a header, or names above one row of numbers.

    Raises
    ------
    DataError
        The table has neither shape, or a name twice.
    """
    import pandas as pd

    from survey_sem.exports import read_export

    frame = read_export(path).frame
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    if len(frame) == 1 and all(numeric):
        return {str(name): float(value) for name, value in frame.iloc[0].items()}
    rows = frame.itertuples(index=False, name=None) if numeric == [False, True] else ()
    pairs = [(str(name), float(value)) for name, value in rows]
    first = [str(cell) for cell in frame.columns]
    if pairs and _is_number(first[1]):
        pairs.insert(0, (first[0], float(first[1])))
    if not pairs or len(dict(pairs)) != len(pairs):
        raise DataError(
            "no-named-numbers",
            f"{path.name} does not hold one number per name",
            where=str(path),
            expected="two columns (name, number), or a header of names above one row of numbers",
        )
    return dict(pairs)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def refuse_matrix_options(given: Mapping[str, Any]) -> None:
    """Refuse options of a matrix where the data are respondents."""
    for option, value in given.items():
        if value is not None:
            raise OptionError(
                "needless-option",
                f"{option} goes with a published matrix, but the data are one row per respondent",
                where=option,
                expected="a matrix: a first column that names the other columns",
            )
