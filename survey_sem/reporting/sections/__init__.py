"""The sections of a report, in order: :func:`compose` makes a document of inputs."""

from survey_sem.reporting.sections.compose import compose

__all__ = ["compose"]
