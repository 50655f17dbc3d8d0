"""Text of a route -> tokens, and errors that point at a place in it.

A token is a name, a number, a quoted text, a sign or the end. Full-width signs and quotes, as a Chinese input method
types them, are read as their half-width forms. Time is linear in the length of the text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from survey_sem.errors import StudyError

Kind = Literal["name", "number", "text", "sign", "end"]

MAX_CHARACTERS = 10_000
MAX_DIGITS = 30
EXCERPT_WIDTH = 80

_BLANK = re.compile(r"\s+")
_DATE = re.compile(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}")
_NUMBER = re.compile(r"[-+−]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NAME = re.compile(r"(?:[^\W\d]|\.(?![0-9]))[\w.]*")  # as names in models; combining marks follow
_CLOSING = {"'": "'", '"': '"', "‘": "‘’", "’": "‘’", "“": "“”", "”": "“”", "＇": "＇", "＂": "＂"}
_HALF_WIDTH = str.maketrans(
    {"（": "(", "）": ")", "，": ",", "＝": "=", "＜": "<", "＞": ">", "！": "!", "≤": "<=", "≥": ">=", "≠": "!=",
     "＆": "&", "｜": "|"}
)  # fmt: skip
_SIGNS = ("=", "!=", "<", "<=", ">", ">=", "(", ")", ",")
_MEANT = {
    "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "<>": "!=", "=<": "<=", "=>": ">=",
    "[": "(", "]": ")", "{": "(", "}": ")", "、": ",", "；": ",", ";": ",", "~": "not",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a route; `value` is the number, the text without its quotes, or the sign or name itself."""

    kind: Kind
    value: int | float | str
    start: int
    length: int = 1

    def is_sign(self, *signs: str) -> bool:
        """Whether this is one of the given signs."""
        return self.kind == "sign" and self.value in signs


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut a route into tokens; the last one is the end.

    Raises
    ------
    StudyError
        ``bad-route``: a character or sign that is no part of the language, a text that is not closed, a route of
        more than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        what = f"the route has {len(text)} characters"
        raise StudyError("bad-route", what, expected=f"at most {MAX_CHARACTERS}")
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if blank := _BLANK.match(text, position):
            position = blank.end()
            continue
        token = _token(text, position)
        tokens.append(token)
        position += token.length
    return (*tokens, Token("end", "", len(text)))


def bad_route(
    text: str, token: Token, what: str, *, expected: str | None = None, hint: str | None = None
) -> StudyError:
    """An error whose `where` holds the column, the line of the route and a caret under the token."""
    return StudyError("bad-route", what, where=_place(text, token), expected=expected, hint=hint)


def _token(text: str, position: int) -> Token:
    if text[position] in _CLOSING:
        return _quoted(text, position)
    if number := _NUMBER.match(text, position):
        return _number(text, position, number.group())
    if name := _NAME.match(text, position):
        end = _end_of_name(text, name.end())
        return Token("name", text[position:end], position, end - position)
    return _sign(text, position)


def _quoted(text: str, start: int) -> Token:
    """A text in quotes; a quote inside is written twice."""
    closing, position = _CLOSING[text[start]], start + 1
    letters: list[str] = []
    while position < len(text) and text[position] not in "\r\n":
        if text[position] not in closing:
            letters.append(text[position])
        elif text[position + 1 : position + 2] == text[position]:
            letters.append(text[position])
            position += 1
        else:
            return Token("text", "".join(letters), start, position + 1 - start)
        position += 1
    raise bad_route(text, Token("text", "", start), "this text is not closed", expected=f"a second {closing[-1]}")


def _number(text: str, start: int, written: str) -> Token:
    if date := _DATE.match(text, start):
        token = Token("number", 0, start, len(date.group()))
        raise bad_route(text, token, "a date stands in quotes", hint=f"write '{date.group().replace('/', '-')}'")
    token = Token("number", 0, start, len(written))
    after = text[start + len(written) :][:1]
    if after and (after == "." or f"a{after}".isidentifier()):
        whole = Token("number", 0, start, _end_of_name(text, start + len(written)) - start)
        what = "this is neither a number nor a name"
        raise bad_route(text, whole, what, hint="put a text in quotes, and a blank after a number")
    value = float(written.replace("−", "-"))
    if len(written) > MAX_DIGITS or not math.isfinite(value):
        raise bad_route(text, token, "this number is too large", expected=f"at most {MAX_DIGITS} digits")
    is_whole = value.is_integer() and abs(value) < 1e15
    return Token("number", int(value) if is_whole else value, start, len(written))


def _sign(text: str, start: int) -> Token:
    one = text[start].translate(_HALF_WIDTH)
    two = one + text[start + 1 : start + 2].translate(_HALF_WIDTH)
    if two == "==":
        return Token("sign", "=", start, 2)
    if two in _SIGNS and one != two:
        return Token("sign", two, start, 2)
    if two in _MEANT:
        raise _foreign(text, Token("sign", two, start, 2), _MEANT[two])
    if one in _SIGNS:
        return Token("sign", one, start)
    plain = unicodedata.normalize("NFKC", text[start])
    meant = _MEANT.get(one) or (plain if plain != text[start] and plain.isascii() else None)
    raise _foreign(text, Token("sign", text[start], start), meant)


def _foreign(text: str, token: Token, meant: str | None) -> StudyError:
    """The error about a character that is no part of the language; `meant` is what it may stand for."""
    shown = str(token.value)
    if not shown.isprintable():
        shown = unicodedata.name(shown, f"U+{ord(shown):04X}")
    hint = f"write {meant}" if meant else None
    if shown == "$":
        hint = "write the id of the item alone, as in q1 = 2"
    if shown in ("&&", "||", "!", "&", "|", "~"):
        hint = "write and / or / not"
    return bad_route(text, token, f"'{shown}' is no part of the routing language", hint=hint)


def _end_of_name(text: str, end: int) -> int:
    while end < len(text) and (text[end] == "." or f"a{text[end]}".isidentifier()):
        end += 1
    return end


def _place(text: str, token: Token) -> str:
    """Column (and line, where there are several), the line clipped to `EXCERPT_WIDTH`, and carets under the token."""
    begin = text.rfind("\n", 0, token.start) + 1
    end = text.find("\n", token.start)
    line = text[begin : end if end >= 0 else len(text)]
    column = token.start - begin
    first = max(0, column - EXCERPT_WIDTH // 2) if len(line) > EXCERPT_WIDTH else 0
    clipped = _printable(line[first : first + EXCERPT_WIDTH])
    at = column - first
    caret = " " * _width(clipped[:at]) + "^" * max(1, _width(clipped[at : at + token.length]))
    lines = f"line {text.count(chr(10), 0, begin) + 1}, " if "\n" in text else ""
    return f"{lines}column {column + 1}\n{clipped}\n{caret}"


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(bool(unicodedata.combining(character)) for character in text)


def _printable(text: str) -> str:
    return "".join(
        " " if character.isspace() else character if character.isprintable() else "\ufffd" for character in text
    )
