"""Model text -> tokens.

A token is a name, a number, a string, an operator, the end of a line or the end of the text. Comments (`#` and `!` to
the end of the line) and blanks are dropped; `;` ends a line. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from survey_sem.errors import ModelSyntaxError
from survey_sem.syntax.places import Place, syntax_error

Kind = Literal["name", "number", "string", "operator", "newline", "end"]

MAX_CHARACTERS = 300_000
MAX_SHOWN = 60

OPERATORS = ("~*~", "=~", "~~", "<~", ":=", "==", "**", *"~<>|:+-*/^(),?%=")

_TOKEN = re.compile(
    r"""(?P<blank>[^\S\n\r\u2028\u2029\x0b\x0c\x1c-\x1e\x85]+)
      | (?P<comment>[#!][^\n\r]*)
      | (?P<newline>\r\n|[\n\r;])
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>(?:[^\W\d]|\.(?![0-9]))[\w.]*)
      | (?P<string>"[^"\n\r]*"|'[^'\n\r]*')
      | (?P<operator>"""
    + "|".join(re.escape(operator) for operator in OPERATORS)
    + ")",
    re.VERBOSE,
)

_LINE_END = re.compile(r"[\n\r]")

_FOREIGN_OPERATORS = {
    "->": "'->' is no operator of the model language; a regression is written y ~ x",
    "<=": "write '<' (with estimates it means the same as '<=')",
    ">=": "write '>' (with estimates it means the same as '>=')",
}

_LOOK_ALIKES = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "。": ".", "、": ",", "−": "-", "–": "-", "—": "-",
    "×": "*", "·": "*", "÷": "/", "〜": "~", "∼": "~", "≤": "<", "≥": ">", "→": "~", "←": "~", "｡": ".", "≈": "=~",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the model language; `value` is the content of a string, else the text itself."""

    kind: Kind
    text: str
    place: Place

    @property
    def value(self) -> str:
        """The content of a string, else the text."""
        return self.text[1:-1] if self.kind == "string" else self.text

    @property
    def shown(self) -> str:
        """The token as an error message names it, a long one cut."""
        named = {"newline": "the end of the line", "end": "the end of the text"}
        cut = self.text if len(self.text) <= MAX_SHOWN else self.text[: MAX_SHOWN - 1] + "…"
        return named.get(self.kind, f"'{cut}'")

    def is_operator(self, *texts: str) -> bool:
        """Whether this is one of the given operators."""
        return self.kind == "operator" and self.text in texts


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut a model text into tokens; the last one is the end.

    Raises
    ------
    ModelSyntaxError
        A character that is no part of the language, an unclosed string, a text of more than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise ModelSyntaxError(
            "model-too-long",
            f"the model text has {len(text)} characters",
            expected=f"at most {MAX_CHARACTERS}",
            hint="was a data file given instead of a model?",
        )
    text = text.removeprefix("\ufeff")
    tokens: list[Token] = []
    position = line_start = 0
    line_number, line_text = 1, _line_at(text, 0)
    while position < len(text):
        found = _TOKEN.match(text, position)
        column = position - line_start + 1
        if found is None:
            raise _unknown_character(text, position, Place(line_number, column, 1, line_text))
        kind, end = found.lastgroup, found.end()
        if kind == "name":
            end = _end_of_name(text, end)
        if kind not in ("blank", "comment"):
            place = Place(line_number, column, end - position, line_text)
            token = Token(kind, text[position:end], place)  # type: ignore[arg-type]
            _check_adjacent(tokens, token)
            _append(tokens, token)
        position = end
        if kind == "newline" and found.group() != ";":
            line_number, line_start, line_text = line_number + 1, position, _line_at(text, position)
    tokens.append(Token("end", "", Place(line_number, len(line_text) + 1, 1, line_text)))
    return tuple(tokens)


def _append(tokens: list[Token], token: Token) -> None:
    """Keep one end of line where several follow each other, `;` if one of them is that."""
    if token.kind != "newline" or not tokens or tokens[-1].kind != "newline":
        tokens.append(token)
    elif token.text == ";":
        tokens[-1] = token


def _line_at(text: str, start: int) -> str:
    end = _LINE_END.search(text, start)
    return text[start : end.start()] if end else text[start:]


def _end_of_name(text: str, end: int) -> int:
    """Extend a name over the combining marks that many scripts need inside a word."""
    while end < len(text) and (text[end] == "." or ("a" + text[end]).isidentifier()):
        end += 1
    return end


def _check_adjacent(tokens: list[Token], token: Token) -> None:
    """Refuse `2x` and `<-`: neighbours without a blank that together are nothing we know."""
    if not tokens:
        return
    last = tokens[-1]
    touching = last.place.line == token.place.line and last.place.column + last.place.length == token.place.column
    if not touching:
        return
    if last.kind == "number" and token.kind in ("name", "number"):
        raise syntax_error(
            "number-in-name",
            f"'{last.text}{token.text}' is neither a number nor a name",
            Place(last.place.line, last.place.column, len(last.text + token.text), last.place.line_text),
            expected="a name that begins with a letter, or '*' after a number",
            hint=f"for a fixed value write {last.text}*{token.text}; rename a column that begins with a digit",
        )
    joined = last.text + token.text
    if last.kind == token.kind == "operator" and joined in _FOREIGN_OPERATORS:
        raise syntax_error(
            "unknown-operator", f"'{joined}' is not an operator", last.place, hint=_FOREIGN_OPERATORS[joined]
        )


def _unknown_character(text: str, position: int, place: Place) -> ModelSyntaxError:
    character = text[position]
    if character in "\"'":
        return syntax_error(
            "unclosed-string", "this string is not closed", place, expected=f"a second {character} on the same line"
        )
    meant = _LOOK_ALIKES.get(character) or _half_width(character)
    name = unicodedata.name(character, "a control character")
    code = f"U+{ord(character):04X} {name}"
    if meant is not None:
        return syntax_error(
            "full-width-character",
            f"'{character}' ({code}) is not the operator '{meant}'",
            place,
            expected=f"'{meant}'",
            hint="switch the input method to half-width (English) punctuation and type it again",
        )
    return syntax_error(
        "unknown-character", f"the model language has no character {code}", place, hint=_hint(character)
    )


def _half_width(character: str) -> str | None:
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character and plain.isascii() and plain.isprintable() else None


def _hint(character: str) -> str | None:
    if character == "`":
        return "names are written without quotes: letters, digits, '.' and '_'; rename other columns"
    if character in "[]{}@$&\\":
        return "names consist of letters, digits, '.' and '_'; rename columns that hold other characters"
    if not character.isprintable():
        return "delete the invisible character (it often comes from copying out of a document)"
    return None
