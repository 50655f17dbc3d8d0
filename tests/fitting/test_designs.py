"""Models under sampling designs: numbers of R's survey, invariances, replicate weights, resampled units."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.sample import Flow, Sample

FOLDER = Path(__file__).parents[1] / "reference" / "design"
STORED = json.loads((FOLDER / "se.json").read_text())
API = "api00 ~ a*meals + b*ell + mobility\nmeals ~ c*mobility\nell ~ mobility\nind := a*c"
MODEL = "f =~ x1 + x2 + x3\ny ~ a*f + z"
UNLABELLED = "f =~ x1 + x2 + x3\ny ~ f + z"
LAVAAN = 2e-5
"""lavaan stops so far from its optimum, relative to the value."""


def rows(name):
    return pd.read_csv(FOLDER / f"api{name}.csv")


def errors_like(fit, name):
    """Our standard errors in the order of the stored ones."""
    table = fit.estimates
    key = table["label"].where(table["label"] != "", table["lhs"] + table["op"] + table["rhs"])
    return table.assign(key=key).set_index("key")["se"][STORED[name]["names"]].to_numpy()


DESIGNS = {
    "strat": {"weights": "pw", "strata": "stype", "fpc": "fpc"},
    "clus1": {"weights": "pw", "psu": "dnum", "fpc": "fpc"},
    "clus2": {"weights": "pw", "psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
}


@pytest.mark.parametrize("missing", [None, "fiml"])
@pytest.mark.parametrize("name", DESIGNS)
def test_linearised_standard_errors_are_those_of_survey(name, missing):
    design = DESIGNS[name]
    fit = ss.sem(API, ss.design(rows(name), **design), fixed_x=False, missing=missing)
    assert fit.options["se"] == "robust.design"
    assert_allclose(errors_like(fit, name), STORED[name]["se"], rtol=LAVAAN)
    named = {("cluster" if key == "psu" else key): value for key, value in design.items()}
    same = ss.sem(API, rows(name), fixed_x=False, missing=missing, **named)
    assert_allclose(same.estimates["se"], fit.estimates["se"])
    for key, value in named.items():  # a result names its design, whichever way it came
        assert fit.options[key] == same.options[key]
        assert list(np.atleast_1d(fit.options[key])) == list(np.atleast_1d(value))


@pytest.mark.parametrize("name", ["JK1", "boot"])
def test_replicate_standard_errors_are_those_of_refits(name):
    data = rows(name)
    columns = [column for column in data if column[0] == "r" and column[1:].isdigit()]
    rscales = STORED[name]["rscales"]
    options = {
        "weights": "w0",
        "replicate_weights": columns,
        "replicate_type": "other",
        "replicate_scale": STORED[name]["scale"],
        "replicate_rscales": rscales if isinstance(rscales, list) else [rscales] * len(columns),
        "fixed_x": False,
    }
    fit = ss.sem(API, data, **options)
    assert fit.options["se"] == "replicate"
    assert_allclose(errors_like(fit, name), STORED[name]["se"], rtol=LAVAAN)
    linear = ss.sem(API, data, se="robust.design", **options)
    assert linear.fit_measures["chisq_scaled"] == pytest.approx(fit.fit_measures["chisq_scaled"])
    incomplete = ss.sem(API, data, missing="fiml", **options)
    assert incomplete.options["se"] == "robust.design"
    assert_allclose(incomplete.estimates["se"], linear.estimates["se"], rtol=1e-5)
    again = ss.SemResult.from_json(fit.to_json())
    assert_allclose(again.estimates["se"], fit.estimates["se"])


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    n_units, size = 60, 12
    unit = np.repeat(np.arange(n_units), size)
    n = len(unit)
    level = rng.normal(size=n_units)[unit]
    factor = rng.normal(size=n) + 0.5 * level
    frame = pd.DataFrame({f"x{i}": 0.8 * factor + rng.normal(size=n) + 0.3 * level for i in (1, 2, 3)})
    frame["z"] = rng.normal(size=n) + 0.3 * level
    frame["y"] = 0.5 * factor + 0.3 * frame["z"] + rng.normal(size=n)
    frame["w"] = rng.gamma(4.0, size=n_units)[unit] + 0.2
    frame["psu"], frame["s"] = unit, unit % 5
    frame["g"] = np.where(rng.random(n) < 0.5, "a", "b")
    return frame


def numbers(fit, *columns):
    return np.nan_to_num(fit.estimates[list(columns or ("est", "se"))].to_numpy(dtype=float))


def test_without_strata_a_design_is_clusters(data):
    clusters = ss.sem(MODEL, data, weights="w", cluster="psu", fixed_x=False)
    design = ss.sem(MODEL, ss.design(data, weights="w", psu="psu"), fixed_x=False)
    stratum = ss.sem(MODEL, data.assign(one=1), weights="w", cluster="psu", strata="one", fixed_x=False)
    for other in (design, stratum):
        assert_allclose(numbers(other), numbers(clusters), rtol=1e-6, atol=1e-9)
        for name in ("chisq", "chisq_scaled", "cfi_robust", "baseline_chisq_scaled", "rmsea_ci_upper_robust"):
            assert other.fit_measures[name] == pytest.approx(clusters.fit_measures[name], rel=1e-6), name


@pytest.mark.parametrize("options", [{}, {"estimator": "MLM"}, {"missing": "fiml"}, {"estimator": "WLSMV"}], ids=str)
def test_units_that_keep_to_groups_give_independent_groups(data, options):
    """The joint sums of several groups are the sums of each where no unit, and no stratum, holds rows of two."""
    apart = data.assign(g=np.where(data["s"] < 2, "a", "b"))
    options = {**options, "fixed_x": False, "sampling_weights_normalization": "group"}
    alone = [
        ss.sem(UNLABELLED, ss.design(part, weights="w", psu="psu", strata="s"), **options)
        for _, part in apart.groupby("g", sort=False)
    ]
    joint = ss.sem(UNLABELLED, ss.design(apart, weights="w", psu="psu", strata="s"), group="g", **options)
    labels = joint.group_labels
    for fit, label in zip(alone, apart["g"].unique(), strict=True):
        own = joint.estimates[joint.estimates["group"] == labels.index(label) + 1]
        assert_allclose(own["est"], fit.estimates["est"], rtol=1e-5, atol=1e-7)
        rtol = 1e-5 if options.get("estimator") != "WLSMV" else 5e-3  # divides by N less the number of groups
        assert_allclose(own["se"], fit.estimates["se"], rtol=rtol, atol=1e-7)


def test_differences_between_groups_know_shared_units(data):
    """With every unit's rows doubled into a second group the difference of two equal coefficients does not vary."""
    double = pd.concat([data.assign(g="a"), data.assign(g="b")], ignore_index=True)
    model = "y ~ c(p, q)*z\ngap := p - q"
    design = ss.sem(model, ss.design(double, weights="w", psu="psu"), group="g")
    gap = design.estimates.iloc[-1]
    assert gap["se"] < 1e-8
    apart = ss.sem(model, double, weights="w", cluster="psu", group="g")
    assert apart.estimates.iloc[-1]["se"] > 0.01
    incomplete = ss.sem(model, ss.design(double, weights="w", psu="psu"), group="g", missing="fiml", fixed_x=False)
    assert incomplete.estimates.iloc[-1]["se"] < 1e-6


def test_a_domain_is_not_a_subset_of_rows(data):
    design = ss.design(data, weights="w", psu="psu", strata="s")
    inside = data["g"] == "a"
    domain = ss.sem(MODEL, design.subset(inside), fixed_x=False)
    assert domain.n_obs == inside.sum()
    rows_alone = ss.sem(MODEL, ss.design(data[inside], weights="w", psu="psu", strata="s"), fixed_x=False)
    assert_allclose(numbers(domain, "est"), numbers(rows_alone, "est"), rtol=1e-7)
    # all units have rows inside, so that here both agree; without those of one unit they differ
    assert_allclose(numbers(domain), numbers(rows_alone), rtol=1e-6, atol=1e-9)
    fewer = inside & (data["psu"] > 2)
    whole, cut = (
        ss.sem(MODEL, each, fixed_x=False)
        for each in (design.subset(fewer), ss.design(data[fewer], weights="w", psu="psu", strata="s"))
    )
    assert np.abs(numbers(whole, "se") - numbers(cut, "se")).max() > 1e-5


def test_listwise_rows_are_outside_the_domain(data):
    holed = data.assign(x1=data["x1"].mask(data["g"] == "b"))
    design = ss.design(holed, weights="w", psu="psu", strata="s")
    domain = ss.design(data, weights="w", psu="psu", strata="s").subset(data["g"] == "a")
    one, other = ss.sem(MODEL, design, missing="listwise"), ss.sem(MODEL, domain)
    assert_allclose(numbers(one), numbers(other), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("estimator", ["MLR", "MLM", "MLMV", "WLSMVS", "GLS"])
def test_all_tests_take_the_design_in(data, estimator):
    """A population size that leaves a tenth to chance makes a scaled statistic ten times as large."""
    few, many = (
        ss.sem(MODEL, data.assign(f=f), estimator=estimator, weights="w", cluster="psu", fpc="f", fixed_x=False)
        for f in (0.9, 1e-12)
    )
    one, other = (fit.fit_measures["chisq_scaled"] for fit in (few, many))
    if estimator == "MLMV":  # shifted, too
        one, other = one - few.fit_measures["chisq_shift_parameter"], other - many.fit_measures["chisq_shift_parameter"]
    assert one == pytest.approx(10.0 * other, rel=1e-6)
    assert_allclose(numbers(few, "se"), numbers(many, "se") * np.sqrt(0.1), rtol=1e-5, atol=1e-9)


def test_units_drawn_again_give_the_linearised_standard_errors(data):
    design = ss.design(data, weights="w", psu="psu", strata="s")
    linear = ss.sem(MODEL, design, fixed_x=False)
    drawn = ss.sem(MODEL, design, bootstrap=1500, seed=3, fixed_x=False)
    free = linear.estimates["se"] > 0
    ratio = drawn.estimates["se"][free] / linear.estimates["se"][free]
    assert 0.94 < ratio.mean() < 1.08
    assert (np.abs(ratio - 1.0) < 0.2).all()
    assert "bootstrap-of-design" not in {w.code for w in drawn.warnings}
    finite = ss.sem(MODEL, ss.design(data.assign(f=0.5), psu="psu", fpc="f"), bootstrap=10, seed=3)
    assert "population sizes" in next(w.what for w in finite.warnings if w.code == "bootstrap-of-design")
    plain = ss.sem(MODEL, data, weights="w", bootstrap=300, seed=3, fixed_x=False, meanstructure=True)
    assert (plain.estimates["se"] < drawn.estimates["se"])[free].mean() > 0.5  # rows are no units


def test_a_sample_brings_its_design(data):
    sample = Sample(data, Flow(), (), design=ss.design(data, weights="w", psu="psu", strata="s"))
    assert_allclose(numbers(ss.sem(MODEL, sample)), numbers(ss.sem(MODEL, sample.design)))
    with pytest.raises(OptionError, match="carry their design"):
        ss.sem(MODEL, sample, cluster="psu")


def test_comparisons_are_of_one_design(data):
    design = ss.design(data, weights="w", psu="psu", strata="s")
    one, other = ss.sem(MODEL, design), ss.sem(MODEL.replace("a*f", "0*f"), design)
    compared = ss.compare(one, other)
    assert "pseudo-likelihood" in {w.code for w in compared.warnings}
    assert one.has_pseudo_likelihood and not ss.sem(MODEL, data).has_pseudo_likelihood
    assert "Pseudo log-likelihood" in str(one.summary())
    assert "Sampling units" in str(one.summary())
    with pytest.raises(OptionError, match="different options") as caught:
        ss.compare(one, ss.sem(MODEL.replace("a*f", "0*f"), data, weights="w", cluster="psu"))
    assert caught.value.where == "strata"
    with pytest.raises(OptionError, match="different options"):
        ss.compare(ss.sem(MODEL, data, meanstructure=True), ss.sem(MODEL, data, weights="w", meanstructure=True))


DESIGNED = {
    "strata": lambda design: design,
    "domain": lambda design: design.subset(design.data["g"] == "a"),
    "raked": lambda design: design.rake({"g": {"a": 0.6, "b": 0.4}, "h": {"p": 0.3, "q": 0.7}}),
    "raked domain": lambda design: design.rake({"h": {"p": 0.3, "q": 0.7}}).subset(design.data["g"] == "a"),
    "jackknife": lambda design: design.as_replicates("JKn"),
    "raked jackknife": lambda design: design.as_replicates("JKn").rake({"h": {"p": 0.3, "q": 0.7}}),
}


@pytest.mark.parametrize("missing", [None, "fiml"])
@pytest.mark.parametrize("kind", DESIGNED)
def test_means_as_models_are_means_of_the_design(data, kind, missing):
    rows = data.assign(h=np.where(data["z"] + data["x1"] > 0.5, "p", "q"), population=100)
    design = DESIGNED[kind](ss.design(rows, weights="w", psu="psu", strata="s", fpc="population"))
    fit = ss.sem("y ~ 1\nz ~ 1\ny ~~ z", design, missing=missing, test="none")
    found = fit.estimates[fit.estimates["op"] == "~1"]
    means = design.mean(["y", "z"])
    assert_allclose(found["est"], means.estimate, rtol=1e-7)
    rtol = 0.02 if missing and kind == "jackknife" else 1e-6  # a mean is a ratio, its score is linear
    assert_allclose(found["se"], np.sqrt(np.diag(means.covariance)), rtol=rtol)


def test_few_units_are_said(data):
    few = data[data["psu"] < 8]
    fit = ss.sem(MODEL, few, cluster="psu", fixed_x=False)
    warning = next(w for w in fit.warnings if w.code == "few-units")
    assert "7 degrees of freedom" in warning.what
    two = ss.sem(MODEL, ss.design(data[data["psu"] < 10], psu="psu", strata="s"), fixed_x=False)
    assert "5 degrees of freedom" in next(w for w in two.warnings if w.code == "few-units").what


def test_jackknife_is_near_linearisation(data):
    design = ss.design(data, weights="w", psu="psu", strata="s")
    replicates = design.as_replicates("JKn")
    one, other = ss.sem(MODEL, design, fixed_x=False), ss.sem(MODEL, replicates, fixed_x=False)
    assert other.options["se"] == "replicate"
    free = one.estimates["se"] > 0
    assert_allclose(other.estimates["se"][free], one.estimates["se"][free], rtol=0.1)
    linear = ss.sem(MODEL, replicates, se="robust.design", fixed_x=False)
    assert_allclose(linear.estimates["se"], one.estimates["se"], rtol=1e-6, atol=1e-9)


def test_what_contradicts_is_refused(data):
    design = ss.design(data, weights="w", psu="psu")
    with pytest.raises(OptionError, match="carry their design"):
        ss.sem(MODEL, design, weights="w")
    with pytest.raises(OptionError, match="leave out strata"):
        ss.sem(MODEL, data, weights="w", replicate_weights=["w"], strata="s")
    with pytest.raises(OptionError, match="weights of the whole sample"):
        ss.sem(MODEL, data, replicate_weights=["w"])
    with pytest.raises(OptionError, match="not named"):
        ss.sem(MODEL, data, fay_rho=0.3)
    with pytest.raises(DataError, match="single sampling unit"):
        ss.sem(MODEL, data.assign(s=data["psu"]), cluster="psu", strata="s")
    certain = ss.sem(
        MODEL, data.assign(s=data["psu"].clip(upper=58)), cluster="psu", strata="s", lonely_psu="certainty"
    )
    assert certain.converged
