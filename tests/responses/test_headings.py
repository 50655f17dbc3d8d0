"""Columns found by number, after a question was added, taken out or moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_sem.instrument import Instrument
from survey_sem.responses import validate_responses
from tests.responses.shop import export, only


@pytest.mark.parametrize(
    "headings",
    [
        {"sat": "Satisfied", "att": "Please choose 4"},
        {"sat": "How was it? — satisfied", "att": "Shop: please, choose 4."},
        {"sat": "How content are you?"},  # rephrased
        {"sat": "Please choose 4", "att": "Please choose 4"},  # the other column has it too: a heading that says little
        {"ranks": "Why", "why": "Why"},  # two items of one text
        {"sat": "", "att": "—"},
    ],
)
def test_headings_that_tell_nothing_of_a_move(shop: Instrument, headings: dict[str, str]) -> None:
    assert validate_responses(replace(export(), column_labels=headings), shop).report.findings == ()


def test_two_questions_that_changed_places(shop: Instrument) -> None:
    """On one scale no answer tells."""
    raw = replace(export(), column_labels={"sat": "Please rate — Please choose 4", "att": "Please rate — Satisfied"})
    first, second = validate_responses(raw, shop).report.findings
    assert (first.rule, first.item, first.got) == ("label-mismatch", "sat", "the question of att")
    assert (second.rule, second.item, second.got) == ("label-mismatch", "att", "the question of sat")
    assert "'sat'" in first.expected and "column:" in first.hint


def test_a_question_that_was_added(shop: Instrument) -> None:
    """The new text belongs to no item; the one behind it has moved on."""
    raw = replace(export(), column_labels={"sat": "A new question", "att": "Satisfied"})
    finding = only(validate_responses(raw, shop).report)
    assert (finding.item, finding.got) == ("att", "the question of sat")
