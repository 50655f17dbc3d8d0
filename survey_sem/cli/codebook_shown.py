"""A codebook as plain text, on a terminal, or in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_sem.cli.codebook import Codebook, Group, Line, Question
from survey_sem.instrument.strict_yaml import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and what stands below it."""

    heading: str
    note: str
    lines: tuple[Line, ...]


def blocks_of(book: Codebook) -> Iterator[Block]:
    """The parts of a codebook, in reading order."""
    facts = tuple(Line(book.word(key), text) for key, text in book.facts.items())
    yield Block(book.title, f"{book.id} {book.version}", facts)
    for group in book.groups:
        yield Block(_heading(group), group.source, tuple(_group_lines(book, group)))
    if book.shared_scales:
        scales = tuple(Line(name, ", ".join(map(str, book.scales[name]))) for name in book.shared_scales)
        yield Block(book.word("scales"), "", scales)
    for key, lines in book.sections.items():
        yield Block(book.word(key), "", lines)


def _heading(group: Group) -> str:
    return f"{group.id} – {group.label}" if group.id and group.label else group.id or group.label


def _group_lines(book: Codebook, group: Group) -> Iterator[Line]:
    if group.parts:
        yield Line(book.word("parts"), ", ".join(group.parts))
    stem = ""
    for question in group.questions:
        if question.stem and question.stem != stem:
            yield Line("", question.stem)
        stem = question.stem
        yield Line(question.id, question.text, tuple(_details(book, question, group)))


def _details(book: Codebook, question: Question, group: Group) -> Iterator[str]:
    separator = " · "
    facts = [book.word(f"type_{question.type}"), _answers(book, question)]
    facts += [book.word("reversed")] if question.is_reversed else []
    facts += [book.word("required")] if question.is_required else []
    if question.columns != (question.id,):
        word = book.word("columns" if len(question.columns) > 1 else "column")
        facts.append(f"{word} {', '.join(question.columns)}")
    if question.right_answers:
        facts.append(f"{book.word('right_answer')} {', '.join(map(str, question.right_answers))}")
    facts += [book.word(question.privacy)] if question.privacy else []
    yield separator.join(fact for fact in facts if fact)
    if question.asked_if:
        yield f"{book.word('asked_if')}: {question.asked_if}"
    if question.source and question.source != group.source:
        yield f"{book.word('source')}: {question.source}"


def _answers(book: Codebook, question: Question) -> str:
    if question.scale is None:
        return question.limits or ""
    shared = f"{book.word('scale')} {question.scale}"
    told = [shared if question.scale in book.shared_scales else ", ".join(map(str, question.answers))]
    told += [f"{question.limits} {book.word('choices')}"] if question.limits else []
    told += [f"{code} {book.word('exclusive')}" for code in question.exclusive]
    return "; ".join(told)


def draw(book: Codebook) -> None:
    """Print a codebook: set in columns on a terminal, in plain lines into a pipe."""
    if not sys.stdout.isatty():
        print("\n".join(_plain(book)))
        return
    from rich.console import Console

    _set_in_columns(book, Console())


def _plain(book: Codebook) -> Iterator[str]:
    for position, block in enumerate(blocks_of(book)):
        if position:
            yield ""
        yield printable(f"{block.heading} [{block.note}]" if block.note else block.heading)
        for line in block.lines:
            yield printable(f"  {line.name}: {line.text}" if line.name else f"  {line.text}")
            yield from (printable(f"      {detail}") for detail in line.details)
    yield f"\nsha256: {book.sha256}"


def _set_in_columns(book: Codebook, console: Console) -> None:
    from rich.rule import Rule
    from rich.text import Text

    for block in blocks_of(book):
        heading = Text(printable(block.heading), style="bold")
        heading.append(f"  {printable(block.note)}" if block.note else "", style="not bold dim")
        console.print(Rule(style="dim"), heading, _grid(block))
    console.print(Text(f"sha256: {book.sha256}", style="dim"))


def _grid(block: Block) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(max_width=26, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for line in block.lines:
        told = Text(printable(line.text))
        for detail in line.details:
            told.append(f"\n{printable(detail)}", style="dim")
        grid.add_row(Text(f"  {printable(line.name)}", style="cyan"), told)
    return grid


def to_markdown(book: Codebook) -> str:
    """A codebook as a Markdown document: one table for every heading."""
    lines: list[str] = []
    for position, block in enumerate(blocks_of(book)):
        note = f" ({_escaped(block.note)})" if block.note else ""
        lines += [f"{'##' if position else '#'} {_escaped(block.heading)}{note}", ""]
        if block.lines:
            lines += ["| | |", "| --- | --- |", *map(_row, block.lines), ""]
    return "\n".join([*lines, f"sha256: `{book.sha256}`", ""])


def _row(line: Line) -> str:
    return f"| {_escaped(line.name)} | {'<br>'.join(map(_escaped, (line.text, *line.details)))} |"


def _escaped(text: str) -> str:
    """A text that Markdown shows as it is, in one cell."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return printable(" ".join(text.split()))
