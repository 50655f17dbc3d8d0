"""The benchmarks still measure what they say: names of stages, the same data, a page for every kind of machine."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import survey_sem as ss
from benchmarks.__main__ import _lavaan_record
from benchmarks.contender import survey_sem_native
from benchmarks.machine import load, machine
from benchmarks.report import page
from benchmarks.stages import STAGES, floors, stage_seconds
from benchmarks.workloads import holzinger, survey, survey_model, survey_rows


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


@pytest.mark.parametrize("lavaan", [{"absent": "Rscript is not installed on this machine"}, None])
def test_page_with_and_without_lavaan(lavaan: dict[str, Any] | None, tmp_path: Path) -> None:
    task = survey(tmp_path, 400)
    described = {"csv": str(task.csv), "model": task.model, "function": "sem", "runs": 1, "variants": True}
    ours = survey_sem_native(described)
    if lavaan is None:
        lines = ["seconds\tfit\t0.5\t0.5", "seconds\tmeasures\t0.9\t0.8", "memory\tmb\t30", "version\tlavaan\t0.6.14"]
        lavaan = _lavaan_record("\n".join([*lines, "chisq\tchisq\t1.0", "estimate\tf1 =~ q1_2\t0.9\t0.1"]))
    data = survey_rows(400)
    workload = {
        "name": "survey",
        "title": "Survey",
        "engines": {"survey_sem": ours, "lavaan": lavaan, "semopy": {"absent": "left out"}},
        "stages": stage_seconds("sem", task.model, data, 1),
        "floors": floors(data, 1),
    }
    record = {
        "date": "2026-01-01",
        "machine": machine(),
        "peers": "none",
        "load_before": list(load()),
        "load_after": list(load()),
        "workloads": [workload],
    }
    text = page(record)
    assert "not found" not in text
    assert ("Rscript is not installed" in text) == ("absent" in lavaan)
    assert ("Goal: survey at least 10 times less" in text) == ("absent" not in lavaan)


def test_the_textbook_data_are_there() -> None:
    assert holzinger().csv.exists()
