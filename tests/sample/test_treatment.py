"""Broken answers are treated as a plan declares it, and the flow and the steps say so."""

from __future__ import annotations

import pytest

from survey_sem.errors import DataError, OptionError, SurveySemError
from survey_sem.instrument import Instrument
from survey_sem.responses import RULES, Responses, validate_responses
from survey_sem.sample import TREATMENTS, Condition, Sample, SamplePlan, prepare_sample
from tests.responses.shop import YAML, changed, export, instrument_from_text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    """An instrument with an item of every type; no quotas, which rows that leave would break."""
    text = YAML[: YAML.index("quotas:")]
    return instrument_from_text(tmp_path_factory.mktemp("shop") / "shop.yaml", text)


@pytest.fixture
def broken(shop: Instrument) -> Responses:
    """Six answer sheets: an illegal code, an age out of range, an answer off the route, a sheet twice."""
    columns = {**changed("bought", r4=7), **changed("age", r1=17, r2=150), **changed("sat", r3=2)}
    return validate_responses(export(**columns, **changed("sheet", r6=102)), shop)


ALL = {
    "illegal-code": "missing",
    "out-of-range": "missing",
    "answered-though-routed-out": "missing",
    "duplicate-id": "first",
    "blank-though-required": "accept",
}


def prepared(broken: Responses, **changes: str) -> Sample:
    return prepare_sample(broken, SamplePlan(broken={**ALL, **changes}))


def test_what_is_not_declared_is_refused(broken: Responses) -> None:
    with pytest.raises(DataError) as caught:
        prepare_sample(broken)
    assert caught.value.code == "invalid-responses"
    assert "sample: {broken: {illegal-code: missing, out-of-range: missing" in str(caught.value.hint)
    with pytest.raises(DataError) as caught:
        prepare_sample(broken, SamplePlan(broken={rule: ALL[rule] for rule in ALL if rule != "illegal-code"}))
    assert "illegal-code: bought" in str(caught.value.got)
    assert "out-of-range" not in str(caught.value.got)


def test_cells_become_missing(broken: Responses) -> None:
    sample = prepared(broken)
    assert sample.data["bought"].isna().tolist() == [False, False, False, True, False]
    assert sample.data["age"].isna().tolist() == [True, True, False, False, False]
    assert sample.data["cohort"].isna().tolist() == [True, True, False, False, False]
    assert sample.data["sat"].isna().tolist() == [False, False, True, False, True]
    assert sample.absent is not None
    assert sample.absent["age"].tolist() == [2, 2, 0, 0, 0]
    assert sample.absent["sat"].tolist() == [0, 0, 1, 0, 1]
    assert [(stage.n, stage.lost) for stage in sample.flow.stages] == [(6, 0), (5, 1)]
    assert sample.flow.stages[-1].reason == "the same answer sheet again (duplicate-id)"
    assert [step.details["rule"] for step in sample.steps][:4] == list(ALL)[:4]
    assert sample.steps[1].details == {
        "rule": "out-of-range",
        "action": "missing",
        "items": {"age": 2},
        "n_cells": 2,
        "n_lost": 0,
    }
    assert broken.frame["age"].notna().all()  # what was validated stays as it was


def test_rows_leave(broken: Responses) -> None:
    sample = prepared(broken, **{"out-of-range": "drop"})
    assert [(stage.n, stage.lost) for stage in sample.flow.stages] == [(6, 0), (4, 2)]
    assert sample.data["age"].tolist() == [45, 50, 39, 99]  # the first copy of 102 had left: the other one stays
    assert sample.steps[1].what == "out-of-range in age: 2 respondents were left out"


@pytest.mark.parametrize(
    ("action", "ages"),
    [("first", [20, 21, 45, 50, 39]), ("last", [20, 45, 50, 39, 99]), ("drop", [20, 45, 50, 39]), ("accept", None)],
)
def test_copies(shop: Instrument, action: str, ages: list[int] | None) -> None:
    columns = {"age": [20, 21, 45, 50, 39, 99], **changed("sheet", r6=102)}
    responses = validate_responses(export(**columns), shop)
    sample = prepare_sample(responses, SamplePlan(broken={"duplicate-id": action}))
    assert sample.data["age"].tolist() == (columns["age"] if ages is None else ages)


def test_answers_stay_as_they_are(broken: Responses) -> None:
    sample = prepared(broken, **{"out-of-range": "accept"})
    assert sample.data["age"].tolist()[:2] == [17, 150]
    assert sample.steps[1].what == "out-of-range in age: 2 answers stay as they are"


def test_every_error_has_a_treatment(shop: Instrument) -> None:
    assert {rule for rule, severity in RULES.items() if severity == "error"} <= set(TREATMENTS)
    assert TREATMENTS.keys() <= RULES.keys()
    clean = validate_responses(export(), shop)
    for rule, actions in TREATMENTS.items():
        for action in actions:
            assert prepare_sample(clean, SamplePlan(broken={rule: action})).n_obs == 6


def test_a_warning_can_be_treated_too(shop: Instrument) -> None:
    responses = validate_responses(export(**changed("att", r2=1)), shop)
    assert prepare_sample(responses).n_obs == 6
    sample = prepare_sample(responses, SamplePlan(broken={"attention-failed": "drop"}))
    assert (sample.n_obs, sample.flow.stages[-1].reason) == (5, "failed an attention check (attention-failed)")


def test_paradata_become_missing(shop: Instrument) -> None:
    responses = validate_responses(export(**changed("seconds", r2=1)), shop)
    plan = SamplePlan(broken={"impossible-duration": "missing"}, keep=(Condition("duration", ">=", 0, "timed"),))
    assert prepare_sample(responses, plan).n_obs == 5


def test_a_whole_column_can_be_accepted(shop: Instrument) -> None:
    responses = validate_responses(export(age=None), shop)
    sample = prepare_sample(responses, SamplePlan(broken={"missing-column": "accept"}))
    assert "age" not in sample.data.columns
    assert sample.steps[0].what == "missing-column in age: left as it is"


@pytest.mark.parametrize(
    ("treatment", "code", "hint"),
    [
        ({"ilegal-code": "missing"}, "unknown-rule", "did you mean 'illegal-code'?"),
        ({"illegal-code": "misssing"}, "unknown-action", "did you mean 'missing'?"),
        ({"duplicate-id": "missing"}, "unknown-action", None),
        ({"unknown-column": "accept"}, "unknown-rule", None),
    ],
)
def test_treatments_that_are_none(broken: Responses, treatment: dict[str, str], code: str, hint: str | None) -> None:
    with pytest.raises(OptionError) as caught:
        prepare_sample(broken, SamplePlan(broken=treatment))
    assert caught.value.code == code
    assert hint is None or caught.value.hint == hint


def test_conditions_on_paradata_partitions_and_dates(shop: Instrument) -> None:
    responses = validate_responses(export(), shop)
    for condition, n in (
        (Condition("duration", ">=", 100, "too fast"), 4),
        (Condition("cohort", "==", "young", "young"), 3),
        (Condition("shops_2", "==", 1, "online"), 3),
        (Condition("visit", "<", "2026-05-10", "early"), 3),
        (Condition("submitted", ">=", "2026-05-02", "late"), 4),
        (Condition("id", "in", ("101", "103"), "these"), 2),
    ):
        assert prepare_sample(responses, SamplePlan(keep=(condition,))).n_obs == n
    for condition in (Condition("shops", "==", 1, "x"), Condition("visit", "<", "soon", "x")):
        with pytest.raises(SurveySemError):
            prepare_sample(responses, SamplePlan(keep=(condition,)))


def test_nobody_is_left(shop: Instrument) -> None:
    responses = validate_responses(export(age=[1] * 6), shop)
    with pytest.raises(DataError) as caught:
        prepare_sample(responses, SamplePlan(broken={"out-of-range": "drop"}))
    assert caught.value.code == "nobody-left"
