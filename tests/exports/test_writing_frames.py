"""Tables for spreadsheet programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from survey_sem.exports import read_export
from survey_sem.exports.writing import write_csv, write_xlsx

FRAME = pd.DataFrame(
    {
        "n": [1, -2, 3, 4, 5],
        "x": [0.1, np.nan, -1e-20, 1e300, 3],
        "t": ["=1+1", "-3", "@x", None, "+a"],
        "when": pd.to_datetime(["2026-03-01 10:00"] * 5),
        "yes": [True, False, True, True, False],
    }
)


def test_a_csv_runs_nothing_and_says_what_it_changed(tmp_path: Path) -> None:
    [said] = write_csv(FRAME, tmp_path / "d.csv")
    assert said.code == "formula-quoted"
    assert "t (3)" in str(said.where)
    frame = read_export(tmp_path / "d.csv").frame
    assert frame["t"].fillna("").tolist() == ["'=1+1", "-3", "'@x", "", "'+a"]
    np.testing.assert_array_equal(frame["x"].to_numpy(), FRAME["x"].to_numpy())
    assert frame["n"].tolist() == FRAME["n"].tolist()
    assert frame["when"].tolist()[0] == "2026-03-01 10:00:00"
    assert write_csv(FRAME[["n", "x"]], tmp_path / "e.csv") == ()


def test_a_workbook_keeps_them_as_texts(tmp_path: Path) -> None:
    write_xlsx(FRAME, tmp_path / "d.xlsx")
    frame = read_export(tmp_path / "d.xlsx").frame
    assert frame["t"].fillna("").tolist() == ["=1+1", "-3", "@x", "", "+a"]
    np.testing.assert_array_equal(frame["x"].to_numpy(), FRAME["x"].to_numpy())
    sheet = openpyxl.load_workbook(tmp_path / "d.xlsx").worksheets[0]
    assert [sheet.cell(row, 3).data_type for row in (2, 3, 4)] == ["s", "s", "s"]


def test_a_header_alone(tmp_path: Path) -> None:
    write_csv(FRAME.head(0), tmp_path / "d.csv")
    assert (tmp_path / "d.csv").read_text(encoding="utf-8-sig") == "n,x,t,when,yes\n"
    write_xlsx(FRAME.head(0), tmp_path / "d.xlsx")
    assert openpyxl.load_workbook(tmp_path / "d.xlsx").worksheets[0].max_row == 1
