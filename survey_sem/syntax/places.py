"""Places in a model text, and errors that point at them with a caret."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from survey_sem.errors import ModelSyntaxError

EXCERPT_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a model text: line and column from 1, its length, and the text of the line."""

    line: int
    column: int
    length: int = 1
    line_text: str = ""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"

    def excerpt(self) -> str:
        """The source line (clipped when long) with carets under the place.

        Columns of East Asian wide characters count double, so the caret stands under the token on a terminal.
        """
        first = max(0, self.column - 1 - EXCERPT_WIDTH // 2) if self.column > EXCERPT_WIDTH else 0
        clipped = _printable(self.line_text[first : first + EXCERPT_WIDTH])
        start = min(self.column - 1 - first, len(clipped))
        marked = clipped[start : start + self.length]
        head, tail = ("... " if first else ""), ("..." if first + EXCERPT_WIDTH < len(self.line_text) else "")
        caret = " " * (len(head) + display_width(clipped[:start])) + "^" * max(1, display_width(marked))
        return f"{head}{clipped}{tail}\n{caret}"

    def described(self) -> str:
        """Line, column and excerpt, as `where` of an error."""
        return f"{self}\n{self.excerpt()}"


def display_width(text: str) -> int:
    """How many terminal columns `text` takes."""
    return sum(_character_width(character) for character in text)


def syntax_error(
    code: str,
    what: str,
    place: Place,
    *,
    expected: str | None = None,
    got: str | None = None,
    hint: str | None = None,
) -> ModelSyntaxError:
    """An error about the model text at `place`, its `where` carrying line, column, the line and a caret."""
    return ModelSyntaxError(code, what, where=place.described(), expected=expected, got=got, hint=hint)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _printable(text: str) -> str:
    return "".join(
        " " if character.isspace() else character if character.isprintable() else "\ufffd" for character in text
    )
