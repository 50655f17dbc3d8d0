"""Delimited text: what is read, and what is refused with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import FileError, OptionError, SurveySemError
from survey_sem.exports import read_export
from survey_sem.exports.delimited import DelimitedText

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the given content."""

    def write_file(content: str | bytes, name: str = "d.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write_file


def test_numbers_are_numbers_and_text_stays_text(write: Write) -> None:
    frame = read_export(write("a,b,c\n1,2.5,x\n3,,None\n")).frame
    assert frame["a"].tolist() == [1, 3]
    assert frame["a"].dtype == np.int64
    assert frame["b"].tolist()[0] == 2.5
    assert np.isnan(frame["b"].tolist()[1])
    assert frame["c"].tolist() == ["x", "None"]


@pytest.mark.parametrize("mark", ["TRUE", "True", "true"])
def test_truth_values_stay_the_text_they_are(write: Write, mark: str) -> None:
    frame = read_export(write(f"a,b\n{mark},1\n,2\n")).frame
    assert frame["a"].tolist()[0] == mark
    assert pd.isna(frame["a"].tolist()[1])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbfa,b\n1,2\n", "utf-8"),
        ("性别,b\n男,2\n".encode("gb18030"), "gb18030"),
        ("性别,b\n男,2\n".encode(), "utf-8"),
        ("a\tb\n1\t2\n".encode("utf-16"), "utf-16-le"),
    ],
)
def test_encodings(write: Write, content: bytes, encoding: str) -> None:
    raw = read_export(write(content))
    assert raw.encoding == encoding
    assert raw.columns[1] == "b"
    assert raw.frame["b"].tolist() == [2]


def test_forced_encoding(write: Write) -> None:
    assert read_export(write("a\né\n".encode("latin-1")), encoding="latin-1").frame["a"].tolist() == ["é"]
    with pytest.raises(OptionError, match="no text encoding"):
        read_export(write("a\n1\n"), encoding="utf-9")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(write: Write, mark: str) -> None:
    raw = read_export(write(f"a{mark}b\n1{mark}2\n"))
    assert raw.delimiter == mark
    assert raw.columns == ("a", "b")


def test_decimal_comma(write: Write) -> None:
    assert read_export(write("a;b\n1,5;x,5\n2;y\n")).frame["a"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r1,2\r", "\n\na,b\n1,2\n\n\n", "a,b\n\n1,2"])
def test_line_ends_and_empty_lines(write: Write, content: str) -> None:
    assert read_export(write(content)).frame.to_numpy().tolist() == [[1, 2]]


def test_quoted_fields(write: Write) -> None:
    frame = read_export(write('a,b\n"x,y",1\n"two\nlines",2\n"say ""hi""",3\n')).frame
    assert frame["a"].tolist() == ["x,y", "two\nlines", 'say "hi"']


def test_quotes_inside_fields_are_plain_characters(write: Write) -> None:
    assert read_export(write('a,b\n5" tv,1\n6" tv,2\n')).frame["a"].tolist() == ['5" tv', '6" tv']


def test_trailing_delimiter_and_row_names(write: Write) -> None:
    assert read_export(write("a,b,\n1,2,\n")).columns == ("a", "b")
    assert read_export(write('"",a\nr1,2\n')).columns == ("row", "a")


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (b"", "empty-file", "d.csv"),
        (b"\n\n", "empty-file", "d.csv"),
        (b"a,b\n", "no-rows", "d.csv"),
        (b"a,b\n1,2\n3\n", "ragged-rows", "line 3"),
        (b"\n\na,b\n1,2,3\n", "ragged-rows", "line 4"),
        (b'a,b\n5" tv,2,9\n6" tv,3\n', "ragged-rows", "line 2"),
        (b'a,b\n"open,2\n3,4\n', "unreadable-row", "line 3"),
        (b"a,a\n1,2\n", "duplicate-column", "header"),
        (b"a,,b\n1,2,3\n", "unnamed-column", "header"),
        (b"a,b\n1,\x00\n", "binary-file", "d.csv"),
        (b"PK\x03\x04rest", "binary-file", "d.csv"),
        (b"\x89PNG\r\n\x1a\nrest", "binary-file", "d.csv"),
        (b"$FL2rest", "binary-file", "d.csv"),
        (b"a,b\nx\xff\xff,1\n", "undecodable-text", "d.csv"),
    ],
)
def test_what_is_refused(write: Write, content: bytes, code: str, where: str) -> None:
    with pytest.raises(FileError) as caught:
        read_export(write(content))
    assert caught.value.code == code
    assert where in str(caught.value.where)


def test_undecodable_bytes_name_their_offset(write: Write) -> None:
    with pytest.raises(FileError) as caught:
        read_export(write(b"a,b\nx\xff\xff,1\n"))
    assert "offset 5" in str(caught.value.got)


def test_what_is_no_file(tmp_path: Path, write: Write) -> None:
    write("a\n1\n", "answers.csv")
    for path, code in ((tmp_path, "is-a-directory"), (tmp_path / "answer.csv", "no-such-file")):
        with pytest.raises(FileError) as caught:
            read_export(path)
        assert caught.value.code == code
    assert caught.value.hint == "did you mean 'answers.csv'?"
    with pytest.raises(FileError) as unknown:
        read_export(write("x", "d.doc"))
    assert unknown.value.code == "unknown-format"
    with pytest.raises(OptionError):
        read_export(write("a\n1\n"), dialect="wjxx")


_CELLS = st.text(alphabet='ab1,;\t"\n\r é', max_size=4)


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=3), min_size=1, max_size=4))
def test_any_text_is_read_or_refused(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    try:
        table = DelimitedText.open(text.encode("utf-8"), Path("any.csv"))
        frame = table.rows(table.head[0])
    except SurveySemError:
        return
    assert len(frame) >= 1


@given(st.lists(st.tuples(st.integers(-99, 99), st.text(alphabet='xyz,"\n', min_size=1)), min_size=1, max_size=6))
def test_what_a_csv_writer_writes_comes_back(rows: list[tuple[int, str]]) -> None:
    written = pd.DataFrame(rows, columns=["a", "b"])
    table = DelimitedText.open(written.to_csv(index=False).encode("utf-8"), Path("any.csv"))
    frame = table.rows(table.head[0])
    assert frame["a"].tolist() == written["a"].tolist()
    assert frame["b"].tolist() == written["b"].tolist()


@pytest.mark.parametrize("place", [0, 1, 8191, 8192, 16384, 19_999])
def test_a_ragged_row_is_found_wherever_the_parser_cuts_the_file(write: Write, place: int) -> None:
    """pandas reads in pieces, and looks at the first row of a piece less closely than at others."""
    rows = [",".join("1" * 60)] * 20_000
    for changed in (rows[place] + ",1", rows[place][:-2]):
        lines = [",".join(f"c{number}" for number in range(60)), *rows]
        lines[place + 1] = changed
        with pytest.raises(FileError, match=f"line {place + 2} ") as caught:
            read_export(write("\n".join(lines).encode()))
        assert caught.value.code == "ragged-rows"


def test_a_long_row_does_not_make_up_for_a_short_one(write: Write) -> None:
    rows = ["a,b,c", "1,2,3", "1,2,3,4", "1,2", "1,2,3"]
    with pytest.raises(FileError, match="line 3 "):
        read_export(write("\n".join(rows).encode()))


def test_undecodable_bytes_far_from_the_header(write: Write) -> None:
    text = "a,b\n" + "1,2\n" * 60_000
    with pytest.raises(FileError) as caught:
        read_export(write(text.encode() + b"3,\xff\n"))
    assert caught.value.code == "undecodable-text"
    assert f"0xff at offset {len(text) + 2}" in str(caught.value.got)
    raw = read_export(write(text.encode() + "3,中文\n".encode("gbk")))
    assert raw.encoding == "gb18030"
    assert raw.frame["b"].tolist()[-2:] == ["2", "中文"]


@given(st.lists(st.sampled_from(["a,b", "1,2", "3,", "4", "5,6,7", "", '"x,y",8', '9,"z\nw"', 'i"n,10']), max_size=6))
def test_rows_are_ragged_exactly_when_a_csv_reader_says_so(lines: list[str]) -> None:
    text = "\n".join(["h,k", *lines])
    lengths = {len(record) for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record}
    table = DelimitedText.open(text.encode(), Path("d.csv"))
    if not any(lines):
        return
    try:
        frame = table.rows(["h", "k"])
    except FileError as problem:
        assert problem.code == "ragged-rows"
        assert lengths != {2}
    else:
        assert lengths == {2}
        assert len(frame) == len([line for line in lines if line])
