"""Difference, score and Wald tests against lavaan's; tests/reference/comparison/README.md gives the tolerances."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import reference_cases as cases

import survey_sem as ss

FOLDER = cases.FOLDER / "comparison"
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LABELLED = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + e*x8 + f*x9\nab := a*b"
METHODS = {"satorra.bentler.2001": "sb2001", "satorra.bentler.2010": "sb2010", "satorra.2000": "satorra2000"}
NOT_COMPARED = {("MLR", "satorra.bentler.2010", "scalar")}

pytestmark = pytest.mark.reference


def load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@cache
def ladder(estimator: str) -> tuple[tuple[str, ...], tuple[ss.SemResult, ...]]:
    steps = load("hs_mg_lrt_ml")["options"]["steps"]
    data = cases.rows("HolzingerSwineford1939.csv")
    fits = [ss.cfa(MODEL, data, group="school", estimator=estimator, group_equal=each or []) for each in steps.values()]
    return tuple(steps), tuple(fits)


@pytest.mark.parametrize(
    ("estimator", "method"), [("ML", None), *((e, m) for e in ("MLM", "MLR") for m in (None, *METHODS))]
)
def test_the_ladder_of_groups(estimator, method):
    names, fits = ladder(estimator)
    stored = load(f"hs_mg_lrt_{estimator.lower()}")["result"]
    found = ss.compare(*fits, names=names, method=method)
    assert [step.relation for step in found.steps] == ["nested"] * 5
    for step in found.steps:
        case = stored[f"{step.against}_vs_{step.model}"]
        expected = (case if estimator == "ML" else case[METHODS[method or "satorra.bentler.2001"]])["table"][1]
        assert step.df_diff == expected["Df diff"]
        if (estimator, method, step.model) in NOT_COMPARED:
            continue
        assert step.chisq_diff == pytest.approx(expected["Chisq diff"], rel=1e-6)
        assert step.p_value == pytest.approx(expected["Pr(>Chisq)"], rel=1e-5)
        model = next(each for each in found.models if each.name == step.model)
        assert model.aic == pytest.approx(expected["AIC"], rel=1e-9)
        assert model.bic == pytest.approx(expected["BIC"], rel=1e-9)
        assert model.chisq == pytest.approx(expected["Chisq"], rel=1e-7)


@pytest.mark.parametrize(("estimator", "case"), [("ML", ""), ("MLM", "mlm_"), ("MLR", "mlr_")])
def test_labels_against_free_parameters(estimator, case):
    stored = load(f"pd_lrt_{case}equal_vs_free")
    data = cases.rows("PoliticalDemocracy.csv")
    fits = [ss.sem(stored["model"][name], data, estimator=estimator) for name in ("free", "equal")]
    tests = {"standard": stored["result"]} if estimator == "ML" else stored["result"]
    methods = {"standard": "standard", "sb2001": "satorra.bentler.2001", "sb2010": "satorra.bentler.2010"}
    methods["s2000"] = "satorra.2000"
    for name, method in methods.items():
        if name in tests:
            expected = tests[name]["table"][1]
            step = ss.compare(*fits, method=method).steps[0]
            assert step.chisq_diff == pytest.approx(expected["Chisq diff"], rel=1e-4), name
            assert step.df_diff == expected["Df diff"]


@pytest.mark.parametrize("estimator", ["MLMV", "MLMVS"])
def test_shifted_tests_take_satorra_2000(estimator):
    names, fits = ladder(estimator)
    found = ss.compare(*fits[:4], names=names[:4])
    for name, expected in load("difference_adjusted")[estimator].items():
        step = found.step(name)
        assert step.method == "satorra.2000"
        assert step.chisq_diff == pytest.approx(expected["chisq_diff"], rel=1e-6)
        assert step.p_value == pytest.approx(expected["p_value"], rel=1e-5)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_score_tests_of_equality_constraints(estimator):
    fit = ladder(estimator)[1][2]
    stored = load("score_wald")[f"score_{estimator.lower()}"]
    found = ss.score_test(fit)
    assert found.table["chisq"].tolist() == pytest.approx([row["X2"] for row in stored["all"]["uni"]], rel=1e-6)
    assert found.table["p_value"].tolist() == pytest.approx([row["p.value"] for row in stored["all"]["uni"]], rel=1e-6)
    assert found.table["lhs"].tolist() == [row["lhs"] for row in stored["all"]["uni"]]
    assert found.statistic == pytest.approx(stored["all"]["test"][0]["X2"], rel=1e-6)
    assert found.df == 12
    two = ss.score_test(fit, release=[2, 7])
    expected = stored["two"]["test"][0]
    assert (two.statistic, two.df) == (pytest.approx(expected["X2"], rel=1e-6), expected["df"])
    assert bool(found.warnings) == (estimator == "MLR")


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_score_tests_of_added_parameters(estimator):
    fit = ladder(estimator)[1][2]
    stored = load("score_wald")[f"score_{estimator.lower()}"]
    found = ss.score_test(fit, add="visual =~ x9\nx7 ~~ x8")
    assert found.table["chisq"].tolist() == pytest.approx([row["X2"] for row in stored["add"]["uni"]], rel=1e-6)
    expected = stored["add"]["test"][0]
    assert (found.statistic, found.df) == (pytest.approx(expected["X2"], rel=1e-6), expected["df"])
    changes = {cases.key(row): row["epc"] for row in found.parameters}
    assert len(stored["changes"]) == len(changes)
    for row in stored["changes"]:
        assert changes[cases.key(row)] == pytest.approx(row["epc"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("estimator", ["ML", "MLM", "MLR"])
def test_wald_tests(estimator):
    fit = ss.cfa(LABELLED, cases.rows("HolzingerSwineford1939.csv"), estimator=estimator)
    for text, expected in load("score_wald")[f"wald_{estimator.lower()}"].items():
        found = ss.wald_test(fit, text)
        assert found.statistic == pytest.approx(expected["stat"], rel=1e-6)
        assert found.df == expected["df"]
        assert found.p_value == pytest.approx(expected["p.value"], rel=1e-6)
