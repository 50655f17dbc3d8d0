"""Reliability of factors: semTools' numbers, algebra, and what does not apply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import DataError
from survey_sem.measurement import reliability
from survey_sem.measurement.reliability import COEFFICIENTS, FROM_MODEL

COLUMNS = ["alpha", "omega", "omega2", "omega3", "avevar"]
# make_reference.R polishes lavaan's optimum to a gradient of 1e-12; alpha rests on no fit.
FROM_A_FIT, FROM_THE_SAMPLE = 1e-9, 1e-12

HOLZINGER = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
CASES = (
    "three_factors",
    "correlated_residuals",
    "structural",
    "cross_loading",
    "second_order",
    "equal_loadings",
    "big_five",
    "big_five_unreversed",
    "mobi",
)


@pytest.fixture(scope="module")
def semtools(reference_root: Path) -> dict[str, Any]:
    return json.loads((reference_root / "measurement" / "reliability.json").read_text(encoding="utf-8"))


def moments(case: dict[str, Any]) -> ss.Moments:
    return ss.moments(cov=case["cov"], n_obs=case["n_obs"], names=case["names"])


@pytest.fixture(scope="module")
def holzinger(semtools: dict[str, Any]) -> ss.Moments:
    return moments(semtools["three_factors"])


@pytest.mark.reference
@pytest.mark.parametrize("name", CASES)
def test_equals_semtools(semtools: dict[str, Any], name: str) -> None:
    case = semtools[name]
    expected = pd.DataFrame(case["reliability"]).set_index("_row")[COLUMNS]
    found = reliability(ss.sem(case["model"], moments(case)), total=True).table.loc[expected.index, COLUMNS]
    reported = found.notna().to_numpy()
    difference = np.abs(found.to_numpy() - expected.to_numpy(dtype=float))
    assert np.nanmax(difference[:, 0]) < FROM_THE_SAMPLE
    assert np.nanmax(difference) < FROM_A_FIT
    if name != "cross_loading":
        assert reported.all()


@pytest.mark.reference
def test_cross_loadings_leave_what_still_has_a_meaning(semtools: dict[str, Any]) -> None:
    case = semtools["cross_loading"]
    visual = reliability(ss.cfa(case["model"], moments(case)))["visual"]
    assert visual.omega is None
    assert visual.avevar is None
    assert visual.omega2 is not None
    assert visual.not_applicable["omega"] == "cross-loading: x9 also measures speed"


def test_table_and_records_say_the_same(holzinger: ss.Moments) -> None:
    found = reliability(ss.cfa(HOLZINGER, holzinger))
    assert list(found.table.index) == ["visual", "textual", "speed"]
    assert list(found.table.columns) == ["n_items", *COEFFICIENTS]
    assert json.loads(json.dumps(found.records()))[1]["omega"] == found.table.loc["textual", "omega"]
    with pytest.raises(KeyError, match="visual"):
        found["vizual"]


def test_second_order_factor_has_no_sum_of_items(holzinger: ss.Moments) -> None:
    found = reliability(ss.cfa(HOLZINGER + "g =~ visual + textual + speed", holzinger))
    assert set(found["g"].not_applicable) == set(COEFFICIENTS)
    assert "higher-order" in found["g"].not_applicable["omega"]
    assert found["visual"].omega is not None


def test_single_indicator_does_not_apply(holzinger: ss.Moments) -> None:
    found = reliability(ss.cfa("visual =~ x1 + x2 + x3\nage =~ x4", holzinger))
    assert "single indicator" in found["age"].not_applicable["alpha"]
    assert np.isnan(found.table.loc["age", "alpha"])


def test_an_item_with_another_cause_does_not_apply(holzinger: ss.Moments) -> None:
    found = reliability(ss.sem("visual =~ x1 + x2 + x3\nvisual ~ x4\nx3 ~ x4", holzinger), total=True)
    assert found["visual"].not_applicable["omega"] == "x3 is also explained by x4"
    assert found["total"].omega is None
    assert found["visual"].omega2 is not None


def test_an_improper_solution_has_no_omega(holzinger: ss.Moments) -> None:
    fit = ss.cfa(HOLZINGER + "x1 ~~ x4\nx8 ~~ x9", holzinger)  # semTools prints an omega of 1.88
    speed = reliability(fit)["speed"]
    assert speed.omega is None
    assert "negative residual variance of x8, x9: 1.882" in speed.not_applicable["omega"]
    assert speed.alpha is not None


def test_a_search_that_did_not_converge_leaves_alpha(holzinger: ss.Moments) -> None:
    fit = ss.cfa(HOLZINGER, holzinger, control={"iter_max": 1})
    assert not fit.converged
    visual = reliability(fit)["visual"]
    assert visual.alpha is not None
    assert set(visual.not_applicable) == set(FROM_MODEL)


def test_no_factors_no_reliability(holzinger: ss.Moments) -> None:
    with pytest.raises(DataError, match="no factors"):
        reliability(ss.sem("x1 ~ x2", holzinger))


def test_items_that_point_the_other_way_are_named(semtools: dict[str, Any]) -> None:
    case = semtools["big_five_unreversed"]
    warnings = reliability(ss.cfa(case["model"], moments(case))).warnings
    assert [w.what.split(" load")[0] for w in warnings] == ["agree: A1", "consc: C4, C5", "extra: E1, E2"]
    assert reliability(ss.cfa(semtools["big_five"]["model"], moments(semtools["big_five"]))).warnings == ()


def test_standardised_formulas_are_those_of_fornell_and_larcker(holzinger: ss.Moments) -> None:
    fit = ss.cfa(HOLZINGER, holzinger)
    loadings = fit.estimates.query("op == '=~' and lhs == 'visual'")["std_all"].to_numpy()
    visual = reliability(fit)["visual"]
    assert visual.ave_std == pytest.approx(np.mean(loadings**2), rel=1e-12)
    explained = loadings.sum() ** 2
    assert visual.cr_std == pytest.approx(explained / (explained + np.sum(1.0 - loadings**2)), rel=1e-12)


# -- what holds for every one-factor model --------------------------------------------------------------------------

loadings = st.lists(st.floats(0.4, 0.9), min_size=4, max_size=6)


def one_factor(weights: list[float], scale: np.ndarray | float = 1.0) -> tuple[ss.SemResult, np.ndarray]:
    weight = np.array(weights)
    cov = (np.outer(weight, weight) + np.diag(1.0 - weight**2)) * np.outer(
        np.broadcast_to(scale, len(weight)), np.broadcast_to(scale, len(weight))
    )
    names = [f"y{k}" for k in range(len(weight))]
    fit = ss.cfa("f =~ " + " + ".join(names), ss.moments(cov=cov, n_obs=500, names=names))
    return fit, cov


@given(loadings)
def test_omega_is_that_of_the_population(weights: list[float]) -> None:
    found = reliability(one_factor(weights)[0])["f"]
    explained = sum(weights) ** 2
    assert found.omega == pytest.approx(explained / (explained + sum(1.0 - w**2 for w in weights)), abs=1e-8)
    assert found.avevar == pytest.approx(np.mean(np.square(weights)), abs=1e-8)


@given(loadings)
def test_omega2_and_omega3_agree_where_the_model_fits(weights: list[float]) -> None:
    found = reliability(one_factor(weights)[0])["f"]
    assert found.omega2 == pytest.approx(found.omega, abs=1e-9)
    assert found.omega3 == pytest.approx(found.omega, abs=1e-8)


@given(loadings)
def test_alpha_is_a_lower_bound_of_omega(weights: list[float]) -> None:
    found = reliability(one_factor(weights)[0])["f"]
    assert found.alpha is not None
    assert found.omega is not None
    assert found.alpha <= found.omega + 1e-8


@given(st.floats(0.4, 0.9), st.integers(3, 6))
def test_alpha_is_omega_for_equal_loadings(weight: float, k: int) -> None:
    found = reliability(one_factor([weight] * k)[0])["f"]
    assert found.alpha == pytest.approx(found.omega, abs=1e-8)


@given(loadings, st.floats(0.05, 20.0))
def test_the_unit_of_all_items_does_not_matter(weights: list[float], unit: float) -> None:
    one, other = (reliability(one_factor(weights, scale)[0])["f"] for scale in (1.0, unit))
    for name in COEFFICIENTS:
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-8)


@given(st.integers(0, 2**32 - 1))
def test_the_unit_of_one_item_does_not_matter_to_what_is_standardised(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, scale = list(rng.uniform(0.4, 0.9, 4)), rng.uniform(0.2, 5.0, 4)
    one, other = (reliability(one_factor(weights, s)[0])["f"] for s in (1.0, scale))
    assert other.cr_std == pytest.approx(one.cr_std, abs=1e-8)
    assert other.ave_std == pytest.approx(one.ave_std, abs=1e-8)


@pytest.mark.parametrize("identification", [{}, {"std_lv": True}, {"effect_coding": "loadings"}])
def test_the_scale_of_the_factor_does_not_matter(holzinger: ss.Moments, identification: dict[str, Any]) -> None:
    expected = reliability(ss.cfa(HOLZINGER, holzinger)).table
    found = reliability(ss.cfa(HOLZINGER, holzinger, **identification)).table
    assert np.abs(found - expected).to_numpy().max() < 1e-9


def test_a_residual_covariance_belongs_to_the_error_of_the_sum() -> None:
    # Raykov (2001): with lambda = 1, psi = 1, Theta_ii = .5 and one residual covariance of .2,
    # omega = 16 / (16 + 4 x .5 + 2 x .2).
    cov = np.ones((4, 4)) + 0.5 * np.eye(4)
    cov[0, 1] = cov[1, 0] = 1.2
    names = ["a", "b", "c", "d"]
    fit = ss.cfa("f =~ a + b + c + d\na ~~ b", ss.moments(cov=cov, n_obs=400, names=names))
    assert reliability(fit)["f"].omega == pytest.approx(16.0 / (16.0 + 2.0 + 0.4), abs=1e-8)
