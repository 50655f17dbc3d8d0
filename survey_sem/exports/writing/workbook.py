"""An Excel workbook of one plain sheet: no formats, every text typed as text, the same bytes for the same cells.

A survey has few distinct answers and many rows, so each distinct value is written once and rows are joined from
those pieces; that is several times as fast as a writer that looks at every cell.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from survey_sem.errors import FileError
from survey_sem.exports.writing.archive import archive_member
from survey_sem.exports.writing.cells import Cells, Value, in_blocks

MAX_ROWS, MAX_COLUMNS, MAX_CHARACTERS = 1_048_576, 16_384, 32_767
"""What a sheet and a cell of Excel can hold."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KINDS}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_KINDS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_KINDS}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_KINDS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write_workbook(columns: Sequence[Cells], path: Path) -> None:
    """Write columns under their headers as the only sheet of an .xlsx file.

    Raises
    ------
    FileError
        More rows, columns or characters in a cell than Excel holds; half a character; the path cannot be written.
    """
    n_records = len(columns[0].header)
    if len(columns[0].places) + n_records > MAX_ROWS or len(columns) > MAX_COLUMNS:
        raise FileError(
            "too-large-for-format",
            f"{path.name} would have {len(columns[0].places)} rows and {len(columns)} columns",
            where=str(path),
            expected=f"at most {MAX_ROWS} rows (with the header) and {MAX_COLUMNS} columns",
            hint="write csv or parquet",
        )
    texts = _Texts(path)
    letters = [column_letters(number) for number in range(1, len(columns) + 1)]
    pieces = [
        column.pieces(_cell_writer(texts, following))
        for column, following in zip(columns, [*letters[1:], None], strict=True)
    ]
    headers = [
        [_cell_writer(texts, following)(text) for text, following in zip(record, [*letters[1:], None], strict=True)]
        for record in zip(*(column.header for column in columns), strict=True)
    ]
    try:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in _PARTS.items():
                archive.writestr(archive_member(name), _HEAD + content)
            with archive.open(archive_member("xl/worksheets/sheet1.xml"), "w") as part:
                _write_rows(part, headers, pieces, columns)
            archive.writestr(archive_member("xl/sharedStrings.xml"), texts.as_xml())
    except UnicodeEncodeError as problem:
        raise FileError(
            "unwritable-text", f"{path.name} cannot hold a text: {problem.reason}", where=str(path)
        ) from None
    except OSError as problem:
        raise FileError("unwritable-file", f"{path.name} cannot be written: {problem}", where=str(path)) from None


def _write_rows(part: IO[bytes], headers: list[list[str]], pieces: Sequence[object], columns: Sequence[Cells]) -> None:
    part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
    number = 0
    for row in headers:
        number += 1
        part.write(_row(number, row).encode())
    for block in in_blocks(pieces, [column.places for column in columns]):  # type: ignore[arg-type]
        rows = []
        for row in block:
            number += 1
            rows.append(_row(number, row))
        part.write("".join(rows).encode())
    part.write(b"</sheetData></worksheet>")


def _row(number: int, cells: Sequence[str]) -> str:
    """The number of the row belongs into every cell's place, so it is what joins the cells."""
    shown = str(number)
    return f'<row r="{shown}"><c r="A{shown}{shown.join(cells)}</row>'


def _cell_writer(texts: _Texts, following: str | None) -> Callable[[Value], str]:
    """Writes a cell from behind its place up to the column of the one that follows."""
    end = f'<c r="{following}' if following else ""

    def written(value: Value) -> str:
        if value is None:
            return f'"/>{end}'
        if isinstance(value, str):
            return f'" t="s"><v>{texts.number(value)}</v></c>{end}'
        return f'"><v>{value!r}</v></c>{end}'

    return written


class _Texts:
    """Every distinct text, numbered in the order of first use."""

    def __init__(self, path: Path) -> None:
        self._numbers: dict[str, int] = {}
        self._path = path

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._check(text)
        return self._numbers.setdefault(text, len(self._numbers))

    def _check(self, text: str) -> None:
        if len(text) > MAX_CHARACTERS:
            raise FileError(
                "too-large-for-format",
                f"a text of {len(text)} characters does not fit into a cell",
                where=str(self._path),
                expected=f"at most {MAX_CHARACTERS}",
                hint="write csv or parquet",
            )

    def as_xml(self) -> bytes:
        items = "".join(map(_item, self._numbers))
        return f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(self._numbers)}">{items}</sst>'.encode()


def _item(text: str) -> str:
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f"<si><t{kept}>{escaped(text)}</t></si>"


def escaped(text: str) -> str:
    """Text as it stands in the file: XML's marks, and characters that XML cannot hold as ``_x0001_``."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if "_x" in text:
        text = _LIKE_ESCAPE.sub("_x005F_", text)
    return _NOT_IN_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def column_letters(number: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
