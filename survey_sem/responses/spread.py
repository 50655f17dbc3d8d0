"""Multiple choices and rankings: one answer, one variable per option.

An export holds them in one cell (``1┋3``, ``B→A``), or spreads them over a column per option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.exports.dialects.choices import CHOICE, OPEN, RANK, split_choices, split_ranking
from survey_sem.instrument import Item
from survey_sem.instrument.routing import Code
from survey_sem.responses.answers import DAMAGE_HINT, Answers, Options, Problem
from survey_sem.responses.cells import (
    ANSWERED,
    NONRESPONSE,
    UNREADABLE,
    Bytes,
    Cells,
    Flags,
    MissingMarks,
    written,
)
from survey_sem.responses.damage import damaged
from survey_sem.responses.shown import shown_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ranks = NDArray[np.int16]

_BETWEEN_CODES = re.compile(r"[,;，；、]")
"""Safe between codes only: labels may hold them."""
_CHOSEN = frozenset({"1", "true", "yes", "y", "x", "是", "选中", "✓", "√"})
_NOT_CHOSEN = frozenset({"0", "false", "no", "n", "否", "未选中"})
_RULES: Mapping[str, str] = {
    "exclusive-choice": "correct it, or take the option out of `exclusive:`",
    "too-few-choices": "correct it, or change `min:`",
    "too-many-choices": "correct it, or change `max:`",
    "bad-ranking": "give every option its own rank, without gaps",
}


@dataclass(frozen=True, slots=True)
class _Picked:
    """Answers as numbers: of a choice 0/1, of a ranking the rank (0: not ranked).

    Parameters
    ----------
    matrix : int16 array, shape (n, n_options)
        One row per distinct cell, or per respondent.
    readable : bool array, shape (n,)
        Whether all of the answer could be read.
    bad_order : bool array, shape (n,)
        Whether an option is ranked twice.
    """

    matrix: Ranks
    readable: Flags
    bad_order: Flags


def read_joined(cells: Cells, item: Item, marks: MissingMarks, *, private: bool = False) -> Answers:
    """The answers of a multi or rank item whose options stand in one cell.

    Options are codes or labels, joined by ``┋`` or ``|`` (rankings: ``→``), or codes joined by commas or semicolons.
    """
    assert item.scale is not None
    codes = item.scale.codes
    status = marks.status(cells)
    is_open = status[:-1] == ANSWERED
    splitter = _Splitter(Options.of(item.scale), is_ranking=item.type == "rank")
    picked, unknown, hurt = _decode(cells.texts(), is_open, splitter, codes)
    by_code = marks.by_code(cells, status)
    given = is_open & picked.readable
    flags = {
        "encoding-damage": (hurt, DAMAGE_HINT),
        "wrong-type": (unknown == _TEXT, "write options as their codes or as labels of the scale"),
        "illegal-code": (unknown == _CODE, "recode it, or add the option to the scale"),
        **{rule: (broken & given, _RULES[rule]) for rule, broken in _broken(item, picked).items()},
    }
    problems = tuple(
        Problem(rule, rows, _got(rule, cells, _also_empty(where), private), hint)
        for rule, (where, hint) in flags.items()
        if len(rows := cells.rows_where(_also_empty(where)))
    )
    status[:-1][is_open & ~picked.readable] = UNREADABLE
    matrix = np.vstack([picked.matrix, np.zeros((1, len(codes)), dtype=np.int16)])[cells.index]
    return _as_answers(item, matrix, status[cells.index], by_code, problems)


def _also_empty(flags: Flags) -> Flags:
    return np.append(flags, False)


def _got(rule: str, cells: Cells, flags: Flags, private: bool) -> str:
    if rule == "encoding-damage":
        return "options with destroyed characters"
    return shown_values(cells, flags, private=private)


_FINE, _CODE, _TEXT = 0, 1, 2
"""What is wrong with the worst part of a cell: nothing, a code that is no option, a text that is none."""


def _decode(
    texts: NDArray[np.object_], is_open: Flags, splitter: _Splitter, codes: Sequence[Code]
) -> tuple[_Picked, Bytes, Flags]:
    place = {code: at for at, code in enumerate(codes)}
    n = len(texts)
    matrix = np.zeros((n, len(codes)), dtype=np.int16)
    unknown = np.zeros(n, dtype=np.int8)
    hurt = np.zeros(n, dtype=bool)
    twice = np.zeros(n, dtype=bool)
    for at in np.flatnonzero(is_open):
        found, foreign = splitter.options(texts[at])
        for rank, code in enumerate(found, start=1):
            where = place[code]
            twice[at] |= matrix[at, where] > 0
            matrix[at, where] = rank if splitter.is_ranking else 1
        hurt[at] = any(damaged(part) for part in foreign)
        if foreign and not hurt[at]:
            unknown[at] = _CODE if all(_is_code(part) for part in foreign) else _TEXT
    return _Picked(matrix, (unknown == _FINE) & ~hurt, twice & splitter.is_ranking), unknown, hurt


def _is_code(text: str) -> bool:
    return text.isascii() and text.lstrip("-").isdigit()


class _Splitter:
    """Takes cells apart; every part is looked up once."""

    def __init__(self, options: Options, *, is_ranking: bool) -> None:
        self._options = options
        self.is_ranking = is_ranking
        self._known: dict[str, Code | None] = {}

    def options(self, cell: str) -> tuple[list[Code], list[str]]:
        """Codes in the order written, and the parts that are no option."""
        whole = self._code(cell)
        if whole is not None:
            return [whole], []
        parts = [part.strip() for part in self._split(cell)]
        found = [(part, self._code(part)) for part in parts if part]
        return [code for _, code in found if code is not None], [part for part, code in found if code is None]

    def _split(self, cell: str) -> list[str]:
        split: Callable[[str], list[str]]
        for mark, split in ((RANK, split_ranking), (CHOICE, split_choices)):
            if mark in cell and (mark != RANK or self.is_ranking):
                return split(cell)
        if "|" in cell:
            return cell.split("|")
        parts = _BETWEEN_CODES.split(cell)
        return parts if all(_is_code(part.strip()) or not part.strip() for part in parts) else [cell]

    def _code(self, text: str) -> Code | None:
        if text not in self._known:
            self._known[text] = self._options.code(text.partition(OPEN)[0].strip() or text)
        return self._known[text]


def read_columns(columns: Mapping[Code, Cells], item: Item, marks: Mapping[Code, MissingMarks]) -> Answers:
    """The answers of a multi or rank item that has a column per option.

    Of a choice a column holds 1 and 0 (or what says so: true, the option's own code or label), of a ranking the
    rank. A respondent who has a value in one column has answered: empty cells beside it mean "not chosen". Nothing
    chosen in any column is no answer.
    """
    assert item.scale is not None
    codes = item.scale.codes
    statuses = {code: marks[code].status(columns[code]) for code in codes}
    per_row = np.stack([statuses[code][columns[code].index] for code in codes], axis=1)
    values = np.stack([_column_values(columns[code], statuses[code], item, code) for code in codes], axis=1)
    is_given = per_row == ANSWERED
    illegal = is_given & np.isnan(values)
    matrix = np.where(is_given & ~illegal, values, 0).astype(np.int16)
    unreadable = illegal.any(axis=1)
    answered = (matrix > 0).any(axis=1) | unreadable
    status: Bytes = np.where(answered, np.int8(ANSWERED), _absence(per_row))
    picked = _Picked(matrix, ~unreadable, _ties(matrix) if item.type == "rank" else np.zeros(len(matrix), dtype=bool))
    given = answered & ~unreadable
    flags: dict[str, tuple[Flags, str]] = {
        rule: (broken & given, _RULES[rule]) for rule, broken in _broken(item, picked).items()
    }
    problems = [
        Problem(rule, rows, _rows_got(item, matrix[rows]), hint)
        for rule, (where, hint) in flags.items()
        if len(rows := np.flatnonzero(where).astype(np.int32))
    ]
    if unreadable.any():
        problems.insert(0, _illegal_columns(columns, statuses, item, illegal))
    status[unreadable] = UNREADABLE
    first = codes[0]
    by_code = marks[first].by_code(columns[first], statuses[first])
    return _as_answers(item, matrix, status, by_code, tuple(problems))


def _absence(per_row: Bytes) -> Bytes:
    """Why nobody chose anything: as the columns say; "not asked" before "refused" before "no answer"."""
    order = np.array([NONRESPONSE, 1, NONRESPONSE, 3, 4], dtype=np.int8)  # zeros only: an answer of no options
    routed = (per_row == 1).any(axis=1)
    return np.where(routed, np.int8(1), order[per_row].max(axis=1))


def _column_values(cells: Cells, status: Bytes, item: Item, code: Code) -> NDArray[np.float64]:
    """Values of one column, per row: 0/1 or the rank; NaN where it is neither."""
    assert item.scale is not None
    n_options = len(item.scale.codes)
    numbers = cells.numbers()
    if item.type == "rank":
        legal = (numbers >= 0) & (numbers <= n_options) & (numbers == np.round(numbers))
        values = np.where(legal, numbers, np.nan)
    else:
        own = {written(code), *(labels[code].strip() for labels in item.scale.labels.values() if code in labels)}
        values = np.array([_chosen(text, own) for text in cells.texts()], dtype=np.float64)
    values = np.where(status[:-1] == ANSWERED, values, 0.0)
    return np.append(values, 0.0)[cells.index]


def _chosen(text: str, own: set[str]) -> float:
    if text in _NOT_CHOSEN:
        return 0.0
    if text in _CHOSEN or text in own or text.partition(OPEN)[0] in own:
        return 1.0
    plain = text.casefold()
    return 0.0 if plain in _NOT_CHOSEN else 1.0 if plain in _CHOSEN else np.nan


def _illegal_columns(
    columns: Mapping[Code, Cells], statuses: Mapping[Code, Bytes], item: Item, illegal: Flags
) -> Problem:
    rows = np.flatnonzero(illegal.any(axis=1)).astype(np.int32)
    worst = list(columns)[int(illegal.sum(axis=0).argmax())]
    cells = columns[worst]
    values = _column_values(
        Cells(cells.kind, cells.values, np.arange(cells.n_values, dtype=np.int32)), statuses[worst], item, worst
    )
    got = shown_values(cells, _also_empty(np.isnan(values)))
    expected = "0 or 1 in every column" if item.type == "multi" else "a rank in every column, or nothing"
    hint = "correct it, or declare the code under `missing:`"
    return Problem("illegal-code", rows, f"{got} (option {written(worst)})", hint, expected)


def _rows_got(item: Item, matrix: Ranks) -> str:
    """In words: how many options were chosen, or which ranks were given."""
    if item.type == "rank":
        kinds = sorted({",".join(map(str, sorted(rank for rank in row if rank))) for row in matrix[:200].tolist()})
        return f"ranks {' or '.join(kinds[:3])}"
    numbers = sorted(set((matrix > 0).sum(axis=1).tolist()))
    return f"{', '.join(map(str, numbers[:5]))} options"


def _ties(matrix: Ranks) -> Flags:
    """Whether ranks repeat or leave gaps."""
    n_ranked = (matrix > 0).sum(axis=1)
    ordered = np.sort(matrix, axis=1)
    places = np.arange(matrix.shape[1])[None, :] - (matrix.shape[1] - n_ranked)[:, None] + 1
    flags: Flags = ((ordered > 0) & (ordered != places)).any(axis=1)
    return flags


def _broken(item: Item, picked: _Picked) -> dict[str, Flags]:
    """Rules about the answer as a whole."""
    assert item.scale is not None
    n_chosen = (picked.matrix > 0).sum(axis=1)
    broken: dict[str, Flags] = {}
    if item.type == "rank":
        broken["bad-ranking"] = picked.bad_order
    if item.exclusive:
        alone = [item.scale.codes.index(code) for code in item.exclusive]
        broken["exclusive-choice"] = (picked.matrix[:, alone] > 0).any(axis=1) & (n_chosen > 1)
    for rule, limit, sign in (("too-few-choices", item.min, 1), ("too-many-choices", item.max, -1)):
        if isinstance(limit, (int, float)):
            enough = sign * (n_chosen - limit) >= 0
            exempt = broken.get("exclusive-choice", False) | _is_exclusive(item, picked)
            broken[rule] = ~enough & ~exempt & ~picked.bad_order
    return broken


def _is_exclusive(item: Item, picked: _Picked) -> Flags:
    """Whether "none of these" was chosen: it needs no company, whatever the least number is."""
    assert item.scale is not None
    alone = [item.scale.codes.index(code) for code in item.exclusive]
    return np.asarray((picked.matrix[:, alone] > 0).any(axis=1))


def _as_answers(
    item: Item, matrix: Ranks, status: Bytes, by_code: Mapping[str, int], problems: tuple[Problem, ...]
) -> Answers:
    """One variable per option; missing where the item was not answered, ranks also where an option has none."""
    missing = status != ANSWERED
    variables: dict[str, NDArray[Any]] = {}
    for at, name in enumerate(item.variables):
        values = matrix[:, at].astype(np.float64)
        values[missing | (values == 0) if item.type == "rank" else missing] = np.nan
        variables[name] = values
    return Answers(variables, status, by_code, problems)
