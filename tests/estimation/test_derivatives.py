"""Analytic derivatives against finite differences, on models that use every matrix and every pair of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from survey_sem.estimation.build import build_model
from survey_sem.estimation.functions import definition_functions
from survey_sem.estimation.implied import eta_jacobian, implied, implied_jacobian
from survey_sem.estimation.model import Model
from survey_sem.estimation.start import starting_values
from survey_sem.linalg import vech
from survey_sem.statistics import Moments
from survey_sem.syntax import parse_model

MODELS = {
    "factors with means": "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nf ~ 1\nx1 ~ 0*1\nx2 ~~ x5",
    "structure": "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f\nx1 ~ 1",
    "second order": "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nh =~ 1*f + 1*g\nh ~ 1\nx1 ~ 0*1\nf ~ 0*1",
    "non-recursive paths": "x1 ~ x2 + x3\nx2 ~ x1 + x4\nx1 ~~ x2\nx5 ~ x1\nx6 ~ x2 + x5\nx1 ~ 1",
    "indicator with a direct effect": "f =~ x1 + x2 + x3\nf ~ x4\nx2 ~ x4 + x5\nx6 ~ f\nx3 ~~ x6\nx1 ~ 1",
}


@pytest.fixture(params=sorted(MODELS))
def built(request):
    rng = np.random.default_rng(3)
    root = rng.normal(size=(6, 6)) * 0.4 + np.eye(6)
    names = tuple(f"x{i + 1}" for i in range(6))
    table = parse_model(MODELS[request.param], function="sem", fixed_x=False)
    sample = Moments(names, 300, root @ root.T, rng.normal(size=6))
    return build_model(table, [sample.select(table.names("ov"))])


@pytest.fixture
def theta(built):
    informed, *_ = starting_values(built.model.groups, built.model.samples, built.given)
    rng = np.random.default_rng(8)
    return informed + rng.uniform(-0.1, 0.1, len(informed))


def numeric(function, theta, step=1e-6):
    columns = []
    for k in range(len(theta)):
        shift = np.zeros(len(theta))
        shift[k] = step
        columns.append((function(theta + shift) - function(theta - shift)) / (2 * step))
    return np.stack(columns, axis=-1)


def test_implied_jacobian(built, theta):
    rep = built.model.groups[0]

    def moments(at):
        point = implied(rep, at)
        return np.concatenate([point.mu, vech(point.sigma)])

    jacobian = implied_jacobian(rep, implied(rep, theta))
    assert_allclose(jacobian.dense(), numeric(moments, theta)[:, jacobian.theta], atol=1e-7)
    assert_allclose(
        jacobian.diagonal(), numeric(lambda at: np.diag(implied(rep, at).sigma), theta)[:, jacobian.theta].T, atol=1e-7
    )


def test_eta_jacobian(built, theta):
    rep = built.model.groups[0]
    jacobian = eta_jacobian(rep, implied(rep, theta))
    expected = numeric(lambda at: np.diag(implied(rep, at).cov_eta), theta)[:, jacobian.theta]
    assert_allclose(jacobian.diagonal(), expected.T, atol=1e-7)


def test_gradient(built, theta):
    model = built.model
    assert_allclose(model.gradient(model.points(theta)), numeric(model.value, theta), atol=1e-7)


def test_observed_information_is_the_hessian(built, theta):
    model = built.model
    hessian = numeric(lambda at: model.gradient(model.points(at)), theta)
    found = model.observed_information(model.points(theta))
    assert_allclose(found, hessian, atol=1e-5)
    assert_allclose(found, found.T, atol=1e-12)


def test_expected_information_is_the_hessian_where_the_model_holds(built, theta):
    """At Sigma = S and mu = mean both informations are one."""
    rep = built.model.groups[0]
    point = implied(rep, theta)
    table = built.table
    sample = Moments(rep.observed, 300, point.sigma, point.mu)
    model = build_model(table, [sample]).model
    points = model.points(theta)
    assert_allclose(model.expected_information(points), model.observed_information(points), atol=1e-10)
    assert_allclose(model.gradient(points), 0.0, atol=1e-12)


def test_groups_add_up(built, theta):
    """Two groups with the same moments are the one group: value, gradient and information are sums over groups."""
    one = built.model
    both = Model(one.groups * 2, one.samples * 2, (0.3, 0.7), one.n_free)
    assert both.value(theta) == pytest.approx(one.value(theta))
    assert_allclose(both.gradient(both.points(theta)), one.gradient(one.points(theta)), atol=1e-12)
    assert_allclose(
        both.observed_information(both.points(theta)), one.observed_information(one.points(theta)), atol=1e-12
    )


def test_definitions_and_their_chain_rule():
    text = "x1 ~ a*x2 + b*x3\nind := a*b\ntotal := ind + exp(b) / (1 + a^2)\nrelative := log(abs(total)) * sqrt(b + 2)"
    table = parse_model(text)
    functions = definition_functions(table)
    theta = np.linspace(0.3, 1.1, table.n_free)
    assert_allclose(functions.jacobian(theta), numeric(functions.values, theta), atol=1e-8)
    draws = np.stack([theta, theta * 1.1])
    assert_allclose(functions.values(draws)[0], functions.values(theta))
    weights = np.array([1.0, -2.0, 0.5])
    hessian = numeric(lambda at: weights @ functions.jacobian(at), theta)
    assert_allclose(functions.weighted_hessian(theta, weights), hessian, atol=1e-5)
