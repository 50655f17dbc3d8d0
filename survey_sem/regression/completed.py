"""The completed data sets that a regression is fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_sem.errors import OptionError, Warned
from survey_sem.regression.scored import add_constructs
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.imputation import Imputed

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 2
"""Data sets that pooling needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """Completed versions of one data set.

    Parameters
    ----------
    imputed : Imputed, or sequence of data sets
    formula : str
        May name constructs.
    """

    imputed: Any
    formula: str

    def __iter__(self) -> Iterator[pd.DataFrame | Sample | SurveyDesign]:
        if not isinstance(self.imputed, Imputed):
            return iter(self.imputed)
        rows = self.imputed if self.imputed.design is None else self.imputed.designs()
        return (add_constructs(each, self.imputed.constructs, self.formula) for each in rows)

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Of the imputation."""
        return self.imputed.warnings if isinstance(self.imputed, Imputed) else ()


def completed(data: Any, formula: str) -> Completed | None:
    """The data sets that a user passes as data; None for a single one.

    Raises
    ------
    OptionError
        A list of something else, or of one data set.
    """
    if isinstance(data, Imputed):
        return Completed(data, formula)
    if not isinstance(data, list | tuple):
        return None
    if not all(isinstance(each, Sample | SurveyDesign) or hasattr(each, "columns") for each in data):
        raise OptionError("bad-data", "a list of data holds completed data sets", where="data")
    if len(data) < FEWEST:
        raise OptionError(
            "too-few-imputations", "pooling needs two data sets or more", where="data", got=f"{len(data)}"
        )
    return Completed(data, formula)
