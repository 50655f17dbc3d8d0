"""Sufficient statistics: the narrow waist between respondents and models."""

from survey_sem.statistics.continuous import Moments, RowBlocks, label_of, sample_moments
from survey_sem.statistics.published import moments

__all__ = ["Moments", "RowBlocks", "label_of", "moments", "sample_moments"]
