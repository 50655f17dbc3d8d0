"""Answers that were held against an instrument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_sem.instrument import Instrument
from survey_sem.responses.report import ValidationReport

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.responses.cells import Positions


@dataclass(frozen=True, slots=True)
class BrokenCells:
    """The rows behind one finding, for those who must treat them.

    Parameters
    ----------
    rule, item : str
        As in the `Finding`.
    rows : int32 array
        Positions of the rows, from 0; empty where a whole column is concerned.
    groups : int32 array or None
        Of ``duplicate-id``: which rows share an id.
    """

    rule: str
    item: str
    rows: Positions
    groups: Positions | None = None


@dataclass(frozen=True, slots=True)
class Responses:
    """Answers that were held against an instrument.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_variables)
        One column per variable of the instrument that the export has, in the order of the questionnaire: codes and
        numbers as numbers, text codes and texts as text, dates as datetimes; ``id_code`` 0/1 for the options of a
        multi item, and the rank (missing: not ranked) for those of a rank item; partitions at the end. Where there
        is no answer, a value is missing. Rows are numbered from 0.
    absent : DataFrame of int8, shape (n_rows, n_items)
        Per item why there is no answer: 0 there is one, 1 routed (not asked), 2 nonresponse, 3 dontknow, 4 refused.
        What stood there but could not be read counts as nonresponse.
    paradata : DataFrame, shape (n_rows, n_roles)
        ``id started submitted duration ip device user``, those that the instrument names, and further columns that
        design, quotas or weighting name, after the treatment of personal data.
    broken : tuple of BrokenCells
        The rows behind each finding.
    instrument : Instrument
        What was asked.
    report : ValidationReport
        What was found; ``report.ok`` says whether the data keep to the instrument.
    """

    frame: pd.DataFrame
    absent: pd.DataFrame
    paradata: pd.DataFrame
    broken: tuple[BrokenCells, ...]
    instrument: Instrument
    report: ValidationReport

    def __repr__(self) -> str:
        """Size and verdict: never a respondent's answer."""
        verdict = "ok" if self.report.ok else self.report.broken
        return f"Responses({self.report.source}: {len(self.frame)} rows, {self.absent.shape[1]} items, {verdict})"
