"""What unequal weights cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array


@dataclass(frozen=True, slots=True)
class WeightSummary:
    """Spread of weights and its price; rows without weight do not count.

    Parameters
    ----------
    n : int
        Rows with weight.
    total, mean, least, greatest : float
        Sum, mean and range.
    cv : float
        Coefficient of variation, divisor n.
    deff : float
        Kish's design effect of weighting, ``n sum(w^2) / sum(w)^2 = 1 + cv^2``: by how much unequal weights inflate
        variances where they have nothing to do with the answers.
    n_eff : float
        Effective number of respondents, ``sum(w)^2 / sum(w^2) = n / deff``.
    """

    n: int
    total: float
    mean: float
    least: float
    greatest: float
    cv: float
    deff: float
    n_eff: float


def summarise_weights(weights: Array) -> WeightSummary:
    """Spread and price of weights (n,), whose sum is above 0.

    Source: Kish (1965), Survey Sampling, section 11.7.
    """
    used = weights[weights != 0]
    scaled = used / used.mean()
    deff = float((scaled**2).mean())
    cv = float(np.sqrt(((scaled - 1.0) ** 2).mean()))
    return WeightSummary(
        n=len(used),
        total=float(used.sum()),
        mean=float(used.mean()),
        least=float(used.min()),
        greatest=float(used.max()),
        cv=cv,
        deff=deff,
        n_eff=len(used) / deff,
    )
