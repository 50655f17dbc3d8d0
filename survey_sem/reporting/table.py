"""A table of results: what every writer needs, in no language and no file format yet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from survey_sem.reporting.contents import (
    Absent,
    Amount,
    Cell,
    Content,
    Count,
    Foreign,
    Interval,
    Name,
    Said,
    display_width,
    said,
    spoken,
)
from survey_sem.reporting.numbers import Format, Language
from survey_sem.reporting.wording import has_phrase, phrase

_WIDE = 10
_SHORT, _LONG = 26, 40


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    key : str
        Machine name: header of the csv file, and its heading ``column.<key>`` in the catalogue.
    form : Format
        How its numbers are shown; ``text`` for columns of words.
    heading : Content, optional
        Another heading than the catalogue's.
    is_block : bool
        Whether equal values below one another are shown once, as the head of a block of rows.
    is_code : bool
        Whether it holds names of the model's language.
    """

    key: str
    form: Format = "text"
    heading: Content | None = None
    is_block: bool = False
    is_code: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.form != "text"

    def title(self, language: Language) -> str:
        """The heading in a language, in one line."""
        first, *others = self.lines(language)
        return first + "".join(line if language == "zh" and not line[:1].isascii() else f" {line}" for line in others)

    def lines(self, language: Language) -> list[str]:
        """The heading in the lines that it is best set in."""
        return spoken(self.heading if self.heading is not None else said(f"column.{self.key}"), language).split("\n")

    def help(self, language: Language) -> str:
        """What the heading means, where it does not say so itself."""
        key = f"column.{self.key}.help"
        return phrase(key, language) if has_phrase(key) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of contents under columns.

    Parameters
    ----------
    key : str
        Name of its files; its title is ``table.<key>`` in the catalogue unless `heading` is given.
    columns : tuple of Column
    rows : tuple of tuple of Cell
        Each as long as `columns`.
    notes : tuple of Said
        Below the table.
    heading : Said, optional
        Another title.
    is_landscape : bool
        Whether its words need a page of landscape format, however few columns it has.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Said, ...] = ()
    heading: Said | None = None
    is_landscape: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.key}: a row has {len(row)} cells for {len(self.columns)} columns")

    @property
    def is_wide(self) -> bool:
        """Whether it needs a page of its own direction."""
        return self.is_landscape or len(self.columns) > _WIDE

    @property
    def absences(self) -> tuple[Said | Foreign, ...]:
        """The distinct reasons for which values are absent, in order of appearance: the table's footnotes."""
        reasons: list[Said | Foreign] = []
        for row in self.rows:
            for cell in row:
                if isinstance(cell, Absent) and cell.reason not in reasons:
                    reasons.append(cell.reason)
        return tuple(reasons)

    @property
    def row_head(self) -> int:
        """The column that names the row: the first one of words that is no head of a block."""
        return next((at for at, column in enumerate(self.columns) if not (column.is_numeric or column.is_block)), 0)

    def legend(self, language: Language) -> str:
        """What the headings mean, as a line below the table."""
        stop, colon, end = ("；", "：", "。") if language == "zh" else ("; ", ": ", ".")
        parts = {column.title(language): column.help(language) for column in self.columns}
        told = stop.join(f"{title}{colon}{help}" for title, help in parts.items() if help and help != title)
        return told + end if told else ""

    def noted(self, language: Language) -> list[str]:
        """The notes in a language."""
        return [spoken(note, language) for note in self.notes]

    def title(self, language: Language) -> str:
        """The title in a language."""
        return spoken(self.heading or said(f"table.{self.key}"), language)

    def shown_rows(self, language: Language) -> list[list[ShownCell]]:
        """Every cell as a reader of `language` sees it."""
        shown: list[list[ShownCell]] = []
        before: tuple[Cell, ...] = ()
        for row in self.rows:
            repeats = self._repeats(row, before)
            shown.append(
                [
                    self._shown(cell, column, language, is_repeat)
                    for cell, column, is_repeat in zip(row, self.columns, repeats, strict=True)
                ]
            )
            before = row
        return shown

    def _repeats(self, row: tuple[Cell, ...], before: tuple[Cell, ...]) -> list[bool]:
        """Which cells only repeat the head of their block; a block within another ends with the outer one."""
        repeats = []
        is_inside = bool(before)
        for at, column in enumerate(self.columns):
            is_inside = is_inside and (not column.is_block or row[at] == before[at])
            repeats.append(column.is_block and is_inside)
        return repeats

    def _shown(self, cell: Cell, column: Column, language: Language, is_repeat: bool) -> ShownCell:
        mark = letter(self.absences.index(cell.reason)) if isinstance(cell, Absent) else ""
        text = spoken(cell, language, column.form)
        is_muted = isinstance(cell, Absent) or (isinstance(cell, Count) and cell.n is None)
        return ShownCell(text, mark, exact(cell), is_repeat, _tooltip(cell, text, language), is_muted)

    def footnotes(self, language: Language) -> list[tuple[str, str]]:
        """Reasons for absent values, each with its letter."""
        return [(letter(at), spoken(reason, language)) for at, reason in enumerate(self.absences)]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell in a language.

    Parameters
    ----------
    text : str
        What is shown.
    mark : str
        Letter of its footnote, or "".
    value : float or None
        The number behind it, at full precision.
    is_repeat : bool
        Whether it only repeats the head of its block.
    title : str
        More about it, shown on demand.
    is_muted : bool
        Whether there is nothing to read in it: a value that is absent or withheld.
    """

    text: str
    mark: str = ""
    value: float | None = None
    is_repeat: bool = False
    title: str = ""
    is_muted: bool = False

    @property
    def width(self) -> int:
        """Letters that it is wide; a Chinese character counts as two."""
        return display_width(self.text)

    @property
    def size(self) -> str:
        """``short`` text stays in one line, ``long`` text asks for a wide column."""
        return "short" if self.width <= _SHORT else "long" if self.width > _LONG else "middling"


def _tooltip(cell: Cell, text: str, language: Language) -> str:
    """Why a value is absent; the name in model and data of a variable that is shown by its label."""
    match cell:
        case Absent(reason):
            return spoken(reason, language)
        case Name(code) if code != text:
            return code
    return ""


def exact(cell: Cell) -> float | None:
    """The number in a cell (an interval's lower end), if there is one and it is finite."""
    match cell:
        case Amount(value, _) | Interval(value, _, _):
            number = value
        case Count(int(n), _):
            number = n
        case int() | float():
            number = cell
        case _:
            return None
    return number if math.isfinite(number) else None


def letter(at: int) -> str:
    """Mark of a footnote: a to z, then aa, ab ..."""
    head, tail = divmod(at, 26)
    return (letter(head - 1) if head else "") + "abcdefghijklmnopqrstuvwxyz"[tail]
