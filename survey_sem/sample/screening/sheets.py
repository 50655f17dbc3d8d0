"""Answer sheets as screening needs them, from validated responses or from a data frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.instrument import Instrument, Item
from survey_sem.linalg import Array, Indices
from survey_sem.responses import ABSENT_KINDS, Responses
from survey_sem.sample.constructs import items_of_constructs
from survey_sem.sample.design.columns import factorized, is_numeric, values_of

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

_ROUTED = ABSENT_KINDS.index("routed")
KEYS = ("id", "ip", "device")


@dataclass(frozen=True, slots=True, eq=False)
class Sheets:
    """What is looked at.

    Parameters
    ----------
    names : tuple of str
        The screened items, in the order of presentation.
    given, keyed : arrays (n, p)
        Answers as given, and with reversed items turned; NaN where there is none.
    scales, pages : sequences of index arrays
        Positions of the items of each construct, and of those that stood together.
    labels : Index
        Of the rows.
    seconds : array (n,) or None
        Time taken.
    asked : array (n,) or None
        Items that were asked, of the whole questionnaire.
    failed : array (n,) or None
        Attention checks failed.
    keys : mapping
        ``id ip device`` -> codes from 0, -1 unknown.
    submitted : array (n,) or None
        Clock time in seconds.
    texts : mapping
        Free-text items -> columns.
    least_seconds : float or None
        Seconds per item that the instrument calls too fast.
    """

    names: tuple[str, ...]
    given: Array
    keyed: Array
    scales: Sequence[Indices]
    pages: Sequence[Indices]
    labels: pd.Index[Any]
    seconds: Array | None = None
    asked: Array | None = None
    failed: Array | None = None
    keys: Mapping[str, Indices] = field(default_factory=dict)
    submitted: Array | None = None
    texts: Mapping[str, Column] = field(default_factory=dict)
    least_seconds: float | None = None


def sheets_of_responses(responses: Responses, wanted: Sequence[str] | None, rows: NDArray[np.bool_]) -> Sheets:
    """Sheets of the rows; the instrument says what is a scale, a page, reversed, an attention check.

    Raises
    ------
    DataError
        An item or construct is not there, or has no scale of numbers.
    """
    instrument = responses.instrument
    frame, paradata = responses.frame[rows], responses.paradata[rows]
    items = _chosen(instrument, wanted, [str(name) for name in frame.columns])
    given = numbers(frame, [item.id for item in items])
    keyed = given.copy()
    for at, item in enumerate(items):
        if item.reverse and item.scale is not None and item.scale.min is not None and item.scale.max is not None:
            keyed[:, at] = item.scale.min + item.scale.max - keyed[:, at]
    place = {item.id: at for at, item in enumerate(items)}
    absent = responses.absent[rows]
    scales = [_places(construct.items, place) for construct in instrument.constructs]
    keys = {role: _key_codes(paradata[role]) for role in KEYS if role in paradata.columns}
    texts = [item.id for item in instrument.items if item.type == "text" and item.id in frame.columns]
    return Sheets(
        names=tuple(place),
        given=given,
        keyed=keyed,
        scales=[scale for scale in scales if len(scale)],
        pages=_pages(items),
        labels=frame.index,
        seconds=numbers(paradata, ["duration"])[:, 0] if "duration" in paradata.columns else None,
        asked=(absent.to_numpy() != _ROUTED).sum(axis=1).astype(np.float64),
        failed=_failed(instrument, frame, absent),
        keys=keys,
        submitted=_clock(paradata),
        texts={name: frame[name] for name in texts},
        least_seconds=instrument.quality.seconds_per_item,
    )


def _chosen(instrument: Instrument, wanted: Sequence[str] | None, there: Sequence[str]) -> list[Item]:
    constructs = items_of_constructs(instrument)
    checks = {check.item for check in instrument.quality.attention}
    if wanted is None:
        names = {name for items in constructs.values() for name in items}
        names = names or {item.id for item in instrument.items if item.type == "ordinal"}
        names -= checks
    else:
        known = [*constructs, *(item.id for item in instrument.items)]
        for name in wanted:
            if name not in known:
                what = f"there is no item or construct '{name}' to screen"
                raise DataError("unknown-item", what, where="screening: items", hint=did_you_mean(name, known))
        names = {each for name in wanted for each in constructs.get(name, (name,))}
    chosen = [item for item in instrument.items if item.id in names]
    for item in chosen:
        if item.id not in there or item.type not in ("ordinal", "number"):
            why = "is not in the data" if item.id not in there else f"is of type {item.type}"
            raise DataError("unusable-item", f"item '{item.id}' cannot be screened: it {why}", where="screening: items")
    if len(chosen) < 2:
        what = f"{len(chosen)} items cannot be screened"
        raise DataError("too-few-items", what, where="screening: items", expected="two or more")
    return chosen


def _places(items: Sequence[str], place: Mapping[str, int]) -> Indices:
    return np.array([place[name] for name in items if name in place], dtype=np.intp)


def _pages(items: Sequence[Item]) -> list[Indices]:
    found, at = [], 0
    for matrix, rows in groupby(items, key=lambda item: item.matrix):
        n = len(list(rows))
        if matrix is not None:
            found.append(np.arange(at, at + n))
        at += n
    return found


def _failed(instrument: Instrument, frame: pd.DataFrame, absent: pd.DataFrame) -> Array | None:
    """Checks that were asked and not answered rightly; silence is no right answer."""
    checks = [check for check in instrument.quality.attention if check.item in frame.columns]
    if not checks:
        return None
    failed = np.zeros(len(frame))
    for check in checks:
        right = frame[check.item].isin(list(check.answers)).to_numpy(dtype=bool)
        asked = absent[check.item].to_numpy() != _ROUTED if check.item in absent.columns else True
        failed += ~right & asked
    return failed


def _clock(paradata: pd.DataFrame) -> Array | None:
    for role in ("submitted", "started"):
        if role in paradata.columns:
            return _seconds(paradata[role])
    return None


def _seconds(column: Column) -> Array:
    """Clock times in seconds; numbers are seconds already.

    Raises
    ------
    DataError
        Not one value is a point in time.
    """
    import pandas as pd

    if getattr(column.dtype, "kind", "O") in "iuf":
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    times = pd.to_datetime(column, errors="coerce", format="mixed")
    if times.isna().all() and not column.isna().all():
        expected = "times such as 2026-05-01 12:30:00, or numbers of seconds"
        raise DataError("no-times", f"column '{column.name}' holds no points in time", expected=expected)
    days = (times - times.min()).dt.total_seconds()
    return np.asarray(days.to_numpy(dtype=np.float64, na_value=np.nan))


def _key_codes(column: Column) -> Indices:
    return factorized(column, str(column.name))[0]


def numbers(frame: pd.DataFrame, names: Sequence[str]) -> Array:
    """Columns as float64 (n, p), NaN where missing.

    Raises
    ------
    DataError
        No such column; it holds no numbers; infinite values.
    """
    found = np.empty((len(frame), len(names)), order="F")
    for at, name in enumerate(names):
        if name not in frame.columns:
            known = [str(column) for column in frame.columns]
            raise DataError("unknown-variable", f"the data have no column '{name}'", hint=did_you_mean(name, known))
        column = frame[name]
        if not is_numeric(column):
            what = f"column '{name}' holds no numbers"
            raise DataError("not-numeric", what, where=name, got=str(column.dtype))
        found[:, at] = values_of(column, name)
    if np.isinf(found).any():
        raise DataError("infinite-values", "infinite values among the answers", hint="recode them")
    return np.ascontiguousarray(found)


@dataclass(frozen=True, slots=True)
class FrameRoles:
    """What the columns of a data frame are; see :func:`survey_sem.screen`."""

    items: str | Sequence[str] | None = None
    scales: Mapping[str, Sequence[str]] | None = None
    pages: Sequence[Sequence[str]] | None = None
    reverse: str | Sequence[str] = ()
    scale_range: tuple[float, float] | None = None
    attention: Mapping[str, Any] | None = None
    duration: str | None = None
    id: str | None = None
    ip: str | None = None
    device: str | None = None
    submitted: str | None = None
    texts: str | Sequence[str] = ()


def sheets_of_frame(frame: pd.DataFrame, roles: FrameRoles) -> Sheets:
    """Sheets of a data frame.

    Raises
    ------
    DataError, OptionError
        A column is not there or holds no numbers; reversed items without the range of their scale.
    """
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError("duplicate-column", f"the data have two columns named '{twice[0]}'")
    names = _frame_items(frame, roles)
    if len(set(names)) < len(names):
        raise OptionError("duplicate-item", "an item is named twice", where="items", got=", ".join(names))
    given = numbers(frame, names)
    if len(given) < 2 or len(names) < 2:
        got = f"{len(given)} rows, {len(names)} items"
        raise DataError("too-few", "screening compares answers with those of others", expected="two or more", got=got)
    place = {name: at for at, name in enumerate(names)}
    keyed = given.copy()
    if not isinstance(roles.scales, Mapping | None):
        what = "scales are a mapping of name -> items"
        raise OptionError("wrong-type", what, where="scales", got=type(roles.scales).__name__)
    for name in _listed(roles.reverse):
        if not isinstance(roles.scale_range, tuple | list) or len(roles.scale_range) != 2:
            what = "reversed items need the ends of their scale"
            raise OptionError("missing-option", what, where="scale_range", expected="such as (1, 7)")
        _require([name], place, "reverse")
        keyed[:, place[name]] = sum(roles.scale_range) - keyed[:, place[name]]
    for where, groups in (("scales", (roles.scales or {}).values()), ("pages", roles.pages or ())):
        for members in groups:
            _require(members, place, where)
    keys = {role: name for role in KEYS if (name := getattr(roles, role)) is not None}
    texts = _listed(roles.texts)
    _require([*keys.values(), *texts, *filter(None, [roles.submitted])], frame.columns, "columns")
    return Sheets(
        names=tuple(names),
        given=given,
        keyed=keyed,
        scales=[_places(members, place) for members in (roles.scales or {}).values()],
        pages=[_places(members, place) for members in roles.pages or ()],
        labels=frame.index,
        seconds=None if roles.duration is None else numbers(frame, [roles.duration])[:, 0],
        asked=None if roles.duration is None else np.full(len(frame), float(len(names))),
        failed=_frame_failed(frame, roles.attention),
        keys={role: _key_codes(frame[name]) for role, name in keys.items()},
        submitted=None if roles.submitted is None else _seconds(frame[roles.submitted]),
        texts={name: frame[name] for name in texts},
    )


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else [str(name) for name in names]


def _frame_items(frame: pd.DataFrame, roles: FrameRoles) -> list[str]:
    if roles.items is not None:
        return _listed(roles.items)
    if roles.scales:
        members = {str(name) for scale in roles.scales.values() for name in scale}
        return [str(name) for name in frame.columns if name in members]
    raise OptionError(
        "missing-option", "a data frame does not say which columns are answers", where="items",
        expected="names of the items in the order of presentation",
    )  # fmt: skip


def _require(names: Sequence[str], known: Any, where: str) -> None:
    for name in names:
        if name not in known:
            what = (
                f"'{name}' is none of the screened items" if where != "columns" else f"the data have no column '{name}'"
            )
            hint = did_you_mean(name, [str(each) for each in known])
            raise DataError("unknown-variable", what, where=where, hint=hint)


def _frame_failed(frame: pd.DataFrame, attention: Mapping[str, Any] | None) -> Array | None:
    if not attention:
        return None
    _require(list(attention), frame.columns, "columns")
    failed = np.zeros(len(frame))
    for name, right in attention.items():
        answers = list(right) if isinstance(right, list | tuple | set) else [right]
        failed += ~frame[name].isin(answers).to_numpy(dtype=bool)
    return failed
