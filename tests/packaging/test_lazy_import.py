"""`import survey_sem` stays quick: what is heavy is imported by the call that needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "matplotlib",
    "semopy",
    "pingouin",
    "sklearn",
    "statsmodels",
    "pyarrow",
)


def modules_after(statement: str) -> set[str]:
    """Names in sys.modules of a fresh interpreter after `statement`."""
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stderr.splitlines())


def test_import_loads_nothing_heavy() -> None:
    assert modules_after("import survey_sem").isdisjoint(HEAVY)


def test_version_needs_nothing_heavy() -> None:
    assert modules_after("import survey_sem; survey_sem.__version__; dir(survey_sem)").isdisjoint(HEAVY)


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after(
        "from survey_sem.cli import main\n"
        "sys.argv = ['survey-sem', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert "survey_sem.cli" in loaded
    assert loaded.isdisjoint(HEAVY)
