"""Partitions: overlaps and gaps are found, and named by the values concerned."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.instrument.model import Item, Part, Scale
from survey_sem.instrument.partitions import PartitionProblem, partition_problems

TIERS = Scale("tiers", True, 1, 4, {})


def number(low: float | None = None, high: float | None = None, whole: bool = True) -> Item:
    return Item("born", "born", "number", None, False, {}, "", min=low, max=high, whole=whole)


def parts(*ends: tuple[float | None, float | None], is_open: bool = False) -> list[Part]:
    return [Part("abcdefgh"[i], {}, low, high, is_open=is_open) for i, (low, high) in enumerate(ends)]


def told(item: Item, given_parts: Sequence[Part]) -> list[tuple[str, str, int | None]]:
    return [(problem.code, problem.what, problem.part) for problem in partition_problems(item, given_parts)]


def test_generations_that_are_sound() -> None:
    born = number(1946, 2009)
    assert not partition_problems(born, parts((1946, 1964), (1965, 1979), (1980, 1994), (1995, 2009)))
    assert not partition_problems(born, parts((None, 1964), (1965, 1994), (1995, None)))
    assert not partition_problems(born, parts((1995, 2020), (1900, 1994)))
    assert not partition_problems(number(), parts((None, 1964), (1965, None)))
    assert not partition_problems(number(), parts((None, None)))
    assert not partition_problems(number(1946.5, 2009.5), parts((1947, 2009)))


def test_overlap_and_gap_in_the_words_of_the_study() -> None:
    found = partition_problems(number(1965, 2009), parts((1965, 1979), (1980, 1994), (1990, 2000), (2006, 2009)))
    assert found == (
        PartitionProblem(
            "overlap",
            "'b' (1980-1994) and 'c' (1990-2000) both claim 1990 to 1994",
            "end the first at 1989, or begin the second at 1995",
            2,
        ),
        PartitionProblem(
            "gap",
            "nobody claims 2001 to 2005",
            "extend 'c' (1990-2000) or 'd' (2006-2009), or add a part for them",
            3,
        ),
    )


@pytest.mark.parametrize(
    ("item", "given_parts", "expected"),
    [
        (number(1946, 2009), parts((1946, 1964), (1965, 2008)), [("gap", "nobody claims 2009", 1)]),
        (number(1946, 2009), parts((1950, 2009)), [("gap", "nobody claims 1946 to 1949", 0)]),
        (
            number(),
            parts((1950, 1960), (1961, 1970)),
            [("gap", "nobody claims values up to 1949", 0), ("gap", "nobody claims values from 1971 on", 1)],
        ),
        (number(1, 9), [], [("gap", "nobody claims 1 to 9", None)]),
        (number(), [], [("gap", "nobody claims any value", None)]),
        (
            number(1, 9),
            parts((1, 9), (4, 5)),
            [("overlap", "'a' (1-9) and 'b' (4-5) both claim 4 to 5", 1)],
        ),
        (
            number(1, 9),
            parts((1, 9), (1, 9)),
            [("overlap", "'a' (1-9) and 'b' (1-9) both claim 1 to 9", 1)],
        ),
        (
            number(1946, 2009),
            parts((None, 1979), (1980, None), (1990, None)),
            [("inner-open-end", "'b' (from 1980) has no upper end, but is not the highest part", 1)],
        ),
        (
            number(1946, 2009),
            parts((None, 1979), (None, 1990), (1991, None)),
            [("inner-open-end", "'b' (up to 1990) has no lower end, but is not the lowest part", 1)],
        ),
        (
            number(1, 9),
            parts((1, 4), (9, 5)),
            [("reversed-interval", "part 'b' (9-5) ends before it begins", 1)],
        ),
        (
            number(1, 9),
            parts((1, 4.5), (5, 9)),
            [("not-whole", "part 'a' (1-4.5) has an end between two whole numbers", 0)],
        ),
        (
            number(1, 9),
            parts((1, 9), (10, 12)),
            [("empty-part", "no legal value of 'born' (a whole number from 1 up to 9) falls into part 'b' (10-12)", 1)],
        ),
        (
            number(1, 9),
            [Part("a", {}, codes=(1,))],
            [("wrong-part", "part 'a' lists codes, but 'born' is a number", 0)],
        ),
    ],
)
def test_whole_numbers(item: Item, given_parts: list[Part], expected: list[tuple[str, str, int | None]]) -> None:
    assert told(item, given_parts) == expected


@pytest.mark.parametrize(
    ("given_parts", "what", "hint"),
    [
        (
            parts((0, 49), (50, 100)),
            "nobody claims values above 49 to below 50",
            "write `below: 50` in place of `to:` in 'a' (0-49)",
        ),
        (
            parts((0, 50), (50, 100)),
            "'a' (0-50) and 'b' (50-100) both claim 50",
            "write `below: 50` in place of `to:` in the first",
        ),
        (
            parts((0, 50), (50, 100), is_open=True),
            "nobody claims 100",
            "extend 'b' (50 to below 100), or add a part for them",
        ),
        (
            parts((0, 60), (50, None), is_open=True),
            "'a' (0 to below 60) and 'b' (from 50) both claim values from 50 to below 60",
            "write `below: 50` in the first, or `from: 60` in the second",
        ),
        (
            parts((0, 60), (50, 100)),
            "'a' (0-60) and 'b' (50-100) both claim values from 50 up to 60",
            "write `below: 50` in the first, or `from: 60` in the second",
        ),
        (
            parts((0, 0.5), (1, None), is_open=True),
            "nobody claims values from 0.5 to below 1",
            "extend 'a' (0 to below 0.5) or 'b' (from 1), or add a part for them",
        ),
    ],
)
def test_numbers_with_decimals(given_parts: list[Part], what: str, hint: str) -> None:
    [problem] = partition_problems(number(0, 100, whole=False), given_parts)
    assert (problem.what, problem.hint) == (what, hint)


def test_half_open_parts_with_a_closed_end_are_sound() -> None:
    sound = [Part("a", {}, 0, 49.5, is_open=True), Part("b", {}, 49.5, 100)]
    assert not partition_problems(number(0, 100, whole=False), sound)
    assert not partition_problems(number(whole=False), parts((None, 1.5), (1.5, None), is_open=True))


def test_numbers_without_limits_need_open_outer_parts() -> None:
    low, high = partition_problems(number(whole=False), parts((0, 1)))
    assert (low.what, high.what) == ("nobody claims values below 0", "nobody claims values above 1")
    assert low.hint == "give 'born' a `min`, or leave out `from` of 'a' (0-1)"
    assert high.hint == "give 'born' a `max`, or leave out `to` of 'a' (0-1)"


def test_codes() -> None:
    item = Item("tier", "tier", "ordinal", TIERS, False, {}, "")
    sound = [Part("a", {}, codes=(1, 2)), Part("b", {}, codes=(3, 4))]
    assert not partition_problems(item, sound)
    broken = [Part("a", {}, codes=(1, 1)), Part("b", {}, codes=(1, 7)), Part("c", {}, 1, 2)]
    assert told(item, broken) == [
        ("code-twice", "'a' claims code 1 of 'tier' twice", 0),
        ("code-twice", "'a' and 'b' both claim code 1 of 'tier'", 1),
        ("unknown-code", "part 'b' claims 7, which is no code of 'tier'", 1),
        ("wrong-part", "part 'c' lists no codes of 'tier'", 2),
        ("unclaimed-code", "nobody claims codes 2, 3, 4 of 'tier'", None),
    ]


def test_many_unclaimed_codes_are_cut() -> None:
    item = Item("x", "x", "nominal", Scale("s", False, 1, 100, {}), False, {}, "")
    [problem] = partition_problems(item, [Part("a", {}, codes=(1,))])
    assert problem.what == "nobody claims codes 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … of 'x'"


def test_a_text_cannot_be_divided() -> None:
    item = Item("why", "why", "text", None, False, {}, "")
    assert told(item, []) == [("indivisible", "'why' is an item of type text and cannot be divided into parts", None)]


ends = st.one_of(st.none(), st.integers(-3, 13))


@given(st.lists(st.tuples(ends, ends, st.booleans()), max_size=5), st.integers(0, 4), st.integers(5, 10))
def test_sound_means_that_every_value_has_exactly_one_part(
    drawn: list[tuple[int | None, int | None, bool]], low: int, high: int
) -> None:
    """Whole numbers and halves alike, against counting the parts of every value."""
    for whole in (True, False):
        given_parts = [Part(str(i), {}, start, end, is_open=is_open) for i, (start, end, is_open) in enumerate(drawn)]
        step = 1.0 if whole else 0.5
        values = [low + i * step for i in range(int((high - low) / step) + 1)]
        counts = [sum(_claims(part, value) for part in given_parts) for value in values]
        empty = any(not any(_claims(part, value) for value in values) for part in given_parts)
        lows, highs = ([getattr(part, end) for part in given_parts] for end in ("low", "high"))
        open_twice = lows.count(None) > 1 or highs.count(None) > 1
        sound = set(counts) <= {1} and not empty and not open_twice
        assert sound == (not partition_problems(number(low, high, whole), given_parts))


def _claims(part: Part, value: float) -> bool:
    low = -math.inf if part.low is None else part.low
    high = math.inf if part.high is None else part.high
    return low <= value and (value < high if part.is_open and part.high is not None else value <= high)
