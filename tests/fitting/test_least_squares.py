"""Unweighted least squares: standard errors and chi-square hold for its estimates; see decision 0010."""

from __future__ import annotations

import numpy as np
import pytest
import reference_cases as cases

import survey_sem as ss


def test_estimates_of_a_published_matrix_are_the_reference_ones():
    case = cases.load("wheaton_uls")
    ours = cases.by_key(cases.call(case).estimates)
    for row in case["estimates"]:
        assert ours[cases.key(row)]["est"] == pytest.approx(row["est"], rel=1e-5, abs=1e-5)


@pytest.mark.slow
def test_standard_errors_and_chi_square_in_repeated_samples():
    case = cases.load("wheaton_uls")
    fit = cases.call(case)
    sigma, rng = fit.implied()["cov"], np.random.default_rng(20261123)
    half = np.linalg.cholesky(sigma.to_numpy())
    estimates, errors, chisq = [], [], []
    for _ in range(200):
        sample = np.cov(half @ rng.standard_normal((len(half), 932)))
        again = ss.sem(case["model"], ss.moments(cov=sample, n_obs=932, names=list(sigma)), estimator="ULS")
        if again.converged:
            estimates.append(again.estimates["est"].to_numpy())
            errors.append(again.estimates["se"].to_numpy())
            chisq.append(again.fit_measures["chisq"])
    assert len(estimates) > 190
    free = np.mean(errors, axis=0) > 0
    ratio = np.mean(errors, axis=0)[free] / np.std(estimates, axis=0, ddof=1)[free]
    assert np.all((ratio > 0.8) & (ratio < 1.25))
    assert np.mean(chisq) == pytest.approx(4.0, abs=1.0)  # five standard errors of the mean


def test_uncorrected_diagonal_weights_are_said():
    """The simulation checks show what they do: intervals that hold the value in 85 to 100 of 100 samples."""
    rows = cases.rows("HolzingerSwineford1939.csv")
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
    (warning,) = ss.cfa(model, rows, estimator="DWLS").warnings
    assert warning.code == "uncorrected-least-squares"
    assert "WLSMV" in warning.hint
    assert "chi-square" in warning.what and "standard errors" in warning.what
    assert not ss.cfa(model, rows, estimator="WLSMV").warnings
    assert not ss.cfa(model, rows, estimator="DWLS", se="robust.sem", test="scaled.shifted").warnings
