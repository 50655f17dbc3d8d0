"""Columns -> the answers to one item, with everything that is wrong about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument import Item, Scale
from survey_sem.instrument.routing import Code
from survey_sem.responses.cells import (
    ANSWERED,
    UNREADABLE,
    Bytes,
    Cells,
    Flags,
    MissingMarks,
    Positions,
    as_objects,
    folded,
    is_full_width_number,
    written,
)
from survey_sem.responses.damage import damaged, suspects
from survey_sem.responses.shown import shown_values

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that answers break.

    Parameters
    ----------
    rule : str
        Its name (`Finding.rule`).
    rows : int32 array
        Positions of the rows concerned.
    got : str
        What was there, in words that may be shown.
    hint : str
        What to do.
    expected : str
        What would be right; empty for what the item expects.
    """

    rule: str
    rows: Positions
    got: str
    hint: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one item.

    Parameters
    ----------
    variables : mapping
        Name -> values, shape (n_rows,): numbers (NaN is missing), texts (NaN), dates (NaT).
    status : int8 array, shape (n_rows,)
        As `Responses.absent`; also ``UNREADABLE``.
    by_code : mapping
        Rows per code that stands for no answer.
    problems : tuple of Problem
        What is wrong with the column by itself.
    """

    variables: Mapping[str, NDArray[Any]]
    status: Bytes
    by_code: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decoded:
    """What every distinct value means: value, and which rule it breaks (an entry for empty cells at the end)."""

    values: NDArray[Any]
    unreadable: Flags
    broken: Mapping[str, tuple[Flags, str]]


def read_answers(cells: Cells, item: Item, marks: MissingMarks, *, private: bool = False) -> Answers:
    """The answers of an item that has one column and one variable.

    Parameters
    ----------
    cells : Cells
        Its column.
    item : Item
        What was asked: of any type but multi and rank.
    marks : MissingMarks
        What stands for no answer.
    private : bool
        Whether findings may not quote its values.
    """
    status = marks.status(cells)
    open_values = status[:-1] == ANSWERED
    if item.scale is not None:
        decoded = _on_scale(cells, item.scale, open_values)
    else:
        decoded = _DECODERS[item.type](cells, item, open_values)
    problems = []
    for rule, (flags, hint) in decoded.broken.items():
        rows = cells.rows_where(flags)
        if len(rows):
            quiet = private or item.type == "text"
            problems.append(Problem(rule, rows, _got(rule, cells, flags, quiet), hint))
    by_code = marks.by_code(cells, status)
    status[decoded.unreadable & (status == ANSWERED)] = UNREADABLE
    values = np.where(status == ANSWERED, decoded.values, _nothing(decoded.values))[cells.index]
    return Answers({item.id: values}, status[cells.index], by_code, tuple(problems))


def _got(rule: str, cells: Cells, flags: Flags, private: bool) -> str:
    if rule == "encoding-damage":
        kinds = {kind for at in np.flatnonzero(flags[:-1]) if (kind := damaged(cells.values[at]))}
        return " and ".join(sorted(kinds))
    return shown_values(cells, flags, private=private)


def _nothing(values: NDArray[Any]) -> Any:
    return np.datetime64("NaT") if values.dtype.kind == "M" else np.nan


def is_textual(scale: Scale) -> bool:
    """Whether codes of a scale are texts: answers are then kept as texts."""
    return any(isinstance(code, str) for code in scale.codes)


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand in a cell for each code of a scale: the code, or its label in any language.

    A label is compared exactly first, then without regard to width, case, blanks and punctuation.
    """

    exact: Mapping[str, Code]
    alike: Mapping[str, Code]

    @classmethod
    def of(cls, scale: Scale) -> Options:
        """The options of a scale."""
        exact: dict[str, Code] = {}
        alike: dict[str, Code | None] = {}
        for labels in scale.labels.values():
            for code, label in labels.items():
                exact.setdefault(label.strip(), code)
                key = folded(label)
                alike[key] = code if alike.get(key, code) == code else None
        exact.update({written(code): code for code in scale.codes})
        return cls(exact, {key: code for key, code in alike.items() if code is not None and key})

    def code(self, text: str) -> Code | None:
        """The code that a text stands for, or None."""
        found = self.exact.get(text)
        if found is None:
            found = self.exact.get(_as_code(text))
        return self.alike.get(folded(text)) if found is None and not _is_number(text) else found


def _is_number(text: str) -> bool:
    return bool(text) and text.lstrip("+-").replace(".", "", 1).isdigit()


def _as_code(text: str) -> str:
    """``3.0`` and ``+3`` as ``3``."""
    if not text.isascii() or not _is_number(text):
        return text
    return written(float(text))


def _on_scale(cells: Cells, scale: Scale, open_values: Flags) -> _Decoded:
    if is_textual(scale):
        return _text_codes(cells, scale, open_values)
    if cells.kind == "number":
        legal = np.isin(cells.values, [float(code) for code in scale.codes if not isinstance(code, str)])
        return _Decoded(
            _then(cells.values, np.nan),
            _none_of(cells),
            {"illegal-code": (_flags(open_values & ~legal), "recode it, or declare the code under `missing:`")},
        )
    return _number_codes(cells, scale, open_values)


def _number_codes(cells: Cells, scale: Scale, open_values: Flags) -> _Decoded:
    """Texts on a scale of numbers: codes or labels."""
    options = Options.of(scale)
    texts, numbers = cells.texts(), cells.numbers()
    found = [options.code(text) if is_open else None for text, is_open in zip(texts, open_values, strict=True)]
    known = np.array([code is not None for code in found], dtype=bool)
    values = np.array([np.nan if code is None else float(code) for code in found], dtype=np.float64)
    foreign = open_values & ~known
    hurt = _damaged(cells, foreign, labels=True)
    wrong = foreign & np.isnan(numbers) & ~hurt
    return _Decoded(
        _then(np.where(known, values, numbers), np.nan),
        _flags(wrong | hurt),
        {
            "encoding-damage": (_flags(hurt), DAMAGE_HINT),
            "wrong-type": (_flags(wrong), _text_hint(texts[wrong])),
            "illegal-code": (
                _flags(foreign & ~np.isnan(numbers)),
                "recode it, or declare the code under `missing:`",
            ),
        },
    )


def _text_codes(cells: Cells, scale: Scale, open_values: Flags) -> _Decoded:
    options = Options.of(scale)
    texts = cells.texts()
    found = [options.code(text) if is_open else None for text, is_open in zip(texts, open_values, strict=True)]
    known = np.array([code is not None for code in found], dtype=bool)
    values = as_objects([text if code is None else str(code) for text, code in zip(texts, found, strict=True)])
    hurt = _damaged(cells, open_values & ~known, labels=True)
    illegal = open_values & ~known & ~hurt
    return _Decoded(
        _then(values, np.nan),
        _flags(hurt),
        {
            "encoding-damage": (_flags(hurt), DAMAGE_HINT),
            "illegal-code": (_flags(illegal), "recode it, or declare the code under `missing:`"),
        },
    )


DAMAGE_HINT = "export the file again in utf-8 (or .xlsx): what was lost cannot be brought back"


def _text_hint(texts: NDArray[np.object_]) -> str:
    if any(is_full_width_number(text) for text in texts):
        return "write digits as 0-9: full-width digits (１２) are taken for text"
    return "recode the text to its code, add it to the labels of the scale, or declare it under `missing:`"


def _number(cells: Cells, item: Item, open_values: Flags) -> _Decoded:
    numbers = cells.numbers()
    texts = open_values & np.isnan(numbers)
    given = open_values & ~texts
    outside = given & (np.isinf(numbers) | _outside(numbers, item.min, item.max))
    not_whole = given & ~outside & (numbers != np.round(numbers)) if item.whole else np.zeros_like(given)
    hint = _text_hint(cells.values[texts]) if cells.kind == "text" else "recode it, or correct the type of the item"
    return _Decoded(
        _then(numbers, np.nan),
        _flags(texts),
        {
            "wrong-type": (_flags(texts), hint),
            "out-of-range": (_flags(outside), "correct it, or declare the code under `missing:`"),
            "not-whole": (_flags(not_whole), "correct it, or leave out `whole: true`"),
        },
    )


def _outside(values: NDArray[Any], low: Any, high: Any) -> Flags:
    outside = np.zeros(len(values), dtype=bool)
    if low is not None:
        outside |= values < low
    if high is not None:
        outside |= values > high
    return outside


def _text(cells: Cells, item: Item, open_values: Flags) -> _Decoded:
    hurt = _damaged(cells, open_values, labels=False)
    return _Decoded(_then(cells.texts(), np.nan), _none_of(cells), {"encoding-damage": (_flags(hurt), DAMAGE_HINT)})


def _date(cells: Cells, item: Item, open_values: Flags) -> _Decoded:
    moments = moments_of(cells, item.format)
    bad = open_values & np.isnat(moments)
    outside = open_values & ~bad & _outside(moments.astype("datetime64[D]"), _day(item.min), _day(item.max))
    written_so = item.format or "2026-05-01 or 2026/5/1"
    hint = f"write dates as {written_so}, or say how they are written under `format:`"
    return _Decoded(
        _then(moments, np.datetime64("NaT")),
        _flags(bad),
        {"bad-date": (_flags(bad), hint), "out-of-range": (_flags(outside), "correct it, or change the limits")},
    )


def _day(limit: float | date | None) -> np.datetime64 | None:
    return np.datetime64(limit, "D") if isinstance(limit, date) else None


_PLAIN_FORMATS = tuple(
    f"%Y{mark}%m{mark}%d{clock}" for mark in "-/" for clock in ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f")
)


def moments_of(cells: Cells, written_as: str | None = None) -> NDArray[np.datetime64]:
    """The distinct values of a column as points in time (microseconds), NaT where they are none.

    Parameters
    ----------
    cells : Cells
        A column of dates or texts; numbers are no dates.
    written_as : str, optional
        As in `datetime.strptime`; without it ISO 8601 and ``2026/5/1 12:30:00``.
    """
    if cells.kind == "date":
        return cells.values.astype("datetime64[us]")
    found = np.full(cells.n_values, np.datetime64("NaT"), dtype="datetime64[us]")
    if cells.kind == "number" and written_as is None:
        return found
    texts = cells.texts()
    plain = np.array([written_as is not None or text.isascii() for text in texts], dtype=bool)
    formats = (written_as,) if written_as else _PLAIN_FORMATS
    likely = [one for one in formats if not np.isnat(_read_times(texts[plain][:_TRIED], one)).all()]
    for one in (*likely, *(other for other in formats if other not in likely)):
        left = np.flatnonzero(np.isnat(found) & plain)
        if not len(left):
            break
        found[left] = _read_times(texts[left], one)
    return found


_TRIED = 20
"""So many values are tried first to find the likely formats of a column."""


def _read_times(texts: NDArray[np.object_], written_as: str) -> NDArray[np.datetime64]:
    """Texts in one format as points in time, NaT where they are not in it; zones are left out."""
    import pandas as pd

    read = pd.to_datetime(pd.Series(texts, dtype="str"), format=written_as, errors="coerce")
    naive = read.dt.tz_localize(None) if getattr(read.dtype, "tz", None) is not None else read
    return naive.to_numpy().astype("datetime64[us]")


_DECODERS: Mapping[str, Callable[[Cells, Item, Flags], _Decoded]] = {"number": _number, "text": _text, "date": _date}


def _damaged(cells: Cells, among: Flags, *, labels: bool) -> Flags:
    """Which of the values show that their characters were destroyed; `labels`: question marks alone do, too."""
    flags = np.zeros(cells.n_values, dtype=bool)
    if cells.kind != "text":
        return flags
    positions = np.flatnonzero(among)
    for at in positions[suspects(cells.values[positions])]:
        flags[at] = bool(damaged(cells.values[at], labels=labels))
    return flags


def _then(values: NDArray[Any], last: Any) -> NDArray[Any]:
    """`values` with one more entry for empty cells."""
    if values.dtype == object:
        return as_objects([*values, last])
    return np.append(values, np.array([last], dtype=values.dtype))


def _flags(flags: Flags) -> Flags:
    return np.append(flags, False)


def _none_of(cells: Cells) -> Flags:
    return np.zeros(cells.n_values + 1, dtype=bool)
