"""Starts on the other side of infinity, for searches whose parameters grew without end."""

from __future__ import annotations

import numpy as np

from survey_sem.estimation.implied import implied
from survey_sem.estimation.model import Model
from survey_sem.linalg import Array

FAR = 2.0
"""Common variance of an indicator, in units of its sample variance, from which on a factor counts as running away."""


def beyond_infinity(model: Model, theta: Array) -> Array | None:
    """The point `theta` seen from the other side; None where no factor runs away in it.

    A factor that is scaled by an indicator with which the others hardly correlate has a variance near zero and large
    loadings: products of the two are what the data tell. A small change of the data takes the loadings through
    infinity, to the other sign, and the variance through zero. A search has to jump there: the loadings return with the
    other sign, the variance becomes negative, and residual variances make up for it.
    """
    start = theta.copy()
    for rep, sample in zip(model.groups, model.samples, strict=True):
        loading, psi = rep.places["Lambda"], rep.places["Psi"]
        now = rep.matrices(theta)
        common = now["Lambda"] ** 2 * np.diag(now["Psi"]) / np.diag(sample.cov)[:, None]
        for factor in np.unique(loading.column):
            own, of = loading.theta[loading.column == factor], (psi.row == factor) & (psi.column == factor)
            far = float(common[loading.row[loading.column == factor], factor].max())
            if far > FAR and of.any():
                start[own] = -theta[own] / far
                start[psi.theta[of]] = -theta[psi.theta[of]] * far
    if (start == theta).all():
        return None
    for rep, sample in zip(model.groups, model.samples, strict=True):
        moments = implied(rep, start)
        if moments is None:
            return None
        residual = rep.places["Theta"]
        at = residual.row == residual.column
        start[residual.theta[at]] += np.diag(sample.cov - moments.sigma)[residual.row[at]]
    return start
