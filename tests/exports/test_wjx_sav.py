"""The SPSS file of 问卷星."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from survey_sem.errors import OptionError
from survey_sem.exports import MissingRange, RawTable, read_export

ANSWERS: dict[str, list[Any]] = {
    "index": [1, 2, 3],
    "totalseconds": [243, 95, 120],
    "Q1": [1, 2, -3],
    "Q2_Blank1": ["快手", "", ""],
    "Q3_Blank1": ["a", "", ""],
    "Q3_Blank2": ["", "b", ""],
    "Q6_Row1": [5, -2, 4],
    "Q6_Row2": [1, 2, 3],
}


def write(path: Path, answers: dict[str, list[Any]] = ANSWERS, *, compress: bool = False) -> RawTable:
    pyreadstat.write_sav(
        pd.DataFrame(answers),
        path,
        column_labels={"Q6_Row1": "6、同意—主播可信"},
        variable_value_labels={"Q1": {1: "男", 2: "女"}} if "Q1" in answers else None,
        variable_measure=dict.fromkeys(answers, "nominal"),
        compress=compress,
    )
    return read_export(path)


@pytest.mark.parametrize("name", ["d.sav", "d.zsav"])
def test_names_are_those_of_the_other_exports(tmp_path: Path, name: str) -> None:
    raw = write(tmp_path / name, compress=name == "d.zsav")
    assert raw.dialect == "wjx"
    assert str(raw.detection) == "wjx (columns index, totalseconds; 6 columns of the form Q1, Q6_Row1 or Q2_Blank1)"
    assert raw.columns == ("index", "duration", "Q1", "Q2_blank", "Q3_blank1", "Q3_blank2", "Q6_R1", "Q6_R2")
    assert raw.headers == {
        "duration": "totalseconds",
        "Q2_blank": "Q2_Blank1",
        "Q3_blank1": "Q3_Blank1",
        "Q3_blank2": "Q3_Blank2",
        "Q6_R1": "Q6_Row1",
        "Q6_R2": "Q6_Row2",
    }
    assert raw.column_labels == {"Q6_R1": "6、同意—主播可信"}
    assert raw.value_labels == {"Q1": {1: "男", 2: "女"}}
    assert [type(code) for code in raw.value_labels["Q1"]] == [int, int]


def test_no_answer_is_told_from_not_asked(tmp_path: Path) -> None:
    raw = write(tmp_path / "d.sav")
    assert raw.missing_codes["Q1"] == (MissingRange(-3, -3, "routed"), MissingRange(-2, -2, "nonresponse"))
    assert raw.answers()["Q6_R1"].isna().tolist() == [False, True, False]
    assert raw.frame["Q6_R1"].tolist() == [5, -2, 4]


def test_a_name_that_is_taken_stays(tmp_path: Path) -> None:
    raw = write(tmp_path / "d.sav", {**ANSWERS, "Q6_R1": [1, 1, 1]})
    assert raw.columns[-3:] == ("Q6_Row1", "Q6_R2", "Q6_R1")


def test_other_files_are_read_as_they_are(tmp_path: Path) -> None:
    raw = write(tmp_path / "d.sav", {"index": [1], "Q1": [2]})
    assert (raw.dialect, raw.columns, raw.missing_codes) == ("generic", ("index", "Q1"), {})
    with pytest.raises(OptionError, match="wjx"):
        read_export(tmp_path / "d.sav", "wjx")
    write(tmp_path / "e.sav")
    assert read_export(tmp_path / "e.sav", "generic").columns[1] == "totalseconds"
    assert read_export(tmp_path / "e.sav", "wjx").columns[1] == "duration"
