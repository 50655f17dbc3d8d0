"""Descriptive statistics of items, and counts that tell on nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_sem.instrument import Item, Scale
from survey_sem.sample import Flow, Sample
from survey_sem.sample.describe import SMALLEST_CELL, describe_items, moments_of, withheld, withheld_beside

FIVE = Scale("five", True, 1, 5, {"en": {1: "never", 5: "always"}})
GENDER = Scale("gender", False, None, None, {"en": {1: "woman", 2: "man"}})


def item(name: str, kind: str = "ordinal", scale: Scale | None = FIVE) -> Item:
    return Item(name, name, kind, scale, False, {"en": f"About {name}"}, "own")  # type: ignore[arg-type]


def sample(reversed_items: tuple[str, ...] = (), **columns: list[float | None] | list[str]) -> Sample:
    return Sample(pd.DataFrame(columns), Flow(), (), reversed_items)


counts = st.lists(st.integers(0, 60), min_size=1, max_size=9)


@given(counts)
def test_small_counts_are_never_shown(found: list[int]):
    hidden = withheld(found)
    assert all(n >= SMALLEST_CELL for at, n in enumerate(found) if at not in hidden)


@given(counts)
def test_withheld_counts_cannot_be_found_by_subtraction(found: list[int]):
    hidden = withheld(found)
    if hidden and len(hidden) < len(found):
        assert len(hidden) >= 2
        assert sum(found[at] for at in hidden) >= SMALLEST_CELL


@given(st.lists(st.integers(SMALLEST_CELL, 99), max_size=9))
def test_large_counts_are_all_shown(found: list[int]):
    assert withheld(found) == frozenset()


def test_the_next_smallest_count_goes_with_a_single_small_one():
    assert withheld([100, 3, 40, 20]) == {1, 3}
    assert withheld([100, 0, 3, 40]) == {1, 2, 3}
    assert withheld([4, 6, 40]) == {0, 1}


def test_cells_of_which_only_the_sum_is_known_need_others_beside_them():
    assert withheld_beside([100, 40, 20], 0, 0) == frozenset()
    assert withheld_beside([100, 40, 20], 1, 4) == {2}
    assert withheld_beside([100, 40, 20], 2, 4) == {2}
    assert withheld_beside([100, 40, 20], 2, 12) == frozenset()
    assert withheld_beside([], 1, 4) == frozenset()


@given(st.lists(st.integers(1, 7), min_size=4, max_size=60).filter(lambda values: len(set(values)) > 1))
def test_moments_are_those_of_scipy(values: list[int]):
    mean, sd, skew, kurtosis = moments_of(np.array(values, dtype=float))
    expected = [
        np.mean(values),
        np.std(values, ddof=1),
        stats.skew(values, bias=False),
        stats.kurtosis(values, bias=False),
    ]
    np.testing.assert_allclose([mean, sd, skew, kurtosis], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([4.0], (4.0, None, None, None)), ([2.0, 2.0, 2.0, 2.0], (2.0, 0.0, None, None))],
)
def test_too_few_or_equal_answers_have_no_shape(values: list[float], expected: tuple[float | None, ...]):
    assert moments_of(np.array(values)) == expected


def test_missing_answers_are_counted_and_left_out():
    found = describe_items(sample(q=[1.0, 2.0, None, 3.0]), [item("q")])[0]
    assert (found.n, found.n_missing, found.mean, found.sd) == (3, 1, 2.0, 1.0)
    assert found.text == {"en": "About q"}


def test_kinds_of_items():
    data = sample(
        q=[1.0] * 15 + [2.0] * 15, gender=[1.0] * 12 + [2.0] * 18, age=[20.0] * 15 + [30.0] * 15, name=["x"] * 30
    )
    asked = [item("q"), item("gender", "nominal", GENDER), item("age", "number", None), item("name", "text", None)]
    likert, gender, age = describe_items(data, asked)
    assert [count.n for count in likert.counts] == [None, 15, None, None, None]
    assert gender.mean is None
    assert [(count.code, count.label, count.n) for count in gender.counts] == [
        (1, {"en": "woman"}, 12),
        (2, {"en": "man"}, 18),
    ]
    assert age.mean == 25.0
    assert age.counts == ()


def test_labels_turn_with_a_reversed_item():
    turned = describe_items(sample(("q",), q=[1.0, 5.0]), [item("q")])[0]
    assert turned.is_reversed
    assert turned.counts[0].label == {"en": "always"}
    assert turned.counts[4].label == {"en": "never"}


def test_plain_data():
    plain = describe_items(sample(q=[1.0, 5.0]), [item("q")])[0].to_dict()
    assert plain["counts"][0] == {"code": 1, "label": {"en": "never"}, "n": None}
    assert plain["mean"] == 3.0


def test_no_answer_at_all():
    found = describe_items(sample(q=[None, None]), [item("q")])[0]
    assert (found.n, found.mean, found.sd) == (0, None, None)
