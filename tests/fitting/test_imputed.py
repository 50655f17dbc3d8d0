"""Models of imputed data: against semTools, and what pooling must keep."""

from __future__ import annotations

import json
import pickle
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER, rows

import survey_sem as ss
from survey_sem.results.pooled import PooledResult
from survey_sem.sample import Flow, Sample

IMPUTATION = FOLDER / "imputation"
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LAVAAN = 3e-5
"""lavaan stops its search at a relative change of 1e-10 in the fit function, where estimates are 1e-6 off."""


@cache
def frames() -> tuple[pd.DataFrame, ...]:
    data = pd.read_csv(IMPUTATION / "imp_hs_mar_m10.csv.gz")
    return tuple(part.reset_index(drop=True) for _, part in data.groupby(".imp"))


@cache
def fitted(**options: Any) -> PooledResult:
    return ss.cfa(MODEL, list(frames()), **options)


@cache
def semtools() -> dict[str, Any]:
    return json.loads((IMPUTATION / "mi_sem_hs_runMI.json").read_text("utf-8"))["result"]


def check_measures(fit: ss.SemResult, stored: dict[str, Any], skip: tuple[str, ...] = ()) -> int:
    found = fit.fit_measures
    checked = 0
    for name, value in stored.items():
        own = name.replace(".", "_")
        if own in found and value is not None and name not in skip:
            assert found[own] == pytest.approx(value, rel=LAVAAN, abs=LAVAAN), name
            checked += 1
    return checked


@pytest.mark.reference
@pytest.mark.parametrize("method", ["D2", "D3"])
def test_fit_measures_are_those_of_semtools(method: str):
    fit = fitted(pool_test=method, pool_vcov="scaled")
    assert check_measures(fit, semtools()[f"fit_{method}"]) >= 30
    stored = semtools()[method]
    own = [fit.fit_measures[name] for name in ("f", "f_df1", "f_df2", "f_pvalue", "ariv", "fmi")]
    theirs = [stored[name] for name in ("F", "df1", "df2", "pvalue", "ariv", "fmi")]
    assert own == pytest.approx(theirs, rel=LAVAAN)


@pytest.mark.reference
@pytest.mark.parametrize("method", ["D2", "D3"])
def test_scaled_tests_are_those_of_semtools(method: str):
    fit = fitted(estimator="MLR", pool_test=method)
    assert check_measures(fit, semtools()[f"mlr_{method}"]) >= 8


@pytest.mark.reference
def test_pooled_estimates_are_those_of_semtools():
    frame = fitted(pool_vcov="scaled").estimates
    stored = pd.DataFrame(semtools()["pooled"])
    free = frame["se"] > 0.0
    names = {
        "est": "est", "se": "se", "z": "t", "df": "df", "p_value": "pvalue", "ci_lower": "ci.lower",
        "ci_upper": "ci.upper", "riv": "riv", "fmi": "fmi", "std_lv": "std.lv", "std_all": "std.all",
    }  # fmt: skip
    for own, theirs in names.items():
        expected = stored.loc[free, theirs].astype(float).tolist()
        tolerance = 1e-4 if own == "df" else LAVAAN  # 1 / the square of a share of variance: lavaan's error, enlarged
        assert frame.loc[free, own].tolist() == pytest.approx(expected, rel=tolerance, abs=1e-6), own
    assert free.sum() == 21


@pytest.mark.reference
@pytest.mark.parametrize("case", ["means", "groups", "fixed_x", "random_x", "mlm", "mlmv", "equal"])
def test_unlike_models_are_pooled_as_by_semtools(case: str):
    stored = json.loads((IMPUTATION / "runmi.json").read_text("utf-8"))[case]
    options = {name.replace(".", "_"): value for name, value in (stored["args"] or {}).items()}
    fit = getattr(ss, stored["fun"])(stored["model"], list(frames()), pool_test="D3", **options)
    # semTools: crmr counts means otherwise; D3 of MLMV falls back to D2; robust TLI comes out as 1, and scaled RMSEA
    # intervals follow another formula; with fixed exogenous variables residuals take their moments in the first data
    # set, and the baseline model differs
    odd = ["crmr", "nnfi.robust", "tli.robust", "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled"]
    against_baseline = ["cfi", "tli", "nnfi", "rni", "rfi", "nfi", "pnfi", "ifi", "baseline.chisq"]
    if case == "fixed_x":
        odd += [*against_baseline, *(name for name in stored["D3"] if "rm" in name and "rmsea" not in name)]
    if case == "mlmv":
        twin = getattr(ss, stored["fun"])(stored["model"], list(frames()), pool_test="D2", **options)
        shared = {name: value for name, value in stored["D2"].items() if "scaled" not in name and "robust" not in name}
        assert check_measures(twin, shared, tuple(odd)) >= 25
    else:
        assert check_measures(fit, stored["D3"], tuple(odd)) >= 15
    found = {(row["lhs"], row["op"], row["rhs"], row["group"] or 1): row for row in fit.estimates.to_dict("records")}
    for row in stored["estimates"]:
        place = (row["lhs"], row["op"], "" if row["op"] == "~1" else row["rhs"], row.get("group") or 1)
        own = found.get(place) or found[place[2], place[1], place[0], place[3]]
        if own["se"] == 0.0:
            continue
        assert own["est"] == pytest.approx(row["est"], rel=LAVAAN, abs=1e-5)
        assert own["riv"] == pytest.approx(row["riv"], rel=2e-4, abs=1e-5)
        if row["op"] != ":=":  # semTools' errors of defined parameters are not Rubin's
            assert own["se"] == pytest.approx(row["se"], rel=LAVAAN)


@pytest.mark.reference
def test_nested_models_are_compared_as_by_semtools():
    restricted = ss.cfa(MODEL + "\nvisual ~~ 0*speed", list(frames()))
    for method in ("D2", "D3"):
        compared = ss.compare(fitted(), restricted, method=method)
        (step,) = compared.steps
        stored = semtools()[f"nested_{method}"]
        assert (step.chisq_diff, step.df_diff) == (pytest.approx(stored["chisq"], rel=LAVAAN), stored["df"])
        assert step.p_value > stored["pvalue"]  # F, not chi-square
        assert method in str(compared)
    assert ss.compare(fitted(), restricted, method="D4").steps[0].chisq_diff > 0.0
    with pytest.raises(ss.SurveySemError, match="different options"):
        ss.compare(fitted(), ss.cfa(MODEL, frames()[0]))
    with pytest.raises(ss.SurveySemError, match="not fits of the same data"):
        ss.compare(fitted(), ss.cfa(MODEL, list(frames())[:5]))


@pytest.mark.reference
@pytest.mark.parametrize("estimator", ["MLR", "MLM"])
def test_scaled_differences_are_those_of_semtools(estimator: str):
    stored = json.loads((IMPUTATION / "nested_robust.json").read_text("utf-8"))
    free, tied = (ss.cfa(model, list(frames()), estimator=estimator) for model in stored["models"].values())
    (scaled,), (average,) = (ss.compare(free, tied, method=method).steps for method in ("D2", "D3"))
    theirs = stored[estimator]["D2"]
    assert scaled.chisq_diff / scaled.df_diff == pytest.approx(theirs["F.scaled"], rel=LAVAAN)
    assert scaled.p_value == pytest.approx(theirs["pvalue.scaled"], rel=10 * LAVAAN)  # ten digits of F are few of p
    theirs = stored[estimator]["D3"]
    assert average.chisq_diff == pytest.approx(theirs["chisq.scaled"], rel=LAVAAN)
    assert average.p_value == pytest.approx(theirs["pvalue.scaled"], rel=10 * LAVAAN)
    with pytest.raises(ss.SurveySemError, match="D2, D3, D4"):
        ss.compare(free, tied, method="satorra.2000")


def test_standard_errors_are_rubins():
    fit = fitted()
    each = [ss.cfa(MODEL, frame).estimates for frame in frames()]
    estimates = np.array([frame["est"] for frame in each])
    within = np.mean([frame["se"] ** 2 for frame in each], axis=0)
    between = estimates.var(axis=0, ddof=1)
    assert fit.estimates["est"].to_numpy() == pytest.approx(estimates.mean(axis=0))
    assert fit.estimates["se"].to_numpy() == pytest.approx(np.sqrt(within + 1.1 * between))


def test_identical_data_sets_give_the_single_result():
    frame = frames()[0]
    one, pooled = ss.cfa(MODEL, frame), ss.cfa(MODEL, [frame] * 3)
    for name in ("est", "se", "z", "p_value", "ci_lower", "std_all"):
        assert pooled.estimates[name].to_numpy() == pytest.approx(one.estimates[name].to_numpy(), nan_ok=True)
    for method in ("D2", "D3", "D4"):
        same = ss.cfa(MODEL, [frame] * 3, pool_test=method).fit_measures
        for name in ("chisq", "pvalue", "cfi", "rmsea", "srmr", "logl", "aic"):
            assert same[name] == pytest.approx(one.fit_measures[name], rel=1e-6), (method, name)
    assert (pooled.estimates["fmi"].dropna() < 1e-20).all()


def test_a_pooled_result_reads_and_travels_like_any_other():
    fit = ss.cfa(MODEL + "\nvisual ~~ r*textual\ntwice := 2*r", list(frames()), std_lv=True)
    again = ss.SemResult.from_json(fit.to_json())
    assert isinstance(again, PooledResult)
    pd.testing.assert_frame_equal(again.estimates, fit.estimates)
    assert again.fit_measures == fit.fit_measures
    assert again.to_json() == fit.to_json()
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(fit)).estimates, fit.estimates)
    assert "FMI" in str(fit.summary())
    assert "10 imputations" in repr(fit)
    assert fit.vcov().shape == (21, 21)
    assert fit.residuals()["cov"].shape == (9, 9)
    assert fit.draw() is not None
    assert "<div" in fit._repr_html_()
    defined = fit.estimates.set_index("lhs").loc["twice"]
    label = fit.estimates.set_index("label").loc["r"]
    assert defined["se"] == pytest.approx(2.0 * label["se"])
    assert defined["fmi"] == pytest.approx(label["fmi"])
    with pytest.raises(ss.SurveySemError, match="not pooled"):
        fit.modification_indices()
    with pytest.raises(ss.SurveySemError, match="not pooled"):
        fit.residuals("normalized")


def test_missing_mi_imputes_what_the_model_needs():
    data = rows("hs_mar.csv")
    fit = ss.cfa(MODEL, data, missing="mi", imputations=5, cycles=3, seed=1, auxiliary="ageyr")
    again = ss.cfa(
        MODEL, ss.impute(data, 5, cycles=3, seed=1, items=[f"x{k}" for k in range(1, 10)], auxiliary="ageyr")
    )
    pd.testing.assert_frame_equal(fit.estimates, again.estimates)
    assert fit.options["missing"] == "mi"
    assert (fit.options["imputations"], fit.options["cycles"], fit.options["seed"]) == (5, 3, 1)
    full = ss.cfa(MODEL, data, missing="fiml").estimates
    both = fit.estimates.merge(full, on=["lhs", "op", "rhs"])
    assert np.abs((both["est_x"] - both["est_y"]) / both["se_y"].where(both["se_y"] > 0)).max() < 2.0


def test_groups_are_imputed_apart_and_complete_data_are_fitted_once():
    data = rows("hs_mar.csv")
    fit = ss.cfa(MODEL, data, missing="mi", imputations=3, cycles=2, seed=1, group="school", group_equal="loadings")
    assert fit.n_groups == 2
    complete = ss.cfa(MODEL, frames()[0], missing="mi")
    assert not isinstance(complete, PooledResult)


def test_fits_that_fail_are_left_out_and_counted():
    broken = frames()[3].assign(x1=lambda data: data["x2"])
    fit = ss.cfa(MODEL, [*frames()[:3], broken])
    assert fit.n_imputations == 3
    assert "imputations-left-out" in [warning.code for warning in fit.warnings]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"bootstrap": 10}, "options-contradict"),
        ({"se": "none"}, "options-contradict"),
        ({"test": "browne.residual.adf"}, "options-contradict"),
        ({"conditional_x": True}, "options-contradict"),
        ({"pool_test": "D1"}, "not-supported"),
        ({"pool_test": "D5"}, "bad-option"),
        ({"pool_vcov": "mean"}, "bad-option"),
        ({"imputations": 1}, "bad-option"),
        ({"cycles": 0}, "bad-option"),
        ({"estimator": "ULS", "pool_test": "D3"}, "options-contradict"),
    ],
)
def test_what_is_not_pooled_is_refused(options: dict[str, Any], code: str):
    with pytest.raises(ss.SurveySemError) as caught:
        ss.cfa(MODEL, list(frames())[:2], **options)
    assert caught.value.code == code


def test_one_data_set_is_no_imputation():
    with pytest.raises(ss.SurveySemError, match="two data sets"):
        ss.cfa(MODEL, [frames()[0]])


def test_weights_and_designs_reach_every_imputed_data_set():
    rng = np.random.default_rng(1)
    data = rows("hs_mar.csv").assign(w=rng.uniform(0.5, 2.0, 301), class_=np.arange(301) % 30)
    options: dict[str, Any] = {"missing": "mi", "imputations": 3, "cycles": 2, "seed": 1}
    plain = ss.cfa(MODEL, data, **options)
    named = ss.cfa(MODEL, data, weights="w", cluster="class_", **options)
    assert np.abs(named.estimates["est"] - plain.estimates["est"]).max() > 1e-3
    design = ss.design(data, weights="w", psu="class_")
    pd.testing.assert_frame_equal(ss.cfa(MODEL, design, **options).estimates, named.estimates)
    items = [f"x{k}" for k in range(1, 10)]
    imputed = ss.impute(design, 3, cycles=2, seed=1, items=items)
    pd.testing.assert_frame_equal(ss.cfa(MODEL, imputed).estimates, named.estimates)


def test_answers_that_were_not_asked_are_said_not_imputed():
    data = rows("hs_mar.csv")
    absent = pd.DataFrame({"x2": np.where(data["x2"].isna(), 1, 0)}, dtype="int8")
    with pytest.raises(ss.SurveySemError, match=r"not asked of everybody.*x2 \(92\)"):
        ss.cfa(MODEL, Sample(data, Flow(), (), absent=absent), missing="mi", imputations=2, cycles=1, seed=1)
