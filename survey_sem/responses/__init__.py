"""Are the answers legal? All findings, counted, with the first rows; never the data."""

from survey_sem.responses.cells import ABSENT_KINDS
from survey_sem.responses.report import RULES, Finding, MissingCount, ValidationReport
from survey_sem.responses.responses import BrokenCells, Responses
from survey_sem.responses.validate import validate_responses

__all__ = [
    "ABSENT_KINDS",
    "RULES",
    "BrokenCells",
    "Finding",
    "MissingCount",
    "Responses",
    "ValidationReport",
    "validate_responses",
]
