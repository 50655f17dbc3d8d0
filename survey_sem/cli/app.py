"""The commands."""

from __future__ import annotations

from typing import Annotated

import typer

from survey_sem.cli import fit as fit_command
from survey_sem.cli import init as init_command
from survey_sem.cli import instrument as instrument_commands
from survey_sem.cli import simulate as simulate_command
from survey_sem.cli import study as study_commands
from survey_sem.cli import validate as validate_command

app = typer.Typer(
    name="survey-sem",
    help="Structural equation models for survey research: from the export file to a report that can be replayed.",
    add_completion=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        print(f"survey-sem {version('survey-sem')}")
        raise typer.Exit


@app.callback()
def _survey_sem(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Hold the options that come before a command."""


app.command("init")(init_command.init)
app.command("fit")(fit_command.fit)
app.command("validate")(validate_command.validate)
app.command("prepare")(study_commands.prepare)
app.command("report")(study_commands.report)
app.command("simulate")(simulate_command.simulate)
app.command("verify")(study_commands.verify)
app.add_typer(instrument_commands.app, name="instrument", help="Questionnaires: check, show, import, JSON Schema.")
