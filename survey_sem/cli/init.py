"""``survey-sem init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_sem.cli.boundary import DONE


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    language: Annotated[str, typer.Option(help="Of comments, README and report: zh or en.")] = "en",
) -> int:
    """Make a new study folder that runs as it is and is a template to edit."""
    from survey_sem.study import new_study

    for path in new_study(folder, language):
        print(path)
    print(f"\nnow: survey-sem fit {folder / 'study.yaml'}")
    return DONE
