"""A weighting plan carried out: base weights times non-response times calibration, then trimmed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survey_sem.instrument.model import Weighting as InstrumentWeighting
from survey_sem.sample.weighting.building import Request
from survey_sem.sample.weighting.classes import base_weights
from survey_sem.sample.weighting.designs import calibrated_design, responding_design, trimmed_design
from survey_sem.sample.weighting.plan import WeightingPlan
from survey_sem.sample.weighting.result import Weighting, total_step
from survey_sem.sample.weighting.targets import instrument_targets

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.instrument.model import Design
    from survey_sem.sample.design.survey_design import SurveyDesign


def weigh(
    frame: pd.DataFrame,
    plan: WeightingPlan | None = None,
    weighting: InstrumentWeighting | None = None,
    design: Design | None = None,
) -> Weighting | None:
    """Weights of a sample: base weights times non-response adjustment times calibration, then trimmed.

    Parameters
    ----------
    frame : DataFrame, shape (n, any)
        Variables of the sample.
    plan : WeightingPlan, optional
        What is done; without one what the instrument asks for.
    weighting : instrument's Weighting, optional
        Margins and method that the instrument declares.
    design : instrument's Design, optional
        Where the base weights are.

    Returns
    -------
    Weighting or None
        With a step for each stage, in order; None where neither plan nor instrument weights.

    Raises
    ------
    DataError, FileError
        See :func:`survey_sem.design`, :func:`survey_sem.rake`, :func:`survey_sem.adjust_nonresponse` and
        :func:`survey_sem.trim_weights`.
    """
    from survey_sem.sample.design.declare import design as declare

    plan = plan or WeightingPlan()
    name = plan.weight or (design.weight if design is not None else None)
    if name is None and not _weights(plan, weighting):
        return None
    return weigh_design(declare(frame, weights=name), replace(plan, weight=name), weighting).weighting


def weigh_design(
    design: SurveyDesign, plan: WeightingPlan | None = None, weighting: InstrumentWeighting | None = None
) -> SurveyDesign:
    """The same for a sample with a design, whose weights are the base weights where the plan names none.

    The result carries the report as ``.weighting``, and variances know of the calibration.
    """
    plan = plan or WeightingPlan()
    if plan.weight is not None:
        values = base_weights(design.data, plan.weight, "base weights")
        assert values is not None
        design = _with_weights(design, values)
    found = replace(design, weighting=_base(design, plan.weight))
    if plan.nonresponse is not None:
        found = responding_design(found, plan.nonresponse)
    request = _request(plan, weighting)
    if request is not None:
        found = calibrated_design(found, request)
    if plan.trim is not None:
        limits = plan.trim
        found = trimmed_design(found, lower=limits.lower, upper=limits.upper, unit=limits.unit, strict=limits.strict)
    return found


def _weights(plan: WeightingPlan, weighting: InstrumentWeighting | None) -> bool:
    """Whether anything is done to the weights."""
    return bool(plan.nonresponse or plan.trim or _request(plan, weighting))


def _request(plan: WeightingPlan, weighting: InstrumentWeighting | None) -> Request | None:
    """The calibration that is to be done."""
    if plan.calibration == "instrument":
        if weighting is None:
            return None
        return Request(weighting.method, instrument_targets(weighting), bounds=weighting.bounds)
    if plan.calibration is None:
        return None
    own = plan.calibration
    return Request(own.method, own.targets, bounds=own.bounds, total=own.total)


def _with_weights(design: SurveyDesign, values: np.ndarray) -> SurveyDesign:
    if np.array_equal(values, design.weights):
        return design
    sampling = design.sampling if design.sampling is None else replace(design.sampling, inside=values != 0)
    return replace(design, weights=values, sampling=sampling)


def _base(design: SurveyDesign, name: str | None) -> Weighting:
    import pandas as pd

    series = pd.Series(design.weights, index=design.data.index, name="weight")
    named = name or design.described.get("weights")
    what = f"base weights from {named}" if named else "base weights of the design"
    if np.ptp(design.weights) == 0:
        what = f"base weights are all {design.weights[0]:g}"
    step = total_step("base-weights", what, {"weight": named}, series)
    return Weighting(series, series.rename("base_weight"), "base", steps=(step,))
