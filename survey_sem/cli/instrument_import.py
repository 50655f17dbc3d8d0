"""``survey-sem instrument import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_sem.cli.boundary import DONE
from survey_sem.errors import FileError


def import_questionnaire(
    file: Annotated[
        Path,
        typer.Argument(help="A Qualtrics survey (.qsf), an XLSForm (.xlsx) or labelled answers (.sav .zsav .dta)."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The instrument (YAML) to write.")],
    language: Annotated[
        str | None, typer.Option(help="Language of the texts, where the file does not say: zh, en, ...")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> int:
    """Make an instrument of another tool's questionnaire; what only people know is marked TODO in it."""
    from survey_sem.instrument.importing import import_instrument

    _check_free(file, output, force)
    made = import_instrument(file, language=language)
    _write(output, made.text, force)
    print(f"{output}: {made}")
    return DONE


def _check_free(file: Path, output: Path, force: bool) -> None:
    """Refuse before the work is done what would be refused after it."""
    if output.exists() and file.exists() and output.samefile(file):
        raise FileError("same-file", "the instrument would overwrite the file that it is made of", where=str(output))
    if output.is_dir():
        raise FileError("is-a-directory", f"{output} is a directory, not a file", where=str(output))
    if output.exists() and not force:
        raise _is_there(output)


def _is_there(output: Path) -> FileError:
    return FileError(
        "file-exists",
        f"{output.name} is there already, and work by hand may be in it",
        where=str(output),
        hint="name another file with -o, or overwrite it with --force",
    )


def _write(output: Path, text: str, force: bool) -> None:
    try:
        with output.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise _is_there(output) from None
    except OSError as problem:
        what = f"{output.name} cannot be written: {problem.strerror or problem}"
        raise FileError("unwritable-file", what, where=str(output)) from None
