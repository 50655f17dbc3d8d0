"""Screening from the study file to the report; planted careless answers; response rates."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, OptionError, StudyError
from survey_sem.exports import read_export
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.responses import Responses
from survey_sem.sample import Flow, SamplePlan, response_rates
from survey_sem.simulation import load_population, simulate_answers, target_of, write_simulation
from survey_sem.study import Study
from survey_sem.study.screening_record import describe_screening, rule_counts

ROOT = Path(__file__).resolve().parents[2]
RULES = {
    "long_string": {"above": 12},
    "flat_pages": {"at_least": 0.6},
    "zigzag_pages": {"at_least": 0.6},
    "mahalanobis": {"p": 0.001},
    "even_odd": {"below": 0.2},
    "seconds_per_item": {"below": 2},
    "attention": {"failed": 1},
    "near_duplicate": {"above": 0.95},
}
SECTION = """\
screening:
  items: all
  rules:
    long_string: {at_least: 4}
    irv: {below: 0.4}
    mahalanobis: {p: 0.001}
  exclude: {at_least: 2, or: [mahalanobis]}
  longest_period: 4
"""


def _loaded(folder: Path, old: str = "seed: 1", new: str = SECTION + "seed: 1") -> Study:
    path = folder / "study.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    return ss.load_study(path)


def test_a_study_declares_its_screening(folder: Path) -> None:
    plan = _loaded(folder).sample.screening
    assert plan is not None
    assert [str(rule) for rule in plan.rules] == ["long_string >= 4", "irv < 0.4", "mahalanobis: p < 0.001"]
    assert (plan.items, plan.at_least, plan.alone, plan.longest_period) == ("all", 2, ("mahalanobis",), 4)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("long_string:", "longstring:", "unknown-index", 20),
        ("at_least: 4", "atleast: 4", "unknown-relation", 20),
        ("{at_least: 4}", "4", "bad-rule", 20),
        ("below: 0.4", "below: low", "bad-cut-off", 21),
        ("p: 0.001", "p: 3", "bad-cut-off", 22),
        ("at_least: 2,", "at_least: 9,", "bad-exclude", 23),
        ("or: [mahalanobis]", "or: [attention]", "bad-exclude", 23),
        ("longest_period: 4", "longest_period: 1", "bad-setting", 24),
        ("longest_period", "longest_periods", "unknown-key", 24),
    ],
)
def test_what_is_wrong_in_the_section_has_its_line(folder: Path, old: str, new: str, code: str, line: int) -> None:
    with pytest.raises(StudyError) as caught:
        _loaded(folder, new=SECTION.replace(old, new) + "seed: 1")
    problems = caught.value.problems if isinstance(caught.value, SeveralProblemsError) else (caught.value,)
    assert any(each.code == code and f"study.yaml:{line}:" in str(each.where) for each in problems), str(caught.value)


@pytest.fixture(scope="module")
def livestream(tmp_path_factory: pytest.TempPathFactory) -> tuple[Responses, dict[str, dict[str, list[int]]]]:
    """3,000 answer sheets with planted careless ones, and where these are."""
    instrument = ss.load_instrument(ROOT / "instruments/livestream_purchase_intent.yaml")
    population = load_population(ROOT / "examples/livestream/population.yaml", instrument)
    folder = tmp_path_factory.mktemp("raw")
    made = simulate_answers(population, instrument, 3000, 11)
    write_simulation(made, folder, *target_of(folder, instrument))
    raw = read_export([folder / "export_text.xlsx", folder / "export_codes.xlsx"])
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return ss.validate(raw, instrument), truth["faults"]


def test_planted_careless_respondents_are_found(
    livestream: tuple[Responses, dict[str, dict[str, list[int]]]],
) -> None:
    responses, faults = livestream
    found = ss.screen(responses, rules=RULES, exclude={"at_least": 2, "or": ["seconds_per_item"]})
    ids = responses.paradata["id"].astype(str)
    planted = {
        kind: ids.isin([str(each) for each in faults[kind]["ids"]])
        for kind in ("straightlining", "pattern", "random", "midpoint", "speeding")
    }
    for kind, rows in planted.items():
        assert found.excluded[rows].mean() >= 0.9, kind
    careless = pd.concat(planted, axis=1).any(axis=1) | ids.duplicated(keep=False)
    assert found.excluded[~careless].mean() < 0.015
    assert found.flags.loc[planted["random"], "mahalanobis"].mean() > 0.9
    assert found.flags.loc[planted["straightlining"], "mahalanobis"].mean() < 0.3
    assert found.flags.loc[planted["straightlining"], "flat_pages"].mean() > 0.95
    assert found.flags.loc[planted["random"], ["flat_pages", "long_string"]].to_numpy().mean() == 0


def _plan(responses: Responses) -> SamplePlan:
    treated = {finding.rule: "missing" for finding in responses.report.findings if finding.severity == "error"}
    treated |= {"duplicate-id": "first", "outside-field-period": "drop", "impossible-duration": "drop"}
    return SamplePlan(broken=treated, design=False)


def test_the_excluded_leave_with_a_stage_and_a_step(
    livestream: tuple[Responses, dict[str, dict[str, list[int]]]],
) -> None:
    responses, _ = livestream
    screening = ss.screen(responses, rules=RULES, exclude={"at_least": 2}).plan
    plan = replace(_plan(responses), screening=screening, distributed=6000, opened=4000, completed=3500)
    sample = ss.prepare(responses, plan)
    assert [stage.stage for stage in sample.flow.stages[:4]] == ["distributed", "opened", "completed", "received"]
    stage = sample.flow.stages[-1]
    assert (stage.stage, stage.n) == ("screened", sample.n_obs)
    assert isinstance(stage.reason, dict) and stage.reason["en"].endswith("2 or more of 8 signs of careless answers")
    assert sample.screening is not None
    assert stage.lost == int(sample.screening.excluded.sum()) == sample.screening.n_rows - sample.n_obs
    assert [step.details["n"] for step in sample.steps if step.name == "screen"] == [sample.n_obs]
    only = ss.prepare(responses, replace(plan, screening=replace(screening, at_least=None)))
    assert only.screening is not None and only.n_obs == only.screening.n_rows
    record = describe_screening(sample.screening)
    assert json.dumps(record)
    counts = [count for each in record["histograms"] for count in each["counts"]]
    counts += [count for row in record["overlap"] for count in row] + record["by_number"]
    assert not any(0 < count < 10 for count in counts if count is not None)


def test_one_model_with_and_without_exclusions(
    livestream: tuple[Responses, dict[str, dict[str, list[int]]]],
) -> None:
    responses, _ = livestream
    plan = _plan(responses)
    model = "DISC =~ disc_1 + disc_2 + disc_3 + disc_4"
    with pytest.raises(OptionError, match="excludes nobody"):
        ss.with_and_without(model, responses, plan)
    screened = replace(plan, screening=ss.screen(responses, rules=RULES, exclude={"at_least": 2}).plan)
    both = ss.with_and_without(model, responses, screened, function="cfa", missing="fiml")
    assert both.everybody.n_obs > both.kept.n_obs
    frame = both.to_frame()
    alone = ss.cfa(model, ss.prepare(responses, screened), missing="fiml").standardized()
    assert frame["est"].to_numpy() == pytest.approx(alone["est_std"].to_numpy())
    assert both.largest == pytest.approx(frame.loc[frame["op"] == "=~", "difference"].abs().max())
    assert "DISC =~ disc_1" in str(both) and "<table>" in both._repr_html_() and "largest difference" in repr(both)


def test_a_regression_with_and_without_exclusions() -> None:
    random = np.random.default_rng(1)
    rows = pd.DataFrame(random.integers(1, 6, (300, 4)), columns=list("abcd"))
    rows["w"] = random.uniform(0.5, 2.0, 300)
    rows.loc[:19, list("abcd")] = 5
    found = ss.screen(rows, list("abcd"), {"long_string": {"at_least": 4}}, {"at_least": 1})
    both = ss.with_and_without("a ~ b + c", rows, found, function="regress", vcov="HC3")
    alone = ss.regress("a ~ b + c", rows[found.kept], vcov="HC3").estimates
    frame = both.to_frame()
    assert frame["term"].tolist() == ["Intercept", "b", "c"]
    assert frame[["est", "se"]].to_numpy() == pytest.approx(alone[["est", "se"]].to_numpy())
    assert both.largest == pytest.approx(frame["in_se"].abs().max())
    assert "standard errors" in repr(both) and "Intercept" in str(both)
    design = ss.design(rows, weights="w")
    weighted = ss.with_and_without("a ~ b + c", design, found, function="regress")
    domain = ss.regress("a ~ b + c", design.subset(found.kept)).estimates
    assert weighted.to_frame()["se"].to_numpy() == pytest.approx(domain["se"].to_numpy())
    with pytest.raises(OptionError, match="not of these rows"):
        ss.with_and_without("a ~ b", rows.iloc[::-1], found, function="regress")
    with pytest.raises(OptionError, match="do not belong"):
        ss.with_and_without("a ~ b", rows, found.plan, function="regress")  # type: ignore[arg-type]


def test_what_cannot_be_screened_of_responses(livestream: tuple[Responses, dict[str, dict[str, list[int]]]]) -> None:
    responses, _ = livestream
    assert ss.screen(responses, items="EXP").n_items == 4
    with pytest.raises(DataError, match="no item or construct 'EXPP'"):
        ss.screen(responses, items=["EXPP"])
    with pytest.raises(DataError, match="is of type"):
        ss.screen(responses, items=["exp_1", "comment"])
    with pytest.raises(OptionError, match="is for data frames"):
        ss.screen(responses, duration="duration")
    everybody = ss.screen(responses, rules={"irv": {"below": 99}}, exclude={"at_least": 1}).plan
    with pytest.raises(DataError, match="excludes everybody"):
        ss.prepare(responses, replace(_plan(responses), screening=everybody))


def test_more_cannot_come_back_than_went_out(livestream: tuple[Responses, dict[str, dict[str, list[int]]]]) -> None:
    responses, _ = livestream
    with pytest.raises(DataError, match="4000 questionnaires were opened, but only 3500 were distributed"):
        ss.prepare(responses, replace(_plan(responses), distributed=3500, opened=4000))
    with pytest.raises(DataError, match="came back, but only 100 were completed"):
        ss.prepare(responses, replace(_plan(responses), completed=100))


def _flow(**stages: int) -> Flow:
    flow = Flow()
    for stage, n in stages.items():
        flow = flow.then(stage, "", n)
    return flow


def test_response_rates() -> None:
    flow = _flow(distributed=1000, opened=500, completed=420, received=400, kept=390, screened=360, analysed=350)
    rates = {rate.name: rate.value for rate in response_rates(flow, probability=True)}
    assert rates == pytest.approx({"RR1": 0.42, "RR5": 0.84, "COOP1": 0.84, "valid": 0.9})
    rates = {rate.name: rate.value for rate in response_rates(flow, probability=False)}
    assert rates == pytest.approx({"participation": 0.36, "completion": 0.84, "valid": 0.9})
    rates = {rate.name: rate.value for rate in response_rates(_flow(distributed=800, received=400), probability=True)}
    assert rates == pytest.approx({"RR1": 0.5, "valid": 1.0})
    assert response_rates(Flow(), probability=True) == ()


@pytest.mark.slow
def test_the_report_tells_of_the_screening(folder: Path) -> None:
    study = folder / "study.yaml"
    text = study.read_text("utf-8")
    section = SECTION.replace("at_least: 4", "at_least: 3") + "robustness: [everybody]\n"
    more = "sample: {distributed: 5000, opened: 4000, probability: true}\n"
    study.write_text(text.replace("seed: 1", f"{more}{section}seed: 1"), encoding="utf-8")
    run = ss.run(study, out=folder / "run")
    record = run.records["screening"]
    assert record["n"] >= run.flow.stages[-1].n
    assert [rate["name"] for rate in run.records["response_rates"]["rates"]] == ["RR1", "RR5", "COOP1", "valid"]
    english, chinese = ((folder / f"run/report.{lang}.html").read_text("utf-8") for lang in ("en", "zh"))
    for words in ("Careless answers", "Signs of careless answers", "Response rate RR1", "3 or more", "p below 0.001"):
        assert words in english
    for words in ("不认真作答筛查", "应答率 RR1", "不低于 3", "各指标的分布与界值", "未打开"):
        assert words in chinese
    assert ss.verify(folder / "run").ok


def _flagged(index: str, flagged: int, only: int) -> dict[str, object]:
    return {"index": index, "relation": "above", "cut_off": 1.0, "flagged": flagged, "only": only, "unknown": 0}


def test_flags_of_one_rule_alone_are_not_found_from_their_sum() -> None:
    counts = rule_counts([_flagged("irv", 80, 40), _flagged("pattern", 60, 4), _flagged("burst", 90, 30)], 1000)
    assert [row["only"] for row in counts] == [40, None, None]
    counts = rule_counts([_flagged("irv", 80, 40), _flagged("pattern", 60, 0), _flagged("burst", 90, 30)], 1000)
    assert [row["only"] for row in counts] == [40, 0, 30]
    counts = rule_counts([_flagged("irv", 80, 40), _flagged("pattern", 60, 8), _flagged("burst", 9, 5)], 1000)
    assert [(row["flagged"], row["only"]) for row in counts] == [(80, 40), (60, None), (None, None)]
