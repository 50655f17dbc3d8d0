"""Comparisons of a study: from its file to the report, small groups withheld."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import StudyError, SurveySemError
from survey_sem.study.comparisons import guarded

EXTRA = """\
groups: {of: sex, levels: [configural, metric, scalar]}
comparisons:
  - {of: [f, y], by: sex}
  - {of: y, by: room, test: classical}
report:
"""


@pytest.fixture
def compared(folder: Path) -> Path:
    """The small study with two groups, and rooms of which one has four respondents."""
    data = pd.read_csv(folder / "data.csv")
    at = np.arange(len(data))
    data.assign(sex=at % 2 + 1, room=np.where(at < 4, 9, at % 3 + 1)).to_csv(folder / "data.csv", index=False)
    instrument = (folder / "instrument.yaml").read_text("utf-8")
    instrument = instrument.replace(
        "items:\n", "  sex: {ordinal: false, labels: {zh: {1: 女, 2: 男}, en: {1: women, 2: men}}}\nitems:\n", 1
    )
    instrument += "  - {id: sex, scale: sex, text: {zh: 性别, en: Sex}}\n"
    instrument += "  - {id: room, type: number, text: {zh: 房间, en: Room}}\n"
    instrument += "constructs:\n  - {id: f, label: {zh: 信任, en: Trust}, items: [x1, x2, x3], source: own wording}\n"
    (folder / "instrument.yaml").write_text(instrument, encoding="utf-8")
    study = (folder / "study.yaml").read_text("utf-8").replace("report:\n", EXTRA)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_comparisons_reach_the_report(compared: Path) -> None:
    run = ss.run(compared / "study.yaml", out=compared / "run")
    first, second = json.loads((compared / "run/analyses/comparisons.json").read_text("utf-8"))["comparisons"]
    direct = ss.compare_groups(run.sample, ["f", "y"], by="sex", missing="available")
    assert [row["p_holm"] for row in first["tests"]] == pytest.approx(direct.tests["p_holm"].tolist())
    assert first["pair_test"] == "t-welch"
    assert [row["variable"] for row in first["latent"]] == ["f"]
    assert second["left_out"] == {"y": ["9"]}
    sizes = {row["group"]: row["n"] for row in second["groups"]}
    assert set(sizes) == {"1", "2", "3"}
    assert list(sizes.values()).count(None) == 1  # with it the size of the group that was left out could be found
    english, chinese = ((compared / f"run/report.{each}.html").read_text("utf-8") for each in ("en", "zh"))
    for words in ("Means by group", "Welch&#39;s ANOVA", "women − men", "Groups of fewer than 10", "Latent difference"):
        assert words in english or words.replace("&#39;", "'") in english, words
    for words in ("各组均值比较", "女 − 男", "不足 10 人的组不列入", "潜均值差"):
        assert words in chinese
    assert ss.verify(compared / "run").ok


def three_groups(n_small: int) -> tuple[ss.GroupComparison, int]:
    """Groups of 40, 30 and `n_small` rows, compared with groups of fewer than ten left out."""
    n = 70 + n_small
    rows = pd.DataFrame({"y": np.sin(np.arange(n)), "group": ["a"] * 40 + ["b"] * 30 + ["c"] * n_small})
    return ss.compare_groups(rows, "y", by="group", test="classical", min_group=10), n


def test_no_group_that_was_left_out_is_found_by_subtraction() -> None:
    found, n_rows = three_groups(4)
    record = guarded(found.to_dict(), n_rows)
    large, small = record["groups"]
    assert large == found.to_dict()["groups"][0]
    assert [small[name] for name in ("n", "se", "ci_lower", "ci_upper")] == [None] * 4
    assert small["mean"] == found.groups["mean"][1]
    (pair,) = record["pairs"]
    assert [pair[name] for name in ("se", "df", "ci_lower", "g_upper")] == [None] * 4
    assert pair["g"] == found.pairs["g"][0]
    assert record["tests"][0]["df2"] is None


def test_groups_stay_as_they_are_where_none_was_left_out() -> None:
    found, n_rows = three_groups(12)
    assert guarded(found.to_dict(), n_rows) == found.to_dict()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("of: y, ", "", "missing-key"),
        (", by: room", "", "missing-key"),
        ("test: classical", "test: anova", "unknown-value"),
        ("test: classical", "tests: classical", "unknown-key"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(compared: Path, old: str, new: str, code: str) -> None:
    path = compared / "study.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError) as told:
        ss.load_study(path)
    assert told.value.code == code
    assert "study.yaml:" in str(told.value.where)


def test_an_error_names_the_comparison(compared: Path) -> None:
    path = compared / "study.yaml"
    path.write_text(
        path.read_text("utf-8").replace("by: room", "by: rooms").replace("of: sex,", "of: sex,", 1), "utf-8"
    )
    with pytest.raises(SurveySemError) as told:
        ss.run(path, out=compared / "run")
    assert "study.yaml:" in str(told.value.where) and "comparisons: entry 2, by rooms" in str(told.value.where)


def test_what_the_data_do_not_have_is_told_with_its_line(compared: Path) -> None:
    path = compared / "study.yaml"
    condition = "sample:\n  keep:\n    - {item: nobody, relation: answered, reason: r}\nseed:"
    path.write_text(path.read_text("utf-8").replace("seed:", condition), "utf-8")
    line = path.read_text("utf-8").splitlines().index("  keep:") + 1
    with pytest.raises(SurveySemError, match="no item 'nobody'") as told:
        ss.run(path, out=compared / "run")
    assert f"study.yaml:{line}: sample: keep" in str(told.value.where)
