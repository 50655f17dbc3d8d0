"""Tables, figures, path diagrams and documents; reads results, computes nothing statistical.

Names are imported on first use: showing a result in a notebook needs no document writer.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "DataNote": "survey_sem.reporting.inputs",
    "Repetition": "survey_sem.reporting.inputs",
    "ReportInputs": "survey_sem.reporting.inputs",
    "Table": "survey_sem.reporting.table",
    "build_report": "survey_sem.reporting.report",
    "write_reports": "survey_sem.reporting.documents",
}

__all__ = [
    "DataNote",
    "Repetition",
    "ReportInputs",
    "Table",
    "build_report",
    "write_reports",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
