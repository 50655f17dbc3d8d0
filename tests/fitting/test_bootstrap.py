"""The bootstrap: lavaan's estimates in the same draws, the same bits however it is run, and what it says."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER, rows

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.inference.bootstrap import CHUNK, BootstrapPlan, bootstrap, listed

MODEL = """
visual =~ x1+x2+x3
textual =~ x4+x5+x6
speed =~ x7+x8+x9
speed ~ a*visual + b*textual + sex
visual ~ sex
ab := a*b
"""
FACTORS = "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6"
STORED = FOLDER / "bootstrap"


@pytest.fixture(scope="module")
def school():
    return rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def fit(school):
    return ss.sem(MODEL, school, bootstrap=300, seed=5)


def drawn_rows(name: str) -> np.ndarray:
    return np.loadtxt(STORED / name, delimiter=",", dtype=np.intp) - 1


@pytest.mark.reference
@pytest.mark.parametrize("estimator", ["ML", "GLS", "ULS"])
def test_every_draw_has_lavaans_estimates(school, estimator):
    own = ss.sem(MODEL, school, estimator=estimator)
    drawn = drawn_rows("rows.csv")
    found = bootstrap(own.solution, BootstrapPlan(len(drawn), 0), listed([drawn]))
    stored = pd.read_csv(STORED / f"draws_{estimator}.csv").to_numpy()
    assert found.n_failed == 0
    np.testing.assert_allclose(found.theta, stored, atol=1e-4)  # lavaan stops within 6e-5 of its optimum


@pytest.mark.reference
def test_every_draw_of_groups_with_constraints_has_lavaans_estimates(school):
    labels = ["Pasteur", "Grant-White"]
    own = ss.cfa(FACTORS, school, group="school", group_label=labels, group_equal=["loadings", "intercepts"])
    drawn, positions, start = drawn_rows("rows_group.csv"), [], 0
    for moments in own.moments:
        keep = moments.rows.keep
        part = drawn[:, start : start + len(keep)]
        positions.append(np.searchsorted(keep, part))
        start += len(keep)
    found = bootstrap(own.solution, BootstrapPlan(len(drawn), 0), listed(positions))
    np.testing.assert_allclose(found.theta, pd.read_csv(STORED / "draws_group.csv").to_numpy(), atol=1e-4)


def test_every_draw_is_the_fit_to_its_rows(school):
    drawn = np.random.default_rng(2).integers(0, len(school), (6, len(school)))
    for options in ({}, {"likelihood": "wishart"}, {"meanstructure": True}, {"bounds": "pos.var"}):
        own = ss.sem(MODEL, school, **options)
        found = bootstrap(own.solution, BootstrapPlan(len(drawn), 0, test=True), listed([drawn]))
        for at, each in enumerate(drawn):
            single = ss.sem(MODEL, school.iloc[each], **options)
            np.testing.assert_allclose(found.theta[at], single.solution.estimates.theta, atol=1e-7)


def test_bollen_stine_draws_are_fits_to_turned_rows(school):
    own = ss.cfa(FACTORS, school, meanstructure=True)
    drawn = np.random.default_rng(3).integers(0, len(school), (4, len(school)))
    plan = BootstrapPlan(len(drawn), 0, estimates=False, test=True)
    found = bootstrap(own.solution, plan, listed([drawn])).bollen_stine
    names = list(own.moments[0].names)
    values = school[names].to_numpy(dtype=float)
    cov, sigma = np.cov(values, rowvar=False, bias=True), own.implied()["cov"].to_numpy()
    turned = (values - values.mean(axis=0)) @ power(cov, -0.5) @ power(sigma, 0.5) + own.implied()["mean"].to_numpy()
    frame = pd.DataFrame(turned, columns=names)
    assert ss.cfa(FACTORS, frame, meanstructure=True).fit_measures["chisq"] == pytest.approx(0.0, abs=1e-8)
    chisq = [ss.cfa(FACTORS, frame.iloc[each], meanstructure=True).fit_measures["chisq"] for each in drawn]
    np.testing.assert_allclose(found.statistics, chisq, rtol=1e-8)


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def test_workers_change_no_bit(school, fit):
    for workers in (2, 4):
        again = ss.sem(MODEL, school, bootstrap=300, seed=5, workers=workers)
        assert again.bootstrap.draws.to_numpy().tobytes() == fit.bootstrap.draws.to_numpy().tobytes()
        assert again.to_json() == fit.to_json()


def test_seeds_decide_the_draws(school, fit):
    other = ss.sem(MODEL, school, bootstrap=300, seed=6)
    assert not np.isclose(other.bootstrap.draws, fit.bootstrap.draws).all()
    drawn = ss.cfa(FACTORS, school, bootstrap=10)
    again = ss.cfa(FACTORS, school, bootstrap=10, seed=drawn.bootstrap.seed)
    assert drawn.options["seed"] == drawn.bootstrap.seed
    assert (drawn.bootstrap.draws == again.bootstrap.draws).all(axis=None)


def test_progress_is_told_and_nothing_else_is(school, capfd):
    told = []
    ss.cfa(FACTORS, school, bootstrap=CHUNK + 10, seed=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(CHUNK, CHUNK + 10), (CHUNK + 10, CHUNK + 10)]
    assert capfd.readouterr() == ("", "")


def test_standard_errors_and_covariances_are_those_of_the_draws(fit):
    draws = fit.bootstrap.draws
    free = fit.estimates[fit.estimates["se"] > 0]
    free = free[free["op"] != ":="]
    np.testing.assert_allclose(free["se"], draws.std(ddof=1), rtol=1e-12)
    np.testing.assert_allclose(fit.vcov(), draws.cov(), rtol=1e-9, atol=1e-15)
    ab = draws["a"] * draws["b"]
    row = fit.estimates.iloc[-1]
    assert row["se"] == pytest.approx(ab.std(ddof=1))
    assert row["z"] == pytest.approx(row["est"] / row["se"])
    assert ab.min() <= row["ci_lower"] < row["est"] < row["ci_upper"] <= ab.max()


def test_in_large_samples_all_standard_errors_agree():
    rng = np.random.default_rng(8)
    factor = rng.normal(size=(2, 20_000))
    factor[1] = 0.6 * factor[0] + 0.8 * factor[1]
    data = pd.DataFrame({f"x{i}": 0.8 * factor[i // 3] + 0.6 * rng.normal(size=20_000) for i in range(6)})
    model = "f =~ x0+x1+x2\ng =~ x3+x4+x5\ng ~ f"
    drawn, plain = ss.sem(model, data, bootstrap=600, seed=1), ss.sem(model, data)
    ratio = (drawn.estimates["se"] / plain.estimates["se"]).dropna()
    assert ratio.between(0.88, 1.12).all()
    standardised = (drawn.standardized()["se"] / plain.standardized()["se"]).dropna()
    assert standardised.between(0.88, 1.12).all()
    assert abs(np.log(ratio)).mean() < 0.05


def test_standardised_values_follow_every_draw(school, fit):
    for at in (0, 7):
        drawn = fit.bootstrap.draws.iloc[at].to_numpy()
        assert np.isfinite(drawn).all()
    table = fit.standardized()
    is_one = table["est_std"].between(1 - 1e-12, 1 + 1e-12)
    assert (table.loc[is_one, "se"] == 0.0).all()
    inside = table[table["se"] > 0]
    assert (inside["ci_lower"] < inside["est_std"]).all()
    assert (inside["ci_upper"] > inside["est_std"]).all()


@pytest.mark.parametrize("ci", ["percentile", "bc", "bca", "normal", "monte_carlo"])
def test_documents_keep_intervals_and_not_draws(school, ci):
    options = {} if ci == "monte_carlo" else {"bootstrap": 60}
    own = ss.sem(MODEL, school, ci=ci, seed=1, **options)
    read = ss.SemResult.from_json(own.to_json())
    pd.testing.assert_frame_equal(read.estimates, own.estimates)
    pd.testing.assert_frame_equal(read.standardized(), own.standardized())
    np.testing.assert_allclose(read.vcov(), own.vcov())
    assert read.to_json() == own.to_json()
    if ci == "monte_carlo":
        return
    assert (read.bootstrap.n_draws, read.bootstrap.seed) == (60, 1)
    with pytest.raises(DataError, match="not the draws") as caught:
        _ = read.bootstrap.draws
    assert "seed=1" in caught.value.hint
    pickled = pickle.loads(pickle.dumps(own))
    pd.testing.assert_frame_equal(pickled.bootstrap.draws, own.bootstrap.draws)


def test_monte_carlo_intervals_are_skewed_and_only_for_definitions(school):
    own = ss.sem(MODEL, school, ci="monte_carlo", seed=1)
    plain = ss.sem(MODEL, school)
    columns = ["ci_lower", "ci_upper"]
    pd.testing.assert_frame_equal(own.estimates[columns].iloc[:-1], plain.estimates[columns].iloc[:-1])
    by_draws, normal = own.estimates.iloc[-1], plain.estimates.iloc[-1]
    assert by_draws["se"] == normal["se"]
    assert by_draws["ci_upper"] - by_draws["est"] != pytest.approx(by_draws["est"] - by_draws["ci_lower"], rel=1e-3)
    assert by_draws["ci_lower"] == pytest.approx(normal["ci_lower"], abs=0.4 * by_draws["se"])


def test_accelerations_are_those_of_the_jackknife(school):
    few = school.iloc[:60]
    for estimator in ("ML", "GLS", "ULS"):
        own = ss.cfa("f =~ x4 + x5 + x6 + x1", few, estimator=estimator)
        found = own.accelerations()["est"]
        left_out = np.stack(
            [
                ss.cfa("f =~ x4 + x5 + x6 + x1", few.drop(index), estimator=estimator).estimates["est"].to_numpy()
                for index in few.index
            ]
        )
        influence = left_out.mean(axis=0) - left_out
        with np.errstate(invalid="ignore"):
            jackknife = (influence**3).sum(axis=0) / (6.0 * (influence**2).sum(axis=0) ** 1.5)
        free = own.estimates["se"].to_numpy() > 0
        np.testing.assert_allclose(found[free], jackknife[free], atol=0.03)


def test_the_bollen_stine_test(school):
    own = ss.cfa(FACTORS, school, test="bollen.stine", bootstrap=200, seed=1, se="standard")
    p_value = own.fit_measures["pvalue_bollen_stine"]
    statistics = own.bootstrap.bollen_stine.statistics
    assert p_value == np.mean(statistics >= own.fit_measures["chisq"])
    assert 0.0 <= p_value <= 1.0
    assert statistics.mean() == pytest.approx(own.fit_measures["df"], rel=0.35)
    assert own.estimates["se"].equals(ss.cfa(FACTORS, school).estimates["se"])
    with pytest.raises(DataError, match="only the Bollen-Stine"):
        _ = own.bootstrap.draws
    read = ss.SemResult.from_json(own.to_json())
    assert read.bootstrap.bollen_stine.p_value == p_value
    assert "Bollen-Stine" in str(own.summary())
    both = ss.cfa(FACTORS, school, test="bollen.stine", bootstrap=200, seed=1)
    assert both.options["se"] == "bootstrap"
    assert both.fit_measures["pvalue_bollen_stine"] == p_value


def test_improper_draws_stay_and_are_counted(school):
    own = ss.cfa("f =~ x1 + x2 + x3", school.iloc[:60], bootstrap=60, seed=1)
    told = own.bootstrap
    assert told.n_inadmissible > 0
    assert told.n_inadmissible == int((~told.admissible).sum())
    assert len(told.draws) == told.n_draws - told.n_failed
    assert "bootstrap-inadmissible" in {warning.code for warning in own.warnings}


def test_draws_that_cannot_be_fitted_are_left_out_and_counted():
    rng = np.random.default_rng(4)
    x = rng.normal(size=7)
    data = pd.DataFrame({"x": x, "y": x + rng.normal(size=7), "rare": [0, 0, 0, 0, 0, 0, 1]})
    own = ss.sem("y ~ x + rare", data, bootstrap=100, seed=1)
    told = own.bootstrap
    assert 10 < told.n_failed < 70  # (6/7)^7 of the draws have no 1 in the rare variable
    assert len(told.draws) == 100 - told.n_failed
    warning = next(w for w in own.warnings if w.code == "bootstrap-failed-draws")
    assert f"{told.n_failed} of 100" in warning.what
    assert warning.hint


def test_clusters_are_resampled_whole(school):
    from dataclasses import replace

    from survey_sem.statistics import sample_moments

    doubled = pd.concat([school, school])
    own = ss.cfa(FACTORS, doubled)
    codes = np.tile(np.arange(len(school)), 2)
    moments = [replace(m, rows=replace(m.rows, clusters=codes)) for m in own.moments]
    clustered = bootstrap(replace(own.solution, moments=tuple(moments)), BootstrapPlan(400, 1))
    single = bootstrap(ss.cfa(FACTORS, school).solution, BootstrapPlan(400, 1))
    ratio = clustered.theta.std(axis=0) / single.theta.std(axis=0)
    np.testing.assert_allclose(ratio, 1.0, atol=1e-6)  # each cluster is one row twice: the same draws
    assert sample_moments(moments[0].rows, moments[0].names).rows.n_units == len(school)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"bootstrap": 100, "se": "robust"}, "do not go together"),
        ({"bootstrap": 100, "ci": "monte_carlo"}, "do not go together"),
        ({"ci": "percentile"}, "without a bootstrap"),
        ({"ci": "bca", "se": "standard"}, "without a bootstrap"),
        ({"bootstrap": 100, "estimator": "WLS"}, "not supported"),
        ({"bootstrap": 1}, "2 or more"),
        ({"bootstrap": True}, "2 or more"),
        ({"bootstrap": 10, "workers": 0}, "workers"),
        ({"bootstrap": 10, "progress": 3}, "progress"),
        ({"bootstrap": 10, "ci": "basic"}, "no value 'basic'"),
        ({"bootstrap": 10, "engine": "semopy"}, "native engine"),
    ],
)
def test_what_does_not_go_together_is_refused(school, options, what):
    with pytest.raises(OptionError, match=what):
        ss.cfa(FACTORS, school, **options)


def test_moments_cannot_be_resampled_and_results_without_a_bootstrap_say_so(school):
    m = ss.moments(cov=[[1.0, 0.3], [0.3, 1.0]], n_obs=100, names=["x", "y"])
    with pytest.raises(DataError, match="resamples rows"):
        ss.sem("y ~ x", m, bootstrap=20)
    with pytest.raises(DataError, match="without a bootstrap"):
        _ = ss.cfa(FACTORS, school).bootstrap


def test_lavaans_names_of_intervals_are_taken(school):
    for theirs, ours in (("perc", "percentile"), ("bca.simple", "bc"), ("norm", "normal")):
        assert ss.cfa(FACTORS, school, bootstrap=40, seed=1, ci=theirs).options["ci"] == ours
    by_default = ss.cfa(FACTORS, school, se="bootstrap", seed=1)
    assert by_default.bootstrap.n_draws == 1000
    assert by_default.options["ci"] == "percentile"
    assert ss.cfa(FACTORS, school).options["ci"] == "normal"


@pytest.mark.slow
def test_percentile_and_bca_intervals_of_an_indirect_effect_cover(school):
    """150 samples of 150 rows; 95% intervals cover within Monte Carlo error (the table is in the how-to guide)."""
    rng, covered, n_samples = np.random.default_rng(11), {"percentile": 0, "bca": 0}, 150
    for sample in range(n_samples):
        x = rng.normal(size=150)
        m = 0.3 * x + rng.normal(size=150)
        data = pd.DataFrame({"x": x, "m": m, "y": 0.3 * m + rng.normal(size=150)})
        for ci in covered:
            own = ss.sem("m ~ a*x\ny ~ b*m\nab := a*b", data, bootstrap=500, seed=sample, ci=ci)
            row = own.estimates.iloc[-1]
            covered[ci] += bool(row["ci_lower"] <= 0.09 <= row["ci_upper"])
    assert all(0.89 <= count / n_samples <= 0.99 for count in covered.values()), covered
