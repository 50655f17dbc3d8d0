"""Weights and clusters: what they must not change, what they must, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import survey_sem as ss
from survey_sem.errors import DataError, OptionError

MODEL = "f =~ x1 + x2 + x3\ny ~ a*f + z\nz ~~ x1\ntwice := 2*a"
MEASURES = ("chisq", "df", "cfi", "rmsea", "srmr", "logl", "aic", "chisq_scaled", "cfi_robust", "rmsea_robust")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    n, n_clusters = 400, 50
    cluster = rng.integers(0, n_clusters, n)
    factor = rng.normal(size=n) + 0.6 * rng.normal(size=n_clusters)[cluster]
    frame = pd.DataFrame({f"x{i}": factor * 0.8 + rng.normal(size=n) for i in (1, 2, 3)})
    frame["z"] = rng.normal(size=n) + 0.3 * rng.normal(size=n_clusters)[cluster]
    frame["y"] = 0.5 * factor + 0.3 * frame["z"] + rng.normal(size=n)
    frame["w"] = rng.integers(1, 4, n)
    frame["c"] = cluster
    frame["g"] = np.where(rng.random(n) < 0.5, "a", "b")
    return frame


@pytest.fixture(scope="module")
def gaps(data):
    rng = np.random.default_rng(4)
    holed = data.copy()
    for name in ("x1", "x3", "y"):
        holed.loc[rng.random(len(data)) < 0.15, name] = np.nan
    return holed


def fit(data, **options):
    return ss.sem(MODEL, data, fixed_x=False, **options)


def numbers(result, *columns):
    return np.nan_to_num(result.estimates[list(columns or ("est", "se", "std_all"))].to_numpy(dtype=float))


def same(one, other, rtol=1e-8, measures=MEASURES):
    assert_allclose(numbers(one), numbers(other), rtol=rtol, atol=1e-8)
    for name in measures:
        if name in one.fit_measures:
            assert one.fit_measures[name] == pytest.approx(other.fit_measures[name], rel=1e-7, abs=1e-7), name


WAYS = {
    "rows": {"estimator": "MLR"},
    "groups": {"estimator": "MLR", "group": "g", "group_equal": ["loadings"]},
    "clusters": {"estimator": "MLR", "cluster": "c"},
    "least squares": {"estimator": "WLSM", "se": "robust.sem"},
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("missing", [None, "fiml"])
def test_weights_of_one_change_nothing(data, gaps, options, missing):
    if missing and options["estimator"] != "MLR":
        return
    rows = gaps if missing else data
    plain = fit(rows, missing=missing, **options)
    weighted = fit(rows.assign(w=2.5), missing=missing, weights="w", **options)
    same(plain, weighted, rtol=1e-6)
    assert weighted.n_obs == plain.n_obs == len(rows)
    assert_allclose(plain.factor_scores(), weighted.factor_scores(), atol=1e-8)


@pytest.mark.parametrize("missing", [None, "fiml"])
def test_whole_weights_are_repeated_rows(data, gaps, missing):
    rows = gaps if missing else data
    repeated = rows.loc[rows.index.repeat(rows["w"])].reset_index(drop=True)
    weighted = fit(rows, weights="w", sampling_weights_normalization="none", missing=missing, meanstructure=True)
    plain = fit(repeated, estimator="MLR", missing=missing, meanstructure=True)
    assert_allclose(numbers(weighted, "est", "std_all"), numbers(plain, "est", "std_all"), rtol=1e-6, atol=1e-8)
    for name in ("chisq", "logl", "cfi", "rmsea", "srmr", "bic"):
        assert weighted.fit_measures[name] == pytest.approx(plain.fit_measures[name], rel=1e-8), name
    assert weighted.fit_measures["ntotal"] == rows["w"].sum()
    assert weighted.n_obs == len(rows)
    # repeated rows are no new information: as clusters they give the weighted standard errors
    repeated["id"] = rows.index.repeat(rows["w"])
    clustered = fit(repeated, cluster="id", missing=missing)
    n = len(rows)
    assert_allclose(numbers(clustered, "se"), numbers(weighted, "se") * np.sqrt(n / (n - 1)), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("estimator", ["MLM", "WLSM", "GLS"])
def test_gamma_takes_the_weights_in(data, estimator):
    """lavaan leaves their squares out: docs/decisions/0019."""
    repeated = data.loc[data.index.repeat(data["w"])].assign(id=data.index.repeat(data["w"])).reset_index(drop=True)
    options = {"estimator": estimator, "meanstructure": True, "sampling_weights_normalization": "none"}
    weighted, clustered = fit(data, weights="w", **options), fit(repeated, cluster="id", **options)
    n = len(data)
    assert_allclose(numbers(clustered, "se"), numbers(weighted, "se") * np.sqrt(n / (n - 1)), rtol=1e-5, atol=1e-8)
    scaled = [each.fit_measures["chisq_scaled"] for each in (clustered, weighted)]
    assert scaled[0] == pytest.approx(scaled[1] * (n - 1) / n, rel=1e-5)


@pytest.mark.parametrize("missing", [None, "fiml"])
@pytest.mark.parametrize("estimator", ["MLR", "MLM"])
def test_rows_as_clusters_are_rows(data, gaps, estimator, missing):
    if missing and estimator == "MLM":
        return
    rows = (gaps if missing else data).assign(own=np.random.default_rng(1).permutation(len(data)))
    n = len(rows)
    plain = fit(rows, estimator=estimator, weights="w", missing=missing, meanstructure=True)
    single = fit(rows, estimator=estimator, weights="w", cluster="own", missing=missing)
    assert_allclose(numbers(single, "se") ** 2, numbers(plain, "se") ** 2 * n / (n - 1), rtol=1e-6, atol=1e-10)
    ratio = single.fit_measures["chisq_scaling_factor"] / plain.fit_measures["chisq_scaling_factor"]
    assert ratio == pytest.approx(n / (n - 1), rel=1e-6)


def test_the_size_of_weights_means_nothing(data):
    for options in ({}, {"group": "g"}, {"cluster": "c"}):
        one = fit(data, weights="w", **options)
        same(one, fit(data.assign(w=data["w"] * 1e6), weights="w", **options))
    # without normalisation it decides N, and N alone
    free = fit(data, weights="w", sampling_weights_normalization="none")
    one = fit(data, weights="w")
    assert_allclose(numbers(free), numbers(one), rtol=1e-6, atol=1e-8)
    assert free.fit_measures["chisq_scaled"] == pytest.approx(one.fit_measures["chisq_scaled"], rel=1e-6)
    assert free.fit_measures["ntotal"] == data["w"].sum()


def test_groups_share_the_total_or_not(data):
    total, own = (fit(data, weights="w", group="g", sampling_weights_normalization=how) for how in ("total", "group"))
    counts = data["g"].value_counts()
    assert [m.n_obs for m in own.moments] == pytest.approx([counts[label] for label in own.group_labels])
    assert sum(m.n_obs for m in total.moments) == pytest.approx(len(data))
    assert total.moments[0].n_obs != pytest.approx(own.moments[0].n_obs)
    assert own.options["sampling_weights_normalization"] == "group"


@pytest.mark.parametrize("missing", [None, "fiml"])
def test_order_and_names_of_clusters_do_not_matter(data, gaps, missing):
    rows = gaps if missing else data
    one = fit(rows, weights="w", cluster="c", missing=missing)
    shuffled = rows.sample(frac=1.0, random_state=7)
    same(one, fit(shuffled.assign(c="unit " + shuffled["c"].astype(str)), weights="w", cluster="c", missing=missing))


def test_rows_of_weight_zero_are_outside_the_domain(data):
    inside = data["g"] == "a"
    whole = fit(data.assign(w=data["w"] * inside), weights="w")
    alone = fit(data[inside], weights="w")
    assert_allclose(numbers(whole), numbers(alone), rtol=1e-6, atol=1e-8)
    assert whole.fit_measures["chisq_scaled"] == pytest.approx(alone.fit_measures["chisq_scaled"], rel=1e-6)
    assert "zero-weights" in {w.code for w in whole.warnings}
    assert len(whole.factor_scores()) == len(data)


def test_switches_are_said(data):
    weighted = fit(data, weights="w")
    assert weighted.options["estimator"] == "ML"
    assert weighted.options["se"] == "robust.huber.white"
    assert weighted.options["test"] == ["standard", "yuan.bentler.mplus"]
    assert weighted.options["information"] == "observed"
    assert weighted.options["sampling_weights_normalization"] == "total"
    assert weighted.options["meanstructure"] is False
    clustered = fit(data, cluster="c", se="standard", test="standard")
    assert clustered.options["se"] == "robust.cluster"
    assert clustered.options["meanstructure"] is True
    assert {"se-switched", "test-switched"} <= {w.code for w in clustered.warnings}
    same(fit(data, cluster="c", se="standard"), fit(data, estimator="MLR", cluster="c"))
    assert fit(data, cluster="c", se="robust.cluster.sem").options["se"] == "robust.sem"
    assert fit(data, weights="w", estimator="ULS").options["test"] == ["standard", "satorra.bentler"]
    least = fit(data, weights="w", estimator="ULS", se="standard", test="standard")
    assert least.options["se"] == "robust.sem"
    assert {"se-switched", "test-switched"} <= {w.code for w in least.warnings}


def test_clusters_of_several_groups_are_named(data):
    result = fit(data, cluster="c", group="g")
    warning = next(w for w in result.warnings if w.code == "clusters-cross-groups")
    assert "50 clusters" in warning.what
    assert "clusters-cross-groups" not in {w.code for w in fit(data, cluster="c").warnings}


def test_results_come_back_from_json(data):
    result = fit(data, weights="w", cluster="c")
    again = ss.SemResult.from_json(result.to_json())
    assert_allclose(numbers(again), numbers(result))
    assert again.n_obs == result.n_obs
    assert_allclose(again.modification_indices()["mi"], result.modification_indices()["mi"])
    for kind in ("standardized", "normalized"):
        assert_allclose(again.residuals(kind)["cov"], result.residuals(kind)["cov"])


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([np.nan, 1.0], "200 missing of 400"),
        ([-1.0, 1.0], "200 negative of 400"),
        ([np.inf, 1.0], "200 infinite of 400"),
        ([0.0, 0.0], "all zero"),
        (["a", "b"], "not numeric"),
    ],
)
def test_bad_weights_are_errors(data, values, told):
    with pytest.raises(DataError, match=told):
        fit(data.assign(w=values * 200), weights="w")


def test_rows_need_a_cluster_and_clusters_company(data):
    with pytest.raises(DataError, match="3 rows have no cluster") as caught:
        fit(data.assign(c=data["c"].astype(float).mask(data.index < 3)), cluster="c")
    assert "1, 2, 3" in caught.value.where
    with pytest.raises(DataError, match="one cluster"):
        fit(data.assign(c=1), cluster="c")
    with pytest.raises(DataError, match="one cluster"):
        fit(data.assign(c=np.where(data["g"] == "a", 0, data["c"] + 1)), cluster="c", group="g")
    with pytest.raises(DataError, match="no column 'v'"):
        fit(data, weights="v")


def test_what_is_not_defined_is_refused(data):
    for options in (
        {"weights": "w", "estimator": "MLF"},
        {"weights": "w", "se": "first.order"},
        {"weights": "w", "se": "robust.cluster"},
        {"se": "robust.cluster"},
        {"cluster": "c", "estimator": "DWLS", "se": "robust.huber.white"},
        {"weights": ["w", "c"]},
    ):
        with pytest.raises(OptionError):
            fit(data, **options)
    with pytest.raises(OptionError, match="belong to rows"):
        ss.cfa("f =~ x1 + x2 + x3", ss.moments(cov=np.eye(3) + 0.5, n_obs=50, names=["x1", "x2", "x3"]), weights="w")
