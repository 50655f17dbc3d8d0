"""What must hold for every estimator of continuous data, with full information and in groups, on random rows."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

pytestmark = pytest.mark.slow  # all of it; the lowest versions have the estimators' own tests

MODEL = ("f =~ x1 + x2 + x3", "g =~ x4 + x5 + x6", "h =~ x1 + x7 + x8", "h ~ g + f")
NAMES = [f"x{k}" for k in range(1, 9)]
SATURATED = [f"{one} ~~ {other}" for at, one in enumerate(NAMES[:4]) for other in NAMES[at:4]]

ESTIMATORS = (
    "ML", "MLM", "MLMV", "MLMVS", "MLR", "MLF", "GLS", "ULS", "ULSM", "ULSMV", "ULSMVS",
    "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS",
)  # fmt: skip
FIML = {f"FIML {name}": {"estimator": name, "missing": "fiml"} for name in ("ML", "MLR", "MLF")}
GROUPS = {"group": "school", "group_equal": ["loadings"]}
# every way to fit; an option that adds a way is one more entry
WAYS = {name: {"estimator": name} for name in ESTIMATORS} | FIML
WAYS |= {f"{name} in groups": {"estimator": name, **GROUPS} for name in ("ML", "MLR", "MLMV", "GLS", "ULSM", "WLSMV")}
WAYS |= {"FIML MLR in groups": {**FIML["FIML MLR"], **GROUPS}}
SAMPLED = {"weights": "weight", "cluster": "class"}
WAYS |= {
    "ML with weights": {"estimator": "ML", "weights": "weight"},
    "WLSMV with weights": {"estimator": "WLSMV", "weights": "weight"},
    "ML of weighted clusters": {"estimator": "ML", **SAMPLED},
    "FIML of weighted clusters": {**FIML["FIML ML"], **SAMPLED},
    "ML of weighted clusters in groups": {"estimator": "ML", **SAMPLED, **GROUPS},
}
SCALE_FREE = [name for name in WAYS if "ULS" not in name]


@pytest.fixture
def seed(request):
    """Another one for every case."""
    return zlib.crc32(request.node.name.encode()) % 100_000


def rows_of(seed, n=300):
    """Skewed rows of a model of three factors, in schools that differ, a tenth of the values of x2 to x8 missing."""
    rng = np.random.default_rng(seed)
    f, g, noise = (rng.normal(size=n), rng.normal(size=n), rng.normal(size=n))
    g = 0.4 * f + g
    h = 0.5 * g - 0.3 * f + noise
    factors = np.column_stack([f, f, f, g, g, g, h, h]) + np.outer(h, [0.5, *[0.0] * 7])
    values = factors * rng.uniform(0.6, 1.2, 8) + rng.exponential(size=(n, 8)) * rng.uniform(0.7, 1.1, 8)
    rows = pd.DataFrame(values, columns=NAMES)
    rows["school"] = np.where(np.arange(n) % 5 < 2, "b", "a")
    rows.loc[rows["school"] == "a", "x5"] += 0.7
    rows["weight"] = rng.uniform(0.4, 2.5, n)
    rows["class"] = np.arange(n) % 60  # schools hold whole classes
    return rows


def data_for(way, seed):
    """Complete rows, or incomplete ones where the way of fitting takes them."""
    rows = rows_of(seed)
    if WAYS[way].get("missing") != "fiml":
        return rows
    gaps = np.random.default_rng(seed + 1).random((len(rows), 7)) < 0.1
    return rows.assign(**rows[NAMES[1:]].mask(gaps))


def fitted(way, rows, model=MODEL, **options):
    text = model if isinstance(model, str) else "\n".join(model)
    fit = ss.sem(text, rows, **{**WAYS[way], **options})
    assert fit.converged
    return fit


def by_name(fit, column="est", frame=None):
    """A column of the estimates by name of parameter and group."""
    frame = fit.estimates if frame is None else frame
    labels = ("", *fit.group_labels)
    names = []
    for row in frame.to_dict("records"):
        ends = sorted((row["lhs"], row["rhs"])) if row["op"] == "~~" else (row["lhs"], row["rhs"])
        names.append((labels[row["group"]], row["op"], *ends))
    return pd.Series(frame[column].to_numpy(), index=pd.MultiIndex.from_tuples(names)).sort_index()


def assert_same(one, other, rtol=1e-5, atol=1e-6):
    """Estimates, standard errors, standardised values and every measure."""
    for column in ("est", "se", "std_all", "std_lv", "ci_lower"):
        pd.testing.assert_series_equal(by_name(other, column), by_name(one, column), rtol=rtol, atol=atol)
    assert other.fit_measures.keys() == one.fit_measures.keys()
    for name, value in one.fit_measures.items():
        assert other.fit_measures[name] == pytest.approx(value, rel=1e-5, abs=1e-6), name


@pytest.mark.parametrize("way", WAYS)
def test_order_does_not_matter(way, seed):
    """Of rows, columns, groups and statements."""
    rows, rng = data_for(way, seed), np.random.default_rng(seed)
    mixed = rows.iloc[rng.permutation(len(rows))][list(rng.permutation(rows.columns))]
    turned = ["h ~ f + g", "g =~ x4 + x6 + x5", "h =~ x1 + x8 + x7", "f =~ x1 + x3 + x2"]
    labels = {"group_label": list(rng.permutation(["a", "b"]))} if "group" in WAYS[way] else {}
    assert_same(fitted(way, rows), fitted(way, mixed.reset_index(drop=True), turned, **labels))


@pytest.mark.parametrize("way", SCALE_FREE)
def test_units_do_not_matter(way, seed):
    """Estimates take the units of their variables; tests and standardised values have none."""
    rows = data_for(way, seed)
    unit = pd.Series(1.0, index=NAMES)
    unit["x2"], unit["x7"] = 10.0 ** np.random.default_rng(seed).uniform(-2.0, 2.0, 2)
    scaled = rows.assign(**(rows[NAMES] * unit))
    scaled["x2"] += 3.0 * unit["x2"]
    one, other = (fitted(way, each, std_lv=True) for each in (rows, scaled))
    for name in ("chisq", "chisq_scaled", "chisq_scaling_factor", "df_scaled", "cfi", "rmsea", "srmr", "cfi_robust"):
        if name in one.fit_measures:
            assert other.fit_measures[name] == pytest.approx(one.fit_measures[name], rel=1e-5, abs=1e-6), name
    for column in ("est", "se"):
        before, after = by_name(one, column), by_name(other, column)
        for place, value in before.items():
            _, op, lhs, rhs = place
            if op in ("=~", "~~"):
                factor = unit.get(rhs, 1.0) * (unit.get(lhs, 1.0) if op == "~~" else 1.0)
                assert after[place] == pytest.approx(value * factor, rel=1e-4, abs=1e-6 * factor), place
    for column in ("est_std", "se"):
        before, after = (by_name(fit, column, fit.standardized().query("op != '~1'")) for fit in (one, other))
        pd.testing.assert_series_equal(after, before, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("way", [name for name in WAYS if "ULS" in name and "groups" not in name])
def test_a_common_unit_does_not_matter_to_unweighted_least_squares(way, seed):
    rows, unit = data_for(way, seed), 10.0 ** np.random.default_rng(seed).uniform(-2.0, 2.0)
    one, other = (fitted(way, each, std_lv=True) for each in (rows, rows.assign(**(rows[NAMES] * unit))))
    for name in ("chisq", "cfi", "srmr") if way == "ULS" else ("chisq_scaled", "cfi_scaled", "srmr"):
        assert other.fit_measures[name] == pytest.approx(one.fit_measures[name], rel=1e-5), name
    loading = one.estimates["op"] == "=~"
    np.testing.assert_allclose(other.estimates["est"][loading], one.estimates["est"][loading] * unit, rtol=1e-5)
    np.testing.assert_allclose(other.estimates["z"][loading], one.estimates["z"][loading], rtol=1e-5)
    np.testing.assert_allclose(other.estimates["std_all"], one.estimates["std_all"], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("way", WAYS)
def test_a_saturated_model_fits_exactly(way, seed):
    fit = fitted(way, data_for(way, seed), SATURATED, **({"group_equal": []} if "group" in WAYS[way] else {}))
    measures = fit.fit_measures
    assert measures["df"] == 0
    assert measures["chisq"] == pytest.approx(0.0, abs=1e-6)
    assert measures.get("chisq_scaled", 0.0) == pytest.approx(0.0, abs=1e-6)
    assert (measures["cfi"], measures["rmsea"]) == (1.0, 0.0)
    assert "saturated" in fit.not_applicable["pvalue"]
    for group in range(1, fit.n_groups + 1):
        np.testing.assert_allclose(fit.residuals("raw", group)["cov"], 0.0, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_restrictions_never_improve_the_fit(way, seed):
    """The fit function, and the chi-square that it gives; that of plain ULS is another one."""
    rows = data_for(way, seed)
    equal = "h ~ c(a,a)*g + c(a,a)*f" if "group" in WAYS[way] else "h ~ a*g + a*f"
    free, tied = fitted(way, rows), fitted(way, rows, (*MODEL[:3], equal))
    assert tied.optimum["fmin"] >= free.optimum["fmin"] - 1e-9
    assert tied.fit_measures["df"] > free.fit_measures["df"]
    if way != "ULS":
        assert tied.fit_measures["chisq"] >= free.fit_measures["chisq"] - 1e-6


@pytest.mark.parametrize(
    ("plain", "corrected"),
    [("ML", ["MLM", "MLMV", "MLMVS", "MLR", "MLF"]), ("ULS", ["ULSM", "ULSMV", "ULSMVS"]), ("DWLS", ["WLSM", "WLSMV"])],
)
def test_corrections_leave_the_estimates_alone(plain, corrected, seed):
    rows = rows_of(seed)
    expected = by_name(fitted(plain, rows))
    for way in corrected:
        pd.testing.assert_series_equal(by_name(fitted(way, rows)), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("estimator", ["ML", "MLR", "MLF"])
@pytest.mark.parametrize("groups", [{}, GROUPS], ids=["one group", "groups"])
def test_full_information_on_complete_rows_is_maximum_likelihood(estimator, groups, seed):
    rows = rows_of(seed)
    options = {"estimator": estimator, **groups}
    if estimator == "ML":
        options["information"] = "observed"
    one, other = (fitted(estimator, rows, **options, **more) for more in ({"meanstructure": True}, {"missing": "fiml"}))
    for column in ("est", "se", "std_all"):
        pd.testing.assert_series_equal(by_name(other, column), by_name(one, column), rtol=1e-6, atol=1e-7)
    for name in ("chisq", "chisq_scaled", "df", "logl", "cfi", "tli", "rmsea", "srmr", "aic", "baseline_chisq"):
        if name in one.fit_measures:
            assert other.fit_measures[name] == pytest.approx(one.fit_measures[name], rel=1e-7, abs=1e-8), name


@pytest.mark.parametrize("way", ["ML", "MLF", "MLR", *FIML])
def test_a_group_cut_in_two_with_everything_equal_is_one_group(way, seed):
    """Likelihoods and scores add up over rows: estimates, standard errors and information criteria are the same."""
    rows = data_for(way, seed)
    whole = fitted(way, rows, meanstructure=True)
    everything = ["loadings", "intercepts", "means", "regressions", "residuals", "lv.variances", "lv.covariances"]
    cut = fitted(way, rows, group="school", group_equal=everything)
    for column in ("est", "se"):
        parts = by_name(cut, column)
        for label in cut.group_labels:
            pd.testing.assert_series_equal(parts[label], by_name(whole, column)[""], rtol=1e-5, atol=1e-6)
    for name in ("logl", "npar", "aic", "bic"):
        assert cut.fit_measures[name] == pytest.approx(whole.fit_measures[name], rel=1e-9), name
