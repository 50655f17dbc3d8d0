"""The files for SPSS: the sample with weights, names and reasons, and the syntax beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from survey_sem.study import load_study, open_study, write_prepared

MORE = """\
  - {id: by, scale: agree, text: {en: A reserved word}}
  - {id: use, type: multi, scale: ways, text: {en: "What's used?"}}
  - {id: w, type: number, text: Weight}
  - {id: room, type: number, text: Room}
design: {psu: [room], weight: w}
"""


@pytest.fixture
def weighted(folder: Path) -> Path:
    """The demo study with weights, clusters, a question of several answers, and a reason without a code."""
    rows = pd.read_csv(folder / "data.csv")
    at = np.arange(len(rows))
    more = {"by": 1 + at % 7, "use": np.where(at % 2, "1|2", "2"), "w": 1.0 + at % 3, "room": at // 10}
    rows.assign(**more).to_csv(folder / "data.csv", index=False)
    path = folder / "instrument.yaml"
    text = path.read_text("utf-8").replace(
        "items:\n", "  ways: {ordinal: false, labels: {en: {1: a, 2: b}}}\nitems:\n", 1
    )
    path.write_text(text + MORE, encoding="utf-8")
    return folder


def test_what_spss_gets(weighted: Path) -> None:
    study = load_study(weighted / "study.yaml")
    warned = write_prepared(weighted / "out", study, open_study(study))
    assert [each.code for each in warned] == ["renamed"] and "by is by_" in str(warned[0])
    frame, told = pyreadstat.read_sav(weighted / "out/sample.sav", user_missing=True)
    assert list(frame.columns)[-1] == "weight" and frame["weight"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert told.original_variable_types["x1"] == "F8.0" and told.variable_measure["by_"] == "ordinal"
    assert (weighted / "out/sample.sps").read_bytes().startswith(b"\xef\xbb\xbf")
    lines = (weighted / "out/sample.sps").read_text("utf-8-sig").splitlines()
    assert "GET FILE='sample.sav'." in lines and "WEIGHT BY weight." in lines
    assert any("聚类变量 room" in line for line in lines)
    assert "  /MDGROUP NAME=$use LABEL='What''s used?'" in lines and "    VARIABLES=use_1 use_2 VALUE=1." in lines
    assert all(line.endswith(".") for line in lines if line.startswith("*"))


def test_a_reason_without_a_code_is_told_to_be_lost(weighted: Path) -> None:
    path = weighted / "instrument.yaml"
    path.write_text(path.read_text("utf-8").replace("{code: -99,", "{code: none, "), encoding="utf-8")
    rows = pd.read_csv(weighted / "data.csv").astype(object).map(lambda value: "none" if value == -99 else value)
    rows.to_csv(weighted / "data.csv", index=False)
    study = load_study(weighted / "study.yaml")
    warned = {each.code: each for each in write_prepared(weighted / "out", study, open_study(study))}
    assert "(nonresponse)" in str(warned["missing-kinds-lost"].where)


def test_without_weights_nothing_is_weighted(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    write_prepared(folder / "out", study, open_study(study))
    assert "WEIGHT" not in (folder / "out/sample.sps").read_text("utf-8-sig")
