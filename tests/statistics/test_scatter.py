"""Totals of calibrated samples, block by block, equal those of residuals written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.statistics.scatter import AdjustedSampling


@pytest.mark.parametrize("psu", [None, "unit"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_totals_of_residuals_need_no_rows(psu: str | None, steps: int) -> None:
    rng = np.random.default_rng(steps)
    rows = pd.DataFrame(
        {"g": rng.integers(0, 3, 90), "h": rng.integers(0, 2, 90), "z": rng.normal(size=90), "w": rng.uniform(1, 3, 90)}
    ).assign(unit=np.arange(90) % 15, s=np.arange(90) % 15 % 3)
    design = ss.design(rows, weights="w", strata="s", psu=psu)
    if psu is None:
        design = ss.design(rows, weights="w", strata="s")
    design = design.rake({"g": {0: 0.2, 1: 0.5, 2: 0.3}, "h": {0: 0.4, 1: 0.6}})
    if steps > 1:
        design = design.poststratify({"g": {0: 0.25, 1: 0.45, 2: 0.3}})
    if steps > 2:
        design = design.rake({"h": {0: 0.5, 1: 0.5}, "g": {0: 0.3, 1: 0.4, 2: 0.3}}, residuals="regression")
    assert design.sampling is not None
    assert len(design.adjustments) == steps
    values = rng.normal(size=(7, 90)) * design.weights
    values[:, :11] = 0.0  # rows that are never added
    totals = AdjustedSampling(design.sampling, design.adjustments).totals(7)
    for block in (np.arange(11, 30), slice(30, 31), np.arange(89, 30, -1)):
        totals.add(values[:, block], block)
    np.testing.assert_allclose(totals.covariance(), design.influence_covariance(values), rtol=1e-9, atol=1e-9)
