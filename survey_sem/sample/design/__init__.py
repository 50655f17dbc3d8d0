"""Samples with a design (weights, strata, sampling units, population sizes, replicate weights) and their statistics."""

from survey_sem.sample.design.declare import design, replicate_design
from survey_sem.sample.design.results import Estimates
from survey_sem.sample.design.survey_design import SurveyDesign
from survey_sem.sample.design.tables import CrossTable, IndependenceTest

__all__ = ["CrossTable", "Estimates", "IndependenceTest", "SurveyDesign", "design", "replicate_design"]
