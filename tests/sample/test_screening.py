"""Screening: every index against numbers worked out by hand, rules, exclusions, errors."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.sample.screening.consistency import (
    correlated_pairs,
    even_odd,
    mahalanobis,
    pair_correlation,
    person_total,
    row_correlation,
)
from survey_sem.sample.screening.resemblance import burst_size, near_duplicates, others_alike
from survey_sem.sample.screening.strings import (
    flat_pages,
    long_pattern,
    long_string,
    response_variability,
    zigzag_pages,
)
from survey_sem.sample.screening.texts import gibberish, is_gibberish, repeated_text

NAN = math.nan


def _row(*answers: float) -> Any:
    return np.array([answers], dtype=float)


@pytest.mark.parametrize(
    ("answers", "longest"),
    [
        ((1, 2, 3, 4), 1),
        ((1, 1, 2, 2, 2, 1), 3),
        ((4, 4, 4, 4), 4),
        ((4, 4, NAN, 4, 5), 3),
        ((NAN, NAN, 2, 2, NAN), 2),
        ((NAN, NAN, NAN), 0),
    ],
)
def test_longest_string(answers: tuple[float, ...], longest: int) -> None:
    assert long_string(_row(*answers)).tolist() == [longest]


@pytest.mark.parametrize(
    ("answers", "longest"),
    [
        ((3, 4, 5, 4, 3, 4, 5, 4), 8),
        ((3, 4, 5, 4, 3, 4, 5, 4, 3), 9),
        ((7, 3, 4, 3, 4, 3, 1), 5),
        ((3, 4, 3, 1), 0),
        ((4, 4, 4, 4, 4, 4), 0),
        ((1, 2, 3, 4, 5, 6, 7), 0),
        ((1, 2, 3, 1, NAN, 2, 3), 6),
        ((4, 4, 5, 4, 4, 5), 6),
    ],
)
def test_longest_pattern(answers: tuple[float, ...], longest: int) -> None:
    assert long_pattern(_row(*answers)).tolist() == [longest]


def test_a_pattern_longer_than_asked_for_is_none() -> None:
    row = _row(1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6)
    assert long_pattern(row, 5).tolist() == [0]
    assert long_pattern(row, 6).tolist() == [12]


def test_pages_of_one_answer() -> None:
    pages = [np.arange(3), np.arange(3, 6), np.arange(6, 8)]  # the last is too short to say anything
    answers = np.array(
        [
            [2, 2, 2, 5, 5, 5, 1, 1],
            [2, 2, 2, 5, 5, 4, 1, 1],
            [2, 2, NAN, 4, 4, 4, 1, 1],
            [NAN, NAN, NAN, NAN, 5, 5, 1, 1],
        ]
    )
    assert flat_pages(answers, pages).tolist()[:3] == [1.0, 0.5, 1.0]
    assert np.isnan(flat_pages(answers, pages)[3])


def test_pages_in_zigzag() -> None:
    pages = [np.arange(4), np.arange(4, 8)]
    answers = np.array([[3, 4, 5, 4, 7, 6, 5, 4], [3, 4, 5, 5, 1, 2, NAN, 3], [4, 4, 4, 4, 1, 3, 5, 7.0]])
    assert zigzag_pages(answers, pages).tolist() == [1.0, 0.5, 0.0]


def test_variability_is_the_standard_deviation_of_a_row() -> None:
    answers = np.array([[1, 2, 3], [4, 4, 4], [2, NAN, 4], [NAN, NAN, 4]])
    found = response_variability(answers)
    assert found[:3] == pytest.approx([1.0, 0.0, math.sqrt(2.0)])
    assert np.isnan(found[3])


def test_mahalanobis_by_hand() -> None:
    # variances 1 and covariance 0: (+-1, +-1) * sqrt(3)/2, so that sum of squares / (n - 1) = 1
    corner = math.sqrt(3.0) / 2.0
    answers = corner * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    distance, p_value = mahalanobis(answers)
    assert distance == pytest.approx(np.full(4, 1.5))
    assert p_value == pytest.approx(np.full(4, math.exp(-0.75)))  # chi-square with two df


def test_mahalanobis_of_incomplete_rows_uses_what_they_answered() -> None:
    rng = np.random.default_rng(3)
    answers = rng.standard_normal((400, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.2], [0, 0, 1]])
    answers[:5, 1] = NAN
    answers[5] = NAN
    distance, p_value = mahalanobis(answers)
    assert np.isnan(distance[5]) and np.isnan(p_value[5])
    pair = np.delete(answers, 5, axis=0)[:, [0, 2]]
    alone, _ = mahalanobis(pair)
    assert distance[0] == pytest.approx(alone[0])


def test_collinear_items_have_no_distance() -> None:
    answers = np.arange(12.0).reshape(6, 2)
    assert np.isnan(mahalanobis(answers)[0]).all()


def test_person_total_leaves_the_person_out() -> None:
    answers = np.array([[1, 2, 3], [1, 2, 6], [3, 1, 1.0]])
    others = (answers.sum(axis=0) - answers) / 2
    expected = [np.corrcoef(one, rest)[0, 1] for one, rest in zip(answers, others, strict=True)]
    assert person_total(answers) == pytest.approx(expected)


def test_pairs_are_those_above_the_threshold() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal(500)
    answers = np.stack([x, x + 0.1 * rng.standard_normal(500), -x, rng.standard_normal(500)], axis=1)
    first, second = correlated_pairs(answers, 0.6)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1)]
    first, second = correlated_pairs(answers, -0.6)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (1, 2)]


def test_correlation_over_pairs() -> None:
    answers = np.array([[1, 1, 4, 4, 7, 7], [1, 7, 4, 4, 7, 1], [3, 3, 3, 3, 3, 3]], dtype=float)
    pairs = (np.array([0, 2, 4]), np.array([1, 3, 5]))
    found = pair_correlation(answers, pairs)
    assert found[:2] == pytest.approx([1.0, -1.0])
    assert np.isnan(found[2])
    assert np.isnan(pair_correlation(answers, (pairs[0][:2], pairs[1][:2]))).all()


def test_even_odd_is_corrected_and_high_when_consistent() -> None:
    scales = [np.array([0, 1]), np.array([2, 3]), np.array([4, 5])]
    answers = np.array([[1, 1, 4, 4, 7, 7], [1, 7, 4, 4, 7, 1], [1, 2, 4, 1, 7, 5], [3, 3, 3, 3, 3, 3]], dtype=float)
    r = np.corrcoef([1, 4, 7], [2, 1, 5])[0, 1]
    found = even_odd(answers, scales)
    assert found[:3] == pytest.approx([1.0, -1.0, 2 * r / (1 + r)])
    assert np.isnan(found[3])
    assert np.isnan(even_odd(answers, scales[:2])).all()


def test_even_odd_takes_means_of_halves() -> None:
    scales = [np.array([0, 1, 2]), np.array([3, 4]), np.array([5, 6])]
    answers = _row(1, 2, 3, 5, 4, 6, 7)  # odd: (1 + 3) / 2, 5, 6; even: 2, 4, 7
    r = np.corrcoef([2, 5, 6], [2, 4, 7])[0, 1]
    assert even_odd(answers, scales)[0] == pytest.approx(2 * r / (1 + r))


def test_others_with_the_same_key() -> None:
    found = others_alike(np.array([0, 1, 0, -1, 0]))
    assert found[[0, 1, 2, 4]].tolist() == [2, 0, 2, 2]
    assert np.isnan(found[3])


def test_burst_is_the_fullest_window_around_a_sheet() -> None:
    codes = np.array([0, 0, 0, 0, 1, 1, 0, -1])
    times = np.array([0, 50, 100, 160, 0, 1000, 5000, 0], dtype=float)
    found = burst_size(codes, times, 100.0)
    assert found[:7].tolist() == [3, 3, 3, 2, 1, 1, 1]
    assert np.isnan(found[7])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), min_size=1, max_size=25), st.integers(1, 15))
def test_bursts_equal_a_count_by_hand(sheets: list[tuple[int, int]], window: int) -> None:
    codes = np.array([key for key, _ in sheets])
    times = np.array([time for _, time in sheets], dtype=float)

    def fullest(at: int) -> int:
        own = [time for key, time in sheets if key == sheets[at][0]]
        starts = [start for start in own if start <= sheets[at][1] <= start + window]
        return max(sum(start <= time <= start + window for time in own) for start in starts)

    assert burst_size(codes, times, float(window)).tolist() == [fullest(at) for at in range(len(sheets))]


def _nearest(answers: Any, least: float) -> list[float]:
    same = (answers[:, None, :] == answers[None, :, :]).mean(axis=2)
    np.fill_diagonal(same, 0.0)
    best = same.max(axis=1)
    return np.where(best >= least - 1e-12, best, 0.0).tolist()


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int8, st.tuples(st.integers(2, 30), st.integers(4, 10)), elements=st.integers(1, 3)),
    st.sampled_from([0.6, 0.7, 0.8, 0.9, 1.0]),
)
def test_near_duplicates_equal_all_pairs(answers: Any, least: float) -> None:
    assert near_duplicates(answers.astype(float), least).tolist() == pytest.approx(_nearest(answers, least))


def test_near_duplicates_with_gaps() -> None:
    answers = np.array([[1, 2, 3, NAN], [1, 2, 3, NAN], [4, 4, 4, 4], [NAN, NAN, NAN, 4]])
    found = near_duplicates(answers, 0.7)
    assert found[:3].tolist() == [0.75, 0.75, 0.0]
    assert np.isnan(found[3])


def test_repeated_texts() -> None:
    column = pd.Series(
        ["很好，推荐给所有的朋友们", "很好 推荐给所有的朋友们。", "没有", "没有", None, "Quite another text"]
    )
    found = repeated_text(column, 10)
    assert found[[0, 1, 2, 3, 5]].tolist() == [1, 1, 0, 0, 0]
    assert np.isnan(found[4])


@pytest.mark.parametrize("text", ["asdfgh", "。。。", "aaaaaa", "哈哈哈哈哈", "xkcdfgtrw", "abcabcabc", "QWERTY"])
def test_gibberish(text: str) -> None:
    assert is_gibberish(text)


@pytest.mark.parametrize(
    "text", ["没有", "好好好", "Strengths and rhythms", "价格10000元", "ok", "退货太麻烦", "13800138000"]
)
def test_sense(text: str) -> None:
    assert not is_gibberish(text)


def test_gibberish_is_unknown_without_a_text() -> None:
    found = gibberish(pd.Series(["asdf", "fine", None, "  "]))
    assert found[:2].tolist() == [1.0, 0.0]
    assert np.isnan(found[2:]).all()


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (12, 6), elements=st.integers(1, 5)), st.permutations(range(12)))
def test_rows_may_stand_in_any_order(answers: Any, order: list[int]) -> None:
    for index in (long_string, long_pattern, response_variability, person_total):
        assert index(answers[order]) == pytest.approx(index(answers)[order], nan_ok=True, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (5, 8), elements=st.integers(1, 7)))
def test_turning_all_answers_changes_no_string(answers: Any) -> None:
    for index in (long_string, long_pattern, response_variability):
        assert index(8 - answers) == pytest.approx(index(answers))


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (4, 5), elements=st.integers(1, 7)), arrays(np.float64, (4, 5), elements=st.integers(1, 7)))
def test_row_correlations(first: Any, second: Any) -> None:
    found = row_correlation(first, second)
    for one, other, r in zip(first, second, found, strict=True):
        if np.ptp(one) > 0 and np.ptp(other) > 0:
            assert r == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-9)
        else:
            assert np.isnan(r)


ITEMS = [f"q{at}" for at in range(1, 9)]


def _answers(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    trait = rng.standard_normal((n, 1))
    frame = pd.DataFrame(np.clip(np.round(4 + trait + rng.standard_normal((n, 8))), 1, 7), columns=ITEMS)
    frame.loc[7, ITEMS] = 5.0
    frame["seconds"] = 80.0
    frame.loc[9, "seconds"] = 4.0
    frame["words"] = "noon"
    frame["check"] = 2
    frame.loc[[7, 11], "check"] = 1
    return frame


RULES: dict[str, dict[str, float]] = {
    "long_string": {"above": 7},
    "seconds_per_item": {"below": 2},
    "attention": {"failed": 1},
}


def test_flags_and_exclusions_follow_the_declared_rule() -> None:
    found = ss.screen(
        _answers(),
        ITEMS,
        RULES,
        {"at_least": 2, "or": ["seconds_per_item"]},
        duration="seconds",
        attention={"check": 2},
    )
    assert np.flatnonzero(found.excluded).tolist() == [7, 9]
    assert found.flags.columns.tolist() == list(RULES)
    assert found.n_flags.loc[[7, 9, 11, 0]].tolist() == [2, 1, 1, 0]
    assert found.overlap.loc["long_string", "attention"] == 1
    assert np.diag(found.overlap).tolist() == [1, 1, 2]
    assert found.by_number.tolist() == [57, 2, 1, 0]
    assert found.to_frame()["only"].tolist() == [0, 1, 1]
    assert found.plan.reason == "2 or more of 3 signs of careless answers or seconds_per_item < 2"
    assert "2 excluded" in repr(found) and "long_string" in str(found) and "<table>" in found._repr_html_()


def test_without_an_exclusion_nobody_is_excluded() -> None:
    found = ss.screen(_answers(), ITEMS, {"long_string": {"above": 7}})
    assert found.flags.to_numpy().sum() == 1
    assert not found.excluded.any() and found.kept.all()


def test_the_index_of_the_data_is_kept() -> None:
    frame = _answers().set_index(pd.Index([f"r{at}" for at in range(60)]))
    found = ss.screen(frame, ITEMS, {"long_string": {"above": 7}}, {"at_least": 1})
    assert frame[found.excluded].index.tolist() == ["r7"]


def test_reversed_items_are_turned_for_consistency_only() -> None:
    frame = _answers()
    turned = frame.assign(q2=8 - frame["q2"])
    scales = {"a": ITEMS[:2], "b": ITEMS[2:4], "c": ITEMS[4:6], "d": ITEMS[6:]}
    plain = ss.screen(frame, ITEMS, scales=scales).indices
    again = ss.screen(turned, ITEMS, scales=scales, reverse=["q2"], scale_range=(1, 7)).indices
    pd.testing.assert_series_equal(plain["even_odd"], again["even_odd"])
    pd.testing.assert_series_equal(plain["person_total"], again["person_total"])
    assert again.loc[7, "long_string"] == 6


def test_histograms_count_everybody() -> None:
    found = ss.screen(_answers(), ITEMS, {"mahalanobis": {"p": 0.001}})
    for each in found.histograms():
        assert sum(each["counts"]) + each["unknown"] == 60
        assert len(each["edges"]) == len(each["counts"]) + 1
        assert (each["cut_off"] is None) == (each["index"] != "mahalanobis")


def test_the_figure_says_its_indices() -> None:
    found = ss.screen(_answers(), ITEMS, {"long_string": {"above": 7}})
    for lang in ("en", "zh"):
        assert found.draw(lang=lang, title="Screening").startswith("<svg")
    with pytest.raises(OptionError, match="no figure in 'fr'"):
        found.draw(lang="fr")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rules": {"longstring": {"above": 7}}}, OptionError, "no index 'longstring'"),
        ({"rules": {"long_string": {"over": 7}}}, OptionError, "'over' is no relation"),
        ({"rules": {"long_string": 7}}, OptionError, "one relation and its cut-off"),
        ({"rules": {"irv": {"p": 0.01}}}, OptionError, "has no p-value"),
        ({"rules": {"irv": {"failed": 1}}}, OptionError, "for attention checks"),
        ({"rules": {"irv": {"below": NAN}}}, OptionError, "is no number"),
        ({"rules": {"mahalanobis": {"p": 2}}}, OptionError, "between 0 and 1"),
        ({"rules": {"near_duplicate": {"above": 0.1}}}, OptionError, "from 0.5 to 1"),
        ({"rules": {"attention": {"failed": 1}}}, DataError, "these data do not have"),
        ({"rules": {"irv": {"below": 0.3}}, "exclude": {"at_least": 2}}, OptionError, "nobody can have them"),
        ({"rules": {"irv": {"below": 0.3}}, "exclude": {"or": ["long_string"]}}, OptionError, "not among the rules"),
        ({"rules": {"irv": {"below": 0.3}}, "exclude": {"most": 1}}, OptionError, "at_least and or"),
        ({"synonyms_from": 2.0}, OptionError, "cannot be 2.0"),
        ({"seconds": "seconds"}, OptionError, "no option 'seconds'"),
        ({"reverse": ["q1"]}, OptionError, "ends of their scale"),
        ({"reverse": ["z"], "scale_range": (1, 7)}, DataError, "none of the screened items"),
        ({"duration": "time"}, DataError, "no column 'time'"),
        ({"ip": "address"}, DataError, "no column 'address'"),
        ({"scales": {"a": ["q1", "z"]}}, DataError, "none of the screened items"),
        ({"items": ["q1", "z"]}, DataError, "no column 'z'"),
        ({"items": ["q1"]}, DataError, "compares answers"),
        ({"items": None}, OptionError, "which columns are answers"),
        ({"plan": ss.ScreeningPlan(), "rules": {}}, OptionError, "a plan is given"),
        ({"plan": {"rules": {}}}, OptionError, "not a dict"),
        ({"longest_period": 2.5}, OptionError, "cannot be 2.5"),
        ({"text_length": "a"}, OptionError, "cannot be 'a'"),
        ({"items": ["q1", "q1"]}, OptionError, "named twice"),
        ({"scales": [["q1", "q2"]]}, OptionError, "mapping of name"),
        ({"reverse": "q1", "scale_range": 7}, OptionError, "ends of their scale"),
        ({"submitted": "words"}, DataError, "no points in time"),
    ],
)
def test_what_cannot_be_screened_says_why(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ss.screen(_answers(), **{"items": ITEMS, **options})


@pytest.mark.parametrize("as_text", [False, True])
def test_clock_times_are_seconds_or_times(as_text: bool) -> None:
    seconds = np.arange(60) * 600.0
    clock = pd.Series(pd.Timestamp("2026-05-01") + pd.to_timedelta(seconds, unit="s"))
    frame = _answers().assign(ip="one", clock=clock.astype(str) if as_text else seconds)
    found = ss.screen(frame, ITEMS, ip="ip", submitted="clock", burst_minutes=20)
    assert found.indices["burst"].tolist() == [3.0] * 60


def test_two_columns_of_one_name() -> None:
    with pytest.raises(DataError, match="two columns named 'q1'"):
        ss.screen(pd.concat([_answers(), _answers()[["q1"]]], axis=1), ITEMS)


def test_texts_are_no_answers() -> None:
    with pytest.raises(DataError, match="holds no numbers"):
        ss.screen(_answers().assign(q1="a"), ITEMS)
    with pytest.raises(OptionError, match="Responses or a pandas DataFrame"):
        ss.screen([1, 2], ITEMS)  # type: ignore[arg-type]


STORED = Path(__file__).resolve().parents[1] / "reference/screening/insufficient_effort.json"


@pytest.mark.reference
def test_indices_equal_those_of_another_program() -> None:
    """insufficient-effort 1.13.1; 1e-10 relative: both compute in double precision, sums in another order."""
    stored = json.loads(STORED.read_text("utf-8"))
    answers = np.array(stored["answers"], dtype=float)
    expected = {name: np.array(values, dtype=float) for name, values in stored["indices"].items()}
    scales = [np.arange(4 * at, 4 * at + 4) for at in range(6)]
    assert long_string(answers).tolist() == expected["long_string"].tolist()
    assert mahalanobis(answers)[0] == pytest.approx(expected["distance"] ** 2, rel=1e-10)
    assert even_odd(answers, scales) == pytest.approx(expected["even_odd"], rel=1e-10, abs=1e-12, nan_ok=True)
    ours = pair_correlation(answers, correlated_pairs(answers, 0.6))
    varied = np.ptp(answers, axis=1) > 0  # where all answers are one, theirs is 0 and ours is not known
    assert ours[varied] == pytest.approx(expected["synonyms"][varied], rel=1e-10, abs=1e-12, nan_ok=True)
    assert np.isnan(ours[~varied]).all()
