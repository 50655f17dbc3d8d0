"""Texts as no export should be: a clear error or the right table, in little time and memory."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from robustness.bounded import read_bounded

from survey_sem.errors import FileError
from survey_sem.exports import RawTable, read_export


def read(folder: Path, content: bytes | str, name: str = "d.csv") -> RawTable:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_export(path)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "gbk"),
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_encodings_and_marks(tmp_path: Path, mark: bytes, encoding: str) -> None:
    raw = read(tmp_path, mark + "性别,意见\r\n男,很好\r\n女,不错\r\n".encode(encoding))
    assert raw.columns == ("性别", "意见")
    assert raw.frame["意见"].tolist() == ["很好", "不错"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n", "no-rows"),
        (b"a,b", "no-rows"),
        (b"\n\n\r\n", "empty-file"),
        (b" \n", "empty-file"),
        (b"a,b\n1,\x002\n", "binary-file"),
        (codecs.BOM_UTF16_LE + "a,b\n1,2\n".encode("utf-16-le")[:-1], "undecodable-text"),
        (codecs.BOM_UTF16_LE + b"a\x00,\x00b\x00\n\x00\x00\xd8,\x002\x00", "undecodable-text"),
        (b"a,b\n1,\xed\xa0\x80\n", "undecodable-text"),
        (b'a,b\n1,"2\n3,4\n', "unreadable-row"),
        (b'"', "unreadable-row"),
        (b"a,a\n1,2\n", "duplicate-column"),
        (b"a, a\n1,2\n", "duplicate-column"),
        (b"a,b,\n1,2,3\n", "unnamed-column"),
        (b"PK\x03\x04 and so on", "binary-file"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path, content)
    assert caught.value.code == code


def test_what_is_read_as_it_is(tmp_path: Path) -> None:
    raw = read(tmp_path, 'a,<b>标签</b>,c,\n=cmd(),"<script>x</script>",,\r\n@x,"said ""so""",,\n+1,5" wide,,\r\n')
    assert raw.columns == ("a", "<b>标签</b>", "c")
    assert raw.frame["a"].tolist() == ["=cmd()", "@x", "+1"]
    assert raw.frame["<b>标签</b>"].tolist() == ["<script>x</script>", 'said "so"', '5" wide']
    assert raw.frame["c"].isna().all()


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n"])
def test_line_ends(tmp_path: Path, between: str) -> None:
    raw = read(tmp_path, between.join(["a,b", "1,x", "2,y"]))
    assert raw.frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_mixed_line_ends(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\r1,x\n2,y\r\n3,z").frame["a"].tolist() == [1, 2, 3]


def test_a_cell_of_a_million_characters(tmp_path: Path) -> None:
    long = "长" * 1_000_000
    assert read(tmp_path, f"a,b\n1,{long}\n2,x\n").frame["b"].tolist()[0] == long


def test_ten_thousand_columns(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    lines = [",".join(f"c{number}" for number in range(10_000)), *[",".join("1" * 10_000)] * 200]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read_bounded(path, megabytes=3000) == "(200, 10000)"


def test_a_header_line_of_millions_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"x" * 6_000_000 + b",b\n1,2\n")
    assert read_bounded(path) == "(1, 2)"


def test_header_records_with_many_lines(tmp_path: Path) -> None:
    """The beginning that is looked at first ends within the header."""
    question = '"' + "a line\n" * 20_000 + '"'
    assert read(tmp_path, f"{question},b\n1,2\n").frame["b"].tolist() == [2]
