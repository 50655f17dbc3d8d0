"""``survey-sem simulate`` and ``ss.simulate``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import ModelError, OptionError, StudyError

Command = Callable[..., Any]


@pytest.fixture
def study(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the livestream study, without answers."""
    for name in ("instruments", "examples/livestream"):
        shutil.copytree(project_root / name, tmp_path / name, ignore=shutil.ignore_patterns("run", "raw", "sample"))
    return tmp_path / "examples" / "livestream" / "study.yaml"


def test_a_folder_holds_the_export_and_the_truth(command: Command, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "raw"
    outcome = command("simulate", study, "-n", 300, "--seed", 1, "-o", out)
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    assert sorted(path.name for path in out.iterdir()) == ["export_codes.xlsx", "export_text.xlsx", "truth.json"]
    for said in (f"{out / 'truth.json'}", "300 answer sheets of 299 respondents, seed 1", "straightlining"):
        assert said in outcome.out
    again = command("simulate", study, "-n", 300, "--seed", 1, "-o", out)
    assert (again.code, again.out) == (0, outcome.out)
    truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
    assert truth["schema"] == "survey-sem/truth/1" and truth["seed"] == 1 and len(truth["moments"]["names"]) == 39


def test_one_file(command: Command, study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    outcome = command("simulate", study, "-n", 200, "-o", out)
    assert outcome.code == 0, outcome.err
    frame = pd.read_parquet(out)
    assert len(frame) == 200 and {"exp_1", "bought", "platforms"} <= set(frame.columns)
    assert (tmp_path / "out.truth.json").is_file()
    assert frame["exp_1"].tolist() == ss.simulate(study, n=200, seed=ss.load_study(study).seed)["exp_1"].tolist()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-n", 0, "-o", "raw"), "whole number of respondents"),
        (("-n", 10, "--seed", -1, "-o", "raw"), "seed"),
        (("-n", 10, "-o", "raw", "--dialect", "wxj"), "wjx"),
        (("-n", 10, "-o", "raw", "--format", "doc"), "no format 'doc'"),
        (("-n", 10, "-o", "out.doc"), ".parquet"),
        (("-n", 10), "-o"),
        (("-n", 10, "-o", "."), "would replace"),
    ],
)
def test_what_cannot_be_done(
    command: Command, study: Path, arguments: tuple[object, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study.parent)
    before = sorted(path.name for path in study.parent.iterdir())
    outcome = command("simulate", study, *arguments)
    assert (outcome.code, said in outcome.err) == (2, True), outcome.err
    assert sorted(path.name for path in study.parent.iterdir()) == before


def test_a_mistake_in_the_population_is_told(command: Command, study: Path, tmp_path: Path) -> None:
    population = study.parent / "population.yaml"
    text = population.read_text(encoding="utf-8")
    population.write_text(text.replace("DISC ~~ .20*PRES", "DISC ~~ PRES", 1), encoding="utf-8")
    outcome = command("simulate", study, "-n", 10, "-o", tmp_path / "raw")
    assert outcome.code == 2
    assert "population.yaml:" in outcome.err and "'DISC ~~ PRES'" in outcome.err and not (tmp_path / "raw").exists()


def test_a_study_without_population(command: Command, study: Path) -> None:
    study.write_text(study.read_text(encoding="utf-8").replace("\nsimulation:", "\n# simulation:"), encoding="utf-8")
    with pytest.raises(StudyError, match="no population"):
        ss.simulate(study, n=10, seed=1)


def test_simulated_answers_of_a_study(study: Path) -> None:
    frame = ss.simulate(str(study), n=100, seed=4)
    assert len(frame) == 100 and frame.index.name == "id"
    assert frame.attrs["truth"]["n"] == 100
    pd.testing.assert_frame_equal(frame, ss.simulate(study, n=100, seed=4))


MODEL = """
  trust =~ .8*t1 + .7*t2 + .6*t3
  intent =~ .8*i1 + .7*i2 + .9*i3
  intent ~ b*.5*trust + .3*x
  indirect := .4*b
"""


def test_a_model_alone_gives_variables_to_fit_it_on() -> None:
    frame = ss.simulate(MODEL, n=20_000, seed=1)
    assert list(frame.columns) == ["t1", "t2", "t3", "i1", "i2", "i3", "x"]
    truth = frame.attrs["truth"]
    fit = ss.sem(
        "trust =~ t1 + t2 + t3\nintent =~ i1 + i2 + i3\nintent ~ trust + x\ntrust ~~ 0*x", frame, fixed_x=False
    )
    estimated = fit.estimates.set_index(["lhs", "op", "rhs"])["std_all"]
    for row in truth["parameters"]:
        if row["op"] in ("=~", "~"):
            assert abs(estimated[row["lhs"], row["op"], row["rhs"]] - row["value"]) < 0.03
    assert {"lhs": "indirect", "op": ":=", "rhs": ".4*b", "value": 0.2, "group": ""} in truth["parameters"]
    cov = np.array(truth["moments"]["cov"])
    assert np.diag(cov) == pytest.approx(np.ones(7))
    assert np.abs(np.cov(frame.to_numpy().T) - cov).max() < 0.05
    assert frame.equals(ss.simulate(MODEL, n=20_000, seed=1)) and frame.head(10).equals(ss.simulate(MODEL, 10, 1))


def test_a_model_with_thresholds_gives_codes() -> None:
    frame = ss.simulate("f =~ .8*x1 + .7*x2\nx1 | -1*t1 + .5*t2\nx2 | 0*t1", n=20_000, seed=2)
    assert set(frame["x1"]) == {1, 2, 3} and set(frame["x2"]) == {1, 2}
    moments = frame.attrs["truth"]["moments"]
    assert np.abs(np.cov(frame.to_numpy().T) - np.array(moments["cov"])).max() < 0.02
    assert np.abs(frame.mean().to_numpy() - np.array(moments["mean"])).max() < 0.02


@pytest.mark.parametrize("model", ["f =~ .8*x1 + .7*x2\nx1 | .5*t1 + .2*t2", "f =~ .8*x1\nx1 | .5*t2"])
def test_thresholds_that_do_not_ascend(model: str) -> None:
    with pytest.raises(ModelError):
        ss.simulate(model, n=10, seed=1)


def test_a_model_without_values_is_refused() -> None:
    with pytest.raises(ModelError, match="2 parameters of the population have no value: 'f =~ x1', 'f =~ x3'"):
        ss.simulate("f =~ x1 + .7*x2 + x3", n=10, seed=1)
    with pytest.raises(OptionError):
        ss.simulate("f =~ .5*x1", n=1.5, seed=1)  # type: ignore[arg-type]
