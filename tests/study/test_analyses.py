"""Groups and regressions of a study: from its file to the report, read back and verified."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import StudyError, SurveySemError
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.workflow import report

EXTRA = """\
groups:
  of: sex
  levels: [configural, metric, scalar]
regressions:
  - name: means
    label: {zh: 均值, en: Means}
    formula: y ~ trust * C(sex)
    equivalence: 0.1
  - name: high
    formula: y ~ trust
    family: ordinal
report:
"""


@pytest.fixture
def grouped(folder: Path) -> Path:
    """The small study with two groups and a construct."""
    data = pd.read_csv(folder / "data.csv").assign(sex=lambda rows: np.arange(len(rows)) % 2 + 1)
    data.to_csv(folder / "data.csv", index=False)
    instrument = (folder / "instrument.yaml").read_text("utf-8")
    instrument = instrument.replace(
        "items:\n", "  sex: {ordinal: false, labels: {zh: {1: 女, 2: 男}, en: {1: women, 2: men}}}\nitems:\n", 1
    )
    instrument += "  - {id: sex, scale: sex, text: {zh: 性别, en: Sex}}\n"
    instrument += (
        "constructs:\n  - {id: trust, label: {zh: 信任, en: Trust}, items: [x1, x2, x3], source: own wording}\n"
    )
    (folder / "instrument.yaml").write_text(instrument, encoding="utf-8")
    study = (folder / "study.yaml").read_text("utf-8").replace("report:\n", EXTRA)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_groups_and_regressions_reach_the_report(grouped: Path) -> None:
    run = ss.run(grouped / "study.yaml", out=grouped / "run")
    assert set(run.records) == {"groups", "invariance", "missing", "regressions"}
    stored = json.loads((grouped / "run/analyses/regressions.json").read_text("utf-8"))["models"]
    direct = ss.regress("y ~ trust * C(sex)", run.sample, missing="listwise")
    assert [row["est"] for row in stored[0]["estimates"]] == pytest.approx(direct.estimates["est"].tolist())
    by_group = ss.SemResult.from_json((grouped / "run/fits/structural_by_sex.json").read_text("utf-8"))
    assert by_group.n_groups == 2
    page = (grouped / "run/report.zh.html").read_text("utf-8")
    for words in ("跨组测量不变性", "各组路径系数", "回归：均值", "信任", "男 − 女", "平均边际效应：high"):
        assert words in page
    english = (grouped / "run/report.en.html").read_text("utf-8")
    assert "Trust × Sex: men" in english
    assert "importance" not in stored[0] and "importance" not in stored[1]
    report(grouped / "run", ("en",), ("html",))
    assert (grouped / "run/report.en.html").read_text("utf-8") == english
    assert ss.verify(grouped / "run").ok


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("levels: [configural, metric, scalar]", "levels: [configral]", "unknown-value"),
        ("  of: sex\n", "", "missing-key"),
        ("y ~ trust\n", "y trust\n", "bad-formula"),
        ("family: ordinal", "family: ordinl", "unknown-value"),
        ("equivalence: 0.1", "equivalence: 0", "wrong-value"),
        ("name: high", "name: means", "duplicate-id"),
        ("name: high", "name: ../../high", "bad-name"),
        ("equivalence: 0.1", "equivalnce: 0.1", "unknown-key"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(grouped: Path, old: str, new: str, code: str) -> None:
    path = grouped / "study.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError) as told:
        ss.load_study(path)
    problems = told.value.problems if isinstance(told.value, SeveralProblemsError) else (told.value,)
    assert code in [problem.code for problem in problems]
    assert all("study.yaml:" in str(problem.where) for problem in problems)


def test_an_error_names_the_regression(grouped: Path) -> None:
    path = grouped / "study.yaml"
    path.write_text(path.read_text("utf-8").replace("y ~ trust\n", "y ~ trusted\n"), encoding="utf-8")
    with pytest.raises(SurveySemError) as told:
        ss.run(path, out=grouped / "run")
    assert "study.yaml:" in str(told.value.where) and "regressions: high" in str(told.value.where)
    assert not (grouped / "run").exists()


WEIGHTED = """\
weighting: {}
robustness: [unweighted, independent, everybody, fiml, MLR]
sample:
  keep:
    - {item: x1, relation: ">", value: 1, reason: not the lowest}
report:
"""


@pytest.mark.slow
def test_design_weights_and_robustness_reach_the_report(grouped: Path) -> None:
    data = pd.read_csv(grouped / "data.csv").assign(room=lambda rows: np.arange(len(rows)) % 40)
    data["room"] = data["room"].astype(float)
    data.loc[7, "room"] = np.nan
    data.to_csv(grouped / "data.csv", index=False)
    instrument = (grouped / "instrument.yaml").read_text("utf-8")
    instrument = instrument.replace(
        "constructs:", "  - {id: room, type: number, text: {zh: 房间, en: Room}}\nconstructs:"
    )
    instrument += "design: {psu: room}\nweighting:\n  method: rake\n  targets:\n"
    instrument += "    - {of: sex, source: a census, shares: {1: 0.4, 2: 0.6}}\n"
    (grouped / "instrument.yaml").write_text(instrument, encoding="utf-8")
    study = (grouped / "study.yaml").read_text("utf-8")
    study = study[: study.index("groups:")] + WEIGHTED + study[study.index("report:") + len("report:\n") :]
    (grouped / "study.yaml").write_text(study, encoding="utf-8")
    run = ss.run(grouped / "study.yaml", out=grouped / "run")
    assert set(run.records) == {"design", "missing", "robustness", "weighted_answers", "weighting"}
    assert "no value of 'room', which the sampling design needs" in str(run.flow)
    design = run.sample.design
    assert design is not None
    assert run.records["design"]["n_units"] == 40
    shares = {row["category"]: row["after_share"] for row in run.records["weighting"]["margins"]}
    assert shares == pytest.approx({"1": 0.4, "2": 0.6}, abs=1e-9)
    variants = {variant["name"]: variant for variant in run.records["robustness"]["variants"]}
    assert list(variants) == ["main", "unweighted", "independent", "everybody", "fiml", "MLR"]
    plain = ss.sem(run.study.model, run.sample.data, missing="listwise")
    path = plain.standardized().query("op == '~'")["est_std"].iloc[0]
    assert variants["independent"]["rows"][0]["est_std"] == pytest.approx(path, rel=1e-8)
    weighted = ss.sem(run.study.model, design, missing="listwise").standardized().query("op == '~'")
    assert variants["main"]["rows"][0]["est_std"] == pytest.approx(weighted["est_std"].iloc[0], rel=1e-8)
    assert variants["everybody"]["n_obs"] > variants["main"]["n_obs"]
    page = (grouped / "run/report.en.html").read_text("utf-8")
    for words in (
        "Sampling design and weights",
        "Margins before and after weighting",
        "Population: a census",
        "Robustness",
    ):
        assert words in page
    assert ss.verify(grouped / "run").ok
