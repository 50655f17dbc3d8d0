"""Who answers for whom: a :class:`Sample` from Responses by a declared plan, with the flow of respondents."""

from survey_sem.sample.constructs import scale_scores
from survey_sem.sample.outcome_rates import Dispositions, OutcomeRates, ResponseRate, outcome_rates
from survey_sem.sample.prepare import prepare_sample
from survey_sem.sample.response_rates import response_rates
from survey_sem.sample.sample import Condition, Flow, FlowStep, Sample, SamplePlan
from survey_sem.sample.treatment import TREATMENTS, check_treatments

__all__ = [
    "TREATMENTS",
    "Condition",
    "Dispositions",
    "Flow",
    "FlowStep",
    "OutcomeRates",
    "ResponseRate",
    "Sample",
    "SamplePlan",
    "check_treatments",
    "outcome_rates",
    "prepare_sample",
    "response_rates",
    "scale_scores",
]
