"""The benchmarks still measure what they say: the same data, names of stages, a page for every kind of machine."""

from __future__ import annotations

import importlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benchmarks.__main__ as command
import survey_sem as ss
from benchmarks import beside, growth, survey_side
from benchmarks.contender import survey_sem_native
from benchmarks.machine import machine
from benchmarks.plots import draw
from benchmarks.report import page
from benchmarks.runs import lavaan_record, with_lavaan
from benchmarks.stages import STAGES
from benchmarks.tasks import growth as series
from benchmarks.tasks import task_rows, tasks
from benchmarks.workloads import holzinger_rows, stored, survey_model, survey_rows, with_gaps

LAVAAN = "\n".join(
    [
        "version\tlavaan\t0.6.14",
        "memory\tfit\t30",
        "seconds\tfit\t0.5\t0.5",
        "chisq\tchisq\t1.0",
        "estimate\tf1 =~ q1_2 1\t0.9\t0.1",
        "seconds\tmeasures\t0.9\t0.8",
    ]
)


def in_process(
    engine: str, task: Any, rows: Any, folder: Path, stages: Any, runs: int, patience: float
) -> dict[str, Any]:
    """What a process of its own would print."""
    described = {**asdict(task), "rows": asdict(rows), "stages": stages, "runs": runs, "patience": patience}
    return dict(json.loads(json.dumps(survey_sem_native(json.loads(json.dumps(described))))))


def test_every_stage_is_found() -> None:
    for functions in STAGES.values():
        for dotted in functions:
            module, name = dotted.rsplit(".", 1)
            assert hasattr(importlib.import_module(module), name), dotted


def test_survey_is_the_same_every_time() -> None:
    data = survey_rows(500)
    assert data.equals(survey_rows(500))
    assert data.shape == (500, 24)
    assert set(np.unique(data)) == set(range(1, 8))


def test_survey_has_the_structure_it_was_made_with() -> None:
    estimates = ss.sem(survey_model(), survey_rows(20_000)).estimates.set_index("label")["std_all"]
    assert estimates["indirect"] == pytest.approx(estimates["a"] * estimates["b"] * estimates["c"])
    assert estimates["indirect"] > 0.03


def test_gaps_come_in_as_many_patterns_as_asked_for() -> None:
    gaps = with_gaps(survey_rows(400), 7).isna()
    assert len(gaps.drop_duplicates()) == 7
    assert with_gaps(survey_rows(2_000)).isna().to_numpy().mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("rows", [survey_rows(50), with_gaps(survey_rows(50)), holzinger_rows()])
def test_rows_come_back_from_their_file(rows: Any, tmp_path: Path) -> None:
    back = stored(rows, tmp_path, "rows").read()
    assert list(back.columns) == list(rows.columns)
    np.testing.assert_array_equal(back.to_numpy(float), rows.to_numpy(float))


@pytest.mark.parametrize("lavaan", [{"absent": "Rscript is not installed on this machine"}, lavaan_record(LAVAAN)])
def test_page_of_a_small_run(lavaan: dict[str, Any], tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """The whole command, tiny: two tasks, one series; what was not measured is not on the page as if it were."""
    monkeypatch.setattr(command, "with_python", in_process)
    monkeypatch.setattr(growth, "with_python", in_process)
    monkeypatch.setattr(command, "with_lavaan", lambda *_: lavaan)
    monkeypatch.setattr(growth, "with_lavaan", lambda *_: lavaan)
    monkeypatch.setattr(command, "growth", lambda **_: series(is_small=True)[3:4])
    monkeypatch.setattr(command, "median_seconds", lambda *_: 0.1)
    wanted = ["--smoke", "--skip", "semopy", "--into", str(tmp_path), "--name", "small"]
    command.main([*wanted, "--task", "ml", "--task", "fiml_many"])
    text = (tmp_path / "small.md").read_text("utf-8")
    assert text in capsys.readouterr().out
    assert (tmp_path / "small-items_fiml.svg").stat().st_size > 10_000
    assert "estimates" not in json.dumps(json.loads((tmp_path / "small.json").read_text("utf-8"))["tasks"])
    assert ("Rscript is not installed" in text) == ("absent" in lavaan)
    assert ("1 estimates differ by at most" in text) == ("absent" not in lavaan)
    assert "* ML, 20 ms: " in text
    assert "unrestricted model of incomplete rows" in text
    assert "![Growth with items](small-items_fiml.svg)" in text


def test_lavaan_stops_growing_where_it_would_take_too_long() -> None:
    rows = series()[0]
    known = [{"size": 1_000, "seconds": 0.1}, {"size": 10_000, "seconds": 2.0}]
    task = tasks()[1]
    assert growth._is_possible(task, known, rows, 100_000, limit=60.0)
    assert not growth._is_possible(task, known, rows, 100_000, limit=30.0)
    assert not growth._is_possible(task, known[:1], rows, 100_000, limit=30.0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_lavaan_fits_the_same_model(tmp_path: Path) -> None:
    task = next(task for task in tasks() if task.name == "fiml_few")
    rows = stored(task_rows(600, 5)["few"](), tmp_path, "rows")
    theirs = with_lavaan(task, rows, tmp_path, ("fit",), 1, 1.0, 120.0, 10)
    if "absent" in theirs:
        pytest.skip(theirs["absent"])
    ours = in_process("survey_sem", task, rows, tmp_path, ["fit"], 1, 1.0)
    assert ours["chisq"] == pytest.approx(theirs["chisq"], rel=1e-5)
    assert set(ours["estimates"]) == set(theirs["estimates"])


def test_the_machine_is_described() -> None:
    assert machine()["cores"]


def test_a_plot_leaves_out_what_was_not_measured(tmp_path: Path) -> None:
    points = [{"size": 1, "seconds": 0.1, "memory_mb": None}, {"size": 2, "seconds": None, "memory_mb": None}]
    record = {"axis": "rows", "fixed": "all else", "sizes": [1, 2], "name": "rows"}
    draw({**record, "points": {"survey_sem": {"ML": points[:1]}, "lavaan": {"ML": points}}}, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").exists()


def test_page_without_growth() -> None:
    record = {"date": "2026-01-01", "machine": machine(), "threads": "1", "load_before": [0.0], "load_after": [0.0]}
    record |= {"minutes": 1.0, "rows": 10, "import_seconds": 0.5, "tasks": [], "growth": []}
    assert "`import survey_sem`, 400 ms: 500 ms; NOT met." in page(record, "name")


def test_survey_side_without_r(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    survey_side.main(
        ["--rows", "2000", "--runs", "1", *(text for name in survey_side.PARTS for text in ("--part", name))]
    )
    printed = capsys.readouterr().out
    for name in ("rake", "regression", "one cycle of one chain", "ss.screen, 16 indices, 2% missing"):
        assert f"| {name} |" in printed
    assert "1000 ms: met" in printed


def test_a_goal_beside_r() -> None:
    assert beside.Line("rake", 0.1, None, peer=2.1, times=20).is_met
    assert not beside.Line("rake", 0.1, None, peer=1.9, times=20).is_met
    assert beside.Line("rake", 0.1, None, times=20).is_met is None
    printed = [["seconds", "rake", "3"], ["seconds", "rake", "1"], ["version", "survey", "4.1"]]
    assert beside.medians(printed) == {"rake": 2.0}
    assert beside.version(printed) == "survey 4.1"
