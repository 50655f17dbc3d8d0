"""Are the answers legal? All findings, counted, with the first rows; never the data."""

from survey_sem.responses.report import Finding, MissingCount, ValidationReport
from survey_sem.responses.validate import Responses, validate_responses

__all__ = ["Finding", "MissingCount", "Responses", "ValidationReport", "validate_responses"]
