"""What holds for every regression, whatever the numbers."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import MissingChoiceError
from survey_sem.regression.families import LINKS
from survey_sem.regression.likelihoods import (
    Multinomial,
    NegativeBinomial,
    Ordered,
    multinomial_probabilities,
    multinomial_slopes,
    ordered_probabilities,
    ordered_slopes,
)

FORMULAS = {
    "gaussian": "y ~ x + g", "quantile": "y ~ x + g", "binomial": "yes ~ x + g", "poisson": "count ~ x + g",
    "negative_binomial": "count ~ x + g", "two_part": "spend ~ x + g", "ordinal": "grade ~ x + g",
    "multinomial": "grade ~ x + g",
}  # fmt: skip


def drawn(seed: int, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=n), rng.choice(["a", "b"], n)
    latent = 0.5 * x + 0.3 * (g == "b") + rng.logistic(size=n)
    frame = pd.DataFrame(
        {"x": x, "g": g, "y": latent, "yes": (latent > 0).astype(int), "grade": np.digitize(latent, [-1, 1])}
    )
    frame["count"] = rng.poisson(np.exp(0.2 + 0.3 * x) * rng.gamma(2, 0.5, n))
    frame["spend"] = np.where(latent > 0, rng.gamma(2, np.exp(0.3 * x)), 0.0)
    return frame.assign(room=rng.integers(0, 20, n), w=rng.integers(1, 4, n))


@pytest.mark.parametrize("family", LINKS)
def test_row_order_and_scale_of_a_predictor(family: str) -> None:
    rows = drawn(1)
    fit = ss.regress(FORMULAS[family], rows, family=family)
    turned = ss.regress(FORMULAS[family], rows.sample(frac=1.0, random_state=3), family=family)
    np.testing.assert_allclose(turned.estimates["est"], fit.estimates["est"], rtol=1e-6, atol=1e-6)
    scaled = ss.regress(FORMULAS[family], rows.assign(x=rows["x"] * 10.0), family=family)
    is_x = (fit.estimates["term"] == "x").to_numpy()
    np.testing.assert_allclose(scaled.estimates["est"][is_x] * 10.0, fit.estimates["est"][is_x], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("family", LINKS)
def test_whole_weights_are_repeated_rows(family: str) -> None:
    rows = drawn(2)
    weighted = ss.regress(FORMULAS[family], rows, family=family, weights="w")
    repeated = ss.regress(FORMULAS[family], rows.loc[rows.index.repeat(rows["w"])].reset_index(), family=family)
    np.testing.assert_allclose(weighted.estimates["est"], repeated.estimates["est"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("family", LINKS)
def test_clusters_of_one_row_are_rows(family: str) -> None:
    rows = drawn(3).assign(own=range(300))
    alone = ss.regress(FORMULAS[family], rows, family=family, cluster="own", vcov="CR0")
    robust = ss.regress(FORMULAS[family], rows, family=family, vcov="HC0")
    np.testing.assert_allclose(alone.covariance, robust.covariance, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("family", LINKS)
def test_scores_sum_to_nothing_and_results_pickle(family: str) -> None:
    fit = ss.regress(FORMULAS[family], drawn(4), family=family)
    scores = fit.fit.scores
    assert np.all(np.abs(scores.sum(axis=0)) < 1e-5 * np.abs(scores).sum(axis=0))
    assert str(fit).startswith(str(fit).splitlines()[0])
    assert "<script" not in fit._repr_html_()


@pytest.mark.parametrize("family", LINKS)
def test_marginal_effects_are_slopes_of_predictions(family: str) -> None:
    rows = drawn(5)
    fit = ss.regress(FORMULAS[family], rows, family=family)
    effect = fit.margins("x")["est"].to_numpy()
    step = 1e-4
    moved = [fit.predict(rows.assign(x=rows["x"] + turn * step)).mean().to_numpy() for turn in (1, -1)]
    np.testing.assert_allclose(effect, (moved[0] - moved[1]) / (2 * step), rtol=1e-5, atol=1e-8)
    changed = [fit.predict(rows.assign(g=level)).mean().to_numpy() for level in ("b", "a")]
    np.testing.assert_allclose(fit.margins("g")["est"], changed[0] - changed[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("family", sorted(set(LINKS) - {"gaussian", "quantile"}))
def test_standard_errors_of_marginal_effects_are_the_delta_methods(family: str) -> None:
    fit = ss.regress(FORMULAS[family].replace("x", "x + I(x**2)"), drawn(6), family=family, vcov="HC0")

    def effect(theta: np.ndarray) -> np.ndarray:
        means = fit.fit.means
        if family == "two_part":
            k = len(theta) // 2
            parts = {
                "whether": replace(means.whether, theta=theta[:k]),
                "amount": replace(means.amount, theta=theta[k:]),
            }
            moved = replace(means, **parts)
        else:
            moved = replace(means, theta=theta)
        return replace(fit, fit=replace(fit.fit, means=moved)).margins("x")["est"].to_numpy()

    slopes = _slopes(effect, fit.fit.theta)
    expected = np.sqrt(np.diag(slopes @ fit.covariance @ slopes.T))
    np.testing.assert_allclose(fit.margins("x")["se"], expected, rtol=1e-3)


@given(st.integers(0, 10_000))
def test_derivatives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, 2))
    y = rng.integers(0, 3, 12)
    link = ("logit", "probit", "cloglog")[seed % 3]
    models = [
        (Ordered(x, y, 3, link), np.array([0.3, -0.2, -0.4, 0.9])),  # type: ignore[arg-type]
        (Multinomial(x, y, 3), rng.normal(size=4)),
    ]
    for model, theta in models:
        _check_derivatives(model, theta, rng.uniform(0.5, 2.0, 12))
    for probabilities, found, theta in (
        (lambda t: ordered_probabilities(t, x, link), ordered_slopes(models[0][1], x, link), models[0][1]),
        (lambda t: multinomial_probabilities(t, x), multinomial_slopes(models[1][1], x), models[1][1]),
    ):
        np.testing.assert_allclose(found, _slopes(probabilities, theta), rtol=1e-5, atol=1e-7)
    counts = NegativeBinomial(x, y, np.zeros(12))
    theta = np.array([0.2, -0.1, -0.5])
    np.testing.assert_allclose(counts.scores(theta), _slopes(counts.log, theta), rtol=1e-5, atol=1e-6)
    bent = _slopes(lambda t: counts.scores(t).sum(axis=0), theta)
    assert counts.information(theta, np.ones(12))[2, 2] == pytest.approx(-bent[2, 2], rel=1e-4, abs=1e-6)


def _slopes(function, theta):  # type: ignore[no-untyped-def]
    steps = np.eye(len(theta)) * 1e-6
    return np.stack([(function(theta + h) - function(theta - h)) / 2e-6 for h in steps], axis=-1)


def _check_derivatives(model, theta, weights) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(model.scores(theta), _slopes(model.log, theta), rtol=1e-5, atol=1e-6)
    numeric = -_slopes(lambda t: weights @ model.scores(t), theta)
    np.testing.assert_allclose(model.information(theta, weights), numeric, rtol=1e-4, atol=1e-5)


def test_importance_sums_to_r2_and_equals_pingouin() -> None:
    import pingouin

    rng = np.random.default_rng(8)
    x = rng.normal(size=(200, 3)) @ np.array([[1, 0.5, 0.2], [0, 1, 0.3], [0, 0, 1]])
    rows = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=x @ [0.5, 0.3, -0.4] + rng.normal(size=200))
    fit = ss.regress("y ~ a + b + c", rows)
    share = fit.importance()
    assert share["share"].sum() == pytest.approx(fit.measures["r2"], abs=1e-12)
    theirs = pingouin.linear_regression(rows[["a", "b", "c"]], rows["y"], relimp=True)
    np.testing.assert_allclose(share["share"], theirs["relimp"][1:], rtol=1e-10)
    np.testing.assert_allclose(fit.dominance().mean(axis=1), share["share"], rtol=1e-12)
    grouped = ss.regress("y ~ a + b + C(k)", rows.assign(k=np.arange(200) % 4)).importance()
    assert grouped["term"].tolist() == ["a", "b", "C(k)"]


def test_equivalence() -> None:
    rng = np.random.default_rng(9)
    rows = pd.DataFrame(rng.normal(size=(5000, 2)), columns=["x", "z"])
    rows["y"] = 0.5 * rows["x"] + rng.normal(size=5000)
    found = ss.regress("y ~ x + z", rows).equivalence(0.1).set_index("term")["conclusion"]
    assert found.to_dict() == {"x": "relevant", "z": "negligible"}
    few = ss.regress("y ~ x + z", rows.iloc[:60]).equivalence(0.1).set_index("term")["conclusion"]
    assert few["z"] == "undecided"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"formula": "y ~ zz"}, "unknown-variable"),
        ({"formula": "y ~ __import__('os').getcwd()"}, "bad-formula"),
        ({"formula": "y ~ open('x')"}, "bad-formula"),
        ({"formula": "y ~ x.__class__"}, "unknown-variable"),
        ({"formula": "y ~ C(g, contr.treatment.__init__)"}, "bad-formula"),
        ({"formula": "y ~ [i for i in x]"}, "bad-formula"),
        ({"formula": "y"}, "bad-formula"),
        ({"formula": "y ~ exp(9**9**9)"}, "bad-formula"),
        ({"formula": "y ~ I(2**x)"}, "bad-formula"),
        ({"formula": "y ~ x +"}, "bad-formula"),
        ({"formula": "y ~ x + I(2*x)"}, "collinear"),
        ({"formula": "y ~ log(x)"}, "not-finite"),
        ({"formula": "g ~ x"}, "bad-response"),
        ({"formula": "room ~ x", "family": "logit"}, "bad-response"),
        ({"formula": "g ~ x", "family": "ordinal"}, "bad-response"),
        ({"formula": "yes ~ x + yes", "family": "logit"}, "separated"),
        ({"formula": "x ~ g", "family": "poisson"}, "negative-count"),
        ({"formula": "count ~ x", "weights": "x", "family": "poisson"}, "illegal-weight"),
        ({"formula": "y ~ x", "family": "gausian"}, "bad-option"),
        ({"formula": "y ~ x", "vcov": "HC9"}, "bad-option"),
        ({"formula": "y ~ x", "vcov": "CR2"}, "bad-option"),
        ({"formula": "y ~ x", "vcov": "HC0", "cluster": "room"}, "bad-option"),
        ({"formula": "y ~ x", "vcov": "classical", "family": "quantile"}, "not-supported"),
        ({"formula": "grade ~ x", "vcov": "HC2", "family": "ordinal"}, "not-supported"),
        ({"formula": "y ~ x", "family": "logit", "link": "log"}, "bad-response"),
    ],
)
def test_bad_calls_are_told(call: dict[str, str], code: str) -> None:
    with pytest.raises(ss.SurveySemError) as told:
        ss.regress(data=drawn(10), **call)
    assert told.value.code == code or (call.get("link") == "log" and told.value.code == "bad-option")


def test_missing_values_need_a_choice() -> None:
    rows = drawn(11)
    rows.loc[[0, 5], "x"] = np.nan
    with pytest.raises(MissingChoiceError) as told:
        ss.regress("y ~ x", rows)
    assert told.value.got == "x (2)"
    assert ss.regress("y ~ x", rows, missing="listwise").n_dropped == 2


def test_names_of_any_language() -> None:
    rows = drawn(12).rename(columns={"x": "主播信任", "y": "购买意愿", "g": "城市 级别"})
    fit = ss.regress("购买意愿 ~ 主播信任 * `城市 级别`", rows)
    assert fit.estimates["term"].tolist() == ["Intercept", "主播信任", "城市 级别[T.b]", "主播信任:城市 级别[T.b]"]
    assert fit.margins()["variable"].tolist() == ["主播信任", "城市 级别"]


def test_a_result_pickles() -> None:
    fit = ss.regress("y ~ x + I(x**2) + C(g)", drawn(13))
    again = pickle.loads(pickle.dumps(fit))
    pd.testing.assert_frame_equal(again.estimates, fit.estimates)
    pd.testing.assert_frame_equal(again.margins(), fit.margins())
    assert fit.to_dict()["estimates"][1]["term"] == "x"
