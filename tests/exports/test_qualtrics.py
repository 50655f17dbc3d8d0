"""Qualtrics: header records of both generations."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from survey_sem.errors import FileError
from survey_sem.exports import read_export

TAGS = ["StartDate", "IPAddress", "Duration (in seconds)", "ResponseId", "Q1", "Q2_1", "Q2_1_TEXT"]
TEXTS = ["开始日期", "IP 地址", "时长（秒）", "回应 ID", "Do you\nagree?", "Price, really", "Other - Text"]
IDS = ["startDate", "ipAddress", "duration", "_recordId", "QID1", "QID2-1", "QID2_1_TEXT"]
ROWS = [["2026-03-01", "1.2.3.4", "95", "R_1", "5", "1", "a, b"], ["2026-03-02", "1.2.3.5", "120", "R_2", "4", "2", ""]]


def write(path: Path, records: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(records)
    return path


@pytest.mark.parametrize(
    "form", ['{{"ImportId":"{}"}}', "{{'ImportId': '{}'}}", '{{"ImportId":"{}","timeZone":"UTC"}}']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_three_header_records(tmp_path: Path, form: str, encoding: str) -> None:
    raw = read_export(write(tmp_path / "d.csv", [TAGS, TEXTS, [form.format(name) for name in IDS], *ROWS], encoding))
    assert raw.dialect == "qualtrics"
    assert raw.detection is not None
    assert raw.detection.evidence[0] == "7 ImportIds in the third header record"
    assert raw.columns == ("StartDate", "ip", "duration", "index", "Q1", "Q2_1", "Q2_1_TEXT")
    assert raw.frame["Q1"].tolist() == [5, 4]
    assert raw.frame["duration"].tolist() == [95, 120]
    assert raw.column_labels["Q1"] == "Do you\nagree?"
    assert raw.headers["index"] == "ResponseId"


def test_a_workbook_reads_the_same(tmp_path: Path) -> None:
    records = [TAGS, TEXTS, [f'{{"ImportId":"{name}"}}' for name in IDS], *ROWS]
    pd.DataFrame(records).to_excel(tmp_path / "d.xlsx", index=False, header=False)
    text = read_export(write(tmp_path / "d.csv", records)).frame
    pd.testing.assert_frame_equal(read_export(tmp_path / "d.xlsx").frame, text, check_dtype=False)


def test_two_header_records(tmp_path: Path) -> None:
    tags = [*(f"V{number}" for number in range(1, 11)), "Q1"]
    texts = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status"]
    texts += ["StartDate", "EndDate", "Finished", "Do you agree?"]
    raw = read_export(write(tmp_path / "d.csv", [tags, texts, ["R_1", *"2345678901"]]))
    assert raw.dialect == "qualtrics"
    assert raw.columns[:3] == ("index", "ResponseSet", "Name")
    assert raw.columns[5] == "ip"
    assert raw.frame["Q1"].tolist() == [1]
    assert raw.headers["index"] == "V1"


def test_columns_called_v_are_not_enough(tmp_path: Path) -> None:
    rows = [[f"V{number}" for number in range(1, 11)], list("1234567890"), list("1234567890")]
    assert read_export(write(tmp_path / "d.csv", rows)).dialect == "generic"


def test_it_cannot_be_forced_on_another_file(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_export(write(tmp_path / "d.csv", [["a", "b"], ["1", "2"]]), "qualtrics")
    assert caught.value.code == "not-this-dialect"


def test_headers_without_answers(tmp_path: Path) -> None:
    path = write(tmp_path / "d.csv", [TAGS, TEXTS, [f'{{"ImportId":"{name}"}}' for name in IDS]])
    with pytest.raises(FileError) as caught:
        read_export(path)
    assert caught.value.code == "no-rows"
