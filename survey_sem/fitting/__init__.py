"""From a model text and data to a result: gathers options, table, moments, estimates and inference."""

from survey_sem.fitting.fit import fit_model

__all__ = ["fit_model"]
