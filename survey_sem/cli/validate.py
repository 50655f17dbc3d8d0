"""``survey-sem validate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_sem.cli.boundary import DID_NOT_PASS, DONE
from survey_sem.cli.output import checked_format
from survey_sem.errors import harmless

if TYPE_CHECKING:
    from rich.console import Console

    from survey_sem.responses import ValidationReport

_FORMATS = ("text", "json", "csv")
_WITH_HEADER = (".csv", ".tsv", ".txt", ".zip", ".xlsx")
"""Files whose header a platform writes in its own way; others name their columns themselves."""


def validate(
    instrument: Annotated[Path, typer.Argument(help="An instrument (YAML).")],
    data: Annotated[list[Path], typer.Option(help="The export; twice for the texts and codes of wjx.")],
    dialect: Annotated[
        str | None, typer.Option(help="Who wrote the export, if not as the instrument or the header says.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Text encoding of the export.")] = None,
    output: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text",
) -> int:
    """Hold an export against an instrument; exit code 1 where the data break it."""
    checked_format(output, (*_FORMATS, "table"))
    from survey_sem.exports import read_export
    from survey_sem.instrument import load_instrument
    from survey_sem.responses import validate_responses

    asked = load_instrument(instrument)
    platform = asked.source.platform if data[0].suffix.lower() in _WITH_HEADER else None
    raw = read_export(data, dialect or platform, encoding=encoding or asked.source.encoding)
    found = validate_responses(raw, asked).report
    _show(found, output)
    return DONE if found.ok else DID_NOT_PASS


def _show(report: ValidationReport, output: str) -> None:
    if output == "json":
        print(report.to_json())
    elif output == "csv":
        print(report.to_csv(), end="")
    elif sys.stdout.isatty() and report.findings:
        from rich.console import Console

        _draw(report, Console())
    else:
        print(report)


_COLOURS = {"error": "bold red", "warning": "yellow"}


def _draw(report: ValidationReport, console: Console) -> None:
    """The findings as a table that wraps to the width of a terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "rule", "item", "rows", "expected", "got", "first", "advice"):
        table.add_column(name, justify="right" if name == "rows" else "left", overflow="fold")
    for one in report.ranked:
        rows = str(one.count) if one.count else "all"
        cells = (one.rule, one.item, rows, one.expected, one.got, ", ".join(map(str, one.rows)), one.hint)
        table.add_row(Text(one.severity, _COLOURS[one.severity]), *(Text(harmless(cell)) for cell in cells))
    console.print(Text(harmless(report.head)))
    console.print(table)
    console.print(Text(report.verdict))
