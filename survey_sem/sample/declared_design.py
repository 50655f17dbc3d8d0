"""The design that an instrument declares, over the rows of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey_sem.errors import DataError, inside
from survey_sem.instrument import Instrument
from survey_sem.instrument.model import Design
from survey_sem.sample.design import SurveyDesign, design
from survey_sem.sample.weighting import WeightingPlan, plan_variables, read_targets, weigh_design

if TYPE_CHECKING:
    import pandas as pd


def design_columns(instrument: Instrument) -> tuple[str, ...]:
    """Variables or columns that the design of an instrument names."""
    told = instrument.design
    return tuple(name for name in (told.strata, told.weight, *told.psu, *told.fpc) if name is not None)


def weighting_columns(instrument: Instrument, plan: WeightingPlan) -> tuple[str, ...]:
    """Variables that a weighting needs: the plan's own, and those of the instrument's margins where it uses them."""
    own = list(plan_variables(plan))
    if plan.calibration == "instrument":
        targets = () if instrument.weighting is None else instrument.weighting.targets
        return tuple(dict.fromkeys([*own, *(target.of for target in targets)]))
    with inside("weighting"):
        margins = () if plan.calibration is None else read_targets(plan.calibration.targets)
    return tuple(dict.fromkeys([*own, *(name for margin in margins for name in margin.of)]))


def declared_design(
    instrument: Instrument, data: pd.DataFrame, others: pd.DataFrame, plan: WeightingPlan | None = None
) -> SurveyDesign | None:
    """Strata, units, base weights and population sizes as the instrument names them, weighted as a plan says.

    None where there is neither design nor weighting.

    Parameters
    ----------
    instrument : Instrument
        Its ``design`` section names variables or columns.
    data, others : DataFrames (n, any)
        Variables, and further columns of the export (`Responses.paradata`), of the same rows.

    plan : WeightingPlan, optional
        What is done to the weights.

    Raises
    ------
    DataError
        A named column is not there; what `design` refuses.
    """
    told = instrument.design
    if told == Design() and plan is None:
        return None
    names = [*design_columns(instrument), *(() if plan is None else weighting_columns(instrument, plan))]
    frame = data.assign(**{name: others[name] for name in names if name not in data.columns and name in others.columns})
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DataError(
            "unknown-variable",
            f"design or weighting name columns that the data do not have: {', '.join(absent)}",
            where="design, weighting",
        )
    lonely = "error" if told.lonely_psu == "fail" else told.lonely_psu
    found = design(
        frame,
        weights=told.weight,
        strata=told.strata,
        psu=list(told.psu) or None,
        fpc=list(told.fpc) or None,
        lonely_psu=lonely,
    )
    if plan is None:
        return found
    with inside("weighting"):
        return weigh_design(found, plan, instrument.weighting)
