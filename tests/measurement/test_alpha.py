"""Cronbach's alpha: psych's numbers, algebra, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import DataError, MissingChoiceError, OptionError
from survey_sem.measurement import CronbachAlpha, cronbach_alpha
from survey_sem.measurement.alpha import raw_alpha

# Closed formulas of the same moments on both sides: only rounding differs.
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def psych(reference_root: Path) -> dict[str, Any]:
    return json.loads((reference_root / "measurement" / "alpha.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(psych: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(psych["rows"]).astype(float)


def assert_equals_psych(found: CronbachAlpha, reference: dict[str, Any]) -> None:
    total = reference["total"]
    assert found.alpha == pytest.approx(total["raw_alpha"], abs=TOLERANCE)
    assert found.std_alpha == pytest.approx(total["std.alpha"], abs=TOLERANCE)
    assert found.average_r == pytest.approx(total["average_r"], abs=TOLERANCE)
    assert found.se == pytest.approx(total["ase"], abs=TOLERANCE)
    assert found.ci_lower == pytest.approx(reference["feldt"]["lower"], abs=1e-9)  # quantiles of F by other code
    assert found.ci_upper == pytest.approx(reference["feldt"]["upper"], abs=1e-9)
    for item, stats in zip(found.items, reference["item_stats"], strict=True):
        assert item.n_obs == stats["n"]
        assert item.r_drop == pytest.approx(stats["r.drop"], abs=TOLERANCE)
        assert item.sd == pytest.approx(stats["sd"], abs=TOLERANCE)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("case", "missing", "reverse"),
    [
        ("pairwise_reversed", "pairwise", ["A1"]),
        ("pairwise_unreversed", "pairwise", []),
        ("listwise_reversed", "listwise", ["A1"]),
    ],
)
def test_equals_psych(psych: dict[str, Any], rows: pd.DataFrame, case: str, missing: Any, reverse: list[str]) -> None:
    found = cronbach_alpha(rows, missing=missing, reverse=reverse)
    assert_equals_psych(found, psych[case])
    for item, dropped in zip(found.items, psych[case]["alpha_drop"], strict=True):
        assert item.alpha_if_dropped == pytest.approx(dropped["raw_alpha"], abs=TOLERANCE)
        assert item.std_alpha_if_dropped == pytest.approx(dropped["std.alpha"], abs=TOLERANCE)


@pytest.mark.reference
def test_two_items_leave_nothing_to_drop(psych: dict[str, Any], rows: pd.DataFrame) -> None:
    found = cronbach_alpha(rows, ["A4", "A5"], missing="listwise")
    complete = rows.dropna()
    assert len(complete) == psych["two_items"]["item_stats"][0]["n"]
    assert_equals_psych(cronbach_alpha(complete, ["A4", "A5"]), psych["two_items"])
    assert [item.alpha_if_dropped for item in found.items] == [None, None]


def test_means_are_as_answered(rows: pd.DataFrame) -> None:
    found = cronbach_alpha(rows, missing="pairwise", reverse=["A1"])
    assert [item.mean for item in found.items] == pytest.approx(list(rows.mean()), abs=TOLERANCE)


def test_covariances_and_rows_agree(rows: pd.DataFrame) -> None:
    complete = rows.dropna()
    from_rows = cronbach_alpha(complete)
    from_cov = cronbach_alpha(ss.moments(cov=complete.cov(), n_obs=len(complete)))
    assert from_cov.alpha == pytest.approx(from_rows.alpha, abs=TOLERANCE)
    assert from_cov.ci_upper == pytest.approx(from_rows.ci_upper, abs=TOLERANCE)
    assert from_cov.table["r_drop"].tolist() == pytest.approx(from_rows.table["r_drop"].tolist(), abs=TOLERANCE)
    assert from_cov.items[0].mean is None


def test_missing_values_need_a_choice(rows: pd.DataFrame) -> None:
    with pytest.raises(MissingChoiceError, match="missing values") as caught:
        cronbach_alpha(rows)
    assert "pairwise" in str(caught.value.expected)


def test_listwise_says_what_it_dropped(rows: pd.DataFrame) -> None:
    found = cronbach_alpha(rows, missing="listwise", reverse=["A1"])
    assert found.n_obs == len(rows.dropna())
    assert [w.code for w in found.warnings] == ["listwise"]


def test_an_item_against_the_others_is_named(rows: pd.DataFrame) -> None:
    (warning,) = cronbach_alpha(rows.dropna()).warnings
    assert warning.what == "A1 points against the other items of the scale"
    assert cronbach_alpha(rows.dropna(), reverse=["A1"]).warnings == ()


@pytest.mark.parametrize(
    ("items", "options", "error", "code"),
    [
        (["A1"], {}, DataError, "too-few-items"),
        (["A1", "A1"], {}, DataError, "too-few-items"),
        (["A1", "B1"], {}, DataError, "unknown-variable"),
        (["A1", "B1"], {"missing": "pairwise"}, DataError, "unknown-variable"),
        (["A1", "A2"], {"reverse": ["A22"]}, OptionError, "unknown-variable"),
        (["A1", "A2"], {"missing": "fiml"}, OptionError, "bad-option"),
    ],
)
def test_refusals(rows: pd.DataFrame, items: list[str], options: dict[str, Any], error: Any, code: str) -> None:
    with pytest.raises(error) as caught:
        cronbach_alpha(rows.dropna(), items, **options)
    assert caught.value.code == code


def test_items_never_answered_together_are_named() -> None:
    data = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [np.nan, np.nan, 1.0, 2.0], "c": [1.0, 2.0, 2.0, 1.0]})
    with pytest.raises(DataError, match="both a and b"):
        cronbach_alpha(data, missing="pairwise")


def test_items_that_cancel_have_no_alpha() -> None:
    with pytest.raises(DataError, match="no variance"):
        cronbach_alpha(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 2.0, 1.0]}))


def test_not_a_frame() -> None:
    with pytest.raises(OptionError, match="DataFrame"):
        cronbach_alpha([[1.0, 2.0]])  # type: ignore[arg-type]


covariances = st.integers(0, 2**32 - 1).map(
    lambda seed: (lambda a: a @ a.T + 0.1 * np.eye(4))(np.random.default_rng(seed).uniform(0.1, 1.0, (4, 4)))
)


@given(covariances, st.floats(0.01, 100.0))
def test_alpha_does_not_depend_on_the_unit_of_all_items(cov: np.ndarray, unit: float) -> None:
    assert raw_alpha(cov * unit) == pytest.approx(raw_alpha(cov), rel=1e-9)


@given(covariances, st.permutations(range(4)))
def test_alpha_does_not_depend_on_the_order_of_items(cov: np.ndarray, order: list[int]) -> None:
    assert raw_alpha(cov[np.ix_(order, order)]) == pytest.approx(raw_alpha(cov), rel=1e-12)


@given(covariances)
def test_alpha_is_the_mean_of_all_split_half_coefficients(cov: np.ndarray) -> None:
    # Cronbach (1951): alpha is the mean of 4 cov(half, other half) / var(sum) over all splits into equal halves.
    halves = [([0, 1], [2, 3]), ([0, 2], [1, 3]), ([0, 3], [1, 2])]
    coefficients = [4.0 * cov[np.ix_(one, other)].sum() / cov.sum() for one, other in halves]
    assert raw_alpha(cov) == pytest.approx(np.mean(coefficients), rel=1e-12)
