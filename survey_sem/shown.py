"""Small tables of numbers as text and as HTML, for records that show themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from survey_sem.errors import Warned

ABSENT = "-"


def fixed(value: float | None, digits: int = 3) -> str:
    """A number with a fixed number of digits; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no "-0.000"


def p_text(value: float | None) -> str:
    """A p-value."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Aligned lines; the first `left` columns are texts."""
    widths = [max(len(line[k]) for line in (heads, *rows)) for k in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        parts = [
            cell.ljust(width) if k < left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return ("  " + "  ".join(parts)).rstrip()

    return [line(heads), *(line(row) for row in rows)]


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """The same as HTML, texts escaped."""

    def cell(tag: str, k: int, value: str) -> str:
        return f'<{tag} style="text-align:{"left" if k < left else "right"}">{escape(value)}</{tag}>'

    head = "".join(cell("th", k, value) for k, value in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', k, value) for k, value in enumerate(row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_notes(notes: Iterable[str]) -> str:
    """Lines under a table."""
    return "".join(f"<p>{escape(note)}</p>" for note in notes)


def warning_lines(warnings: Iterable[Warned]) -> list[str]:
    """Warnings as lines."""
    return [f"! {w.what}" + (f" ({w.where})" if w.where else "") + (f": {w.hint}" if w.hint else "") for w in warnings]


def finite_or_none(value: Any) -> float | None:
    """A float, None for NaN, infinity and None."""
    return None if value is None or not math.isfinite(value) else float(value)
