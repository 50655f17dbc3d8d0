"""Workbooks, labelled files, parquet."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from survey_sem.errors import DataError, FileError, OptionError
from survey_sem.exports import read_export, write_parquet, write_sav

FRAME = pd.DataFrame({"a": [1.0, -99.0, 3.0], "b": ["x", "y", "z"]})


def test_workbook(tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    pd.DataFrame({"a": [1, None, 3], "b": ["x", None, 5], "题目": [1, 2, 3]}).to_excel(path, index=False)
    raw = read_export(path)
    assert raw.columns == ("a", "b", "题目")
    assert raw.frame["a"].tolist()[::2] == [1, 3]
    assert raw.frame["b"].dropna().tolist() == ["x", "5"]
    assert raw.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_spss_keeps_codes_labels_and_missing_ranges(tmp_path: Path) -> None:
    path = tmp_path / "d.sav"
    pyreadstat.write_sav(
        FRAME,
        path,
        missing_ranges={"a": [{"lo": -99, "hi": -90}]},
        variable_value_labels={"a": {1: "no"}},
        column_labels={"a": "问题"},
    )
    raw = read_export(path)
    assert raw.frame["a"].tolist() == [1, -99, 3]
    assert raw.answers()["a"].isna().tolist() == [False, True, False]
    assert raw.value_labels["a"] == {1: "no"}
    assert raw.column_labels["a"] == "问题"


def test_stata(tmp_path: Path) -> None:
    path = tmp_path / "d.dta"
    pyreadstat.write_dta(FRAME, path)
    assert read_export(path).frame["a"].tolist() == [1, -99, 3]


@pytest.mark.parametrize("name", ["d.xlsx", "d.sav", "d.zsav", "d.dta", "d.parquet"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is nothing of the kind")
    with pytest.raises(FileError) as caught:
        read_export(path)
    assert caught.value.code.startswith("damaged")


def test_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(FileError) as caught:
        read_export(path)
    assert caught.value.code == "damaged-workbook"


@pytest.mark.parametrize("name", ["d.parquet", "d.sav"])
def test_written_files_are_the_same_bytes_and_read_back(tmp_path: Path, name: str) -> None:
    digests = []
    for _ in range(2):
        path = tmp_path / name
        if name.endswith("sav"):
            write_sav(FRAME, path, {"a": "长" * 300})
        else:
            write_parquet(FRAME, path)
        digests.append(path.read_bytes())
    assert digests[0] == digests[1]
    assert read_export(path).frame["b"].tolist() == ["x", "y", "z"]
    assert read_export(path).frame["a"].tolist() == [1, -99, 3]


def test_a_table_shows_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("name,a\nsecret,1\n", encoding="utf-8")
    raw = read_export(path)
    assert "secret" not in repr(raw)
    with pytest.raises(DataError, match="no column 'nam'") as caught:
        raw.column("nam")
    assert caught.value.hint == "did you mean 'name'?"


@pytest.mark.parametrize("path", [None, 3, b"d.csv", {}, FRAME, [None, None]])
def test_what_is_no_path(path: Any) -> None:
    with pytest.raises(OptionError) as caught:
        read_export(path)
    assert (caught.value.code, caught.value.where) == ("wrong-type", "path")


def test_another_kind_of_sheet_can_be_saved_as_one_that_is_read(tmp_path: Path) -> None:
    for name in ("d.xls", "d.ods"):
        with pytest.raises(FileError) as caught:
            read_export(tmp_path / name)
        assert caught.value.hint == "save it as .xlsx or .csv"


@pytest.mark.parametrize("version", [10, 15])
def test_a_stata_file_that_claims_more_than_it_holds_is_damaged(tmp_path: Path, version: int) -> None:
    path = tmp_path / "d.dta"
    pyreadstat.write_dta(FRAME, path, version=version)
    content = bytearray(path.read_bytes())
    at = 6 if version == 10 else content.index(b"<N>") + 3
    content[at : at + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)
    with pytest.raises(FileError, match="damaged Stata file") as caught:
        read_export(path)
    assert "2147483647 rows" in str(caught.value.got)


def test_what_pandas_noted_in_a_parquet_file_is_not_needed(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    FRAME.set_index(FRAME.columns[0]).to_parquet(path)
    assert list(read_export(path).columns) == [*FRAME.columns[1:], FRAME.columns[0]]
    FRAME.set_axis([f"r{k}" for k in range(len(FRAME))]).to_parquet(path)
    assert list(read_export(path).columns) == list(FRAME.columns)
