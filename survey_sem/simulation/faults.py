"""Faults of single answers and answer sheets, as the population declares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.instrument import Item
from survey_sem.instrument.routing import Code
from survey_sem.linalg import Array, Indices
from survey_sem.simulation.answers import ANSWERED, LEFT_OUT, ROUTED, Answers, Flags
from survey_sem.simulation.background import Column
from survey_sem.simulation.careless import Planted, chosen
from survey_sem.simulation.population import Faults, Missing
from survey_sem.simulation.streams import Streams

DAMAGE = ("�", "锟斤拷", "ï¿½", "Ã¤Â¸")
"""What is left of characters that were read in a wrong encoding."""


def apply_faults(answers: Answers, faults: Faults, streams: Streams) -> list[Planted]:
    """Plant everything that concerns single answers; what was done."""
    found = [_leave_out(answers, missing, f"{at}", streams) for at, missing in enumerate(faults.missing)]
    planted = _by_kind(found)
    share = faults.shares
    if share.get("routing"):
        planted.append(_answer_though_routed(answers, share["routing"], streams))
    for kind, damage in _CELLS.items():
        if share.get(kind):
            planted.append(damage(answers, share[kind], streams))
    return planted


def _by_kind(found: Sequence[Planted]) -> list[Planted]:
    """One record for each kind."""
    joined = []
    for kind in dict.fromkeys(each.kind for each in found):
        own = [each for each in found if each.kind == kind]
        rows = np.concatenate([each.rows for each in own])
        joined.append(Planted(kind, rows, tuple(name for each in own for name in each.items)))
    return joined


def _leave_out(answers: Answers, missing: Missing, number: str, streams: Streams) -> Planted:
    """Missing answers: with one rate, or with rates that grow with the rank of what they depend on."""
    rows, items = [], []
    for name in missing.items:
        given = answers.answered(name)
        rate = _rates(answers, missing, name)
        gone = np.flatnonzero(given & (streams.of(f"missing/{number}/{name}").random(answers.n) < rate))
        answers.absent[name][gone] = LEFT_OUT
        rows.append(gone)
        items += [name] * len(gone)
    return Planted(f"missing_{missing.kind}", np.concatenate(rows), tuple(items))


def _rates(answers: Answers, missing: Missing, name: str) -> Array:
    rates = np.full(answers.n, missing.rate)
    if missing.kind == "mcar":
        return rates
    source = name if missing.on is None else missing.on
    rows = np.flatnonzero(answers.answered(source))
    if len(rows):
        rates[rows] = 2.0 * missing.rate * _ranks(answers.values[source][rows])
    return rates


def _ranks(values: Column) -> Array:
    """Ranks from 0 to 1 (their mean is 1/2); ties share theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2.0
    return np.asarray(middle[inverse.ravel()] / len(values))


def _answer_though_routed(answers: Answers, share: float, streams: Streams) -> Planted:
    """Answers to an item that was not asked: what they would have said."""
    candidates = [item.id for item in answers.items() if item.relevant is not None]
    rows, items = _one_cell_each(
        answers, [(name, np.asarray(answers.absent[name] == ROUTED)) for name in candidates], "routing", share, streams
    )
    for row, name in zip(rows, items, strict=True):
        answers.absent[name][row] = ANSWERED
    return Planted("routing", rows, items)


def _one_cell_each(
    answers: Answers, candidates: list[tuple[str, Flags]], kind: str, share: float, streams: Streams
) -> tuple[Indices, tuple[str, ...]]:
    """One cell of each of `share` of the respondents, among cells that are eligible by item."""
    if not candidates:
        return np.zeros(0, dtype=np.intp), ()
    table = np.array([eligible for _, eligible in candidates])
    rows = chosen(streams, kind, share, np.asarray(table.any(axis=0)))
    order = streams.of(f"fault/{kind}/cell").random((len(rows), len(candidates)))
    at = np.argmax(np.where(table[:, rows].T, order, -1.0), axis=1)
    return rows, tuple(candidates[i][0] for i in at)


def _illegal(answers: Answers, share: float, streams: Streams) -> Planted:
    """Codes outside of the scale."""
    items = {item.id: item for item in _end_items(answers, "ordinal", "nominal")}
    cells = [(name, answers.answered(name)) for name in items]
    rows, names = _one_cell_each(answers, cells, "illegal_codes", share, streams)
    size = streams.of("fault/illegal_codes/size").integers(0, 3, len(rows))
    for row, name, step in zip(rows, names, size, strict=True):
        _set(answers, name, int(row), _outside(answers, items[name])[int(step)])
    return Planted("illegal_codes", rows, names)


def _end_items(answers: Answers, *types: str) -> list[Item]:
    """Items of these types on which no other item depends, so that one fault is not several."""
    deciding = answers.deciding()
    return [item for item in answers.items(*types) if item.id not in deciding]


def _outside(answers: Answers, item: Item) -> list[Code]:
    """Three codes that are neither of the scale nor of missing answers."""
    assert item.scale is not None
    taken = {str(code) for code in (*item.scale.codes, *(each.code for each in answers.instrument.missing))}
    numbers = [code for code in item.scale.codes if isinstance(code, int)]
    if len(numbers) < len(item.scale.codes):
        return ["??", "???", "????"]
    return [code for code in (*range(max(numbers) + 1, max(numbers) + 50), 0) if str(code) not in taken][:3]


def _out_of_range(answers: Answers, share: float, streams: Streams) -> Planted:
    """Numbers beyond the limits of their items."""
    items = {item.id: item for item in _end_items(answers, "number") if _limit(item) is not None}
    cells = [(name, answers.answered(name)) for name in items]
    rows, names = _one_cell_each(answers, cells, "out_of_range", share, streams)
    taken = {str(each.code) for each in answers.instrument.missing}
    far = streams.of("fault/out_of_range/size").integers(1, 11, len(rows))
    for row, name, distance in zip(rows, names, far, strict=True):
        limit, direction = _limit(items[name]) or (0.0, 1.0)
        value = limit + direction * float(distance)
        _set(answers, name, int(row), value if format(value, ".17g") not in taken else limit + direction * 11.0)
    return Planted("out_of_range", rows, names)


def _limit(item: Item) -> tuple[float, float] | None:
    """A limit of a number item and the direction out of the range; None without limits."""
    if isinstance(item.max, (int, float)):
        return float(item.max), 1.0
    return (float(item.min), -1.0) if isinstance(item.min, (int, float)) else None


def _damage(answers: Answers, share: float, streams: Streams) -> Planted:
    """Texts with characters that were read in a wrong encoding."""
    dropped = answers.instrument.privacy.drop
    texts = answers.items("text")
    names = [item.id for item in texts if not {item.id, item.column} & set(dropped)] or [item.id for item in texts]
    rows, at = _one_cell_each(answers, [(name, answers.answered(name)) for name in names], "encoding", share, streams)
    rng = streams.of("fault/encoding/place")
    for row, name in zip(rows, at, strict=True):
        text = str(answers.values[name][row])
        place, mark = int(rng.integers(0, len(text) + 1)), DAMAGE[int(rng.integers(0, len(DAMAGE)))]
        answers.values[name][row] = text[:place] + mark + text[place + 1 :]
    return Planted("encoding", rows, at)


def _set(answers: Answers, name: str, row: int, value: Code) -> None:
    """Set one answer, in a column of numbers that may have to become wider."""
    column = answers.values[name]
    if column.dtype != object and isinstance(value, str):
        column = column.astype(object)
    elif column.dtype.kind == "i" and float(value) != int(value):
        column = column.astype(np.float64)
    column[row] = value
    answers.values[name] = column


_CELLS: dict[str, Callable[[Answers, float, Streams], Planted]] = {
    "illegal_codes": _illegal,
    "out_of_range": _out_of_range,
    "encoding": _damage,
}


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Answer sheets that are there twice.

    Parameters
    ----------
    same : array of int
        Respondents whose sheet was sent twice, under one id.
    near : array of int
        Respondents who sent a second sheet with few changes, under another id.
    """

    same: Indices
    near: Indices

    @property
    def rows(self) -> Indices:
        """The respondents behind the additional sheets, in their order."""
        return np.concatenate([self.same, self.near])


def n_copies(faults: Faults, n: int) -> int:
    """How many of `n` answer sheets are copies."""
    return min(round(faults.shares.get("duplicates", 0.0) * n), n // 2)


def pick_copies(count: int, n: int, streams: Streams) -> Copies:
    """Who sends a second sheet: one half the same again, the other half a near copy."""
    order = np.argsort(streams.of("fault/duplicates").random(n), kind="stable")[:count]
    return Copies(order[: (count + 1) // 2], order[(count + 1) // 2 :])


def with_copies(answers: Answers, copies: Copies, streams: Streams) -> Answers:
    """The answers with those of the copies after them; near copies differ in up to three ordinal answers."""
    if not len(copies.rows):
        return answers
    joined = answers.take(np.concatenate([np.arange(answers.n), copies.rows]))
    rng = streams.of("fault/duplicates/changes")
    items = [item for item in _end_items(answers, "ordinal") if item.scale is not None]
    for row in range(answers.n + len(copies.same), joined.n):
        for _ in range(int(rng.integers(1, 4)) if items else 0):
            item = items[int(rng.integers(0, len(items)))]
            code = item.scale.codes[int(rng.integers(0, len(item.scale.codes)))] if item.scale is not None else None
            if code is not None and joined.absent[item.id][row] == ANSWERED:
                _set(joined, item.id, row, code)
    return joined
