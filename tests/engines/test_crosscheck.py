"""Native engine and semopy side by side."""

from __future__ import annotations

import json
import logging
import warnings
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.engines import CrossCheck, crosscheck
from survey_sem.errors import DataError, OptionError
from tests.reference_cases import call, load

# Two programs that stop at a gradient of about 1e-9 differ by 1e-15 to 1e-7 (the bifactor model, whose likelihood is
# flat). Users get a tolerance of 1e-4; here ten times the worst difference is asked.
CLOSE = 1e-6

EXPRESSIBLE = (
    "dhp_nonrecursive",
    "dhp_nonrecursive_equal",
    "gw_moderation_product",
    "gw_serial_mediation",
    "hs_bifactor",
    "hs_cfa_justidentified",
    "hs_cfa_ml",
    "hs_cfa_ml_meanstructure",
    "hs_cfa_ml_observed",
    "hs_cfa_ml_orthogonal",
    "hs_cfa_ml_wishart",
    "hs_cfa_residcov",
    "hs_latent_regression",
    "hs_mimic_direct_effect",
    "hs_secondorder",
    "hs_single_indicator",
    "jobs_mediation_fixedxF",
    "jobs_mediation_ml",
    "pd_sem_constraint_eq",
    "pd_sem_equal",
    "pd_sem_ml",
    "pollack_cor_mediation",
    "wheaton_mean",
    "wheaton_ml",
    "wheaton_ml_norescale",
)
REFUSED = {
    "growth_linear": "restricts means",
    "hs_cfa_ml_effectcoding": "one parameter equals another",
    "pd_sem_bounds_modifier": "bounds",
    "pd_sem_constraint_ineq_nonbinding": "inequality",
    "pd_sem_pstar_intercepts": "restricts means",
}


@pytest.mark.reference
@pytest.mark.parametrize("name", EXPRESSIBLE)
def test_both_engines_find_the_same(name: str) -> None:
    found = crosscheck(call(load(name)))
    assert found.agree, found.verdict
    assert found.largest_difference < CLOSE
    assert found.chisq_difference < 1e-9


@pytest.mark.reference
@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_semopy_cannot_express_is_refused(name: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason) as caught:
        crosscheck(call(load(name)))
    assert caught.value.where == "engine"


COV = np.array(
    [
        [1.36, 0.41, 0.58, 0.51, 0.44, 0.46],
        [0.41, 1.39, 0.45, 0.21, 0.21, 0.25],
        [0.58, 0.45, 1.28, 0.21, 0.11, 0.24],
        [0.51, 0.21, 0.21, 1.36, 1.10, 0.90],
        [0.44, 0.21, 0.11, 1.10, 1.67, 1.02],
        [0.46, 0.25, 0.24, 0.90, 1.02, 1.20],
    ]
)


def moments(*names: str) -> ss.Moments:
    return ss.moments(cov=COV, n_obs=301, names=names or ("x1", "x2", "x3", "x4", "x5", "x6"))


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("f =~ NA*x1 + x2 + x3\nf ~~ 1*f", {}),  # semopy alone fixes the first loading and fits another model
        ("f =~ x1 + x2 + x3 + x4", {"std_lv": True}),
        ("f =~ x1 + x2 + x3\nf ~~ x4", {}),  # an observed variable that covaries with a factor and causes nothing
        ("f =~ x1 + x2 + x3\nx4 ~ f\nx4 ~~ x5\nx6 ~ x5", {}),
        ("x1 ~~ x2", {}),
        ("x1 ~~ x1", {}),
        ("x1 + x2 ~ x3 + x4\nx2 ~~ 0*x1", {}),
        ("x1 + x2 ~ x3 + x4", {"fixed_x": False}),
        ("f <~ 1*x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f", {}),
        ("f =~ x1 + a*x2 + b*x3\na == 0.7\nb == a", {}),
        ("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nf ~~ 0.3*g\nf ~~ v*f\ng ~~ v*g", {}),
        ("x1 ~ x2\nx2 ~ x3\nx3 ~ x1\nx1 ~ x4\nx2 ~ x5\nx3 ~ x6", {}),
    ],
)
def test_semopy_fits_the_parameter_table_and_nothing_else(model: str, options: dict[str, Any]) -> None:
    found = crosscheck(ss.sem(model, moments(), **options))
    assert found.largest_difference < CLOSE, found.verdict


def test_names_that_semopy_cannot_read() -> None:
    names = ("看.法", "x.2", "x-3", "START", "p1", "_b1")
    fit = ss.cfa("主播信任 =~ 看.法 + x.2\nf =~ START + p1 + _b1", moments(*names))
    found = crosscheck(fit)
    assert found.agree
    assert found.parameters[0].name == "主播信任 =~ 看.法"


@pytest.fixture(scope="module")
def fit() -> ss.SemResult:
    return ss.sem("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ b*f\ntwice := 2*b", moments())


@pytest.fixture(scope="module")
def compared(fit: ss.SemResult) -> CrossCheck:
    return crosscheck(fit)


def test_table_holds_both_engines(fit: ss.SemResult, compared: CrossCheck) -> None:
    table = compared.table
    assert len(table) == len(fit.estimates)
    assert table["est_native"].tolist() == fit.estimates["est"].tolist()
    assert table["se_native"].tolist() == fit.estimates["se"].tolist()
    assert json.loads(json.dumps(compared.records()))[0]["lhs"] == "f"
    assert compared.chisq_native == pytest.approx(fit.fit_measures["chisq"], rel=1e-12)


def test_the_second_engine_did_its_own_search(compared: CrossCheck) -> None:
    free = compared.table.query("se_native > 0 and op == '=~'")
    assert (free["est_native"] != free["est_semopy"]).any()  # equal to the last bit would be a copy


def test_printing_ends_with_the_verdict(compared: CrossCheck) -> None:
    lines = str(compared).splitlines()
    assert lines[-1] == compared.verdict
    assert "agree on" in compared.verdict


def test_definitions_are_compared(compared: CrossCheck) -> None:
    (twice,) = [p for p in compared.parameters if p.op == ":="]
    assert twice.se_difference is not None
    assert twice.est_semopy == pytest.approx(twice.est_native, rel=CLOSE)


def test_without_standard_errors_estimates_are_compared() -> None:
    found = crosscheck(ss.cfa("f =~ x1 + x2 + x3 + x4", moments(), se="none"))
    assert found.agree
    assert found.not_compared == {"standard errors": "se='none'"}
    assert all(p.se_native is None for p in found.parameters)


def test_a_result_from_json_can_be_checked(fit: ss.SemResult) -> None:
    assert crosscheck(ss.SemResult.from_json(fit.to_json())).agree


def test_a_difference_is_found_and_explained(compared: CrossCheck) -> None:
    first = next(p for p in compared.parameters if p.se_native)
    moved = replace(first, est_semopy=first.est_semopy + 0.1, est_difference=0.1)
    worse = replace(compared, parameters=(moved,), chisq_semopy=compared.chisq_native + 3.0, chisq_difference=0.2)
    assert not worse.agree
    assert "the native solution is the better one" in worse.verdict
    better = replace(worse, chisq_semopy=compared.chisq_native - 1.0)
    assert "not the best one" in better.verdict
    same = replace(worse, chisq_semopy=compared.chisq_native, chisq_difference=0.0)
    assert "two solutions" in same.verdict


def test_a_wrong_native_estimate_does_not_pass(fit: ss.SemResult) -> None:
    estimates = fit.solution.estimates
    theta = estimates.theta * 1.001
    points = estimates.model.points(theta)
    wrong = replace(estimates, optimum=replace(estimates.optimum, theta=theta), points=points)
    assert not crosscheck(replace(fit, solution=replace(fit.solution, estimates=wrong))).agree


def test_nothing_to_compare_without_a_solution() -> None:
    stopped = ss.cfa("f =~ x1 + x2 + x3 + x4 + x5", moments(), control={"iter_max": 1})
    with pytest.raises(DataError, match="no solution"):
        crosscheck(stopped)


def test_the_second_engine_is_no_starting_point(fit: ss.SemResult) -> None:
    with pytest.raises(OptionError, match="native fit"):
        crosscheck(replace(fit, options={**fit.options, "engine": "semopy"}))


def test_records_are_frozen(compared: CrossCheck) -> None:
    with pytest.raises(FrozenInstanceError):
        compared.tolerance = 1.0  # type: ignore[misc]


def test_semopy_is_quiet_and_leaves_logging_alone(fit: ss.SemResult, capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = list(root.handlers), list(root.filters), list(warnings.filters)
    crosscheck(fit)
    crosscheck(ss.cfa("f =~ NA*x1 + x2 + x3\nf ~~ 1*f", moments()))  # semopy logs "No fixed loadings"
    assert (list(root.handlers), list(root.filters), list(warnings.filters)) == before
    assert capfd.readouterr() == ("", "")


def test_rows_are_not_needed_nor_touched() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.multivariate_normal(np.zeros(6), COV, 400), columns=list(moments().names))
    copy = data.copy()
    assert crosscheck(ss.cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", data)).agree
    pd.testing.assert_frame_equal(data, copy)
