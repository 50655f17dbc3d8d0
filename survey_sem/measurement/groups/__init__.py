"""Means of groups compared: tests, pairs and effect sizes, with the design of the data where they have one."""

from survey_sem.measurement.groups.compare import compare_groups
from survey_sem.measurement.groups.result import GroupComparison

__all__ = ["GroupComparison", "compare_groups"]
