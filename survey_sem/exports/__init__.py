"""Respondent-level files in and out: the only room that knows file formats.

``read_export(path)`` gives a :class:`RawTable`; ``write_parquet`` and
``write_sav`` write rows with the same bytes each time.
"""

from survey_sem.exports.labelled import write_sav
from survey_sem.exports.parquet import write_parquet
from survey_sem.exports.raw_table import Detection, Measure, MissingRange, RawTable
from survey_sem.exports.read import DIALECTS, read_export
from survey_sem.exports.spss_names import spss_names

__all__ = [
    "DIALECTS",
    "Detection",
    "Measure",
    "MissingRange",
    "RawTable",
    "read_export",
    "spss_names",
    "write_parquet",
    "write_sav",
]
