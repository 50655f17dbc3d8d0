"""Weights: base weights, non-response, population margins, trimming; each step with its report."""

from survey_sem.sample.weighting.calibrating import calibrate, poststratify, rake
from survey_sem.sample.weighting.nonresponse import NonresponsePlan, adjust_nonresponse
from survey_sem.sample.weighting.plan import (
    CalibrationPlan,
    TrimPlan,
    WeightingPlan,
    plan_variables,
    read_weighting_plan,
)
from survey_sem.sample.weighting.result import MarginRow, Weighting
from survey_sem.sample.weighting.targets import PopulationMargin, read_targets
from survey_sem.sample.weighting.trimming import trim_weights
from survey_sem.sample.weighting.weigh import weigh, weigh_design

__all__ = [
    "CalibrationPlan",
    "MarginRow",
    "NonresponsePlan",
    "PopulationMargin",
    "TrimPlan",
    "Weighting",
    "WeightingPlan",
    "adjust_nonresponse",
    "calibrate",
    "plan_variables",
    "poststratify",
    "rake",
    "read_targets",
    "read_weighting_plan",
    "trim_weights",
    "weigh",
    "weigh_design",
]
