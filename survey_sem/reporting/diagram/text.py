"""Text of a diagram: how wide it is, where it breaks, what of it may enter an XML document."""

from __future__ import annotations

import math
import unicodedata
from html import escape as _escape_markup

# Advance widths of Helvetica in thousandths of the font size, from space to tilde.
_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_ROOM = 1.06  # fonts of the stack are up to this much wider
_NO_LINE_STARTS_WITH = frozenset("，。、；：？！）】》”’％,.;:?!)]%")
_CLEANED = {"Cc": " ", "Cf": "", "Cn": "", "Cs": ""}
_NO_LINE_ENDS_WITH = frozenset("（《“‘([")
_BREAK_AFTER = frozenset(" _-./:")


def clean(text: str) -> str:
    """`text` without what XML forbids or what reorders its surroundings: control, format and surrogate characters."""
    return "".join(_CLEANED.get(unicodedata.category(c), c) if c != "\n" else c for c in text)


def escape(text: str) -> str:
    """`text` as XML character data or attribute value."""
    return _escape_markup(clean(text), quote=True)


def text_width(text: str, size: float) -> float:
    """Width of one line in pixels, a little generous."""
    return sum(map(_advance, text)) * size * _ROOM / 1000


def _advance(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return _HELVETICA[code - 32]
    if unicodedata.east_asian_width(character) in "WF":
        return 1000
    return 0 if unicodedata.combining(character) else 600


def wrap(text: str, width: float, size: float, max_lines: int) -> tuple[str, ...]:
    """Lines of at most `width` pixels and of about the same length; a text that needs more lines ends in an ellipsis.

    Chinese breaks between characters, other text after blanks and after the joints of variable names.
    """
    lines = _fill(_pieces_of_lines(text, width, size), width, size)
    if len(lines) > 1:
        text = _brackets_on_their_own_line(text, width, size, len(lines))
    pieces = _pieces_of_lines(text, width, size)
    lines = _fill(pieces, width, size)
    if len(lines) > max_lines:
        return _shorten(lines[:max_lines], width, size)
    widest = max(text_width(line, size) for line in lines)
    for step in range(40, 100, 4):
        narrower = _fill(pieces, widest * step / 100, size)
        if len(narrower) == len(lines) and all(text_width(line, size) <= widest for line in narrower):
            return tuple(narrower)
    return tuple(lines)


def _brackets_on_their_own_line(text: str, width: float, size: float, n_lines: int) -> str:
    """`text` with a line break before its first bracket, where that takes no more lines."""
    for bracket in "（(":
        before, found, after = text.partition(bracket)
        broken = f"{before}\n{found}{after}"
        if before.strip() and found and len(_fill(_pieces_of_lines(broken, width, size), width, size)) <= n_lines:
            return broken
    return text


def _pieces_of_lines(text: str, width: float, size: float) -> list[str]:
    """The pieces of all lines, with a line break between two of them."""
    return [piece for line in clean(text).split("\n") for piece in (*_pieces(line, width, size), "\n")][:-1]


def _pieces(line: str, width: float, size: float) -> list[str]:
    """The unbreakable parts of a line, none wider than `width`."""
    pieces = [""]
    for index, character in enumerate(line):
        previous = line[index - 1] if index else ""
        is_full = text_width(pieces[-1] + character, size) > width
        if pieces[-1] and (is_full or _may_break(previous, character)):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _may_break(previous: str, character: str) -> bool:
    if character in _NO_LINE_STARTS_WITH or character == " " or previous in _NO_LINE_ENDS_WITH:
        return False
    return previous in _BREAK_AFTER or "W" in (
        unicodedata.east_asian_width(previous),
        unicodedata.east_asian_width(character),
    )


def _fill(pieces: list[str], width: float, size: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if piece == "\n":
            lines.append("")
        elif not lines[-1] or text_width((lines[-1] + piece).rstrip(), size) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()] or [""]


def _shorten(lines: list[str], width: float, size: float) -> tuple[str, ...]:
    last = lines[-1]
    while last and text_width(last + "…", size) > width:
        last = last[:-1]
    return (*lines[:-1], last + "…")


def r_squared_text(value: float | None) -> str:
    """``R² = 0.52``, or nothing where it is unknown or no share."""
    if value is None or not math.isfinite(value) or not 0 <= value <= 1:
        return ""
    return f"R² = {value:.2f}"
