"""Write docs/reference/cli.md from the command line itself.

python docs/generate_cli.py           # write
python docs/generate_cli.py --check   # exit 1 where the page is not current
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from survey_sem.cli.app import app

PAGE = Path(__file__).resolve().parent / "reference" / "cli.md"
HEAD = """\
# Command line

Written by `docs/generate_cli.py`; a test fails when it is not current.

Exit codes: 0 done; 1 the data or the fit did not pass; 2 usage or unreadable input; 3 an unexpected error, whose
traceback is in the file that the message names. Errors go to standard error; with `--format json` they are also one
JSON document on standard output.
"""


def cell(text: str) -> str:
    """Text inside one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The command and everything below it, depth first, with full names."""
    yield name, command
    for sub in sorted(getattr(command, "commands", {})):
        yield from commands(command.commands[sub], f"{name} {sub}")


def is_argument(parameter: Any) -> bool:
    """Whether it has a place instead of a name."""
    return not parameter.opts[0].startswith("-")


def metavar(parameter: Any) -> str:
    """What stands for the value."""
    return str(parameter.metavar or parameter.name.upper())


def spelled(parameter: Any) -> str:
    """How it is typed."""
    if is_argument(parameter):
        return f"`{metavar(parameter)}`"
    value = "" if getattr(parameter, "is_flag", False) else f" {metavar(parameter)}"
    return ", ".join(f"`{option}{value}`" for option in (*parameter.opts, *parameter.secondary_opts))


def parameter_row(parameter: Any) -> str:
    """One row of a table of arguments and options."""
    told = getattr(parameter, "help", None) or ""
    default = parameter.default
    if parameter.required:
        told += " (required)"
    elif isinstance(default, str | int | float) and not isinstance(default, bool):
        told += f" (default: {default})"
    return f"| {cell(spelled(parameter))} | {cell(told)} |"


def usage(name: str, command: Any) -> str:
    """The line that says what may follow the command."""
    words = [name, "[OPTIONS]"]
    if hasattr(command, "commands"):
        return " ".join([*words, "COMMAND ..."])
    arguments = [parameter for parameter in command.params if is_argument(parameter)]
    return " ".join([*words, *(metavar(each) if each.required else f"[{metavar(each)}]" for each in arguments)])


def section(name: str, command: Any) -> str:
    """The part of the page about one command."""
    text = inspect.cleandoc(command.help or "").split("\f")[0].strip()
    parts = [f"## {name}", text, f"```text\n{usage(name, command)}\n```"]
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    if shown:
        rows = "\n".join(parameter_row(parameter) for parameter in shown)
        parts.append(f"| argument or option | meaning |\n| --- | --- |\n{rows}")
    return "\n\n".join(part for part in parts if part)


def page() -> str:
    """The whole page."""
    root = typer.main.get_command(app)
    sections = [section(name, command) for name, command in commands(root, "survey-sem")]
    return "\n\n".join([HEAD.rstrip(), *sections]) + "\n"


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
