"""Questionnaires of other tools as instruments to finish by hand: Qualtrics, XLSForm, SPSS and Stata files."""

from survey_sem.instrument.importing.door import ImportedInstrument, import_instrument
from survey_sem.instrument.importing.draft import LeftOut

__all__ = ["ImportedInstrument", "LeftOut", "import_instrument"]
