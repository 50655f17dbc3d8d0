"""`examples/livestream` at a small n: from simulated exports to the report, and the planted truth found again."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import survey_sem as ss
from survey_sem.cli.boundary import run as command
from survey_sem.responses import Responses
from survey_sem.study import StudyRun

N = 2000
PLANTED_FAULTS = {
    "duplicates": "duplicate-id",
    "late": "outside-field-period",
    "illegal_codes": "illegal-code",
    "out_of_range": "out-of-range",
    "routing": "answered-though-routed-out",
    "encoding": "encoding-damage",
}
"""Fault of the population -> the rule that must find it."""


@dataclass(frozen=True)
class Example:
    """The example in a folder of its own, simulated."""

    folder: Path

    @property
    def exports(self) -> list[Path]:
        return [self.folder / "raw" / f"export_{form}.xlsx" for form in ("text", "codes")]

    @property
    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "raw" / "truth.json").read_text(encoding="utf-8")))

    @property
    def instrument(self) -> Path:
        return self.folder.parents[1] / "instruments" / "livestream_purchase_intent.yaml"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """A copy with 2,000 answer sheets and one quick report."""
    root = Path(__file__).resolve().parents[2]
    target = tmp_path_factory.mktemp("livestream")
    shutil.copytree(root / "instruments", target / "instruments")
    folder = target / "examples" / "livestream"
    shutil.copytree(root / "examples" / "livestream", folder, ignore=shutil.ignore_patterns("raw", "run"))
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8")
    shorter = text.replace("formats: [html, docx, xlsx, csv, latex]", "formats: [html]")
    assert shorter != text
    study.write_text(shorter, encoding="utf-8")
    assert command(["simulate", str(study), "-n", str(N), "--seed", "1", "-o", str(folder / "raw")]) == 0
    return Example(folder)


@pytest.fixture(scope="module")
def responses(example: Example) -> Responses:
    """The exports held against the questionnaire."""
    return ss.validate(ss.read_export(example.exports), ss.load_instrument(example.instrument))


@pytest.fixture(scope="module")
def finished(example: Example) -> StudyRun:
    """The run of the study."""
    return ss.run(example.folder / "study.yaml")


def test_the_exports_break_the_questionnaire_as_planted_and_in_no_other_way(responses: Responses) -> None:
    assert not responses.report.ok
    assert {finding.rule for finding in responses.report.findings if finding.severity == "error"} == set(
        PLANTED_FAULTS.values()
    )
    assert {finding.rule for finding in responses.report.findings if finding.severity == "warning"} == {
        "attention-failed",
        "quota-missed",
    }


@pytest.mark.parametrize(("fault", "rule"), PLANTED_FAULTS.items())
def test_every_planted_fault_is_found(example: Example, responses: Responses, fault: str, rule: str) -> None:
    planted = set(example.truth["faults"][fault]["ids"])
    rows = sorted({int(row) for cells in responses.broken if cells.rule == rule for row in cells.rows})
    assert planted
    assert planted <= set(responses.paradata["id"].iloc[rows].astype(int))


def test_targets_of_the_weighting_are_the_margins_of_the_simulated_population(example: Example) -> None:
    instrument = ss.load_instrument(example.instrument)
    population = yaml.safe_load((example.folder / "population.yaml").read_text(encoding="utf-8"))
    drawn = {entry["item"]: entry for entry in population["background"]}
    generation, market = instrument.partitions
    classes = {
        part.id: sum(
            each["share"]
            for each in drawn["birth_year"]["classes"]
            if (part.low or 0) <= each["from"] and each["to"] <= (part.high or 0)
        )
        for part in generation.parts
    }
    tiers = {part.id: sum(drawn["city_tier"]["shares"][code] for code in part.codes) for part in market.parts}
    assert instrument.weighting is not None
    given = {target.of: target.shares for target in instrument.weighting.targets}
    assert given["gender"] == pytest.approx(drawn["gender"]["shares"])
    assert given["generation"] == pytest.approx(classes)
    assert given["market"] == pytest.approx(tiers)


@pytest.mark.slow
def test_the_planted_truth_is_found(finished: StudyRun) -> None:
    recovery = finished.recovery
    assert recovery is not None
    rows = pd.DataFrame(recovery.to_dict()["rows"])
    inside = rows["expected"].between(rows["low"], rows["high"])
    assert inside.mean() > 0.85  # a 95% interval misses one in twenty, and knows nothing of the live rooms
    assert (rows["est"] - rows["expected"]).abs().max() < 0.12
    paths = rows[rows["op"] == "~"]
    assert paths["est"].corr(paths["planted"]) > 0.9


@pytest.mark.slow
def test_fit_and_flow(finished: StudyRun) -> None:
    fit = finished.fits["structural"]
    assert fit.converged
    assert fit.admissible
    assert fit.fit_measures["cfi"] > 0.98
    assert fit.fit_measures["rmsea"] < 0.02
    stages = finished.flow.stages
    assert (stages[0].n, stages[-1].n) == (N, fit.n_obs)
    assert 0.8 * N < fit.n_obs < 0.95 * N


@pytest.mark.slow
def test_reports_say_that_the_answers_are_simulated(finished: StudyRun) -> None:
    for language, words in {"zh": "模拟数据", "en": "simulated answers"}.items():
        assert words in (finished.directory / f"report.{language}.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_personal_data_leave_the_exports(example: Example, finished: StudyRun) -> None:
    assert not {"phone", "ip"} & set(finished.sample.data.columns)
    comments = finished.sample.data["comment"].dropna()
    assert not comments.str.contains("13800138000|@example", regex=True).any()
    assert comments.str.contains("[phone]", regex=False).any()
