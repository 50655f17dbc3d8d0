"""Writing answers the way that survey platforms export them."""

from survey_sem.exports.writing.frames import write_csv, write_xlsx
from survey_sem.exports.writing.sheet import KINDS, ROLES, AnswerSheet, Question
from survey_sem.exports.writing.write import FORMATS, write_export

__all__ = ["FORMATS", "KINDS", "ROLES", "AnswerSheet", "Question", "write_csv", "write_export", "write_xlsx"]
