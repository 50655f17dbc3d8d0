"""A population's model becomes numbers: the standardised convention, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import ModelError, SurveySemError
from survey_sem.simulation.structure import complete, factor_of, override, read_population_model

SECOND_ORDER = """
f =~ .8*x1 + .7*x2 + .6*x3
g =~ .8*y1 + .7*y2 + .9*y3
h =~ .8*z1 + .7*z2 + .6*z3
total =~ .8*f + .7*g
h ~ a*.4*total + b*.2*k
k =~ .8*k1 + .5*k2 + .7*k3
k ~~ .3*total
x1 ~~ .1*x2
both := a + b
twice := 2*both
"""


def test_every_variable_has_variance_one() -> None:
    structure = complete(read_population_model(SECOND_ORDER))
    assert np.allclose(np.diag(structure.moments.cov_eta), 1.0, atol=1e-12)
    assert np.allclose(np.diag(structure.moments.sigma), 1.0, atol=1e-12)
    values = {(row.lhs, row.op, row.rhs): row.ustart for row in structure.parameters}
    assert values["f", "~~", "f"] == pytest.approx(1 - 0.64)
    assert values["h", "~~", "h"] == pytest.approx(1 - (0.16 + 0.04 + 2 * 0.4 * 0.2 * 0.3))
    assert {row.lhs: row.ustart for row in structure.definitions} == pytest.approx({"both": 0.6, "twice": 1.2})


def test_a_fit_to_the_implied_moments_gives_the_parameters_back() -> None:
    structure = complete(read_population_model(SECOND_ORDER))
    moments = ss.moments(cov=structure.moments.sigma, n_obs=500, names=structure.observed)
    model = """
    f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nh =~ z1 + z2 + z3\nk =~ k1 + k2 + k3\ntotal =~ f + g
    h ~ a*total + b*k\nx1 ~~ x2
    """
    standardised = ss.sem(model, moments).estimates.set_index(["lhs", "op", "rhs"])["std_all"]
    for row in structure.parameters:
        if row.op in ("=~", "~"):
            assert standardised[row.lhs, row.op, row.rhs] == pytest.approx(row.ustart, abs=1e-6)


def test_written_variances_are_taken_as_they_are() -> None:
    structure = complete(read_population_model("f =~ 1*x1 + .5*x2\nf ~~ 4*f\nx1 ~~ 2*x1\nx1 ~ 10*1\nx2 ~~ 1*x2"))
    assert np.diag(structure.moments.sigma) == pytest.approx([6.0, 2.0])
    assert structure.moments.mu == pytest.approx([10.0, 0.0])


def test_feedback_still_has_variance_one() -> None:
    structure = complete(read_population_model("a ~ .3*b + .4*x\nb ~ .2*a + .5*z"))
    assert np.diag(structure.moments.sigma) == pytest.approx(np.ones(4))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("f =~ x1 + .5*x2", "parameter-without-value"),
        ("f =~ .5*x1 + .5*x2\nf ~~ g\ng =~ .5*y1", "parameter-without-value"),
        ("f =~ 1.2*x1", "explained-too-much"),
        ("f =~ .6*x1\ng =~ .8*x1\nf ~~ .5*g", "explained-too-much"),
        ("f =~ .5*x1\ng =~ .5*y1\nf ~~ 1.2*g", "inadmissible-population"),
        ("f =~ .5*x1 + .5*x2\nx1 ~~ .9*x2", "inadmissible-population"),
        ("f =~ .5*x1\nf ~~ -1*f", "inadmissible-population"),
        ("a ~ 1*b\nb ~ 1*a", "no-solution"),
        ("f =~ a*.5*x1 + .5*x2\na == .5", "constraint-in-population"),
        ("f =~ .5*x1\nx1 ~*~ 1*x1", "operator-not-supported"),
        ("f <~ .5*x1", "operator-not-supported"),
        ("f =~ .5*x1\ng =~ .5*y1\nx1 ~ .2*f:g", "operator-not-supported"),
        ("group: 1\nf =~ .5*x1\ngroup: 2\nf =~ .5*x1", "blocks-in-population"),
        ("level: 1\nf =~ .5*x1\nlevel: 2\nf =~ .5*x1", "blocks-in-population"),
        ("f =~ .5*x1\nb := 2*a", "unknown-label"),
        ("f =~ a*.5*x1\nb := log(a - 1)", "bad-definition"),
    ],
)
def test_what_is_no_population_is_refused(text: str, code: str) -> None:
    with pytest.raises(SurveySemError) as caught:
        complete(read_population_model(text))
    assert caught.value.code == code


def test_the_error_names_the_parameters_without_value() -> None:
    with pytest.raises(ModelError, match="'f =~ x1', 'f ~~ g'"):
        read_population_model("f =~ x1 + .5*x2\nf ~~ g\ng =~ .5*y1")


def test_a_group_changes_what_it_writes_and_is_completed_anew() -> None:
    table = read_population_model("f =~ .8*x1 + .7*x2\ng =~ .8*y1\ng ~ p*.5*f\nsquare := p^2")
    other = complete(override(table, "g ~ .2*f\nf =~ .6*x2"), {"f": 0.5})
    values = {(row.lhs, row.op, row.rhs): row.ustart for row in other.parameters}
    assert values["g", "~", "f"] == 0.2 and values["g", "~~", "g"] == pytest.approx(0.96)
    assert values["x2", "~~", "x2"] == pytest.approx(0.64) and values["f", "=~", "x1"] == 0.8
    assert other.definitions[0].ustart == pytest.approx(0.04)
    assert dict(zip(other.latent, other.moments.mean_eta, strict=True)) == pytest.approx({"f": 0.5, "g": 0.1})
    with pytest.raises(ModelError, match="no variable 'k'"):
        override(table, "g ~ .2*k")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5), min_size=6, max_size=6))
def test_any_small_recursive_model_is_standardised(values: list[float]) -> None:
    a, b, c, d, e, f = values
    structure = complete(
        read_population_model(f"p =~ {a}*x1 + {b}*x2\nq =~ {c}*y1\nq ~ {d}*p + {e}*z\np ~~ {f}*z\nx1 ~~ 0.2*x2")
    )
    assert np.diag(structure.moments.sigma) == pytest.approx(np.ones(4))


def test_the_root_of_a_matrix_with_zero_variances() -> None:
    cov = np.diag([1.0, 0.0, 4.0])
    cov[0, 2] = cov[2, 0] = 0.5
    root = factor_of(cov)
    assert root is not None and np.allclose(root @ root.T, cov)
    assert factor_of(np.array([[1.0, 2.0], [2.0, 1.0]])) is None
    assert factor_of(np.array([[0.0, 0.1], [0.1, 1.0]])) is None
