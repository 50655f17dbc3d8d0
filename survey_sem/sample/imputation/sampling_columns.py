"""What the sampling design adds to an imputation: answers depend on strata, units and weights.

An imputation that leaves out what the sample was drawn by makes people of different strata and clusters more alike than
they are: means, intraclass correlations and standard errors of the completed data are then wrong (Reiter, Raghunathan &
Kinney 2006, Survey Methodology 32(2), 143-149).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, Indices
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.imputation.columns import MOST_LEVELS, Column

LOG_WEIGHT, STRATA = "(log weight)", "(strata)"


@dataclass(frozen=True, slots=True, eq=False)
class SamplingColumn:
    """A predictor that the design makes.

    Parameters
    ----------
    column : Column
        Its values, none of them missing.
    predicts : str or None
        The one variable that it helps to impute; None: all.
    """

    column: Column
    predicts: str | None = None


def sampling_columns(design: SurveyDesign | None, columns: Mapping[str, Column]) -> tuple[SamplingColumn, ...]:
    """Predictors from a design.

    * The logarithm of the weight, where weights differ within strata; of rows outside the domain, whose weight is not
      known any more, the mean of the others.
    * The stratum of the first stage as a category; of more than 50 strata the mean answer in it, item by item.
    * The mean answer in the sampling unit of the first stage, item by item. Such means leave the respondent's own
      answer out, so that their slope is the one that holds for those who gave none; unordered categories have none.
    """
    if design is None:
        return ()
    found = []
    unit, stratum = _places(design)
    weights = _log_weights(design)
    if _varies_within(weights, stratum):
        found.append(SamplingColumn(Column(LOG_WEIGHT, weights)))
    n_strata = int(stratum.max()) + 1
    if 1 < n_strata <= MOST_LEVELS:
        found.append(SamplingColumn(Column(STRATA, stratum.astype(np.float64), is_nominal=True)))
    groups = [("unit", unit)] if unit is not None else []
    groups += [("stratum", stratum)] if n_strata > MOST_LEVELS else []
    incomplete = [each for each in columns.values() if not each.is_nominal and np.isnan(each.values).any()]
    for kind, codes in groups:
        for each in incomplete:
            means = means_of_others(each.values, codes)
            if means is not None:
                found.append(SamplingColumn(Column(f"({kind} mean of {each.name})", means), each.name))
    return tuple(found)


def _places(design: SurveyDesign) -> tuple[Indices | None, Indices]:
    """Unit and stratum of every row at the first stage; no units where every row is its own."""
    if design.sampling is None:
        return None, np.zeros(design.n_rows, dtype=np.intp)
    stage = design.sampling.stages[0]
    unit = np.unique(stage.unit, return_inverse=True)[1]
    stratum = np.unique(stage.stratum, return_inverse=True)[1]
    return (None if int(unit.max()) + 1 == len(unit) else unit), stratum


def _log_weights(design: SurveyDesign) -> Array:
    inside = design.weights > 0
    logs = np.log(design.weights, out=np.zeros(design.n_rows), where=inside)
    return np.where(inside, logs, logs[inside].mean()) if inside.any() else logs


def _varies_within(values: Array, groups: Indices) -> bool:
    """Whether the values are more than a matter of the group: what is constant in each, its indicator says already."""
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / counts
    return bool(np.abs(values - means[groups]).max() > 1e-8)


def means_of_others(values: Array, groups: Indices) -> Array | None:
    """Mean answer of the others in the group; the mean of all where nobody else answered.

    Parameters
    ----------
    values : array (n,)
        NaN where there is no answer.
    groups : array of int (n,)
        0, 1, ...

    Returns
    -------
    array (n,), or None
        None where the means do not vary.
    """
    known = ~np.isnan(values)
    answers = np.where(known, values, 0.0)
    others = np.bincount(groups, known)[groups] - known
    sums = np.bincount(groups, answers)[groups] - answers
    of_all = answers.sum() / max(int(known.sum()), 1)
    means = np.divide(sums, others, out=np.full(len(values), of_all), where=others > 0)
    return means if np.ptp(means) > 1e-8 else None
