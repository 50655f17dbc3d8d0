"""The part of every answer."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.instrument.model import Item, Part, Partition
from survey_sem.instrument.partitions import partition_problems
from survey_sem.responses.partitions import partition_column

NAN = float("nan")
GENERATIONS = Partition(
    "generation",
    {},
    "born",
    (
        Part("z", {}, 1995, 2009),
        Part("boom", {}, None, 1964),
        Part("y", {}, 1980, 1994),
        Part("x", {}, 1965, 1979),
    ),
)
SPENDING = Partition("spending", {}, "spend", (Part("low", {}, 0, 99.5, is_open=True), Part("high", {}, 99.5, 500)))
TIERS = Partition("tier", {}, "city", (Part("first", {}, codes=(1, 2)), Part("other", {}, codes=(3,))))


def parts_of(partition: Partition, values: object, **more: object) -> list[str | None]:
    found = partition_column(partition, pd.Series(values, **more))
    return [None if pd.isna(value) else value for value in found]


def test_whole_numbers_belong_to_the_part_of_both_ends() -> None:
    born = [1900, 1964, 1965, 1979, 1980, 1994, 1995, 2009]
    assert parts_of(GENERATIONS, born) == ["boom", "boom", "x", "x", "y", "y", "z", "z"]


def test_answers_outside_and_missing_ones_have_no_part() -> None:
    assert parts_of(GENERATIONS, [2010, NAN, 1994.5, float("inf"), float("-inf")]) == [None, None, None, None, "boom"]
    assert parts_of(SPENDING, [-1, 0, 99.49, 99.5, 500, 500.01]) == [None, "low", "low", "high", "high", None]
    assert parts_of(GENERATIONS, [1950, None], dtype="Int64") == ["boom", None]


@pytest.mark.parametrize("values", [[1, 3, NAN, 9], ["1", "3", None, "x"]])
def test_codes_as_numbers_or_texts(values: list[object]) -> None:
    assert parts_of(TIERS, values) == ["first", "other", None, None]


def test_name_index_and_type() -> None:
    found = partition_column(TIERS, pd.Series([1.0, NAN], index=[7, 9], name="city"))
    assert (found.name, list(found.index), found.dtype) == ("tier", [7, 9], pd.Series(["a"]).dtype)
    nothing = partition_column(TIERS, pd.Series([NAN, NAN]))
    assert nothing.isna().all() and nothing.dtype == found.dtype


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6, unique=True),
    st.booleans(),
    st.lists(st.floats(0, 61), max_size=20),
    st.randoms(),
)
def test_every_legal_value_falls_into_exactly_one_part(
    cuts: list[int], whole: bool, values: list[float], shuffled: object
) -> None:
    """Parts cut at random, in random order: sound, and each value in the one part whose ends hold it."""
    ends = [0, *sorted({cut + 1 for cut in cuts}), 62]
    item = Item("a", "a", "number", None, False, {}, "", min=0, max=61, whole=whole)
    parts = [
        Part(f"p{low}", {}, low, high - 1 if whole else high, is_open=not whole)
        for low, high in itertools.pairwise(ends)
    ]
    shuffled.shuffle(parts)  # type: ignore[attr-defined]
    assert not partition_problems(item, parts)
    legal = [float(round(value)) for value in values] if whole else values
    found = parts_of(Partition("p", {}, "a", tuple(parts)), legal, dtype=float)
    assert found == [f"p{max(end for end in ends if end <= value)}" for value in legal]
