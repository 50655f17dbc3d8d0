"""Columns about the answer sheet: who, when, how long, from where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument.model import Paradata
from survey_sem.responses.answers import Problem, moments_of
from survey_sem.responses.cells import Cells, Flags, Positions, as_objects, cells_of
from survey_sem.responses.shown import shown_values

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_CLOCK = re.compile(
    r"(?:(\d+)\s*(?:小时|时|h|:))?\s*(?:(\d+)\s*(?:分钟|分|min|m|:))?\s*(?:(\d+(?:\.\d+)?)\s*(?:秒|s|sec)?)?"
)


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the paradata: its values as the analysis needs them, and what is wrong with them.

    Parameters
    ----------
    name, column : str
        Role and column.
    values : array, shape (n_rows,)
        Times as datetime64, seconds as numbers, the others as texts (NaN where empty).
    problems : tuple of Problem
        Findings.
    groups : int32 array or None
        Of the id: its number per row, -1 where it is missing.
    """

    name: str
    column: str
    values: NDArray[Any]
    problems: tuple[Problem, ...] = ()
    groups: Positions | None = None


def read_role(role: str, column: str, values: pd.Series[Any], told: Paradata) -> Role:
    """Read one role and check it: ids, times within the field period, possible durations."""
    if role in ("started", "submitted"):
        return _time(role, column, values, told)
    if role == "duration":
        return _duration(column, values, told)
    texts, groups = _names(values)
    if role != "id":
        return Role(role, column, texts)
    return Role(role, column, texts, tuple(_id_problems(texts, groups)), groups)


def _names(column: pd.Series[Any]) -> tuple[NDArray[np.object_], Positions]:
    """Values as texts, whole numbers without a point however long; and a number per distinct text, -1 where empty."""
    import pandas as pd

    if pd.api.types.is_integer_dtype(column.dtype):
        texts = column.astype("str").where(column.notna()).to_numpy(dtype=object)
        codes = pd.factorize(column)[0].astype(np.int32)
    else:
        cells = cells_of(column)
        texts = as_objects([*cells.texts(), np.nan])[cells.index]
        codes = np.where(cells.index == cells.n_values, -1, cells.index).astype(np.int32)
    texts[codes < 0] = np.nan
    return texts, codes


def _id_problems(texts: NDArray[np.object_], groups: Positions) -> Iterator[Problem]:
    missing = np.flatnonzero(groups < 0).astype(np.int32)
    if len(missing):
        hint = "find the answer sheet on the platform, or drop the rows: what has no id cannot be traced"
        yield Problem("missing-id", missing, "nothing", hint, "an id in every row")
    often = np.bincount(groups[groups >= 0])
    repeated = (groups >= 0) & (often[groups] > 1) if len(often) else np.zeros(len(groups), dtype=bool)
    rows = np.flatnonzero(repeated).astype(np.int32)
    if len(rows):
        n_ids = int((often > 1).sum())
        got = f"{n_ids} id{'s' if n_ids != 1 else ''} more than once, up to {int(often.max())} times"
        hint = "the file holds answer sheets twice: keep the first or the last of each"
        yield Problem("duplicate-id", rows, got, hint, "every id once")


def _time(role: str, column: str, values: pd.Series[Any], told: Paradata) -> Role:
    cells = cells_of(values)
    moments = moments_of(cells, told.time_format)
    bad = np.isnat(moments)
    problems = []
    if bad.any():
        flags = np.append(bad, False)
        example = told.time_format or "2026-05-01 12:30:00 or 2026/5/1 12:30:00"
        hint = "say how times are written under `paradata: time_format:`"
        problems.append(Problem("bad-date", cells.rows_where(flags), _times(cells, flags), hint, f"a time ({example})"))
    is_last = role == "submitted" or told.submitted is None
    if is_last and (told.field_start is not None or told.field_end is not None):
        problems += _outside_period(cells, moments, told)
    return Role(role, column, np.append(moments, np.datetime64("NaT", "us"))[cells.index], tuple(problems))


def _times(cells: Cells, flags: Flags) -> str:
    return shown_values(cells, flags) if cells.kind != "number" else "numbers"


def _outside_period(cells: Cells, moments: NDArray[np.datetime64], told: Paradata) -> Iterator[Problem]:
    days = moments.astype("datetime64[D]")
    outside = np.zeros(len(days), dtype=bool)
    expected = []
    if told.field_start is not None:
        outside |= days < np.datetime64(told.field_start, "D")
        expected.append(f"from {told.field_start.isoformat()}")
    if told.field_end is not None:
        outside |= days > np.datetime64(told.field_end, "D")
        expected.append(f"up to {told.field_end.isoformat()}")
    rows = cells.rows_where(np.append(outside, False))
    if len(rows):
        found = days[outside]
        got = str(found.min()) if found.min() == found.max() else f"{found.min()} to {found.max()}"
        hint = "test interviews or late answers: drop them, or correct the field period"
        yield Problem("outside-field-period", rows, got, hint, f"the field period {' '.join(expected)}")


def _duration(column: str, values: pd.Series[Any], told: Paradata) -> Role:
    cells = cells_of(values)
    seconds = cells.numbers() if cells.kind == "number" else np.array([_seconds(str(text)) for text in cells.texts()])
    seconds = seconds.astype(np.float64)
    problems = []
    unread = np.append(np.isnan(seconds), False)
    if unread.any():
        hint = "write durations in seconds, as 243秒 or as 0:04:03"
        problems.append(Problem("wrong-type", cells.rows_where(unread), shown_values(cells, unread), hint, "seconds"))
    impossible = seconds <= 0 if told.shortest is None else seconds < told.shortest
    if told.longest is not None:
        impossible = impossible | (seconds > told.longest)
    rows = cells.rows_where(np.append(impossible, False))
    if len(rows):
        least = "more than 0" if told.shortest is None else f"at least {told.shortest:g}"
        most = "" if told.longest is None else f" and at most {told.longest:g}"
        found = seconds[impossible]
        got = f"{found.min():g} to {found.max():g}" if found.min() != found.max() else f"{found.min():g}"
        hint = "nobody answers so fast or so long: look at these sheets, and drop them by a declared rule"
        problems.append(Problem("impossible-duration", rows, got, hint, f"{least}{most} seconds"))
    return Role("duration", column, np.append(seconds, np.nan)[cells.index], tuple(problems))


def _seconds(text: str) -> float:
    """Seconds of ``243``, ``243秒``, ``4分3秒``, ``0:04:03`` and ``4:03``; NaN for anything else."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return float("nan")
    hours, minutes, seconds = match.groups()
    if minutes is None and hours is not None and ":" in text:
        hours, minutes = None, hours
    return float(hours or 0) * 3600 + float(minutes or 0) * 60 + float(seconds or 0)


def backwards(started: Role, submitted: Role) -> Role:
    """`submitted`, with a finding where answers were sent before they were begun."""
    rows = np.flatnonzero(submitted.values < started.values).astype(np.int32)
    if not len(rows):
        return submitted
    hint = "look at the two columns: they may be exchanged, or of different time zones"
    found = Problem("impossible-duration", rows, "earlier times", hint, f"times after '{started.column}'")
    return Role(submitted.name, submitted.column, submitted.values, (*submitted.problems, found))
