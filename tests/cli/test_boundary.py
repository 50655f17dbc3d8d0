"""Exit codes, error blocks, JSON errors, and what happens when the surroundings fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from survey_sem.cli import boundary

Command = Callable[..., Any]


def test_help_and_version(command: Command) -> None:
    shown = command("--help")
    assert shown.code == 0
    for name in ("fit", "validate", "prepare", "report", "verify", "instrument"):
        assert name in shown.out
    assert command().out == shown.out
    assert command("--version").out.startswith("survey-sem ")
    assert "--n-obs" in command("fit", "--help").out


@pytest.mark.parametrize(
    "arguments", [("fitt",), ("fit", "--modell", "x"), ("instrument",), ("verify",), ("fit", "--n-obs", "many")]
)
def test_usage_errors(command: Command, arguments: tuple[str, ...]) -> None:
    outcome = command(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert "--help' shows" in outcome.err
    assert outcome.out == ""


def test_errors_as_json(command: Command) -> None:
    outcome = command("fit", "--model", "nowhere.txt", "--data", "nowhere.csv", "--format", "json")
    assert outcome.code == 2
    record = json.loads(outcome.out)["error"]
    assert list(record) == ["code", "what", "where", "expected", "got", "hint"]
    assert record["code"] == "no-such-file"
    assert "error: there is no such file" in outcome.err
    assert json.loads(command("fit", "--nope", "--format=json").out)["error"]["code"] == "usage"


def test_a_fault_is_a_block_and_its_traceback_a_file(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: list[str]) -> NoReturn:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(boundary, "_call", broken)
    outcome = command("fit", "--format", "json")
    assert outcome.code == 3
    record = json.loads(outcome.out)["error"]
    assert record["got"] == "ZeroDivisionError: a fault"
    kept = Path(record["where"])
    assert "Traceback" in kept.read_text(encoding="utf-8")
    kept.unlink()


def test_an_interruption_is_quiet(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: list[str]) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(boundary, "_call", interrupted)
    outcome = command("fit")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_a_reader_that_goes_away(data: Path, model: Path) -> None:
    line = [
        sys.executable,
        "-m",
        "survey_sem.cli",
        "fit",
        "--model",
        str(model),
        "--data",
        str(data),
        "--format",
        "csv",
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == boundary.BROKEN_PIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_output_that_is_full(data: Path, model: Path, form: str) -> None:
    line = [sys.executable, "-m", "survey_sem.cli", "fit", "--model", model, "--data", data, "--format", form]
    with open("/dev/full", "w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == boundary.USAGE
    assert done.stderr.startswith("error: a file could not be read or written: No space left on device [system]")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("pair", ["data=3", "model=3", "function=cfa"])
def test_arguments_are_no_options(command: Command, data: Path, model: Path, pair: str) -> None:
    outcome = command("fit", "--model", model, "--data", data, "--option", pair)
    assert outcome.code == 2
    assert f"hint: use --{pair.partition('=')[0]}" in outcome.err


def test_help_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "scipy", "matplotlib", "pyarrow", "yaml", "jinja2")
    code = (
        "import sys\nfrom survey_sem.cli.boundary import run\nrun(['fit', '--help'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stderr.strip() == "[]"
