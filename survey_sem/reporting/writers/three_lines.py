"""A table in a Word file with three lines (三线表): as wide as its contents, its head repeated on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survey_sem.reporting.numbers import Language
from survey_sem.reporting.table import ShownCell, Table
from survey_sem.reporting.writers.workbook import text_only

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_LETTER_CM, _LEAST_CM, _PADDING_CM = 0.0205, 3.0, 0.12


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
    rows = table.shown_rows(language)
    widths, size = _widths(table, rows, language, room)
    grid = word.add_table(rows=1 + len(rows), cols=len(table.columns))
    grid.autofit = False
    for grid_column, width in zip(grid.columns, widths, strict=True):
        grid_column.width = width
    _set_padding(grid)
    cells = [list(row.cells) for row in grid.rows]
    heads = [ShownCell(column.title(language)) for column in table.columns]
    for line, row in zip(cells, [heads, *rows], strict=True):
        for cell, shown, column, width in zip(line, row, table.columns, widths, strict=True):
            cell.width = width
            _fill(cell, shown, column.is_numeric, size, is_head=row is heads)
    for cell in cells[0]:
        _border(cell, top=12, bottom=6)
    for cell in cells[-1]:
        _border(cell, top=6 if len(cells) == 2 else 0, bottom=12)
    _repeat_head(grid)


def _widths(table: Table, rows: list[list[ShownCell]], language: Language, room: float) -> tuple[list[Any], float]:
    """Widths of the columns and the size of the type.

    Columns are as wide as their contents. Where that is more than the page, long words give way first, then the type
    becomes smaller.
    """
    from docx.shared import Cm

    letters = [
        max(
            [ShownCell(line).width for line in column.lines(language)]
            + [row[at].width + len(row[at].mark) for row in rows]
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
    return [Cm(width * scale) for width in widths], size


def _set_padding(grid: Any) -> None:
    """Little room left and right of a cell's text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(_PADDING_CM / 2.54 * 1440)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.append(margins)


def _fill(cell: Any, shown: ShownCell, is_numeric: bool, size: float, *, is_head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_numeric else WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run("" if shown.is_repeat else text_only(shown.text))
    run.font.size, run.bold = Pt(size), is_head
    if shown.mark:
        raised = paragraph.add_run(shown.mark)
        raised.font.size, raised.font.superscript = Pt(size), True


def _border(cell: Any, **eighths: int) -> None:
    """Rules of a cell, their width in eighths of a point; 0 leaves a side as it is."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side, width in eighths.items():
        if width:
            rule = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", str(width)), ("space", "0"), ("color", "000000")):
                rule.set(qn(f"w:{name}"), value)
            borders.append(rule)
    cell._tc.get_or_add_tcPr().append(borders)


def _repeat_head(grid: Any) -> None:
    from docx.oxml import OxmlElement

    for at, row in enumerate(grid.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if at == 0:
            properties.append(OxmlElement("w:tblHeader"))
