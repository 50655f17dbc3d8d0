"""A report as sections of blocks, before it becomes HTML or a Word file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from survey_sem.reporting.contents import Content, Said
from survey_sem.reporting.table import Table


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    content: Content


@dataclass(frozen=True, slots=True)
class Heading:
    """Title of a part of a section."""

    content: Content


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of statements."""

    items: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for; `is_code` sets the values in a fixed-width font."""

    rows: tuple[tuple[Content, Content], ...]
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Tabled:
    """A table; `is_folded` shows it on demand."""

    table: Table
    is_folded: bool = False
    is_sortable: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure.

    Parameters
    ----------
    key : str
        Name of its file.
    caption : Content
        What it shows.
    svg : str
        For the page, which holds the font.
    file : callable
        Makes SVG that stands by itself.
    png : callable
        Makes pixels, for formats that need them.
    is_zoomable : bool
        Whether a reader will want to look closer.
    """

    key: str
    caption: Content
    svg: str
    file: Callable[[], str]
    png: Callable[[], bytes]
    is_zoomable: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a reader must not miss."""

    kind: Literal["warning", "error"]
    what: Content
    hint: Content | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Findings about a solution: name, whether it holds, evidence."""

    rows: tuple[tuple[Said, bool, Content], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Text to be copied as it stands, with a file to download where it has a name."""

    text: str
    heading: Content
    file: str = ""
    is_folded: bool = False


Block = Paragraph | Heading | Bullets | Facts | Tabled | Drawn | Notice | Verdicts | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; its title is ``section.<key>`` in the catalogue."""

    key: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language.

    Parameters
    ----------
    title, subtitle : Content
        Of the study.
    figures_of_merit : tuple of (name, value)
        The few numbers that stand on top.
    sections : tuple of Section
        In order.
    """

    title: Content
    subtitle: Content
    figures_of_merit: tuple[tuple[Content, Content], ...]
    sections: tuple[Section, ...]

    def blocks(self) -> Iterator[Block]:
        """All blocks, in order."""
        for section in self.sections:
            yield from section.blocks

    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(block.table for block in self.blocks() if isinstance(block, Tabled))

    def drawings(self) -> tuple[Drawn, ...]:
        """All figures, in order."""
        return tuple(block for block in self.blocks() if isinstance(block, Drawn))
