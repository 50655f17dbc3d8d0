"""From Responses to a Sample: who stays, what is turned, and the flow of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_sem.errors import DataError, OptionError
from survey_sem.exports import RawTable
from survey_sem.instrument import load_instrument
from survey_sem.responses import Responses, validate_responses
from survey_sem.sample import Condition, SamplePlan, prepare_sample
from survey_sem.sample.sample import Relation

YAML = """\
schema: survey-sem/instrument/1
instrument: {id: demo, version: "1", title: Demo}
scales:
  agree: {min: 1, max: 5}
items:
  - {id: q1, scale: agree, text: One}
  - {id: q2, scale: agree, reverse: true, text: Two}
"""


@pytest.fixture
def responses(tmp_path: Path) -> Responses:
    """Four respondents, two items, one of them reversed."""
    path = tmp_path / "i.yaml"
    path.write_text(YAML, encoding="utf-8")
    frame = pd.DataFrame({"q1": [1, 2, 3, 4], "q2": [1, 2, None, 5]})
    return validate_responses(RawTable(frame, "d.csv", "0" * 64, "csv"), load_instrument(path))


def test_reverse_keying(responses: Responses) -> None:
    sample = prepare_sample(responses)
    assert sample.data["q2"].tolist()[:2] == [5, 4]
    assert sample.reversed_items == ("q2",)
    assert sample.steps[0].details == {"item": "q2", "sum": 6}
    assert prepare_sample(responses, SamplePlan(reverse=False)).data["q2"].tolist()[:2] == [1, 2]


@pytest.mark.parametrize(
    ("relation", "value", "n"),
    [
        ("==", 2, 1),
        ("!=", 2, 2),
        ("<", 5, 2),
        ("<=", 2, 2),
        (">", 1, 2),
        (">=", 2, 2),
        ("in", (1, 5), 2),
        ("answered", None, 3),
    ],
)
def test_an_unanswered_item_meets_no_condition(responses: Responses, relation: Relation, value: object, n: int) -> None:
    plan = SamplePlan(keep=(Condition("q2", relation, value, "why"),), distributed=10)
    sample = prepare_sample(responses, plan)
    assert sample.n_obs == n
    assert [(stage.stage, stage.n, stage.lost) for stage in sample.flow.stages] == [
        ("distributed", 10, 0),
        ("received", 4, 6),
        ("kept", n, 4 - n),
    ]
    assert sample.data.index.tolist() == list(range(n))


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (SamplePlan(keep=(Condition("q9", "==", 1, "why"),)), "unknown-item"),
        (SamplePlan(keep=(Condition("q1", "==", 99, "why"),)), "nobody-left"),
        (SamplePlan(keep=(Condition("q1", "<", "x", "why"),)), "incomparable"),
        (SamplePlan(distributed=2), "impossible-flow"),
    ],
)
def test_plans_that_cannot_be(responses: Responses, plan: SamplePlan, code: str) -> None:
    with pytest.raises(DataError) as caught:
        prepare_sample(responses, plan)
    assert caught.value.code == code


@pytest.mark.parametrize("answers", [None, 3, pd.DataFrame({"a": [1]}), RawTable(pd.DataFrame(), "x", "0", "csv")])
def test_only_validated_answers_become_a_sample(answers: Any) -> None:
    with pytest.raises(OptionError, match="validated answers") as caught:
        prepare_sample(answers)
    assert caught.value.code == "wrong-type"


def test_broken_data_are_refused(responses: Responses) -> None:
    frame = pd.DataFrame({"q1": [9], "q2": [1]})
    broken = validate_responses(RawTable(frame, "d.csv", "0" * 64, "csv"), responses.instrument)
    with pytest.raises(DataError) as caught:
        prepare_sample(broken)
    assert caught.value.code == "invalid-responses"
    assert "illegal-code: q1" in str(caught.value.got)


def test_a_sample_shows_no_answers(responses: Responses) -> None:
    assert repr(prepare_sample(responses)) == "Sample(4 respondents, 2 variables, 1 steps)"
