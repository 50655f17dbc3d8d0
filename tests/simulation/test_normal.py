"""Bivariate normal probabilities and the moments of answers in categories, against other ways to compute them."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from survey_sem.simulation.normal import Categories, coded_moments, excess, mixed_moments


def joint(h: float, k: float, rho: float) -> float:
    """Phi2 by integrating a conditional probability, in pieces around its step."""
    root = np.sqrt(1.0 - rho * rho)

    def integrand(x: float) -> float:
        return float(np.exp(-x * x / 2.0) / np.sqrt(2.0 * np.pi) * ndtr((k - rho * x) / root))

    step = k / rho if rho else 0.0
    inner = [step + at * root for at in (-8.0, -2.0, 0.0, 2.0, 8.0)]
    edges = [-9.0, *sorted(at for at in inner if -9.0 < at < h), h]
    return sum(quad(integrand, a, b, epsabs=1e-14, epsrel=1e-12, limit=200)[0] for a, b in pairwise(edges))


@pytest.mark.parametrize("rho", [0.0, 0.2, -0.5, 0.8, -0.9, 0.925, 0.95, 0.99, -0.999, 0.9999])
def test_excess_is_the_joint_probability_less_the_product(rho: float) -> None:
    for h, k in [(0.0, 0.0), (0.3, 0.3), (-1.2, 0.7), (2.5, 2.4), (-3.0, 1.0), (0.5, 0.5001)]:
        assert abs(float(excess(h, k, rho)) - (joint(h, k, rho) - ndtr(h) * ndtr(k))) < 1e-11


def test_excess_at_the_ends_of_the_correlation() -> None:
    h, k = np.array([0.3, -1.0, 2.0]), np.array([0.4, 0.5, -2.0])
    both = np.minimum(ndtr(h), ndtr(k)) - ndtr(h) * ndtr(k)
    assert np.allclose(excess(h, k, 1.0), both, atol=1e-12)
    opposite = np.maximum(ndtr(h) + ndtr(k) - 1.0, 0.0) - ndtr(h) * ndtr(k)
    assert np.allclose(excess(h, k, -1.0), opposite, atol=1e-12)
    assert np.allclose(excess(h, k, 0.0), 0.0, atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-0.999999, 0.999999))
def test_excess_is_symmetric_and_within_its_bounds(h: float, k: float, rho: float) -> None:
    value = float(excess(h, k, rho))
    assert value == pytest.approx(float(excess(k, h, rho)), abs=1e-13)
    assert value == pytest.approx(-float(excess(h, -k, -rho)), abs=1e-13)
    probability = value + ndtr(h) * ndtr(k)
    assert max(0.0, ndtr(h) + ndtr(k) - 1.0) - 1e-12 <= probability <= min(ndtr(h), ndtr(k)) + 1e-12


def test_quarter_at_the_origin() -> None:
    rho = np.linspace(-0.999, 0.999, 41)
    assert np.allclose(excess(0.0, 0.0, rho), np.arcsin(rho) / (2.0 * np.pi), atol=1e-14)


def test_moments_of_codes_from_rectangles_of_probability() -> None:
    mu, sigma = np.array([0.3, -0.2]), np.array([[1.4, -0.5], [-0.5, 0.9]])
    items = [
        Categories(np.array([-1.0, 0.2, 1.1]), np.array([1.0, 2.0, 3.0, 4.0])),
        Categories(np.array([-0.4, 0.9]), np.array([9.0, 5.0, 4.0])),  # reversed, with a step of four
    ]
    edges = [np.concatenate([[-9.0], item.thresholds, [9.0]]) for item in items]
    law = partial(multivariate_normal.cdf, mean=mu, cov=sigma, abseps=1e-12, releps=1e-12)
    cumulated = np.array([[law([a, b]) for b in edges[1]] for a in edges[0]])
    cells = np.diff(np.diff(cumulated, axis=0), axis=1)
    first, second = items[0].codes, items[1].codes
    mean, cov = coded_moments(mu, sigma, items)
    assert mean == pytest.approx([cells.sum(1) @ first, cells.sum(0) @ second], abs=1e-8)
    assert cov[0, 0] == pytest.approx(cells.sum(1) @ (first - mean[0]) ** 2, abs=1e-8)
    assert cov[1, 0] == pytest.approx((first - mean[0]) @ cells @ (second - mean[1]), abs=1e-8)
    assert (cov == cov.T).all()


def test_a_mixture_of_groups_is_spread_by_their_means() -> None:
    mean, cov = mixed_moments(np.array([0.25, 0.75]), [np.array([0.0]), np.array([4.0])], [np.eye(1), 2.0 * np.eye(1)])
    assert mean == pytest.approx([3.0])
    assert cov[0, 0] == pytest.approx(0.25 * (1 + 9) + 0.75 * (2 + 1))
