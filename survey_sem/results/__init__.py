"""Frozen results and their JSON."""

from survey_sem.results.sem_result import SemResult

__all__ = ["SemResult"]
