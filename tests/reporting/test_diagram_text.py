from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.reporting.diagram.text import clean, r_squared_text, text_width, wrap


def test_short_text_is_one_line():
    assert wrap("visual", 100, 13, 3) == ("visual",)


def test_lines_are_of_about_the_same_length():
    assert wrap("Perceived expertise and authenticity", 150, 13, 3) == ("Perceived expertise", "and authenticity")


def test_variable_names_break_at_their_joints():
    assert wrap("a_variable_name_long", 70, 11, 3) == ("a_variable_", "name_long")


def test_chinese_breaks_between_characters_but_keeps_punctuation_with_its_word():
    lines = wrap("优惠力度（限时优惠），折扣", 60, 13, 9)
    assert "".join(lines) == "优惠力度（限时优惠），折扣"
    assert not any(line.startswith(("）", "，")) or line.endswith("（") for line in lines)


def test_a_bracket_begins_a_line_where_that_costs_none():
    assert wrap("优惠力度（限时优惠）", 104, 13, 3) == ("优惠力度", "（限时优惠）")


def test_too_long_a_text_ends_in_an_ellipsis():
    lines = wrap("one two three four five six seven", 40, 11, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


@given(st.text(max_size=60), st.floats(20, 200), st.integers(1, 3))
def test_no_line_is_wider_than_asked(text, width, most_lines):
    lines = wrap(text, width, 12, most_lines)
    assert 1 <= len(lines) <= most_lines
    assert all(text_width(line, 12) <= width + 1e-9 for line in lines)


def test_wide_characters_count_as_wide():
    assert text_width("信任", 10) > text_width("Tr", 10)


def test_characters_that_xml_forbids_are_removed():
    assert clean("a\x00b\u202ec\ud800d") == "a bcd"


@pytest.mark.parametrize(
    ("value", "text"), [(0.523, "R² = 0.52"), (None, ""), (float("nan"), ""), (-0.2, ""), (1.3, "")]
)
def test_r_squared_is_shown_where_it_is_a_share(value, text):
    assert r_squared_text(value) == text
