"""``survey-sem instrument``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_sem.cli.boundary import DONE, USAGE
from survey_sem.cli.instrument_import import import_questionnaire
from survey_sem.cli.output import checked_format
from survey_sem.errors import OptionError

if TYPE_CHECKING:
    from survey_sem.instrument import Instrument
    from survey_sem.instrument.check import InstrumentCheck

app = typer.Typer()
app.command("import")(import_questionnaire)

_InstrumentFile = Annotated[Path, typer.Argument(help="An instrument (YAML).")]


@app.command()
def check(
    instrument: _InstrumentFile,
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> int:
    """Check an instrument: every problem with file, line and key, and what a methodologist would ask.

    Errors go to standard error (exit code 2), warnings to standard output, one line each, so that an editor can jump
    to them.
    """
    checked_format(output, ("text", "json"))
    from survey_sem.instrument.check import check_instrument

    found = check_instrument(instrument)
    for line in found.lines("error"):
        print(line, file=sys.stderr)
    if output == "json":
        print(json.dumps(_record(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join([*found.lines("warning"), _verdict(found)]), file=sys.stdout if found.ok else sys.stderr)
    return DONE if found.ok else USAGE


def _record(found: InstrumentCheck) -> dict[str, object]:
    """The findings; where there are errors also as every command tells one."""
    from survey_sem.instrument.problems import SeveralProblemsError

    if found.ok:
        return found.to_dict()
    error = found.errors[0] if len(found.errors) == 1 else SeveralProblemsError(found.file, found.errors)
    return {"error": error.to_dict(), **found.to_dict()}


def _verdict(found: InstrumentCheck) -> str:
    asked = found.instrument
    if asked is None:
        return f"{found.file}: {_counted(len(found.errors), 'error')}"
    told = f", {_counted(len(found.warnings), 'warning')}" if found.warnings else ""
    languages = {"": "none in every item", "und": "not said"}
    written = ", ".join(asked.languages)
    return (
        f"{found.file}: ok: {asked.id} {asked.version}, {_counted(len(asked.items), 'item')}, "
        f"{_counted(len(asked.constructs), 'construct')}, languages {languages.get(written, written)}{told}"
    )


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


@app.command()
def schema() -> int:
    """Print the JSON Schema of instrument files, for editors that complete and check while you type."""
    from survey_sem.instrument.schema import instrument_schema_text

    print(instrument_schema_text(), end="")
    return DONE


@app.command()
def show(
    instrument: _InstrumentFile,
    lang: Annotated[str | None, typer.Option(help="Language of the texts (default: en, where it is there).")] = None,
    output: Annotated[str, typer.Option("--format", help="text, markdown or json.")] = "text",
) -> int:
    """Print the codebook of an instrument: wording, answers, who is asked, weighting targets, personal data."""
    checked_format(output, ("text", "markdown", "json"))
    from survey_sem.cli.codebook import codebook_of
    from survey_sem.cli.codebook_shown import draw, to_markdown
    from survey_sem.instrument import load_instrument

    asked = load_instrument(instrument)
    book = codebook_of(asked, _language(asked, lang))
    if output == "json":
        print(json.dumps(book.to_dict(), ensure_ascii=False, indent=2))
    elif output == "markdown":
        print(to_markdown(book), end="")
    else:
        draw(book)
    return DONE


def _language(asked: Instrument, wanted: str | None) -> str:
    """The language to show; one in which nothing of the instrument is written is an error."""
    from survey_sem.instrument.section import ANY_LANGUAGE

    labels = (construct.label for construct in asked.constructs)
    texts = [asked.title, *(item.text for item in asked.items), *labels]
    known = sorted({language for each in texts for language in each} - {ANY_LANGUAGE})
    if wanted is None:
        return "en" if "en" in known or not known else known[0]
    if wanted not in known and not all(ANY_LANGUAGE in each for each in texts):
        what = f"the instrument has no texts in '{wanted}'"
        raise OptionError("unknown-language", what, where="--lang", expected=" or ".join(known))
    return wanted
