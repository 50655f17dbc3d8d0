"""``survey-sem instrument``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_sem.cli.boundary import DONE
from survey_sem.cli.instrument_import import import_questionnaire
from survey_sem.errors import OptionError

if TYPE_CHECKING:
    from survey_sem.instrument import Instrument, Item

app = typer.Typer()
app.command("import")(import_questionnaire)

_InstrumentFile = Annotated[Path, typer.Argument(help="An instrument (YAML).")]


@app.command()
def check(instrument: _InstrumentFile) -> int:
    """Read an instrument strictly; the first problem is named with file, line and key."""
    from survey_sem.instrument import load_instrument

    asked = load_instrument(instrument)
    print(
        f"{instrument}: ok: {asked.id} {asked.version}, {len(asked.items)} items, {len(asked.constructs)} constructs, "
        f"languages {', '.join(asked.languages) or 'none in every item'}"
    )
    return DONE


@app.command()
def show(
    instrument: _InstrumentFile,
    lang: Annotated[str | None, typer.Option(help="Language of the texts (default: en, where it is there).")] = None,
) -> int:
    """Print the codebook of an instrument."""
    from survey_sem.instrument import load_instrument

    asked = load_instrument(instrument)
    print("\n".join(_codebook(asked, _language(asked, lang))))
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


def _codebook(asked: Instrument, language: str) -> list[str]:
    from survey_sem.instrument import in_language

    lines = [f"{in_language(asked.title, language)} ({asked.id} {asked.version})", ""]
    for construct in asked.constructs:
        lines.append(f"{construct.id}  {in_language(construct.label, language)}  [{construct.source}]")
        lines += [f"    {_item_line(asked.item(name), language)}" for name in construct.items]
    grouped = {name for construct in asked.constructs for name in construct.items}
    rest = [item for item in asked.items if item.id not in grouped]
    lines += ["other items", *(f"    {_item_line(item, language)}" for item in rest)] if rest else []
    codes = ", ".join(f"{code.code} ({code.kind})" for code in asked.missing)
    return [*lines, "", f"missing codes: {codes or 'none'}", f"sha256: {asked.sha256}"]


def _item_line(item: Item, language: str) -> str:
    from survey_sem.instrument import in_language

    column = f" [column {item.column}]" if item.column != item.id else ""
    turned = ", reversed" if item.reverse else ""
    return f"{item.id}{column}: {in_language(item.text, language)} ({item.type}, {item.expected()}{turned})"
