"""A ladder of a second-order model goes on where intercepts are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.measurement.second_order import with_pinned_means

MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\ng =~ a + b + c"


def drawn(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    sex = np.arange(n) % 2
    general = rng.normal(size=n) + 0.5 * sex
    rows = {}
    for factor in "abc":
        own = 0.7 * general + rng.normal(size=n)
        rows |= {f"{factor}{k}": 0.8 * own + 0.6 * rng.normal(size=n) for k in (1, 2, 3)}
    return pd.DataFrame(rows).assign(sex=sex)


def test_the_higher_mean_is_told() -> None:
    found = ss.invariance(MODEL, drawn(), group="sex", levels=("configural", "metric", "scalar"))
    assert list(found.fits) == ["configural", "metric", "scalar"]
    free = [mean for mean in found.mean_records if mean.latent == "g"]
    assert len(free) == 1
    assert abs(free[0].standardised) == pytest.approx(0.5, abs=0.12)


def test_a_mean_that_the_model_mentions_is_left_alone() -> None:
    assert with_pinned_means(MODEL).endswith("a ~ 0*1\nb ~ 0*1\nc ~ 0*1")
    assert with_pinned_means(MODEL + "\na ~ 1").endswith("b ~ 0*1\nc ~ 0*1")
    assert with_pinned_means("f =~ x1 + x2 + x3") == "f =~ x1 + x2 + x3"
