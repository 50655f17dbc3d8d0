"""Numbers as a reader expects them: APA in English, GB/T 15835 in Chinese."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.reporting.numbers import Format, Language, show_number


@pytest.mark.parametrize(
    ("value", "form", "english", "chinese"),
    [
        (0.31234, "bounded", ".312", "0.312"),
        (-0.31234, "bounded", "−.312", "−0.312"),
        (1.0234, "bounded", "1.023", "1.023"),
        (0.9996, "bounded", "1.000", "1.000"),
        (0.456, "correlation", ".46", "0.46"),
        (-0.0001, "bounded", ".000", "0.000"),
        (0.0123, "p", ".012", "0.012"),
        (0.0009, "p", "< .001", "< 0.001"),
        (0.0009, "p_relation", "< .001", "< 0.001"),
        (0.0123, "p_relation", "= .012", "= 0.012"),
        (0.5, "estimate", "0.500", "0.500"),
        (-12.3456, "estimate", "−12.346", "−12.346"),
        (123.456, "estimate", "123.46", "123.46"),
        (54321.06, "estimate", "54321.1", "54321.1"),
        (0.000034, "estimate", "3.4 × 10⁻⁵", "3.4 × 10⁻⁵"),
        (-2.5e9, "estimate", "−2.5 × 10⁹", "−2.5 × 10⁹"),
        (1e-15, "estimate", "0.000", "0.000"),
        (80000, "count", "80,000", "80000"),
        (105.123, "statistic", "105.12", "105.12"),
        (30.0, "df", "30", "30"),
        (30.25, "df", "30.25", "30.25"),
        (0.956, "percent", "95.6%", "95.6%"),
        (0.95, "whole_percent", "95%", "95%"),
        (10891.8479, "index", "10891.8", "10891.8"),
        (0.1 + 0.2, "exact", "0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_shown(value: float, form: Format, english: str, chinese: str):
    assert show_number(value, form, "en") == english
    assert show_number(value, form, "zh") == chinese


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_dash(value: float | None):
    assert show_number(value, "estimate", "en") == "—"


@given(st.floats(-1e12, 1e12), st.sampled_from(["estimate", "statistic", "bounded", "correlation", "score", "index"]))
def test_no_negative_zero_and_no_hyphen(value: float, form: Format):
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        shown = show_number(value, form, language)
        assert "-" not in shown
        assert shown.strip("−.0") or not shown.startswith("−")
