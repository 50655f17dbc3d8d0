"""A small simulation: parameters planted are parameters found, with intervals that cover and a test that holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

MODEL = """
trust =~ t1 + a*t2 + t3
intent =~ p1 + p2 + p3
intent ~ b*trust + c*discount
gain := a*b
"""
TRUTH = {"a": 0.8, "b": 0.5, "c": 0.3, "gain": 0.4}


def draw(rng, n):
    discount = rng.binomial(1, 0.4, n)
    trust = rng.normal(size=n)
    intent = 0.5 * trust + 0.3 * discount + rng.normal(scale=0.7, size=n)
    items = {f"t{k}": loading * trust for k, loading in ((1, 1.0), (2, 0.8), (3, 1.2))}
    items |= {f"p{k}": loading * intent for k, loading in ((1, 1.0), (2, 0.9), (3, 1.1))}
    noisy = {name: value + rng.normal(scale=0.6, size=n) for name, value in items.items()}
    return pd.DataFrame({**noisy, "discount": discount})


@pytest.mark.slow
def test_planted_values_are_found():
    rng = np.random.default_rng(20260105)
    repetitions, estimates, covered, chisq = 200, [], [], []
    for _ in range(repetitions):
        fit = ss.sem(MODEL, draw(rng, 300))
        assert fit.converged
        rows = fit.estimates[fit.estimates["label"].isin(TRUTH)].drop_duplicates("label").set_index("label")
        estimates.append(rows["est"])
        truth = pd.Series(TRUTH)[rows.index]
        covered.append((rows["ci_lower"] < truth) & (truth < rows["ci_upper"]))
        chisq.append(fit.fit_measures["chisq"])
    found = pd.DataFrame(estimates)
    standard_error = found.std() / np.sqrt(repetitions)
    assert ((found.mean() - pd.Series(TRUTH)).abs() < 4 * standard_error + 0.01).all()
    # 200 draws: 95% coverage has a standard error of 1.5 points
    assert pd.DataFrame(covered).mean().between(0.90, 0.99).all()
    df = fit.fit_measures["df"]
    assert abs(np.mean(chisq) - df) < 4 * np.sqrt(2 * df / repetitions)
