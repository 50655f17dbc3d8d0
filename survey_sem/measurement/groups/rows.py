"""What is compared: numbers and groups of one variable, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import LARGEST, column, factorized, is_numeric, values_of
from survey_sem.sampling.stages import Booleans

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS = 50
MISSING = ("listwise", "available")


@dataclass(frozen=True, slots=True)
class Rows:
    """A variable in groups.

    Parameters
    ----------
    name : str
        The variable.
    used : array of bool (n,)
        Rows of the data that take part.
    y : array (n_used,)
        Their values.
    codes : array of int (n_used,)
        Their groups, as places in `labels`.
    labels : tuple of str
        The groups that take part.
    n_dropped : int
        Rows that a missing value kept away.
    left_out : tuple of str
        Groups that are too small.
    """

    name: str
    used: Booleans
    y: Array
    codes: Indices
    labels: tuple[str, ...]
    n_dropped: int
    left_out: tuple[str, ...]

    @property
    def parts(self) -> list[Array]:
        """The values of each group."""
        return [self.y[self.codes == code] for code in range(len(self.labels))]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of all rows: codes (n,), -1 where missing, and the labels they stand for."""

    by: str
    codes: Indices
    labels: tuple[str, ...]


def read_groups(data: pd.DataFrame, by: str, inside: Booleans) -> Groups:
    """The groups of the rows inside the domain, in their order."""
    series = column(data, by, "by")
    present = series[inside].dropna()
    levels = _levels(present)
    if len(levels) > MOST_GROUPS:
        raise DataError(
            "too-many-groups",
            f"'{by}' has {len(levels)} values",
            where="by",
            expected=f"at most {MOST_GROUPS} groups",
            hint="a number such as age goes into a regression, or into classes first (pandas.cut)",
        )
    codes: Indices = np.full(len(series), -1, dtype=np.intp)
    for code, level in enumerate(levels):
        codes[(series == level).fillna(False).to_numpy(dtype=bool)] = code
    return Groups(by, codes, tuple(_said(level) for level in levels))


def complete_rows(
    data: pd.DataFrame, names: Sequence[str], groups: Groups, inside: Booleans, missing: str | None
) -> dict[str, Booleans]:
    """Variable -> rows without a missing value that take part."""
    if missing is not None and missing not in MISSING:
        raise OptionError(
            "bad-option", f"missing has no value {missing!r}", where="missing", expected=", ".join(MISSING)
        )
    absent = {name: numbers(data, name, inside)[1] for name in names}
    no_group = (groups.codes < 0) & inside
    counts = {name: int((each & inside).sum()) for name, each in absent.items()} | {groups.by: int(no_group.sum())}
    if missing is None and any(counts.values()):
        somewhere = no_group | (np.logical_or.reduce(list(absent.values())) & inside)
        raise MissingChoiceError(
            "missing-not-chosen",
            "there are missing values, and nothing says what to do about them",
            got=", ".join(f"{name} ({n})" for name, n in counts.items() if n),
            expected=f"missing='listwise' leaves out {int(somewhere.sum())} of {int(inside.sum())} rows, "
            "missing='available' takes the rows of each variable by itself",
        )
    if missing == "listwise":
        everywhere = np.logical_or.reduce(list(absent.values()))
        absent = {name: everywhere for name in names}  # noqa: C420  fromkeys loses the type
    return {name: inside & ~no_group & ~each for name, each in absent.items()}


def rows_of(
    data: pd.DataFrame, name: str, groups: Groups, complete: Booleans, inside: Booleans, min_group: int | None
) -> Rows:
    """A variable in its groups; refused where there is nothing to compare."""
    sizes = np.bincount(groups.codes[complete], minlength=len(groups.labels))
    small = sizes < (2 if min_group is None else min_group)
    if min_group is None and (small & (sizes > 0)).any():
        told = ", ".join(f"{groups.labels[k]} ({sizes[k]})" for k in np.flatnonzero(small & (sizes > 0)))
        raise DataError(
            "group-too-small",
            f"a group of '{groups.by}' has a single value of '{name}', and so no variance",
            where=f"column {groups.by}",
            got=told,
            hint="min_group=2 leaves such groups out, and says so; or join groups",
        )
    kept = np.flatnonzero(~small)
    place = np.full(len(groups.labels) + 1, -1, dtype=np.intp)
    place[kept] = np.arange(len(kept))
    codes = place[groups.codes]
    used = np.asarray(complete & (codes >= 0))
    if len(kept) < 2:
        raise DataError(
            "one-group",
            f"'{groups.by}' has {'no group' if len(kept) == 0 else 'one group'} to compare '{name}' in",
            where=f"column {groups.by}",
            got=", ".join(f"{label} ({n})" for label, n in zip(groups.labels, sizes, strict=True)) or "no values",
            expected=f"two groups or more{'' if min_group is None else f' of at least {min_group} rows'}",
        )
    y = numbers(data, name, inside)[0][used]
    if np.ptp(y) <= 1 / LARGEST:
        raise DataError(
            "constant-variable", f"'{name}' has the same value in all rows", where=f"column {name}", got=f"{y[0]:g}"
        )
    left_out = tuple(groups.labels[k] for k in np.flatnonzero(small & ((sizes > 0) | (min_group is not None))))
    labels = tuple(groups.labels[k] for k in kept)
    return Rows(name, used, y, codes[used], labels, int((inside & ~complete).sum()), left_out)


def numbers(data: pd.DataFrame, name: str, inside: Booleans) -> tuple[Array, Booleans]:
    """A column as numbers, and which of them are missing."""
    series = column(data, name, "variables")
    if not is_numeric(series):
        raise DataError(
            "not-numeric",
            f"'{name}' is not a column of numbers, and has no mean",
            where=f"column {name}",
            got=str(series.dtype),
            hint="shares of categories: SurveyDesign.table and chisq",
        )
    values = values_of(series, f"column {name}")
    if np.isinf(values[inside]).any():
        raise DataError("not-finite", f"'{name}' has infinite values", where=f"column {name}")
    return values, np.isnan(values)


def _levels(present: pd.Series[Any]) -> list[Any]:
    """Groups that occur: categories in their order, others sorted."""
    found = factorized(present, "by")[1]
    if hasattr(present, "cat"):
        return [level for level in present.cat.categories if level in set(found)]
    kinds = {isinstance(level, str) for level in found}
    return factorized(present, "by", sort=True)[1] if len(kinds) < 2 else sorted(found, key=str)


def _said(level: Any) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)
