"""A report as a Word file: headings, sentences, three-line tables ready to paste, figures as pictures."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from survey_sem.reporting.contents import Content, said, spoken
from survey_sem.reporting.document import (
    Block,
    Bullets,
    Document,
    Drawn,
    Facts,
    Heading,
    Listing,
    Notice,
    Paragraph,
    Tabled,
    Verdicts,
)
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.table import Table
from survey_sem.reporting.wording import phrase
from survey_sem.reporting.writers.archive import without_clock
from survey_sem.reporting.writers.three_lines import three_lines
from survey_sem.reporting.writers.workbook import text_only

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_FIXED_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - core properties hold UTC without saying so
_LATIN = "Times New Roman"
_CHINESE = "SimSun"
_CODE = "Consolas"
_PAGE_CM, _MARGIN_CM = (21.0, 29.7), 2.2
_ROOM_CM = _PAGE_CM[0] - 2 * _MARGIN_CM
_MOST_COLUMNS = 14
"""Wider tables do not fit a page; Word readers find them in the xlsx and csv files."""


def to_docx(document: Document, language: Language) -> bytes:
    """A document as docx. The same document gives the same bytes."""
    import docx

    word = docx.Document()
    _set_up(word, document, language)
    writer = _Writer(word, language)
    writer.title(document)
    for section in document.sections:
        for first in section.blocks[:1]:
            writer.turn_page_for(first)
        writer.heading(said(f"section.{section.key}"), 1)
        for block in section.blocks:
            writer.block(block)
    out = BytesIO()
    word.save(out)
    return without_clock(out.getvalue())


def _set_up(word: WordDocument, document: Document, language: Language) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = word.sections[0]
    page.page_width, page.page_height = Cm(_PAGE_CM[0]), Cm(_PAGE_CM[1])
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(_MARGIN_CM)
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 15), ("Heading 2", 12), ("List Bullet", 10.5)):
        style: Any = word.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if "Theme" in attribute:
                del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), _CHINESE)
        fonts.set(qn("w:ascii"), _LATIN)
        fonts.set(qn("w:hAnsi"), _LATIN)
        style.font.color.rgb = RGBColor(0x1B, 0x27, 0x33)
    core = word.core_properties
    core.created = core.modified = core.last_printed = _FIXED_TIME
    core.author = core.last_modified_by = "survey_sem"
    core.title = text_only(spoken(document.title, language))[:255]
    core.language = "zh-CN" if language == "zh" else "en"
    core.comments = core.keywords = ""
    core.revision = 1


class _Writer:
    """Puts blocks into a Word document and counts its tables and figures."""

    def __init__(self, word: WordDocument, language: Language) -> None:
        self._word = word
        self._language: Language = language
        self._tables = 0
        self._figures = 0
        self._is_landscape = False

    @property
    def _room_cm(self) -> float:
        """Width of the page's text."""
        return max(_PAGE_CM) - 2 * _MARGIN_CM if self._is_landscape else _ROOM_CM

    def turn_page_for(self, block: Block) -> None:
        """Begin a page of the other format where the block needs it."""
        from docx.enum.section import WD_ORIENT
        from docx.shared import Cm

        is_landscape = isinstance(block, Tabled) and block.table.is_landscape
        if is_landscape == self._is_landscape:
            return
        self._is_landscape = is_landscape
        page = self._word.add_section()
        page.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
        page.page_width, page.page_height = (Cm(side) for side in sorted(_PAGE_CM, reverse=is_landscape))

    def title(self, document: Document) -> None:
        """Title, and the few numbers below it."""
        self._word.add_heading(self._text(document.title), 0)
        joint = " = "
        numbers = [f"{self._text(name)}{joint}{self._text(value)}" for name, value in document.figures_of_merit]
        self._word.add_paragraph(("；" if self._language == "zh" else "; ").join(numbers))

    def heading(self, content: Content, level: int) -> None:
        """Title of a section or of its part."""
        self._word.add_heading(self._text(content), level)

    def block(self, block: Block) -> None:
        """One block of the report."""
        write: dict[type, Callable[[Any], None]] = {
            Paragraph: self._paragraph,
            Heading: lambda b: self.heading(b.content, 2),
            Bullets: self._bullets,
            Facts: self._facts,
            Tabled: lambda b: self._table(b.table),
            Drawn: self._figure,
            Notice: self._notice,
            Verdicts: self._verdicts,
            Listing: self._listing,
        }
        self.turn_page_for(block)
        write[type(block)](block)

    def _text(self, content: Content) -> str:
        return text_only(spoken(content, self._language))

    def _paragraph(self, block: Paragraph) -> None:
        self._word.add_paragraph(self._text(block.content))

    def _bullets(self, block: Bullets) -> None:
        for item in block.items:
            self._word.add_paragraph(self._text(item), style="List Bullet")

    def _facts(self, block: Facts) -> None:
        colon = "：" if self._language == "zh" else ": "
        for name, value in block.rows:
            paragraph = self._word.add_paragraph()
            paragraph.add_run(self._text(name) + colon).bold = True
            paragraph.add_run(self._text(value))

    def _notice(self, block: Notice) -> None:
        paragraph = self._word.add_paragraph()
        paragraph.add_run("⚠ " + self._text(block.what)).bold = True
        if block.hint is not None:
            paragraph.add_run(" " + self._text(block.hint))

    def _verdicts(self, block: Verdicts) -> None:
        colon = "：" if self._language == "zh" else ": "
        for name, holds, evidence in block.rows:
            paragraph = self._word.add_paragraph()
            verdict = phrase("finding.yes" if holds else "finding.no", self._language)
            paragraph.add_run(self._text(name) + colon + verdict).bold = True
            paragraph.add_run(" " + self._text(evidence))

    def _listing(self, block: Listing) -> None:
        from docx.shared import Pt

        if block.is_folded:
            return
        self.heading(block.heading, 2)
        run = self._word.add_paragraph().add_run(text_only(block.text))
        run.font.name, run.font.size = _CODE, Pt(8.5)

    def _figure(self, block: Drawn) -> None:
        from docx.shared import Cm

        self._figures += 1
        pixels = block.png()
        width, height = struct.unpack(">II", pixels[16:24])
        scale = min(_ROOM_CM / width, 20.0 / height, 2.54 / 192)
        caption = self._text(block.caption)
        picture = self._word.add_picture(BytesIO(pixels), width=Cm(width * scale))
        picture._inline.docPr.set("descr", caption)  # what a screen reader says
        self._word.paragraphs[-1].paragraph_format.keep_with_next = True
        self._caption(phrase("page.figure", self._language).format(n=self._figures), caption)

    def _caption(self, number: str, title: str) -> WordParagraph:
        paragraph = self._word.add_paragraph()
        paragraph.add_run(f"{number} ").bold = True
        paragraph.add_run(title)
        return paragraph

    def _table(self, table: Table) -> None:
        self._tables += 1
        number = phrase("page.table", self._language).format(n=self._tables)
        caption = self._caption(number, text_only(table.title(self._language)))
        if len(table.columns) > _MOST_COLUMNS:
            self._word.add_paragraph(phrase("word.too_wide", self._language).format(file=table.key))
            return
        caption.paragraph_format.keep_with_next = True
        three_lines(self._word, table, self._language, self._room_cm)
        self._notes(table)

    def _notes(self, table: Table) -> None:
        from docx.shared import Pt

        told = " ".join(note for note in [*table.noted(self._language), table.legend(self._language)] if note)
        paragraph = self._word.add_paragraph()
        runs = [paragraph.add_run(text_only(phrase("page.note", self._language) + told))] if told else []
        for mark, reason in table.footnotes(self._language):
            raised = paragraph.add_run(f" {mark}")
            raised.font.superscript = True
            runs += [raised, paragraph.add_run(text_only(f" {reason}"))]
        for run in runs:
            run.font.size = Pt(9)
