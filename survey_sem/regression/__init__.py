"""Models of observed variables: a formula in, a tidy result out."""

from survey_sem.regression.pooled import PooledRegression
from survey_sem.regression.regress import regress
from survey_sem.regression.result import Regression, WaldTest

__all__ = ["PooledRegression", "Regression", "WaldTest", "regress"]
