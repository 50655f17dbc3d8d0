"""``fit STUDY``, ``verify``, ``prepare``, ``validate``, ``instrument`` on the real examples."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def study(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the corporate reputation study."""
    for name in ("instruments", "examples/corporate_reputation"):
        ignored = shutil.ignore_patterns("run", "sample")
        shutil.copytree(project_root / name, tmp_path / name, ignore=ignored)
    return tmp_path / "examples" / "corporate_reputation" / "study.yaml"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.slow
def test_fit_and_verify(command: Command, study: Path) -> None:
    outcome = command("fit", study)
    assert outcome.code == 0, outcome.err
    run = study.parent / "run"
    assert f"run directory: {run}" in outcome.out
    assert "structural: n = 336, chisq 814.29, df 416" in outcome.out
    verified = command("verify", run)
    assert (verified.code, verified.out.startswith("verified: ")) == (0, True), verified.out
    replace(study.parent / "corp_rep.csv", "\n2,3,5,5,3,3,", "\n2,3,5,5,3,4,")
    moved = command("verify", run, "--format", "json")
    assert moved.code == 1
    assert {entry["kind"] for entry in json.loads(moved.out)["differences"]} >= {"data", "number"}


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("  estimator: ML", "  estimator: MLX", 2, "MLX"),
        ("  estimator: ML", "  estimater: ML", 2, "did you mean 'estimator'?"),
        ("comp_3\n", "comp_33\n", 1, "comp_33"),
        ("  file: corp_rep.csv", "  file: corp_rap.csv", 2, "did you mean 'corp_rep.csv'?"),
        ("missing: listwise", "missing: whatever", 2, "study.yaml:"),
        ("corporate_reputation.yaml", "nothing.yaml", 2, "no such file"),
    ],
)
def test_studies_that_cannot_be(command: Command, study: Path, old: str, new: str, code: int, said: str) -> None:
    replace(study, old, new)
    outcome = command("fit", study)
    assert (outcome.code, said in outcome.err) == (code, True), outcome.err
    assert not (study.parent / "run").exists()


def test_a_study_takes_no_model_options(command: Command, study: Path) -> None:
    for extra in (("--estimator", "ML"), ("--model", "m.txt"), ("--n-obs", "3"), ("--format", "csv")):
        outcome = command("fit", study, *extra)
        assert (outcome.code, extra[0] in outcome.err) == (2, True)


def test_data_that_break_the_instrument(command: Command, study: Path, project_root: Path) -> None:
    data = study.parent / "corp_rep.csv"
    instrument = project_root / "instruments" / "corporate_reputation.yaml"
    assert command("validate", instrument, "--data", data).code == 0
    replace(data, "\n2,3,5,", "\n2,3,99,")
    outcome = command("validate", instrument, "--data", data)
    assert outcome.code == 1
    assert "illegal-code    cusa      expected 1-7, got 99 in 1 row (first: 1)" in outcome.out
    record = json.loads(command("validate", instrument, "--data", data, "--format", "json").out)
    assert record["ok"] is False
    assert command("fit", study).code == 1
    assert command("prepare", study).code == 1


def test_validate_refuses_what_it_does_not_know(command: Command, study: Path, project_root: Path) -> None:
    data = study.parent / "corp_rep.csv"
    instrument = project_root / "instruments" / "corporate_reputation.yaml"
    assert command("validate", instrument, "--data", data, "--data", data).code == 2
    assert command("validate", instrument, "--data", data, "--dialect", "wjx2").code == 2
    assert command("validate", study, "--data", data).code == 2
    assert command("validate", instrument).code == 2


def test_prepare_writes_the_same_bytes_twice(command: Command, study: Path) -> None:
    out = study.parent / "sample"
    written = []
    for _ in range(2):
        assert command("prepare", study).code == 0
        written.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {
        "sample.parquet",
        "sample.sav",
        "sample.sps",
        "flow.json",
        "validation.json",
        "codebook.json",
    }
    assert command("prepare", study, "--out", study.parent).code == 2


def test_instrument_commands(command: Command, project_root: Path, tmp_path: Path) -> None:
    instrument = project_root / "instruments" / "personality.yaml"
    assert "ok: personality 1, 28 items, 5 constructs" in command("instrument", "check", instrument).out
    shown = command("instrument", "show", instrument, "--lang", "zh").out
    assert "A1: 对别人的感受漠不关心\n      等级 · 量表 accuracy · 反向计分" in shown
    assert (
        command("instrument", "show", instrument).out == command("instrument", "show", instrument, "--lang", "en").out
    )
    french = command("instrument", "show", instrument, "--lang", "fr")
    assert (french.code, french.out) == (2, "")
    assert "no texts in 'fr'" in french.err
    assert "expected: en or zh" in french.err
    broken = tmp_path / "broken.yaml"
    broken.write_text("schema: survey-sem/instrument/1\ninstruments: {}\n", encoding="utf-8")
    outcome = command("instrument", "check", broken)
    assert outcome.code == 2
    assert "broken.yaml:2: error: instruments" in outcome.err


def test_verify_needs_a_run(command: Command, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        assert command("verify", path).code == 2
