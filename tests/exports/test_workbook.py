"""Workbooks: kinds of cells, and files that should not be opened."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from survey_sem.errors import FileError
from survey_sem.exports import RawTable, read_export


def write(path: Path, rows: list[list[Any]], extra: tuple[int, int] | None = None) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if extra:
            sheet.write(*extra, 1)
    return path


def read(path: Path, rows: list[list[Any]]) -> RawTable:
    return read_export(write(path, rows))


def test_kinds_of_columns(tmp_path: Path) -> None:
    when = dt.datetime(2026, 3, 1, 10, 0, 5)  # noqa: DTZ001 - a workbook knows no zones
    frame = read(
        tmp_path / "d.xlsx",
        [
            ["whole", "part", "gap", "digits", "mixed", "when", "truth", "formula"],
            [1, 1.5, 1, "007", 5, when, True, "=cmd()"],
            [0, 2, None, "12", "x", when, False, "=1+1"],
        ],
    ).frame
    assert frame["whole"].dtype == np.int64
    assert frame["part"].tolist() == [1.5, 2]
    assert np.isnan(frame["gap"].tolist()[1])
    assert frame["digits"].tolist() == [7, 12]
    assert frame["mixed"].tolist() == ["5", "x"]
    assert frame["when"].tolist() == ["2026-03-01 10:00:05"] * 2
    assert frame["truth"].tolist() == ["True", "False"]
    assert len(frame["formula"]) == 2


def test_rows_without_values_are_skipped(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None, None], ["a", "b"], [None, 1], [None, None], [0, 0]]
    assert read(tmp_path / "d.xlsx", rows).frame["b"].tolist() == [1, 0]


@pytest.mark.parametrize(("rows", "code"), [([], "empty-file"), ([["a", "b"]], "no-rows")])
def test_nothing_in_it(tmp_path: Path, rows: list[list[Any]], code: str) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path / "d.xlsx", rows)
    assert caught.value.code == code


@pytest.mark.parametrize("corner", [(1_048_575, 16_383), (1_048_575, 701)])
def test_a_lonely_far_cell_is_refused_before_memory_is_reserved(tmp_path: Path, corner: tuple[int, int]) -> None:
    with pytest.raises(FileError) as caught:
        read_export(write(tmp_path / "d.xlsx", [["a"], [1]], corner))
    assert caught.value.code == "file-too-large"
    assert "1048576 rows" in caught.value.what


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "d.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", b"\0" * (33 * 1024**2))
    with pytest.raises(FileError) as caught:
        read_export(path)
    assert caught.value.code == "file-too-large"


def test_a_cut_workbook_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xlsx", [["a", "b"], [1, "x"]]).read_bytes()
    for length in range(1, len(whole), 97):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_export(path)


def test_a_damaged_part_is_refused(tmp_path: Path) -> None:
    source, damaged = write(tmp_path / "d.xlsx", [["a", "b"], [1, "x"]]), tmp_path / "e.xlsx"
    for broken in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"):
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(damaged, "w") as copy:
            for name in archive.namelist():
                content = archive.read(name)
                copy.writestr(name, content[: len(content) * 2 // 3] if name == broken else content)
        with pytest.raises(FileError):
            read_export(damaged)
