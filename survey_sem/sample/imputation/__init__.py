"""Multiple imputation by chained equations: :func:`impute` gives :class:`Imputed`."""

from survey_sem.sample.imputation.impute import impute
from survey_sem.sample.imputation.imputed import Imputed

__all__ = ["Imputed", "impute"]
