"""Respondents who do not read: which they are, and what they put down instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from survey_sem.instrument import Item
from survey_sem.instrument.routing import Code
from survey_sem.linalg import Indices
from survey_sem.simulation.answers import Answers, Flags
from survey_sem.simulation.background import Column, coded
from survey_sem.simulation.population import CARELESS, Faults
from survey_sem.simulation.streams import Streams


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """A fault and where it is.

    Parameters
    ----------
    kind : str
        Its name in the truth.
    rows : array of int
        Respondents (or cells), one for each time.
    items : tuple of str
        The item of each, where it concerns one answer.
    """

    kind: str
    rows: Indices
    items: tuple[str, ...] = field(default=())


def chosen(streams: Streams, kind: str, share: float, eligible: Flags) -> Indices:
    """Rows of `share` of the respondents, at random among those eligible; never more than there are."""
    count = round(share * len(eligible))
    order = np.argsort(np.where(eligible, streams.of(f"fault/{kind}").random(len(eligible)), 2.0), kind="stable")
    return np.sort(order[: min(count, int(eligible.sum()))])


def pick_careless(faults: Faults, streams: Streams, n: int) -> dict[str, Planted]:
    """Who answers carelessly, by kind; nobody in two ways."""
    free = np.ones(n, dtype=bool)
    found = {}
    for kind in CARELESS:
        if faults.careless.get(kind, 0.0) > 0.0:
            rows = chosen(streams, kind, faults.careless[kind], free)
            free[rows] = False
            found[kind] = Planted(kind, rows)
    return found


def apply_careless(
    answers: Answers, modelled: Collection[str], careless: Mapping[str, Planted], streams: Streams
) -> None:
    """Put careless answers in place of those to ordinal items; those who are only fast keep theirs.

    Ordinal items that stand alone and are not of the model (education, income) are answered as they are.
    """
    checks = {check.item for check in answers.instrument.quality.attention}
    items = [item for item in answers.items("ordinal") if item.id not in checks]
    blocks = [block for block in _blocks(items) if len(block) > 1 or block[0].id in modelled]
    for kind, write in _WRITERS.items():
        if kind in careless:
            for block in blocks:
                write(answers, block, careless[kind].rows, streams)


def _blocks(items: list[Item]) -> list[list[Item]]:
    """Items that stand together: rows of one matrix, else neighbours on one scale."""
    return [
        list(block) for _, block in groupby(items, key=lambda item: (item.matrix, item.scale.id if item.scale else ""))
    ]


def _codes(block: list[Item]) -> tuple[Code, ...]:
    assert block[0].scale is not None
    return block[0].scale.codes


def _put(answers: Answers, item: Item, rows: Indices, codes: Column) -> None:
    answers.values[item.id][rows] = codes


def _straight(answers: Answers, block: list[Item], rows: Indices, streams: Streams) -> None:
    """One answer to the whole block."""
    codes = _codes(block)
    index = streams.of(f"straightlining/{block[0].id}").integers(0, len(codes), len(rows))
    for item in block:
        _put(answers, item, rows, coded(index, codes))


def _pattern(answers: Answers, block: list[Item], rows: Indices, streams: Streams) -> None:
    """Up and down again: 3-4-5-4-3-4-5-4."""
    codes = _codes(block)
    start = streams.of(f"pattern/{block[0].id}").integers(0, max(1, len(codes) - 2), len(rows))
    for position, item in enumerate(block):
        step = (0, 1, 2, 1)[position % 4]
        _put(answers, item, rows, coded(np.minimum(start + step, len(codes) - 1), codes))


def _random(answers: Answers, block: list[Item], rows: Indices, streams: Streams) -> None:
    """Any answer to any item."""
    codes = _codes(block)
    for item in block:
        _put(answers, item, rows, coded(streams.of(f"random/{item.id}").integers(0, len(codes), len(rows)), codes))


def _midpoint(answers: Answers, block: list[Item], rows: Indices, streams: Streams) -> None:
    """The middle of the scale throughout; of an even number of answers, one of the two in the middle."""
    codes = _codes(block)
    upper = streams.of(f"midpoint/{block[0].id}").integers(0, 2, len(rows))
    index = (len(codes) - 1) // 2 + (upper if len(codes) % 2 == 0 else 0 * upper)
    for item in block:
        _put(answers, item, rows, coded(index, codes))


_WRITERS: Mapping[str, Callable[[Answers, list[Item], Indices, Streams], None]] = {
    "straightlining": _straight,
    "pattern": _pattern,
    "random": _random,
    "midpoint": _midpoint,
}


def answer_attention_checks(
    answers: Answers, faults: Faults, careless: Mapping[str, Planted], streams: Streams
) -> Planted | None:
    """Answers to the attention checks that are drawn nowhere else; who failed one of them."""
    is_careless = np.zeros(answers.n, dtype=bool)
    for planted in careless.values():
        is_careless[planted.rows] = True
    rate = np.where(is_careless, faults.attention["careless"], faults.attention["careful"])
    failed = np.zeros(answers.n, dtype=bool)
    checks = [check for check in answers.instrument.quality.attention if check.item not in answers.values]
    for check in checks:
        scale = answers.instrument.item(check.item).scale
        assert scale is not None  # checked when the file was read
        wrong = [code for code in scale.codes if code not in check.answers]
        rng = streams.of(f"attention/{check.item}")
        passes = (rng.random(answers.n) < rate) | (not wrong)
        index = np.where(
            passes, rng.integers(0, len(check.answers), answers.n), rng.integers(0, max(1, len(wrong)), answers.n)
        )
        index[~passes] += len(check.answers)
        answers.values[check.item] = coded(index, [*check.answers, *wrong])
        answers.absent[check.item] = np.zeros(answers.n, dtype=np.int8)
        failed |= ~passes
    return Planted("attention_failed", np.flatnonzero(failed)) if checks else None
