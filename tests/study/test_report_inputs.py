"""What a run hands to its report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from survey_sem.responses import Finding
from survey_sem.sample import Condition
from survey_sem.study import load_study, open_run, report_inputs, run_study


def test_the_report_gets_everything_from_the_run(folder: Path) -> None:
    run = run_study(load_study(folder / "study.yaml"), folder / "run")
    inputs = report_inputs(run)
    assert inputs.title == {"zh": "示例", "en": "Demo"}
    assert inputs.instrument == {"zh": "示例 (demo 1)", "en": "Demo (demo 1)"}
    assert inputs.reversed_items == ("x3",)
    assert [item.name for item in inputs.items] == ["x1", "x2", "x3", "y"]
    assert inputs.effects["twice"]["zh"] == "两倍"
    assert inputs.repetition.hashes["plan"] == run.study.sha256
    assert inputs.reliability is not None
    assert inputs.main.n_obs == 199


def test_attention_checks_that_decide_who_stays_are_dealt_with(folder: Path) -> None:
    run = run_study(load_study(folder / "study.yaml"), folder / "run")
    failed = Finding("attention-failed", "x1", "warning", "1", "another answer", 3)
    run = replace(run, validation=replace(run.validation, findings=(failed,)))
    assert "attention-failed" not in report_inputs(run).treatments
    stays = Condition("x1", "==", 1, "not attentive")
    decided = replace(run.study, sample=replace(run.study.sample, keep=(stays,)))
    assert report_inputs(replace(run, study=decided)).treatments["attention-failed"] == "keep"


def test_a_run_that_is_read_back_gives_the_same_report(folder: Path) -> None:
    fresh = report_inputs(run_study(load_study(folder / "study.yaml"), folder / "run"))
    again = report_inputs(open_run(folder / "run"))
    for name in (
        "title",
        "metadata",
        "instrument",
        "data",
        "flow",
        "steps",
        "items",
        "labels",
        "effects",
        "repetition",
    ):
        assert getattr(again, name) == getattr(fresh, name), name
    assert again.reliability is not None
    assert fresh.reliability is not None
    ours, theirs = again.reliability.records(), fresh.reliability.records()
    assert [row["omega"] for row in ours] == pytest.approx([row["omega"] for row in theirs])
