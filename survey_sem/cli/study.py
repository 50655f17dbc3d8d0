"""``survey-sem prepare``, ``report`` and ``verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_sem.cli.boundary import DID_NOT_PASS, DONE
from survey_sem.cli.output import checked_format, warn, words


def prepare(
    study: Annotated[Path, typer.Argument(help="A study file.")],
    out: Annotated[Path | None, typer.Option(help="Folder (default: sample, beside the study file).")] = None,
) -> int:
    """Write the cleaned sample (parquet and .sav) and the flow of respondents, without fitting anything."""
    from survey_sem.study import load_study, open_study, write_prepared

    loaded = load_study(study)
    data = open_study(loaded)
    folder = out or loaded.path.parent / "sample"
    warn(write_prepared(folder, loaded, data))
    print(f"{data.sample.flow}\n\nsample: {folder}")
    return DONE


def report(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    lang: Annotated[str | None, typer.Option(help="Languages: zh,en (default: those of the run).")] = None,
    output: Annotated[str | None, typer.Option("--format", help="Formats (default: those of the run).")] = None,
) -> int:
    """Write the documents of a finished run again."""
    from survey_sem import workflow

    for path in workflow.report(run, languages=words(lang, "--lang"), formats=words(output, "--format")):
        print(f"report: {path}")
    return DONE


def verify(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(help="The data, where they are no longer where they were; twice for two files."),
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> int:
    """Fit everything again from the manifest and compare every number."""
    checked_format(output, ("table", "json"))
    from survey_sem import workflow

    found = workflow.verify(run, data=data or ())
    print(found.to_json() if output == "json" else found)
    return DONE if found.ok else DID_NOT_PASS
