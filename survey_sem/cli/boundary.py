"""The one place where a command meets its surroundings: errors become blocks of text and exit codes.

Exit codes: 0 done; 1 the data or the fit did not pass; 2 usage or unreadable input; 3 a fault of this program
(its traceback goes to a file); 130 interrupted; 141 the reader of the output went away.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TextIO

import typer

from survey_sem.errors import FileError, ResultError, SurveySemError, UsageError

DONE, DID_NOT_PASS, USAGE, FAULT, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141

# click's ClickException, wherever this version of typer keeps click
_CLICK_EXCEPTION: type[Exception] = typer.BadParameter.__mro__[2]


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; never raises, never shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    as_json = wants_json(arguments)
    try:
        code = _call(list(arguments) or ["--help"])
        sys.stdout.flush()
    except SurveySemError as error:
        return _told(error, as_json)
    except _CLICK_EXCEPTION as error:
        return _told(_usage_error(error), as_json)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _silence(sys.stdout)
        return BROKEN_PIPE
    except OSError as problem:
        return _told(_failed_surroundings(problem), as_json)
    except Exception as fault:  # noqa: BLE001 - the one boundary: a fault is shown as a block, its traceback kept
        return _told(_fault(fault), as_json)
    return code


def _call(arguments: list[str]) -> int:
    from survey_sem.cli.app import app

    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name="survey-sem", standalone_mode=False)
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):  # click turns it into an exit with code 1
            raise leaving.__context__ from None
        raise
    return result if isinstance(result, int) else DONE


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--format json`` was asked for, however the rest reads."""
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _told(error: SurveySemError, as_json: bool) -> int:
    """Write an error to standard error (and as JSON to standard output); its exit code."""
    record = json.dumps({"error": error.to_dict()}, ensure_ascii=False, indent=2) if as_json else ""
    for stream, text in ((sys.stderr, f"error: {error}\n"), (sys.stdout, record and f"{record}\n")):
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:
            _silence(stream)
            return BROKEN_PIPE
        except OSError:
            _silence(stream)
    if isinstance(error, _FaultError):
        return FAULT
    return DID_NOT_PASS if isinstance(error, ResultError) else USAGE


class _FaultError(SurveySemError):
    """An unexpected exception."""


def _fault(fault: Exception) -> _FaultError:
    handle, name = tempfile.mkstemp(prefix="survey-sem-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write("".join(traceback.format_exception(fault)))
    first_line = (str(fault).splitlines() or [""])[0]
    return _FaultError(
        "internal-error",
        "survey-sem met something that it did not expect; no result was written",
        got=f"{type(fault).__name__}: {first_line}"[:300],
        where=name,
        hint="the file named above holds the details: please report it (it may quote values from your files)",
    )


def _failed_surroundings(problem: OSError) -> FileError:
    """What the operating system refused: a full disk, a folder that may not be read."""
    return FileError(
        "system",
        f"a file could not be read or written: {problem.strerror or problem}",
        where=str(problem.filename) if problem.filename is not None else None,
        hint="look at the free space and the permissions where the output goes",
    )


def _usage_error(error: Any) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "survey-sem"
    return UsageError("usage", error.format_message().rstrip("."), hint=f"'{command} --help' shows what it takes")


def _silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that the interpreter ends quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
