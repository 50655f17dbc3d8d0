"""The design that an instrument declares, over the rows of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey_sem.errors import DataError
from survey_sem.instrument import Instrument
from survey_sem.instrument.model import Design
from survey_sem.sample.design import SurveyDesign, design

if TYPE_CHECKING:
    import pandas as pd


def design_columns(instrument: Instrument) -> tuple[str, ...]:
    """Variables or columns that the design of an instrument names."""
    told = instrument.design
    return tuple(name for name in (told.strata, told.weight, *told.psu, *told.fpc) if name is not None)


def declared_design(instrument: Instrument, data: pd.DataFrame, others: pd.DataFrame) -> SurveyDesign | None:
    """Strata, units, base weights and population sizes as the instrument names them; None where it names none.

    Parameters
    ----------
    instrument : Instrument
        Its ``design`` section names variables or columns.
    data, others : DataFrames (n, any)
        Variables, and further columns of the export (`Responses.paradata`), of the same rows.

    Raises
    ------
    DataError
        A named column is not there; what `design` refuses.
    """
    told = instrument.design
    if told == Design():
        return None
    names = design_columns(instrument)
    frame = data.assign(**{name: others[name] for name in names if name not in data.columns and name in others.columns})
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DataError(
            "unknown-variable",
            f"the design names columns that the data do not have: {', '.join(absent)}",
            where="instrument: design:",
        )
    lonely = "error" if told.lonely_psu == "fail" else told.lonely_psu
    return design(
        frame,
        weights=told.weight,
        strata=told.strata,
        psu=list(told.psu) or None,
        fpc=list(told.fpc) or None,
        lonely_psu=lonely,
    )
