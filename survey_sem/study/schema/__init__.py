"""The JSON Schema of study files, for editors that complete and check while one types."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FILE_NAME = "study-1.json"


def study_schema_text() -> str:
    """The JSON Schema (draft 2020-12) of ``survey-sem/study/1``, as it is shipped."""
    return files("survey_sem.study.schema").joinpath(FILE_NAME).read_text(encoding="utf-8")


def study_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``survey-sem/study/1``, parsed.

    It holds keys, types and fixed words; model texts, names and files are for the loader. A file that the loader
    accepts passes it, save for keys left blank and lists written as a single value.
    """
    schema: dict[str, Any] = json.loads(study_schema_text())
    return schema
