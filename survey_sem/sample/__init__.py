"""Who answers for whom: a :class:`Sample` from Responses by a declared plan, with the flow of respondents."""

from survey_sem.sample.prepare import prepare_sample
from survey_sem.sample.sample import Condition, Flow, FlowStep, Sample, SamplePlan

__all__ = ["Condition", "Flow", "FlowStep", "Sample", "SamplePlan", "prepare_sample"]
