"""The table of contents: the calls that a user types, in the order of a study. No logic of its own."""

from __future__ import annotations

from typing import Any

from survey_sem.fitting import fit_model
from survey_sem.results import SemResult


def sem(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a structural equation model with the defaults of lavaan's ``sem()``.

    Parameters
    ----------
    model : str
        The model in lavaan's language.
    data : DataFrame or Moments
        One row per respondent, or published moments (`survey_sem.moments`).
    **options
        ``estimator missing meanstructure fixed_x std_lv orthogonal effect_coding likelihood information se test
        bounds control sample_cov_rescale engine seed ci_level`` and lavaan's ``auto_*`` and ``int_*`` switches.
        An unknown keyword, or a value that this version does not support, is an error that lists the known ones.

    Returns
    -------
    SemResult

    Raises
    ------
    ModelSyntaxError
        The model text cannot be read.
    MissingChoiceError
        Modelled variables have missing values and ``missing`` is not given.
    DataError, ModelError, IdentificationError
        The data or the model do not allow the fit.

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]], n_obs=200, names=["x", "m", "y"])
    >>> fit = ss.sem("m ~ a*x\\ny ~ b*m + x\\nindirect := a*b", m)
    >>> round(float(fit.estimates.iloc[-1]["est"]), 4)
    0.0667
    """
    return _fit("sem", model, data, options)


def cfa(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a confirmatory factor model with the defaults of lavaan's ``cfa()``. See `sem`."""
    return _fit("cfa", model, data, options)


def growth(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a growth curve model with the defaults of lavaan's ``growth()``. See `sem`."""
    return _fit("growth", model, data, options)


def lavaan(model: str, data: Any, **options: Any) -> SemResult:
    """Fit a model without automatic parameters, as lavaan's ``lavaan()``. See `sem`."""
    return _fit("lavaan", model, data, options)


def _fit(function: Any, model: str, data: Any, options: dict[str, Any]) -> SemResult:
    return fit_model(function, model, data, options)
