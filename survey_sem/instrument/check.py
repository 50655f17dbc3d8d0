"""What is wrong with an instrument, and what a careful methodologist would ask about it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_sem.errors import StudyError, Warned
from survey_sem.instrument.lint import lint
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.model import Instrument
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.strict_yaml import read_yaml


@dataclass(frozen=True, slots=True)
class InstrumentCheck:
    """The findings about one file.

    Parameters
    ----------
    file : str
        As the user named it.
    instrument : Instrument or None
        None where there are errors.
    errors : tuple of StudyError
        What breaks the schema, in the order of the file.
    warnings : tuple of Warned
        What is worth a look, in the order of the file; empty while there are errors.
    """

    file: str
    instrument: Instrument | None
    errors: tuple[StudyError, ...]
    warnings: tuple[Warned, ...]

    @property
    def ok(self) -> bool:
        """Whether the instrument can be used: warnings do not count."""
        return not self.errors

    def lines(self, severity: str) -> list[str]:
        """One line for each ``error`` or ``warning``: ``file:line: severity: key: what [code]; hint``."""
        found: tuple[StudyError | Warned, ...] = self.errors if severity == "error" else self.warnings
        return [_line(self.file, severity, each) for each in found]

    def to_dict(self) -> dict[str, Any]:
        """The findings as plain data, places split into line and key."""
        return {
            "schema": "survey-sem/instrument-check/1",
            "file": self.file,
            "ok": self.ok,
            "errors": [_placed(self.file, each) for each in self.errors],
            "warnings": [_placed(self.file, each) for each in self.warnings],
            "instrument": _summary(self.instrument) if self.instrument is not None else None,
        }


def check_instrument(path: str | os.PathLike[str]) -> InstrumentCheck:
    """Read an instrument and hold it against the rules of the schema and of good practice.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    file = str(path)
    try:
        node = read_yaml(Path(path))
        instrument = instrument_from(node)
    except SeveralProblemsError as error:
        return InstrumentCheck(file, None, error.problems, ())
    except StudyError as error:
        return InstrumentCheck(file, None, (error,), ())
    return InstrumentCheck(file, instrument, (), lint(node, instrument))


def _split(file: str, where: str | None) -> tuple[int | None, str]:
    """Line and key of a place ``file:line: key``; a place in broken YAML is ``file:line:column``."""
    rest = (where or "").removeprefix(file)
    found = re.match(r":(\d+)(?::\d+)?(?:: (.*))?", rest, re.DOTALL)
    if found is None:
        return None, rest.removeprefix(":").strip()
    return int(found[1]), found[2] or ""


def _line(file: str, severity: str, found: StudyError | Warned) -> str:
    line, key = _split(file, found.where)
    expected = f"; expected {found.expected}" if isinstance(found, StudyError) and found.expected else ""
    hint = f"; {found.hint}" if found.hint else ""
    place = f"{file}:{line}" if line is not None else file
    told = f"{key}: {found.what}" if key else found.what
    return " ".join(f"{place}: {severity}: {told} [{found.code}]{expected}{hint}".split())


def _placed(file: str, found: StudyError | Warned) -> Mapping[str, Any]:
    line, key = _split(file, found.where)
    record = found.to_dict()
    del record["where"]
    return {"code": record.pop("code"), "line": line, "key": key, **record}


def _summary(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id,
        "version": instrument.version,
        "sha256": instrument.sha256,
        "n_items": len(instrument.items),
        "n_constructs": len(instrument.constructs),
        "languages": list(instrument.languages),
    }
