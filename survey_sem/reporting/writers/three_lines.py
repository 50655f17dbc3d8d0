"""A table in a Word file with three lines (三线表): as wide as its contents, its head repeated on every page.

The table is written as one piece of markup: cell by cell through the library it would take most of a report's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from survey_sem.reporting.numbers import Language
from survey_sem.reporting.table import ShownCell, Table
from survey_sem.reporting.writers.workbook import text_only

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_LETTER_CM, _LEAST_CM, _PADDING_CM = 0.0205, 3.0, 0.12
_TWENTIETHS_PER_CM = 1440 / 2.54
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MARGINS = "".join(
    f'<w:{side} w:w="{round(_PADDING_CM * _TWENTIETHS_PER_CM)}" w:type="dxa"/>' for side in ("left", "right")
)
_PROPERTIES = (
    '<w:tblPr><w:tblW w:type="auto" w:w="0"/><w:tblLayout w:type="fixed"/>'
    f"<w:tblCellMar>{_MARGINS}</w:tblCellMar>"
    '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" '
    'w:val="04A0"/></w:tblPr>'
)
_SPACING = '<w:spacing w:after="20" w:line="240" w:lineRule="auto"/>'


def three_lines(word: WordDocument, table: Table, language: Language, room: float) -> None:
    """Add a table with rules above and below its head and at its end: 三线表.

    Parameters
    ----------
    word : docx document
    table : Table
    language : {"en", "zh"}
    room : float
        Width of the page's text, in cm.
    """
    from docx.oxml import parse_xml

    rows = table.shown_rows(language)
    widths, size = _widths(table, rows, language, room)
    heads = [ShownCell(column.title(language)) for column in table.columns]
    sides = ["right" if column.is_numeric else "left" for column in table.columns]
    lines = [
        _row(row, sides, widths, size, is_head=at == 0, is_last=at == len(rows))
        for at, row in enumerate([heads, *rows])
    ]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    markup = f'<w:tbl xmlns:w="{_NAMESPACE}">{_PROPERTIES}<w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
    place = word.add_table(rows=1, cols=1)._tbl
    place.getparent().replace(place, parse_xml(markup))


def _row(
    cells: list[ShownCell], sides: list[str], widths: list[int], size: int, *, is_head: bool, is_last: bool
) -> str:
    """One row: rules above and below the head and below the last row."""
    rules = {"top": 12, "bottom": 12 if is_last else 6} if is_head else {"bottom": 12} if is_last else {}
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{width}" w:space="0" w:color="000000"/>' for side, width in rules.items()
    )
    borders = f"<w:tcBorders>{borders}</w:tcBorders>" if borders else ""
    shown = "".join(
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{borders}</w:tcPr><w:p><w:pPr>{_SPACING}'
        f'<w:jc w:val="{side}"/></w:pPr>{_runs(cell, size, is_head)}</w:p></w:tc>'
        for cell, side, width in zip(cells, sides, widths, strict=True)
    )
    head = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{shown}</w:tr>"


def _runs(cell: ShownCell, size: int, is_head: bool) -> str:
    bold = "<w:b/>" if is_head else ""
    text = "" if cell.is_repeat else cell.text
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text_only(text).replace("\r", "").split("\n")
    )
    runs = f'<w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>{lines}</w:r>' if text else ""
    if cell.mark:
        raised = f'<w:rPr><w:sz w:val="{size}"/><w:vertAlign w:val="superscript"/></w:rPr>'
        runs += f"<w:r>{raised}<w:t>{escape(cell.mark)}</w:t></w:r>"
    return runs


def _widths(table: Table, rows: list[list[ShownCell]], language: Language, room: float) -> tuple[list[int], int]:
    """Widths of the columns, in twentieths of a point, and the size of the type, in half points.

    Columns are as wide as their contents. Where that is more than the page, long words give way first, then the type
    becomes smaller.
    """
    letters = [
        max(
            [ShownCell(line).width for line in column.lines(language)]
            + [row[at].width + (len(row[at].mark) + 1 if row[at].mark else 0) for row in rows]
        )
        for at, column in enumerate(table.columns)
    ]
    for size in (9.0, 8.0, 7.0):
        widths = [2 * _PADDING_CM + size * _LETTER_CM * count for count in letters]
        spare = room - sum(widths)
        words = [at for at, column in enumerate(table.columns) if not column.is_numeric and widths[at] > _LEAST_CM]
        excess = sum(widths[at] - _LEAST_CM for at in words)
        if spare < 0 and excess > 0:
            share = min(1.0, -spare / excess)
            for at in words:
                widths[at] -= share * (widths[at] - _LEAST_CM)
        if sum(widths) <= room + 1e-9:
            break
    scale = min(1.0, room / sum(widths))
    return [round(width * scale * _TWENTIETHS_PER_CM) for width in widths], round(2 * size)
