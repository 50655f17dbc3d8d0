"""How well were the constructs measured, and which of several models says so best? Functions of results and moments."""

from survey_sem.measurement.alpha import CronbachAlpha, ItemStatistics, cronbach_alpha
from survey_sem.measurement.comparison import Comparison, compare
from survey_sem.measurement.exclusions import WithAndWithout, with_and_without
from survey_sem.measurement.group_paths import PathDifference, path_differences
from survey_sem.measurement.hypotheses import ScoreTest, WaldTest, score_test, wald_test
from survey_sem.measurement.invariance import invariance
from survey_sem.measurement.ladder import Invariance
from survey_sem.measurement.little import LittleTest, little_test
from survey_sem.measurement.reliability import FactorReliability, Reliability, reliability

__all__ = [
    "Comparison",
    "CronbachAlpha",
    "FactorReliability",
    "Invariance",
    "ItemStatistics",
    "LittleTest",
    "PathDifference",
    "Reliability",
    "ScoreTest",
    "WaldTest",
    "WithAndWithout",
    "compare",
    "cronbach_alpha",
    "invariance",
    "little_test",
    "path_differences",
    "reliability",
    "score_test",
    "wald_test",
    "with_and_without",
]
