"""From what a user passes as data to Moments, with everything that data can have wrong with them said by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError, Warned, did_you_mean
from survey_sem.fitting.incomplete import incomplete_moments
from survey_sem.fitting.options import FitOptions
from survey_sem.fitting.weighting import RowDesign
from survey_sem.linalg import Indices
from survey_sem.sample import Sample
from survey_sem.sample.design.columns import LARGEST, column, factorized
from survey_sem.statistics import Moments, RowBlocks, label_of, sample_moments

TREATMENTS = (
    'missing="fiml" uses what every row has (full information maximum likelihood); it is unbiased where what is '
    "missing depends on observed values only (missing at random). "
    'missing="listwise" drops every row with a missing value in a modelled variable; '
    "it is unbiased only where values are missing completely at random. "
    'missing="mi" imputes several times (chained equations, predictive mean matching on the scale) and pools; it is '
    "unbiased under the same condition as fiml, and can use auxiliary variables. "
    '"pairwise" is not supported by this version'
)


RELATIVE_ROUNDING = 1e-12
"""A standard deviation below this share of the mean is rounding."""
SHOWN_GROUPS = 12
"""Groups that a message names."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupData:
    """What one group's moments come from.

    Parameters
    ----------
    source : DataFrame or Moments
        All rows, or this group's published moments.
    label : str
        Its name; "" where there are no groups.
    keep : array of row numbers or None
        Its rows; None for all of them.
    design : RowDesign
        Weights and sampling of all rows.
    """

    source: Any
    label: str = ""
    keep: Indices | None = None
    design: RowDesign = field(default_factory=RowDesign)


def group_data(
    data: Any, options: FitOptions, design: RowDesign | None = None
) -> tuple[tuple[GroupData, ...], tuple[Warned, ...]]:
    """The groups of the data in the order of first appearance (or of `group_label`); one without a group.

    Parameters
    ----------
    data : DataFrame, Sample, Moments, or a mapping of group label -> Moments
        As the user gave it.
    options : FitOptions
        `group`, `group_label` and `missing` are read.
    design : RowDesign, optional
        Weights and sampling of all rows.

    Raises
    ------
    DataError
        There is no such column, a label that no row has, a group of one row.
    MissingChoiceError
        Rows without a group, and no treatment of missing values was chosen.
    OptionError
        The data are of another kind; `group` for moments.
    """
    if isinstance(data, Sample):
        data = data.data
    if isinstance(data, Mapping) and not hasattr(data, "columns"):
        return _published_groups(data, options), ()
    if isinstance(data, Moments):
        if options.group is not None:
            raise _group_of_moments()
        return (GroupData(data, data.label),), ()
    if not hasattr(data, "columns") or not hasattr(data, "__getitem__"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame, a Sample or Moments", where="data", got=type(data).__name__
        )
    sampled = design or RowDesign()
    if options.group is None:
        return (GroupData(data, keep=sampled.inside(None), design=sampled),), ()
    groups, warnings = _row_groups(data, options)
    within = [replace(each, keep=sampled.inside(each.keep), design=sampled) for each in groups]
    return tuple(each for each in within if each.keep is None or len(each.keep)), warnings


def _published_groups(data: Mapping[Any, Any], options: FitOptions) -> tuple[GroupData, ...]:
    if options.group is not None:
        raise _group_of_moments()
    wrong = [str(label) for label, each in data.items() if not isinstance(each, Moments)]
    if wrong or not data:
        raise OptionError(
            "bad-data",
            "a mapping of groups holds Moments",
            where="data",
            expected="{label: ss.moments(...), ...}",
            got=f"other things under {', '.join(wrong[:5])}" if wrong else "nothing",
        )
    if len(data) == 1:
        return tuple(GroupData(each) for each in data.values())
    return tuple(GroupData(each, label_of(label)) for label, each in data.items())


def _group_of_moments() -> OptionError:
    return OptionError(
        "group-of-moments",
        "moments have no rows to group",
        where="group",
        hint="pass a dict of group label -> ss.moments(...)",
    )


def _row_groups(data: Any, options: FitOptions) -> tuple[tuple[GroupData, ...], tuple[Warned, ...]]:
    name = str(options.group)
    codes, values = factorized(column(data, name, "group"), "group")
    labels = [label_of(value) for value in values]
    if len(set(labels)) < len(labels):
        what = f"'{name}' holds values that look alike and are not: numbers and text"
        raise DataError("mixed-types", what, where="group", got=", ".join(labels[:SHOWN_GROUPS]), hint="convert it")
    chosen = options.group_label or tuple(labels)
    absent = sorted({*chosen} - {*labels})
    if absent or len(set(chosen)) < len(chosen):
        raise DataError(
            "unknown-group",
            f"'{name}' has no value {', '.join(absent)}" if absent else "a group is named twice",
            where="group_label",
            expected=f"some of {', '.join(labels[:30])}",
        )
    if len(chosen) < 2:
        raise DataError(
            "one-group",
            f"'{name}' has {len(chosen)} value{'s' if len(chosen) != 1 else ''}: there is nothing to compare",
            where="group",
            got=", ".join(chosen) or "no rows",
            hint="leave out `group`, or choose a column with two or more values",
        )
    warnings = _rows_without_group(codes, name, options.missing)
    place = {label: code for code, label in enumerate(labels)}
    sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
    tiny = [f"{label} ({sizes[place[label]]})" for label in chosen if sizes[place[label]] < 2]
    if tiny:
        more = f" and {len(tiny) - SHOWN_GROUPS} more" if len(tiny) > SHOWN_GROUPS else ""
        raise DataError(
            "tiny-group",
            f"groups of fewer than two rows: {', '.join(tiny[:SHOWN_GROUPS])}{more}",
            where=f"group {name}",
            hint="drop these rows, merge groups, or name the groups to compare with group_label=[...]",
        )
    return tuple(GroupData(data, label, np.flatnonzero(codes == place[label])) for label in chosen), warnings


def _rows_without_group(codes: Indices, name: str, missing: str | None) -> tuple[Warned, ...]:
    count = int((codes < 0).sum())
    if not count:
        return ()
    if missing is None:
        raise MissingChoiceError(
            "missing-not-chosen",
            f"{count} rows have no value in the group variable '{name}', and no treatment was chosen",
            where="missing",
            expected=TREATMENTS,
            hint="rows without a group can only be dropped",
        )
    return (Warned("group-missing", f"{count} rows without a value in '{name}' were dropped"),)


def model_moments(
    group: GroupData, names: Sequence[str], missing: str | None, given: Sequence[str] = ()
) -> tuple[Moments, tuple[Warned, ...]]:
    """Moments of one group's observed variables, and warnings about the data.

    `given` are the variables whose distribution is not modelled.

    Raises
    ------
    DataError
        A variable is absent, not numeric, constant, or has infinite values; too few rows.
    MissingChoiceError
        Modelled variables have missing values and `missing` is None.
    """
    if not names:
        raise DataError("no-observed-variables", "the model has no observed variables")
    data = group.source
    if isinstance(data, Moments) and missing == "fiml":
        raise OptionError("rows-needed", 'missing="fiml" needs the rows: published moments have none', where="missing")
    if isinstance(data, Moments):
        moments = replace(_published(data, names), label=group.label)
        return moments, (*scale_warnings(moments), *_published_warnings(moments))
    known = [str(column) for column in data.columns]
    _check_present([part for name in names for part in _parts(name, known)], known)
    columns = tuple(_column(data, name, known) for name in names)
    design = group.design
    rows = RowBlocks(columns, group.keep, data.index, design.clusters, design.weights, design.scatter)
    if missing == "fiml":
        _check_finite(rows, names)
        moments, warnings = incomplete_moments(rows, names, given, group.label)
        return moments, (*warnings, *scale_warnings(moments))
    return _from_rows(rows, names, missing, group.label)


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


def _published_warnings(moments: Moments) -> list[Warned]:
    warnings = []
    if np.allclose(np.diag(moments.cov), 1.0, rtol=0.0, atol=1e-12):
        warnings.append(
            Warned(
                "correlation-matrix",
                "a correlation matrix is analysed as a covariance matrix: standard errors, and the chi-square of a "
                "model that depends on units, are not to be trusted",
                hint="give the standard deviations: ss.moments(cov=..., sd=...)",
            )
        )
    if moments.n_obs <= len(moments.names):
        warnings.append(
            Warned("few-observations", f"{moments.n_obs} observations for {len(moments.names)} variables: is n right?")
        )
    return warnings


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
    numbers, wrong = _parsed(series)
    if not wrong and kind == "O" and not hasattr(dtype, "categories"):
        return numbers  # plain numbers that came in a column of objects
    row, value = wrong[0] if wrong else (0, numbers[0] if len(numbers) else None)
    raise DataError(
        "not-numeric",
        f"'{name}' is not numeric" + (f" ({len(wrong)} of {len(series)} values)" if wrong else ""),
        where=f"{name}, data row {row + 1}",
        expected="numbers",
        got=f"{dtype}, there {str(value)[:60]!r}",
        hint="recode it to numbers, or leave it out of the model",
    )


def _parsed(series: Any) -> tuple[np.ndarray[Any, Any], list[tuple[int, Any]]]:
    """A column of objects as numbers (NaN where missing), and the positions and values that are none.

    Text that spells a number counts as a number here only to find the value that does not.
    """
    from pandas import isna
    from pandas.api.types import is_scalar

    numbers = np.full(len(series), np.nan)
    wrong, has_text = [], False
    for at, value in enumerate(series):
        if is_scalar(value) and isna(value):
            continue
        has_text = has_text or isinstance(value, str)
        if not is_scalar(value):  # some of one value would pass for it
            wrong.append((at, value))
            continue
        try:
            numbers[at] = float(value)
        except (TypeError, ValueError, OverflowError):
            wrong.append((at, value))
    if has_text and not wrong:
        wrong = [(0, series.iloc[0])]
    return numbers, wrong


def _from_rows(
    rows: RowBlocks, names: Sequence[str], missing: str | None, label: str
) -> tuple[Moments, tuple[Warned, ...]]:
    n_total, where = rows.n_rows, _in_group(label)
    if n_total == 0:
        raise DataError("no-rows", "the data have no rows")
    moments = sample_moments(rows, names, label)
    warnings: list[Warned] = []
    if not np.isfinite(moments.cov).all():
        rows = _complete(rows, names, missing, where)
        moments = sample_moments(rows, names, label, n_total)
        if not np.isfinite(moments.cov).all():
            raise _too_large(rows, names)
        dropped = n_total - rows.n_rows
        if dropped:
            warnings.append(
                Warned(
                    "listwise",
                    f"listwise deletion dropped {dropped} of {n_total} rows ({dropped / n_total:.1%})",
                    where,
                    hint="results hold for the rows that remain; they are biased unless values are missing completely "
                    "at random",
                )
            )
    _check_variances(moments, where)
    warnings += scale_warnings(moments)
    return moments, tuple(warnings)


def _in_group(label: str) -> str | None:
    return f"group {label}" if label else None


def _complete(rows: RowBlocks, names: Sequence[str], missing: str | None, where: str | None) -> RowBlocks:
    """The rows without missing values, where the user chose to drop the others."""
    _check_finite(rows, names)
    counts = rows.missing_counts()
    if missing is None and any(counts):
        told = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True) if count)
        complete = len(rows.complete_rows())
        raise MissingChoiceError(
            "missing-not-chosen",
            f"modelled variables have missing values and no treatment was chosen: {told}",
            where="missing" + (f", {where}" if where else ""),
            expected=TREATMENTS,
            got=f"{complete} complete rows of {rows.n_rows}",
            hint='choose one: missing="fiml", missing="mi" or missing="listwise"; the report will say what it did',
        )
    keep = rows.complete_rows()
    if len(keep) < 2:
        worst = names[int(np.argmax(counts))]
        raise DataError(
            "no-complete-rows",
            f"only {len(keep)} rows have no missing value",
            where=where,
            hint=f"{worst} is missing most often ({max(counts)} times)",
        )
    return replace(rows, keep=keep)


def _check_finite(rows: RowBlocks, names: Sequence[str]) -> None:
    large = {
        name: values
        for name, values in zip(names, rows.columns, strict=True)
        if values.dtype.kind == "f" and (np.abs(values) > min(LARGEST, np.finfo(values.dtype).max)).any()
    }
    infinite = [name for name, values in large.items() if np.isinf(values).any()]
    if infinite:
        raise DataError("infinite-values", f"infinite values in {', '.join(infinite)}", hint="recode them")
    if large:
        raise _too_large(rows, names)


def _too_large(rows: RowBlocks, names: Sequence[str]) -> DataError:
    """The error that names a value whose square is not a number."""
    for name, values in zip(names, rows.columns, strict=True):
        at = int((np.abs(values) > LARGEST).argmax())
        if abs(values[at]) > LARGEST:
            return DataError(
                "value-too-large", f"'{name}' holds {values[at]:.6g}", where=f"data row {at + 1}", hint="recode it"
            )
    return DataError("value-too-large", "the covariances of these data are not numbers", hint="rescale the variables")


def _check_variances(moments: Moments, where: str | None) -> None:
    variance = np.diag(moments.cov)
    mean = np.zeros(len(variance)) if moments.mean is None else moments.mean
    smallest = (RELATIVE_ROUNDING * mean) ** 2
    constant = [name for name, is_constant in zip(moments.names, variance <= smallest, strict=True) if is_constant]
    if constant:
        raise DataError(
            "constant-variable",
            f"no variance in {', '.join(constant)}: every row has the same value",
            where=where,
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
