"""A study that imputes: once, with the design and auxiliary variables, for everything that it fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError
from survey_sem.study import imputation

INSTRUMENT = """
  - {id: sex, type: nominal, scale: sex, text: Sex}
  - {id: room, type: number, text: Room}
  - {id: part, type: number, text: Stratum}
  - {id: w, type: number, text: Weight}
design: {strata: part, psu: [room], weight: w}
"""
MORE = """\
groups: {of: sex}
regressions:
  - {name: direct, formula: y ~ x1 + C(sex)}
robustness: [independent, fiml, listwise]
report:
"""


@pytest.fixture
def imputing(folder: Path) -> Path:
    """The demo study with a design, groups, a regression, and 15% of its answers missing."""
    rng = np.random.default_rng(3)
    rows = pd.read_csv(folder / "data.csv")
    n = len(rows)
    items = ["x1", "x2", "x3", "y"]
    rows[items] = rows[items].mask(rng.random((n, 4)) < 0.15, -99)
    rows = rows.assign(
        sex=1 + np.arange(n) % 2, room=np.arange(n) // 5, part=np.arange(n) // 100, w=1.0 + np.arange(n) % 3
    )
    rows.to_csv(folder / "data.csv", index=False)
    instrument = folder / "instrument.yaml"
    text = instrument.read_text("utf-8").replace("items:\n", "  sex: {labels: {en: {1: f, 2: m}}}\nitems:\n", 1)
    instrument.write_text(text.rstrip("\n") + INSTRUMENT, encoding="utf-8")
    study = folder / "study.yaml"
    text = study.read_text("utf-8").replace("missing: listwise", "missing: mi").replace("report:\n", MORE)
    fit = "estimator: ML\n  imputations: 3\n  cycles: 2\n  auxiliary: [w]"
    study.write_text(text.replace("estimator: ML", fit), encoding="utf-8")
    return folder


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []
    original: Callable[..., object] = imputation.impute

    def counted(*given: object, **options: object) -> object:
        made.append(original(*given, **options))
        return made[-1]

    monkeypatch.setattr(imputation, "impute", counted)
    return made


def test_a_study_imputes_once(imputing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _counted(monkeypatch)
    run = ss.run(imputing / "study.yaml", out=imputing / "run")
    assert made == [run.imputed] and run.imputed is not None
    settings = run.imputed.settings
    assert (settings["m"], settings["by"], set(run.imputed.cells)) == (3, "sex", {"x1", "x2", "x3", "y"})
    assert settings["design"][:2] == ["(log weight)", "(strata)"] and "(unit mean of y)" in settings["design"]
    assert "w" in settings["predictors"]["y"]
    assert {fit.n_obs for fit in run.all_fits.values()} == {200}
    again = ss.cfa(run.study.measurement, run.imputed, estimator="ML")
    pd.testing.assert_frame_equal(again.estimates, run.fits["measurement"].estimates)
    regression = run.records["regressions"]["models"][0]
    assert (regression["n_imputations"], regression["n_obs"]) == (3, 200)
    told = {each["name"]: each.get("failed", each.get("missing")) for each in run.records["robustness"]["variants"]}
    assert told["fiml"] == "fiml" and told["main"] == told["independent"] == "mi", told
    record = json.loads((imputing / "run/analyses/imputation.json").read_text("utf-8"))
    assert {row["item"] for row in record["items"]} == {"x1", "x2", "x3", "y"} and "w" in record["auxiliary"]
    english, chinese = ((imputing / f"run/report.{lang}.html").read_text("utf-8") for lang in ("en", "zh"))
    for words in ("imputed once for all models", "log weight, strata, mean answers of the sampling units", "seed 1)"):
        assert words in english
    for words in ("共用一次插补", "权数的对数、层、初级抽样单元的平均应答", "插补均值", "插补过程的轨迹"):
        assert words in chinese
    assert ss.verify(imputing / "run").ok


def test_few_imputed_answers_are_withheld(imputing: Path) -> None:
    rows = pd.read_csv(imputing / "data.csv")
    rows["x1"] = rows["x1"].where(np.arange(len(rows)) < 3, 4)
    imputed = ss.impute(rows.replace(-99, np.nan)[["x1", "y"]], 2, cycles=1, seed=1)
    record = imputation.describe_imputation(imputed)
    assert [trace["item"] for trace in record["traces"]] == ["y"]
    assert np.array(record["traces"][0]["means"]).shape == (2, 1)
    told = {row["item"]: row for row in record["items"]}
    assert told.get("x1", {"n": None})["n"] is None and told["y"]["n"] > 9 and told["y"]["mean_imputed"] is not None


@pytest.mark.parametrize(("auxiliary", "match"), [("[nobody]", "no column 'nobody'")])
def test_auxiliary_variables_that_cannot_help(imputing: Path, auxiliary: str, match: str) -> None:
    study = imputing / "study.yaml"
    study.write_text(study.read_text("utf-8").replace("[w]", auxiliary), encoding="utf-8")
    with pytest.raises(DataError, match=match):
        ss.run(study, out=imputing / "run")


def test_nothing_is_imputed_where_nothing_is_missing(imputing: Path) -> None:
    rows = pd.read_csv(imputing / "data.csv").replace(-99, 4)
    rows.to_csv(imputing / "data.csv", index=False)
    run = ss.run(imputing / "study.yaml", out=imputing / "run")
    assert run.imputed is None and "imputation" not in run.records
