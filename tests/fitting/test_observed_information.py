"""Observed information of generalised least squares is half the Hessian of the chi-square; decision 0010."""

from __future__ import annotations

import numpy as np
import pytest
import reference_cases as cases

import survey_sem as ss

MODEL = "f =~ x4 + x5 + x6 + x9"


def chi_square(fit, theta):
    """Sum over groups of (n - 1) times the fit function, from its definition."""
    estimates, total = fit.solution.estimates, 0.0
    for point, sample, own in zip(
        estimates.model.points(theta), estimates.model.samples, fit.solution.moments, strict=True
    ):
        inverse = np.linalg.inv(sample.cov)
        turned = inverse @ (sample.cov - point.moments.sigma)
        gap = sample.mean - point.moments.mu
        total += (own.n_obs - 1) * (0.5 * np.trace(turned @ turned) + gap @ inverse @ gap)
    return float(total)


def test_it_is_half_the_hessian_of_the_chi_square():
    rows = cases.rows("HolzingerSwineford1939.csv")
    rows = rows[(rows["school"] == "Pasteur") | (rows.index % 3 == 0)]  # groups of unequal size
    fit = ss.cfa(MODEL, rows, group="school", estimator="GLS", information="observed")
    theta = fit.solution.estimates.theta
    assert chi_square(fit, theta) == pytest.approx(fit.fit_measures["chisq"], rel=1e-10)
    information = np.linalg.inv(fit.vcov().to_numpy())
    for direction in np.random.default_rng(1).normal(size=(6, len(theta))) * np.maximum(np.abs(theta), 0.1):
        steps = (chi_square(fit, theta + size * direction) for size in (-1e-4, 0.0, 1e-4))
        curvature = sum(sign * value for sign, value in zip((1, -2, 1), steps, strict=True)) / 1e-8
        assert curvature / 2 == pytest.approx(direction @ information @ direction, rel=1e-5)  # of the differences


def test_it_is_the_expected_one_where_the_model_fits():
    loadings = np.array([1.0, 0.8, 0.7, 0.9])
    cov = 0.5 * np.outer(loadings, loadings) + np.diag([0.5, 0.6, 0.7, 0.4])
    data = ss.moments(cov=cov, n_obs=20, names=["y1", "y2", "y3", "y4"])
    errors = [
        ss.cfa("f =~ y1 + y2 + y3 + y4", data, estimator="GLS", information=kind).estimates["se"]
        for kind in ("expected", "observed")
    ]
    assert errors[0].to_numpy() == pytest.approx(errors[1].to_numpy(), rel=1e-8)


@pytest.mark.parametrize("estimator", ["ULSMV", "DWLS", "WLSMV"])
def test_least_squares_has_one_information(estimator):
    rows = cases.rows("HolzingerSwineford1939.csv")
    plain = ss.cfa(MODEL, rows, estimator=estimator)
    asked = ss.cfa(MODEL, rows, estimator=estimator, information="observed", h1_information="unstructured")
    assert asked.estimates["se"].tolist() == plain.estimates["se"].tolist()
    assert asked.options["information"] == "expected" and asked.options["h1_information"] == "structured"
