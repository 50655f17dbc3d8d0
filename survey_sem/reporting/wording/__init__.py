"""Every word of tables, reports and figures' surroundings, in English and Chinese side by side."""

from __future__ import annotations

from functools import lru_cache

from survey_sem.errors import did_you_mean
from survey_sem.reporting.wording.analyses import ANALYSES
from survey_sem.reporting.wording.answers import ANSWERS
from survey_sem.reporting.wording.columns import COLUMNS
from survey_sem.reporting.wording.comparisons import COMPARISONS
from survey_sem.reporting.wording.design import DESIGN
from survey_sem.reporting.wording.findings import FINDINGS
from survey_sem.reporting.wording.methods import METHODS
from survey_sem.reporting.wording.page import PAGE
from survey_sem.reporting.wording.screening import SCREENING
from survey_sem.reporting.wording.tables import TABLES
from survey_sem.reporting.wording.translations import translated

__all__ = ["CATALOGUES", "catalogue", "has_phrase", "phrase", "translated"]

CATALOGUES = (ANALYSES, ANSWERS, COLUMNS, COMPARISONS, DESIGN, FINDINGS, METHODS, PAGE, SCREENING, TABLES)
_PLACE = {"en": 0, "zh": 1}


@lru_cache(maxsize=1)
def catalogue() -> dict[str, tuple[str, str]]:
    """Key -> (English, Chinese); places for values are in braces."""
    return {key: words for part in CATALOGUES for key, words in part.items()}


def has_phrase(key: str) -> bool:
    """Whether the catalogue has that key."""
    return key in catalogue()


def phrase(key: str, language: str) -> str:
    """The phrase of that key in a language.

    Raises
    ------
    KeyError
        The catalogue has no such key: a mistake of the caller, not of the user.
    """
    try:
        return catalogue()[key][_PLACE[language]]
    except KeyError:
        raise KeyError(f"no phrase '{key}' in '{language}'; {did_you_mean(key, catalogue()) or ''}") from None
