"""The second engine: semopy beside the native one, to check the one against the other."""

from survey_sem.engines.comparison import TOLERANCE, ComparedParameter, CrossCheck, crosscheck
from survey_sem.engines.second import fit_semopy

__all__ = ["TOLERANCE", "ComparedParameter", "CrossCheck", "crosscheck", "fit_semopy"]
