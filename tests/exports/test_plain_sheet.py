"""Sheets read as arrays: what they hold is what python-calamine finds in them, or they are left to it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from survey_sem.errors import FileError
from survey_sem.exports import workbook
from survey_sem.exports.coded import plain_texts
from survey_sem.exports.plain_sheet import SHEET, plain_sheet
from survey_sem.exports.workbook import Sheet

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
CELLS = st.one_of(
    st.none(),
    st.integers(-3, 7),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    st.sampled_from(["(跳过)", "非常同意", "a & b", "<b>", '"', " x", "1", "007", "1e5", "x" * 40]),
)


def book(rows: list[list[Any]], column: int = 0) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write(number, place + column, cell)
    return out.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, change(source.read(name)) if name == part else source.read(name))
    return out.getvalue()


def rows_of(content: bytes, limit: int) -> Any:
    """The frame as read, with workbooks of at least `limit` bytes tried as plain; the error's code where it is one."""
    before = workbook._MANY_BYTES
    workbook._MANY_BYTES = limit
    try:
        sheet = Sheet.open(content, Path("d.xlsx"))
        return sheet.head, sheet.rows([f"c{place}" for place in range(len(sheet.head[0]))])
    except FileError as problem:
        return problem.code
    finally:
        workbook._MANY_BYTES = before


def assert_read_alike(content: bytes) -> None:
    plain, calamine = rows_of(content, 0), rows_of(content, 1 << 60)
    if isinstance(calamine, str):
        assert plain == calamine
        return
    assert plain[0] == calamine[0]
    assert_frame_equal(plain_texts(plain[1]), plain_texts(calamine[1]), check_exact=True)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8), st.integers(0, 30))
def test_the_same_cells_as_calamine(rows: list[list[Any]], column: int) -> None:
    assert_read_alike(book(rows, column))


def test_answers_are_read_as_arrays() -> None:
    rows: list[list[Any]] = [
        ["id", "答案", "number"],
        [1, "同意", -3],
        [2, None, 1.5],
        [None, None, None],
        [3, "a & <b>", 10**12],
    ]
    plain = plain_sheet(book(rows))
    assert plain is not None
    assert plain.first(9) == [["id", "答案", "number"], [1, "同意", -3], [2, "", 1.5], [3, "a & <b>", 10**12]]


@pytest.mark.parametrize("cell", [True, dt.date(2026, 3, 1), "=1+1", dt.timedelta(hours=1)])
def test_other_cells_are_left_to_calamine(cell: Any) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as made:
        made.add_worksheet().write_row(0, 0, ["a", cell])
    assert plain_sheet(out.getvalue()) is None
    assert_read_alike(out.getvalue())


def test_several_sheets_and_inline_texts_are_left_to_calamine() -> None:
    for sheets, options in ((2, {}), (1, {"constant_memory": True})):
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, options) as made:
            for _ in range(sheets):
                made.add_worksheet().write_row(0, 0, ["a", "b"])
        assert plain_sheet(out.getvalue()) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<c r="A2" t="s">', b'<c r="A3" t="s">'),  # a cell of another row
        (b'<c r="B2">', b'<c r="A2">'),  # the same cell twice
        (b'<row r="3"', b'<row r="2"'),
        (b'<c r="B2">', b'<c r="B2" t="b">'),
        (b'<c r="B2">', b'<c r="B2" s="9">'),  # a format that there is not
        (b'<c r="B2">', b'<c r="B2" cm="1">'),
        (b"<v>7</v>", b"<v>7</v><f>1</f>"),
        (b"<v>7</v>", b"<v> 7</v>"),
        (b"<v>7</v>", b"<v>1e999</v>"),
        (b"<v>7</v>", b"<v></v>"),
        (b"<v>7</v>", b"<v>7<!-- c --></v>"),
        (b"<v>0</v>", b"<v>99</v>"),  # a text that there is not
        (b"</row>", b"</row> "),
        (b"</sheetData>", b"</sheetDat>"),
        (b"<sheetData>", b"<sheetData >"),
        (b'encoding="UTF-8"', b'encoding="GB18030"'),
    ],
)
def test_what_is_written_otherwise_is_left_to_calamine(old: bytes, new: bytes) -> None:
    content = book([["a", "b"], ["x", 7], ["y", 8]])
    odd = changed(content, SHEET, lambda part: part.replace(old, new))
    assert odd != content
    assert plain_sheet(odd) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<t>x</t>", b"<r><t>x</t></r>"),
        (b"<t>x</t>", b"<t>x</t><phoneticPr/>"),
        (b"<t>x</t>", b"<t/>"),
        (b"<t>x</t>", b"<t> x</t>"),
        (b"<t>x</t>", b"<t>_x0041_</t>"),
        (b"<t>x</t>", b"<t>&#65;</t>"),
        (b"<t>x</t>", b"<t>&unknown;</t>"),
        (b"<t>x</t>", b"<t>x\r</t>"),
        (b"<t>x</t>", b"<t>\xff</t>"),
    ],
)
def test_texts_written_otherwise_are_left_to_calamine(old: bytes, new: bytes) -> None:
    content = changed(book([["a", "b"], ["x", 7]]), "xl/sharedStrings.xml", lambda part: part.replace(old, new))
    assert plain_sheet(content) is None


@given(st.data())
def test_a_damaged_sheet_is_read_as_calamine_reads_it_or_not_at_all(data: st.DataObject) -> None:
    content = book([["a", "b"], ["x", 7], ["y", 8], ["x & y", 12345]])
    part = data.draw(st.sampled_from([SHEET, "xl/sharedStrings.xml"]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = len(archive.read(part))
    start, length = data.draw(st.integers(0, size)), data.draw(st.integers(0, 8))
    other = data.draw(st.binary(max_size=4) | st.sampled_from([b"<v>", b"</v>", b"</c>", b"</row>", b'"', b">", b"1"]))
    odd = changed(content, part, lambda text: text[:start] + other + text[start + length :])
    if plain_sheet(odd) is not None:
        assert_read_alike(odd)
