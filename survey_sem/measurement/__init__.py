"""How well were the constructs measured? Functions of results and moments."""

from survey_sem.measurement.alpha import CronbachAlpha, ItemStatistics, cronbach_alpha
from survey_sem.measurement.reliability import FactorReliability, Reliability, reliability

__all__ = ["CronbachAlpha", "FactorReliability", "ItemStatistics", "Reliability", "cronbach_alpha", "reliability"]
