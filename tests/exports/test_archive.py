"""Zipped text: one table, harmless in size."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from survey_sem.errors import FileError
from survey_sem.exports import read_export


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_one_text_in_an_archive(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "d.zip",
        {"答卷/": b"", "../数据.CSV": "性别,b\n男,2\n".encode("gb18030"), "__MACOSX/._x.csv": b"\0", "readme.md": b"x"},
    )
    raw = read_export(path)
    assert raw.frame["b"].tolist() == [2]
    assert (raw.source, raw.file_format, raw.encoding) == ("d.zip", "csv", "gb18030")
    assert raw.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [entry.name for entry in tmp_path.parent.glob("*.CSV")] == []


def test_a_workbook_in_an_archive(tmp_path: Path) -> None:
    pd.DataFrame({"序号": [1], "所用时间": ["9秒"], "1、性别": [2]}).to_excel(tmp_path / "d.xlsx", index=False)
    raw = read_export(pack(tmp_path / "d.zip", {"../x/d.xlsx": (tmp_path / "d.xlsx").read_bytes()}))
    assert (raw.source, raw.file_format, raw.dialect) == ("d.zip", "xlsx", "wjx")
    assert raw.frame["Q1"].tolist() == [2]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "not-one-table"),
        ({"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"}, "not-one-table"),
        ({"a.xlsx": b"PK"}, "damaged-workbook"),
        ({"a.sav": b"$FL2"}, "not-one-table"),
        ({"a.csv": b"a\n1\n", "a.xlsx": b"PK"}, "not-one-table"),
        ({"a.csv": b""}, "empty-file"),
        ({"a.csv": b"PK\x03\x04"}, "binary-file"),
        ({"a.csv": b"a\n" + b"1\n" * (17 * 1024**2)}, "file-too-large"),
    ],
)
def test_what_is_refused(tmp_path: Path, files: dict[str, bytes], code: str) -> None:
    with pytest.raises(FileError) as caught:
        read_export(pack(tmp_path / "d.zip", files))
    assert caught.value.code == code


def test_a_damaged_archive_is_refused_wherever_it_is_damaged(tmp_path: Path) -> None:
    whole = pack(tmp_path / "d.zip", {"a.csv": b"a,b\n" + b"1,2\n" * 50}).read_bytes()
    path = tmp_path / "cut.zip"
    for length in range(1, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_export(path)
    for offset in range(0, len(whole), 3):
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0xFF]) + whole[offset + 1 :])
        try:
            read_export(path)
        except FileError:
            continue


def test_an_encrypted_archive_says_so(tmp_path: Path) -> None:
    content = bytearray(pack(tmp_path / "d.zip", {"a.csv": b"a\n1\n"}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises(FileError, match="encrypted"):
        read_export(tmp_path / "d.zip")
