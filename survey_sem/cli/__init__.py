"""The command line: the only room that prints, exits and reads the environment."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the command ``survey-sem``."""
    from survey_sem.cli.boundary import run

    sys.exit(run(sys.argv[1:]))
