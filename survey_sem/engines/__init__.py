"""The second engine: semopy beside the native one, to check the one against the other."""

from survey_sem.engines.comparison import ComparedParameter, CrossCheck, crosscheck
from survey_sem.engines.second import fit_semopy

__all__ = ["ComparedParameter", "CrossCheck", "crosscheck", "fit_semopy"]
