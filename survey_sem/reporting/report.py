"""A report as one self-contained HTML file: opens offline, without scripts too, and prints."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import version
from importlib.resources import files

from survey_sem.reporting.document import Document, Drawn, Tabled
from survey_sem.reporting.fonts import FONT_STACK, font_face
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections import compose
from survey_sem.reporting.sections.findings import all_warnings, verdicts
from survey_sem.reporting.templates import render

MONOSPACED = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
_WEIGHTS = (400, 600)
# Direction marks in a label would reorder what stands beside it, numbers included.
_REORDERING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_STYLE_HERE = "/* style */"


def build_report(inputs: ReportInputs, language: Language) -> str:
    """The report in one language as HTML. The same inputs give the same bytes.

    Parameters
    ----------
    inputs : ReportInputs
        What is shown.
    language : {"en", "zh"}
        Of headings, sentences and numbers; words of the study are shown in it where the study has them.
    """
    return to_html(compose(inputs, language), inputs, language)


def to_html(document: Document, inputs: ReportInputs, language: Language) -> str:
    """A document as HTML."""
    script = _resource("report.js")
    values = {
        "document": document,
        "verdicts": verdicts(inputs.main),
        "n_warnings": len(all_warnings(inputs)),
        "language": language,
        "numbers": block_numbers(document),
        "version": version("survey-sem"),
        "script": script,
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
    }
    style = f":root{{--fonts:{FONT_STACK};--mono:{MONOSPACED}}}{_resource('report.css')}"
    # The font holds the characters of the finished page, so the style comes last; its place is before any user's text.
    page = render("report.html.j2", style=_STYLE_HERE, **values).translate(_REORDERING)
    return page.replace(_STYLE_HERE, font_face(page, weight=_WEIGHTS) + style, 1)


def block_numbers(document: Document) -> dict[int, int]:
    """Numbers of tables and figures, each counted from 1, by the identity of their block."""
    numbers: dict[int, int] = {}
    tables = figures = 0
    for block in document.blocks():
        if isinstance(block, Tabled):
            tables += 1
            numbers[id(block)] = tables
        elif isinstance(block, Drawn):
            figures += 1
            numbers[id(block)] = figures
        else:
            numbers[id(block)] = 0
    return numbers


def _resource(name: str) -> str:
    return files("survey_sem.reporting").joinpath("templates", name).read_text("utf-8")
