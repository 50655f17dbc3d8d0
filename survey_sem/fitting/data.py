"""From what a user passes as data to Moments, with everything that data can have wrong with them said by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError, Warned, did_you_mean
from survey_sem.sample import Sample
from survey_sem.statistics import Moments, RowBlocks, sample_moments

TREATMENTS = (
    'missing="listwise" drops every row with a missing value in a modelled variable; '
    "it is unbiased only where values are missing completely at random. "
    'Full information ("fiml"), multiple imputation ("mi") and "pairwise" are not supported by this version'
)


def model_moments(data: Any, names: Sequence[str], missing: str | None) -> tuple[Moments, tuple[Warned, ...]]:
    """Moments of the model's observed variables, and warnings about the data.

    Parameters
    ----------
    data : DataFrame, Sample or Moments
        Rows (one column per variable), or published moments.
    names : sequence of str
        The model's observed variables.
    missing : str or None
        Treatment of missing values; None is an error where there are any.

    Raises
    ------
    DataError
        A variable is absent, not numeric, constant, or has infinite values; too few rows.
    MissingChoiceError
        Modelled variables have missing values and `missing` is None.
    """
    if not names:
        raise DataError("no-observed-variables", "the model has no observed variables")
    if isinstance(data, Mapping) and len(data) == 1:
        (data,) = data.values()
    if isinstance(data, Sample):
        data = data.data
    if isinstance(data, Moments):
        return _published(data, names), ()
    if isinstance(data, Mapping):
        raise OptionError("not-supported", "several groups are not supported by this version", where="data")
    if not hasattr(data, "columns") or not hasattr(data, "__getitem__"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame, a Sample or Moments", where="data", got=type(data).__name__
        )
    known = [str(column) for column in data.columns]
    _check_present([part for name in names for part in _parts(name, known)], known)
    columns = tuple(_column(data, name, known) for name in names)
    return _from_rows(columns, names, missing)


def _parts(name: str, known: Sequence[str]) -> list[str]:
    """The columns behind a name: ``x:z`` is a product, unless the data have a column of that very name."""
    return [name] if name in known or ":" not in name else name.split(":")


def _column(data: Any, name: str, known: Sequence[str]) -> np.ndarray[Any, Any]:
    factors = [numeric_column(data[part], part) for part in _parts(name, known)]
    if len(factors) == 1:
        return factors[0]
    return np.asarray(np.prod([factor.astype(np.float64) for factor in factors], axis=0))


def _published(moments: Moments, names: Sequence[str]) -> Moments:
    _check_present(names, moments.names)
    return moments.select(names)


def _check_present(names: Sequence[str], known: Sequence[str]) -> None:
    absent = [name for name in names if name not in known]
    if not absent:
        return
    hints = [f"{name}: {hint}" for name in absent if (hint := did_you_mean(name, known))]
    shown = ", ".join(known[:30]) + (f" and {len(known) - 30} more" if len(known) > 30 else "")
    raise DataError(
        "unknown-variable",
        f"the data have no column {', '.join(repr(name) for name in absent)}",
        expected=f"one of {shown}",
        hint="; ".join(hints) or "check the names in the model; capital letters count",
    )


def numeric_column(series: Any, name: str) -> np.ndarray[Any, Any]:
    """A column as a numeric array with NaN for missing values; text and categories are errors.

    Raises
    ------
    DataError
        Text, an unordered category, a date; two columns of one name.
    OptionError
        An ordered category: its values are ranks, not numbers.
    """
    if getattr(series, "ndim", 1) != 1:
        raise DataError("duplicate-column", f"the data have two columns named '{name}'")
    dtype = series.dtype
    if getattr(dtype, "ordered", False):
        raise OptionError(
            "ordered-category",
            f"'{name}' is an ordered category; ordinal estimators are not supported by this version",
            where=name,
            hint=f"to treat its codes as numbers: data['{name}'] = data['{name}'].cat.codes + 1",
        )
    kind = getattr(dtype, "kind", "O")
    if kind in "iuf" and isinstance(dtype, np.dtype):
        return np.asarray(series.to_numpy())
    if kind in "iufb":
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    example = next(
        (repr(value) for value in series if isinstance(value, str)), repr(series.iloc[0] if len(series) else None)
    )
    raise DataError(
        "not-numeric",
        f"'{name}' is not numeric",
        where=name,
        expected="numbers",
        got=f"{dtype}, for example {example}",
        hint="recode it to numbers, or leave it out of the model",
    )


def _from_rows(
    columns: tuple[np.ndarray[Any, Any], ...], names: Sequence[str], missing: str | None
) -> tuple[Moments, tuple[Warned, ...]]:
    rows = RowBlocks(columns)
    n_total = rows.n_rows
    if n_total == 0:
        raise DataError("no-rows", "the data have no rows")
    moments = sample_moments(rows, names)
    warnings: list[Warned] = []
    if not np.isfinite(moments.cov).all():
        rows = _complete(rows, names, missing)
        moments = sample_moments(rows, names, n_total=n_total)
        dropped = n_total - rows.n_rows
        if dropped:
            warnings.append(
                Warned(
                    "listwise",
                    f"listwise deletion dropped {dropped} of {n_total} rows ({dropped / n_total:.1%})",
                    hint="results hold for the rows that remain; they are biased unless values are missing at random "
                    "regardless of everything measured",
                )
            )
    _check_variances(moments)
    warnings += scale_warnings(moments)
    return moments, tuple(warnings)


def _complete(rows: RowBlocks, names: Sequence[str], missing: str | None) -> RowBlocks:
    """The rows without missing values, where the user chose to drop the others."""
    infinite = [
        name
        for name, column in zip(names, rows.columns, strict=True)
        if column.dtype.kind == "f" and np.isinf(column).any()
    ]
    if infinite:
        raise DataError("infinite-values", f"infinite values in {', '.join(infinite)}", hint="recode them")
    counts = rows.missing_counts()
    if missing is None:
        told = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True) if count)
        complete = len(rows.complete_rows())
        raise MissingChoiceError(
            "missing-not-chosen",
            f"modelled variables have missing values and no treatment was chosen: {told}",
            where="missing",
            expected=TREATMENTS,
            got=f"{complete} complete rows of {rows.n_rows}",
            hint='choose one, e.g. missing="listwise"; the report will say what it did',
        )
    keep = rows.complete_rows()
    if len(keep) < 2:
        worst = names[int(np.argmax(counts))]
        raise DataError(
            "no-complete-rows",
            f"only {len(keep)} rows have no missing value",
            hint=f"{worst} is missing most often ({max(counts)} times)",
        )
    return RowBlocks(rows.columns, keep)


def _check_variances(moments: Moments) -> None:
    variance = np.diag(moments.cov)
    mean = np.zeros(len(variance)) if moments.mean is None else moments.mean
    constant = [name for name, v, m in zip(moments.names, variance, mean, strict=True) if v <= 1e-14 * max(1.0, m * m)]
    if constant:
        raise DataError(
            "constant-variable",
            f"no variance in {', '.join(constant)}: every row has the same value",
            hint="leave it out of the model",
        )


def scale_warnings(moments: Moments) -> list[Warned]:
    """A warning where variances differ so much in size that numbers are hard to read and to compute."""
    variance = np.diag(moments.cov)
    large, small = int(variance.argmax()), int(variance.argmin())
    if variance[large] <= 1000.0 * variance[small]:
        return []
    return [
        Warned(
            "variance-scales",
            f"the variance of {moments.names[large]} ({variance[large]:.4g}) is more than 1,000 times that of "
            f"{moments.names[small]} ({variance[small]:.4g})",
            hint="rescale one of them, e.g. divide by a power of ten",
        )
    ]
