"""Derivatives of every discrepancy and of constraints against finite differences, in two groups with restrictions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from survey_sem.estimation.build import build_model
from survey_sem.estimation.stacked import StackedMoments, stacked_model
from survey_sem.estimation.start import starting_values
from survey_sem.statistics import Moments, RowBlocks
from survey_sem.statistics.patterns import find_patterns
from survey_sem.statistics.saturated import saturated_moments
from survey_sem.syntax import parse_model

FACTORS = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\n"
MODELS = {
    "factors": FACTORS + "f ~~ c(r,s)*g\nr > s - 3",
    "structure": FACTORS + "g ~ c(a,b)*f\nx2 ~~ x5\na == 2*b - 1",
    "second order": FACTORS + "h =~ 1*f + 1*g\nf ~ 0*1\ng ~ 0*1\nh ~ c(0,NA)*1",
    "paths": "x1 ~ c(a,a)*x2 + x3\nx2 ~ x1 + c(b,c)*x4\nx1 ~~ x2\nx5 ~ x1\nx6 ~ x2 + x5\nexp(b) == exp(c)",
    "direct effect": "f =~ x1 + x2 + x3\nf ~ x4\nx2 ~ c(d,e)*x4 + x5\nx6 ~ f\nx3 ~~ x6\nk := d*e\nk < 2",
    "growth": "i =~ 1*x1 + 1*x2 + 1*x3 + 1*x4\ns =~ 0*x1 + 1*x2 + 2*x3 + c(t,t)*x4\n"
    "x5 ~ i\nx6 ~ s + c(u,v)*x5\nu*v == 0.1",
}
KINDS = ("ML", "GLS", "ULS", "DWLS", "WLS", "FIML")

few = settings(max_examples=2, phases=(Phase.generate,))  # a smaller seed is no simpler case


def built(model, kind, seed):
    """A model of two groups with different moments, means included."""
    rng = np.random.default_rng(seed)
    if model == "effects coded":
        table = parse_model(
            FACTORS, effect_coding=("loadings", "intercepts"), n_groups=2, group_equal=("loadings",), meanstructure=True
        )
    else:
        function = "growth" if model == "growth" else "sem"
        equal = ("loadings", "intercepts") if "=~" in MODELS[model] else ("intercepts",)
        table = parse_model(
            MODELS[model], function=function, n_groups=2, group_equal=equal, fixed_x=False, meanstructure=True
        )
    draw = incomplete_sample if kind == "FIML" else complete_sample
    moments = [draw(rng, table.names("ov")) for _ in range(2)]
    size = 6 + 21
    weights = {"DWLS": lambda: rng.uniform(0.2, 2.0, size), "WLS": lambda: _definite(rng, size)}.get(kind)
    return build_model(
        table,
        moments,
        weighting="ML" if kind == "FIML" else kind,
        weights=[weights() for _ in moments] if weights else (),
    )


def _definite(rng, size):
    root = rng.normal(size=(size, size)) * 0.2 + np.eye(size)
    return root @ root.T


def complete_sample(rng, names):
    return Moments(tuple(names), int(rng.integers(60, 300)), _definite(rng, 6), rng.normal(size=6))


def incomplete_sample(rng, names):
    values = rng.normal(size=(60, 6)) @ (rng.normal(size=(6, 6)) * 0.3 + np.eye(6)) + rng.normal(size=6)
    values[rng.random(values.shape) < 0.2] = np.nan
    rows = RowBlocks(tuple(values.T))
    patterns = find_patterns(rows)
    found = saturated_moments(patterns)
    return Moments(tuple(names), patterns.n_obs, found.cov, found.mean, rows=rows, patterns=patterns)


def away(found, seed):
    """A point near the starting values, where every discrepancy is finite."""
    start, *_ = starting_values(found.model.groups, found.model.samples, found.given)
    return start + np.random.default_rng(seed).uniform(-0.05, 0.05, len(start))


def numeric(function, theta, step=1e-6):
    return np.stack(
        [(function(theta + step * e) - function(theta - step * e)) / (2 * step) for e in np.eye(len(theta))], axis=-1
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [*MODELS, "effects coded"])
@few
@given(seed=st.integers(0, 1000))
def test_gradient_and_hessian(model, kind, seed):
    found = built(model, kind, seed)
    theta, function = away(found, seed), found.model
    points = function.points(theta)
    scale = max(1.0, function.value(theta))
    assert_allclose(function.gradient(points), numeric(function.value, theta), atol=2e-7 * scale)
    hessian = numeric(lambda at: function.gradient(function.points(at)), theta)
    observed = function.observed_information(points)
    assert_allclose(observed, hessian, atol=1e-6 * max(1.0, np.abs(hessian).max()))
    assert_allclose(observed, observed.T, atol=1e-10 * max(1.0, np.abs(hessian).max()))
    assert np.linalg.eigvalsh(function.expected_information(points)).min() > -1e-9 * scale


@pytest.mark.parametrize("model", [*MODELS, "effects coded"])
@few
@given(seed=st.integers(0, 1000))
def test_constraints(model, seed):
    """Linear ones are constant; the Jacobians of the others are their derivatives."""
    found = built(model, "ML", seed)
    theta = away(found, seed)
    for functions in (found.constraints.equal, found.constraints.positive):
        if len(functions):
            assert_allclose(functions.jacobian(theta), numeric(functions.values, theta), atol=1e-8)


@pytest.mark.parametrize("kind", ["ML", "GLS", "ULS"])
@pytest.mark.parametrize("model", [*MODELS, "effects coded"])
def test_many_samples_at_once_are_each_by_itself(model, kind):
    """Stacked values and gradients, which the bootstrap uses, are those of single models."""
    found = built(model, kind, 4)
    rng = np.random.default_rng(9)
    theta = np.stack([away(found, seed) for seed in (1, 2, 3)])
    stacks = [
        StackedMoments(
            np.stack([_definite(rng, len(group.cov)) for _ in theta]),
            rng.normal(size=(3, len(group.cov))),
            np.full(3, 90),
        )
        for group in found.model.samples
    ]
    many = stacked_model(found, stacks, np.full((3, 2), 90))
    values, gradients = many.value_and_gradient(theta)
    for at, own in enumerate(theta):
        single = many.single(at)
        assert values[at] == pytest.approx(single.value(own), rel=1e-10)
        assert_allclose(gradients[at], single.gradient(single.points(own)), atol=1e-10 * max(1.0, abs(values[at])))
