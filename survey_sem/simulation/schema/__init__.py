"""The JSON Schema of population files, for editors that complete and check while one types."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FILE_NAME = "population-1.json"


def population_schema_text() -> str:
    """The JSON Schema (draft 2020-12) of ``survey-sem/population/1``, as it is shipped."""
    return files("survey_sem.simulation.schema").joinpath(FILE_NAME).read_text(encoding="utf-8")


def population_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``survey-sem/population/1``, parsed.

    It holds keys, types and ranges; the model, sums of shares and names of the instrument are for the loader. A file
    that the loader accepts passes it, save for keys left blank and lists written as a single value.
    """
    schema: dict[str, Any] = json.loads(population_schema_text())
    return schema
