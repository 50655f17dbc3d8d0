"""Pages that are made from the code are current, and nothing public is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import survey_sem


def test_command_line_page_is_current(project_root: Path) -> None:
    script = project_root / "docs" / "generate_cli.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"run `python docs/generate_cli.py`\n{done.stderr}"


def test_page_of_simulation_checks_is_that_of_the_stored_tables(project_root: Path) -> None:
    script = project_root / "docs" / "generate_simulation.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"run `python docs/generate_simulation.py`\n{done.stderr}"


def test_api_page_names_everything_public(project_root: Path) -> None:
    text = (project_root / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. auto\w+:: survey_sem\.(\w+)$", text, re.MULTILINE))
    assert shown == set(survey_sem.__all__) - {"__version__"}
