"""The completed data sets that a model is fitted to: given, or imputed for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.fitting.options import FitOptions
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.imputation import Imputed, impute

N_IMPUTATIONS = 20
FEWEST = 2
"""Fits that pooling needs."""


@dataclass(frozen=True, slots=True, eq=False)
class DataSets:
    """Completed versions of one data set, with what is known of how they came about.

    Parameters
    ----------
    frames : iterable of DataFrame
    count : int
    cycles, seed : int or None
    warnings : tuple of Warned
    design : SurveyDesign, optional
    """

    frames: Iterable[Any]
    count: int
    cycles: int | None = None
    seed: int | None = None
    warnings: tuple[Warned, ...] = ()
    design: SurveyDesign | None = None

    def one(self) -> Any:
        """One of the data sets, with the design of the sample where it is known."""
        return next(iter(self.frames)) if self.design is None else self.design


def data_sets(data: Any) -> DataSets | None:
    """The completed data sets that a user passes as data: `Imputed`, or a list of data frames. None for other data."""
    if isinstance(data, Imputed):
        return DataSets(data, len(data), data.settings["cycles"], data.settings["seed"], data.warnings, data.design)
    if isinstance(data, list | tuple) and data and all(hasattr(each, "columns") for each in data):
        if len(data) < FEWEST:
            raise OptionError("too-few-imputations", "pooling needs two data sets or more", where="data")
        return DataSets(data, len(data))
    return None


def imputed_for(data: Any, names: Sequence[str], options: FitOptions) -> Imputed | None:
    """The data imputed for a model with these variables; None where nothing is missing.

    Groups are imputed apart from each other.
    """
    parts = [part for name in names for part in _factors(name, data)]
    try:
        found = impute(
            data,
            options.imputations or N_IMPUTATIONS,
            cycles=options.cycles or 10,
            seed=options.seed,
            items=list(dict.fromkeys(parts)),
            auxiliary=[name for name in options.auxiliary if name not in parts],
            by=options.group,
            workers=options.workers,
        )
    except DataError as error:
        if error.code == "nothing-missing":
            return None
        raise
    refuse_not_asked(found, list(dict.fromkeys(parts)))
    return found


def refuse_not_asked(found: Imputed, names: Sequence[str]) -> None:
    """Refuse modelled variables that some respondents were not asked: imputed data lack them still.

    Raises
    ------
    DataError
        Variables with missing values after the imputation.
    """
    lacking = found.data(0)[list(names)].isna().sum()
    lacking = lacking[lacking > 0]
    if len(lacking):
        told = ", ".join(f"{name} ({count})" for name, count in lacking.items())
        raise DataError(
            "not-asked", f"modelled variables were not asked of everybody, and are not imputed there: {told}",
            where="missing", hint="fit the model to those who were asked, or use missing=\"fiml\"",
        )  # fmt: skip


def _factors(name: str, data: Any) -> list[str]:
    """The columns behind a name, which may be a product."""
    frame = getattr(data, "data", data)
    return [name] if ":" not in name or name in frame.columns else name.split(":")
