"""The JSON Schema of instrument files, for editors that complete and check while one types."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FILE_NAME = "instrument-1.json"


def instrument_schema_text() -> str:
    """The JSON Schema (draft 2020-12) of ``survey-sem/instrument/1``, as it is shipped."""
    return files("survey_sem.instrument.schema").joinpath(FILE_NAME).read_text(encoding="utf-8")


def instrument_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``survey-sem/instrument/1``, parsed.

    It holds keys, types, fixed words and what depends on nothing else; names that must exist, parts that must not
    overlap or shares that sum to 1 are for the loader. A file that the loader accepts passes it, save for keys left
    blank and lists written as a single value.
    """
    schema: dict[str, Any] = json.loads(instrument_schema_text())
    return schema
