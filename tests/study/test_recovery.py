"""Planted truth beside what was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey_sem.errors import FileError
from survey_sem.study import load_study, open_run, run_study, verify_run
from survey_sem.study.recovery import read_truth


def planted(**changes: object) -> dict[str, object]:
    """A truth of the demo study: y's expected covariances say loadings of .7 and a path of .6."""
    loadings = np.array([0.7, 0.7, -0.7, 0.6])
    cov = np.outer(loadings, loadings)
    np.fill_diagonal(cov, 1.0)
    rows = [("f", "=~", "x1", 0.75), ("f", "=~", "x2", 0.75), ("f", "=~", "x3", 0.75), ("y", "~", "f", 0.65)]
    return {
        "schema": "survey-sem/truth/1",
        "seed": 7,
        "n": 200,
        "parameters": [{"lhs": a, "op": b, "rhs": c, "value": d, "group": ""} for a, b, c, d in rows],
        "moments": {"names": ["x1", "x2", "x3", "y", "z"], "cov": padded(cov), "mean": [4.0] * 5},
        "moments_reason": None,
        **changes,
    }


def padded(cov: np.ndarray) -> Any:
    wide = np.eye(5)
    wide[:4, :4] = cov
    return wide.tolist()


@pytest.fixture
def simulated(folder: Path) -> Path:
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("  file: data.csv\n", "  file: data.csv\n  truth: truth.json\n")
    study.write_text(text, encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(planted()), encoding="utf-8")
    return folder


def test_expected_values_are_those_of_the_exact_moments(simulated: Path) -> None:
    run = run_study(load_study(simulated / "study.yaml"), simulated / "run")
    assert run.recovery is not None
    rows = {(row.lhs, row.op, row.rhs): row for row in run.recovery.rows}
    assert [rows["f", "=~", name].expected for name in ("x1", "x2", "x3")] == pytest.approx([0.7] * 3, abs=1e-6)
    assert rows["y", "~", "f"].expected == pytest.approx(0.6, abs=1e-6)
    assert rows["y", "~", "f"].planted == 0.65
    twice = rows["twice", ":=", "2*b"]
    assert twice.planted == 1.3
    assert twice.expected == pytest.approx(1.2, abs=1e-6)
    assert (twice.is_inside, twice.aim) == (twice.low <= twice.expected <= twice.high, twice.expected)  # type: ignore[operator]
    assert run.recovery.seed == 7


def test_a_run_with_truth_is_read_back_and_verified(simulated: Path) -> None:
    run = run_study(load_study(simulated / "study.yaml"), simulated / "run")
    assert open_run(simulated / "run").recovery == run.recovery
    (simulated / "truth.json").unlink()
    assert verify_run(simulated / "run", lambda study, out: run_study(study, out)).ok
    (simulated / "run" / "recovery.json").write_text("{}", encoding="utf-8")
    assert not verify_run(simulated / "run", lambda study, out: run_study(study, out)).ok


def test_without_exact_moments_the_planted_values_are_compared(simulated: Path) -> None:
    reason = "a group has a model of its own"
    truth = planted(moments=None, moments_reason=reason)
    (simulated / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    run = run_study(load_study(simulated / "study.yaml"), simulated / "run")
    assert run.recovery is not None
    assert run.recovery.reason == reason
    assert {row.expected for row in run.recovery.rows} == {None}
    assert [row.aim for row in run.recovery.rows if row.op == "~"] == [0.65]


def test_a_model_with_other_names_has_nothing_planted(simulated: Path) -> None:
    study = simulated / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("f =~", "g =~").replace("b*f", "b*g")
    study.write_text(text, encoding="utf-8")
    run = run_study(load_study(study), simulated / "run")
    assert run.recovery is not None
    assert {row.planted for row in run.recovery.rows} == {None}
    assert run.recovery.rows[0].expected == pytest.approx(0.7, abs=1e-6)


@pytest.mark.parametrize(
    "content",
    [
        "{", "[]", "{}", '{"schema": "survey-sem/truth/2", "parameters": [], "moments": null}',
        '{"schema": "survey-sem/truth/1", "parameters": [{}], "moments": null}',
        '{"schema": "survey-sem/truth/1", "parameters": [], "moments": {"names": ["a"], "cov": [[1, 2]], "mean": [0]}}',
        '{"schema": "survey-sem/truth/1", "parameters": 1, "moments": null}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_truth(tmp_path: Path, content: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_truth(path)
    assert caught.value.code == "not-a-truth"
