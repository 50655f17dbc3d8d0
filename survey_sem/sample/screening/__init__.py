"""Careless, copied and bought answers: indices, declared rules, who they exclude."""

from survey_sem.sample.screening.load import read_screening_plan
from survey_sem.sample.screening.plan import INDICES, Rule, ScreeningPlan
from survey_sem.sample.screening.result import Screening
from survey_sem.sample.screening.screen import screen, screen_rows

__all__ = ["INDICES", "Rule", "Screening", "ScreeningPlan", "read_screening_plan", "screen", "screen_rows"]
