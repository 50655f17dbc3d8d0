"""AAPOR's outcome rates: by hand, in studies, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, OptionError, StudyError
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.sample import Flow, SamplePlan, response_rates
from survey_sem.sample.response_rates import check_dispositions

CASES = {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}
PRINTED = {
    "RR1": 0.364, "RR2": 0.545, "RR3": 0.370, "RR4": 0.556, "RR5": 0.444, "RR6": 0.667,
    "COOP1": 0.500, "COOP2": 0.750, "COOP3": 0.571, "COOP4": 0.857, "REF1": 0.091, "REF2": 0.093, "REF3": 0.111,
    "CON1": 0.727, "CON2": 0.741, "CON3": 0.889,
}  # fmt: skip
"""As the R package outcomerate 1.0 prints them in its README for these cases, e by proportional allocation."""


def test_as_another_program_prints_them() -> None:
    rates = ss.outcome_rates(CASES)
    assert {rate.name: round(rate.value, 3) for rate in rates.rates} == PRINTED
    assert "e = 0.900" in str(rates) and "estimated" in rates.notes[0] and "<table>" in rates._repr_html_()
    assert rates.to_frame().set_index("rate").loc["RR3", "denominator"] == pytest.approx(10.8)


def test_each_by_hand() -> None:
    found = ss.outcome_rates({"I": 300, "P": 50, "R": 120, "NC": 200, "O": 30, "UH": 180, "UO": 120}, e=0.4)
    known, some, every = 700, 700 + 0.4 * 300, 1000
    assert {rate.name: rate.value for rate in found.rates} == pytest.approx(
        {"RR1": 300 / every, "RR2": 350 / every, "RR3": 300 / some, "RR4": 350 / some, "RR5": 300 / known}
        | {"RR6": 350 / known, "COOP1": 300 / 500, "COOP2": 350 / 500, "COOP3": 300 / 470, "COOP4": 350 / 470}
        | {"REF1": 120 / every, "REF2": 120 / some, "REF3": 120 / known}
        | {"CON1": 500 / every, "CON2": 500 / some, "CON3": 500 / known}
    )
    assert found.notes == ("e = 0.400 of the unknown cases taken as eligible",)


def test_single_cases_with_and_without_weights() -> None:
    cases = pd.Series([name for name, n in CASES.items() for _ in range(n)]).sample(frac=1, random_state=1)
    assert ss.outcome_rates(cases).rates == ss.outcome_rates(CASES).rates
    twice = ss.outcome_rates(cases, weights=np.full(len(cases), 2.0))
    assert twice["RR3"] == pytest.approx(ss.outcome_rates(CASES)["RR3"])
    weights = np.where(cases == "I", 3.0, 1.0)
    assert ss.outcome_rates(cases, weights=weights)["RR5"] == pytest.approx(12 / 17)


def test_without_e_rates_that_need_it_are_left_out() -> None:
    found = ss.outcome_rates({"I": 5, "R": 5, "UO": 10})
    names = [rate.name for rate in found.rates]
    assert not {"RR3", "RR4", "REF2", "CON2"} & set(names) and found["RR5"] == 0.5 and "give e" in str(found)
    with pytest.raises(KeyError):
        found["RR3"]
    everybody_known = ss.outcome_rates({"I": 5, "R": 5})
    assert everybody_known["RR1"] == everybody_known["RR3"] == everybody_known["RR5"] and not everybody_known.notes
    assert [rate.name for rate in ss.outcome_rates({"NC": 5}).rates if "COOP" in rate.name] == []


@pytest.mark.parametrize(
    ("cases", "options", "match"),
    [
        ({"I": 1, "RF": 2}, {}, "'RF' is no disposition"),
        ({"I": -1}, {}, "cannot be -1"),
        ({"I": float("nan")}, {}, "cannot be nan"),
        ({"I": "many"}, {}, "cannot be 'many'"),
        ({"I": 1}, {"e": 1.5}, "eligible share of unknown cases cannot be 1.5"),
        ({"UO": 3}, {}, "no case is known to be eligible"),
        ({"I": 1}, {"weights": [1]}, "weights are of single cases"),
        ([1, 2], {}, "cannot be a list"),
        (pd.Series(["I", None]), {}, "1 cases have no disposition"),
        (pd.Series(["I", "R"]), {"weights": [1.0, -1.0]}, "none of them negative"),
        (pd.Series(["I", "R"]), {"weights": [1.0]}, "one number for each"),
        (pd.Series(["I", "R"]), {"weights": "w"}, "one number for each"),
    ],
)
def test_what_has_no_rates(cases: object, options: dict[str, object], match: str) -> None:
    with pytest.raises(OptionError, match=match):
        ss.outcome_rates(cases, **options)


def _flow(**stages: int) -> Flow:
    flow = Flow()
    for stage, n in stages.items():
        flow = flow.then(stage, "", n)
    return flow


def test_dispositions_and_the_flow() -> None:
    told = ss.Dispositions({"I": 350, "P": 20, "R": 30, "UO": 600})
    rates = {rate.name: rate.value for rate in response_rates(_flow(received=400, kept=360), probability=True,
                                                              dispositions=told)}  # fmt: skip
    assert rates["RR1"] == 0.35 and rates["valid"] == 0.9
    check_dispositions(_flow(distributed=1000, received=400, kept=360), told)
    for flow, match in (
        (_flow(distributed=900, received=400, kept=360), "1000 cases, but 900 were distributed"),
        (_flow(received=1001, kept=360), "1001 questionnaires came back"),
        (_flow(received=400, kept=371), "371 questionnaires are usable, but the dispositions have 370"),
    ):
        with pytest.raises(DataError, match=match):
            check_dispositions(flow, told)
    with pytest.raises(OptionError, match="probability samples only"):
        SamplePlan(dispositions=told)


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("{dispositions: {I: 9}}", "no-probability-sample"),
        ("{probability: true, dispositions: {I: 9, Q: 1}}", "unknown-key"),
        ("{probability: true, dispositions: {I: 9.5}}", "wrong-type"),
        ("{probability: true, dispositions: {I: -9}}", "bad-disposition"),
        ("{probability: true, dispositions: {I: 9, e: 0.5}}", "missing-key"),
        ("{probability: true, dispositions: {I: 9, e: 5, e_source: a}}", "bad-disposition"),
        ("{probability: true, dispositions: {I: 9, e_source: a}}", "needless-value"),
        ("{probability: true, dispositions: {NE: 9}}", "no-cases"),
        ("{probability: true, dispositions: 9}", "wrong-type"),
    ],
)
def test_what_a_study_cannot_tell(folder: Path, section: str, code: str) -> None:
    path = folder / "study.yaml"
    path.write_text(path.read_text("utf-8").replace("seed: 1", f"sample: {section}\nseed: 1"), encoding="utf-8")
    with pytest.raises((StudyError, SeveralProblemsError)) as caught:
        ss.load_study(path)
    problems = getattr(caught.value, "problems", (caught.value,))
    assert [problem.code for problem in problems] == [code] and "study.yaml:" in str(problems[0].where)


def test_the_report_tells_of_the_dispositions(folder: Path) -> None:
    path = folder / "study.yaml"
    told = "{I: 300, P: 10, R: 60, UO: 30, e: 0.25, e_source: {en: a pilot study, zh: 预调查}}"
    text = path.read_text("utf-8").replace("seed: 1", f"sample: {{probability: true, dispositions: {told}}}\nseed: 1")
    path.write_text(text, encoding="utf-8")
    run = ss.run(path, out=folder / "run")
    record = run.records["response_rates"]
    assert record["dispositions"]["eligible_from"] == "given"
    assert {rate["name"]: rate["value"] for rate in record["rates"]}["RR3"] == pytest.approx(300 / 377.5)
    english, chinese = ((folder / f"run/report.{lang}.html").read_text("utf-8") for lang in ("en", "zh"))
    for words in ("Final dispositions", "Partial interviews (P)", "Response rate RR6", "e = .250", "a pilot study"):
        assert words in english
    for words in ("最终处置结果", "部分完成（P）", "接触率 CON3", "e = 0.250", "预调查"):
        assert words in chinese
    assert ss.verify(folder / "run").ok
