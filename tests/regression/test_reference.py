"""Regressions equal R's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

pytestmark = pytest.mark.reference
FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "regression" / "families.json").read_text("utf-8"))
NEWTON = 1e-8  # both at an optimum whose gradient is rounding
OPTIM = 2e-5  # nnet's optimiser and its numerical Hessian


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "regression" / "answers.csv")


def same(ours: Any, theirs: Any, tolerance: float = NEWTON) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=tolerance)


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_binomial(answers: pd.DataFrame, link: str) -> None:
    ref = R[link]
    fit = ss.regress("any ~ x + I(x**2) + z + g", answers, family="binomial", link=link)
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"])
    same(
        [fit.measures["logl"], fit.measures["null_logl"], fit.measures["deviance"]],
        [ref["logl"], ref["null"], ref["deviance"]],
    )
    for kind, se in ref["hc"].items():
        robust = ss.regress("any ~ x + I(x**2) + z + g", answers, family="binomial", link=link, vcov=kind)
        same(robust.estimates["se"], se)


def test_counts(answers: pd.DataFrame) -> None:
    ref = R["poisson"]
    fit = ss.regress("count ~ x + z + g", answers, family="poisson")
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"])
    same([fit.measures["logl"], fit.measures["deviance"]], [ref["logl"], ref["deviance"]])
    same(ss.regress("count ~ x + z + g", answers, family="poisson", vcov="HC3").estimates["se"], ref["hc"]["HC3"])
    exposed = ss.regress("count ~ x + z", answers.assign(e=np.log(answers["w"])), family="poisson", offset="e")
    same(exposed.estimates["est"], R["exposure"]["coef"])


def test_negative_binomial(answers: pd.DataFrame) -> None:
    ref = R["negative_binomial"]
    fit = ss.regress("count ~ x + z + g", answers, family="negbin")
    same(fit.estimates["est"][:5], ref["coef"], 1e-6)  # glm.nb alternates between two optimisers
    same(fit.estimates["se"][:5], ref["se"], 1e-6)
    same([fit.measures["logl"], fit.measures["alpha"]], [ref["logl"], ref["alpha"]], 1e-6)


def test_weighted(answers: pd.DataFrame) -> None:
    ref = R["weighted"]
    fit = ss.regress("spend ~ x + z + g", answers, weights="w", vcov="classical")
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"])
    same([fit.measures["r2"], fit.measures["logl"]], [ref["r2"], ref["logl"]])
    for kind, se in ref["hc"].items():
        same(ss.regress("spend ~ x + z + g", answers, weights="w", vcov=kind).estimates["se"], se)
    logit = ss.regress("any ~ x + z", answers, family="logit", weights="w", vcov="HC0")
    same(logit.estimates["est"], R["weighted_logit"]["coef"])
    same(logit.estimates["se"], R["weighted_logit"]["hc0"])


def test_two_part(answers: pd.DataFrame) -> None:
    fit = ss.regress("spend ~ x + z + g", answers, family="two_part")
    same(fit.estimates["est"], R["two_part"]["coef"])
    same(fit.estimates["se"], R["two_part"]["se"])


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_ordinal(answers: pd.DataFrame, link: str) -> None:
    ref = R[f"ordinal_{link}"]
    fit = ss.regress("grade ~ x + z + g", answers, family="ordinal", link=link)
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"])
    same(fit.measures["logl"], ref["logl"])


def test_multinomial(answers: pd.DataFrame) -> None:
    ref = R["multinomial"]
    fit = ss.regress("choice ~ x + z + g", answers, family="multinomial")
    same(fit.estimates["est"], ref["coef"], OPTIM)
    same(fit.estimates["se"], ref["se"], OPTIM)
    same(fit.measures["logl"], ref["logl"])


@pytest.mark.parametrize("quantile", [0.25, 0.5, 0.9])
def test_quantile(answers: pd.DataFrame, quantile: float) -> None:
    ref = R[f"quantile_{quantile:g}"]
    some = answers[answers["spend"] > 0]
    fit = ss.regress("spend ~ x + z + g", some, family="quantile", quantile=quantile)
    assert fit.vcov == "kernel"
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"])


def test_clusters() -> None:
    ref = json.loads((FOLDER / "regression" / "reg_lm_cluster_lq2002.json").read_text("utf-8"))["result"]
    rows = pd.read_csv(FOLDER / "data" / "lq2002.csv")
    for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3"):
        fit = ss.regress("HOSTILE ~ LEAD + TSIG", rows, cluster="COMPID", vcov=kind)
        same(fit.estimates["se"], [row["SE"] for row in ref[f"clubSandwich_{kind}"]])
        assert fit.df == rows["COMPID"].nunique() - 1


def test_linear() -> None:
    ref = json.loads((FOLDER / "regression" / "reg_lm_globalwarm.json").read_text("utf-8"))["result"]
    rows = pd.read_csv(FOLDER / "data" / "globalWarm.csv")
    formula = "govact ~ negemot + posemot + ideology + age + sex"
    fit, main = ss.regress(formula, rows), ref["main"]
    table = fit.estimates
    for ours, theirs in (("est", "Estimate"), ("se", "Std. Error"), ("statistic", "t value"), ("p_value", "Pr(>|t|)")):
        same(table[ours], [row[theirs] for row in main["coef"]])
    same(table[["ci_lower", "ci_upper"]], main["confint"]["values"])
    measures = ("r2", "adj_r2", "sigma", "aic", "bic", "logl")
    same([fit.measures[m] for m in measures], [main[m] for m in ("r2", "adjr2", "sigma", "aic", "bic", "logLik")])
    same(fit.vif()["vif"], list(main["vif"].values()))
    same(table["std_beta"][1:], list(ref["std_beta"].values())[1:])
    test = fit.wald()
    same([test.f, test.df, test.df_residual], main["F"])
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        same(ss.regress(formula, rows, vcov=kind).estimates["se"], [row["Std. Error"] for row in ref["hc"][kind]])
    moderated = ss.regress("govact ~ negemot*age + posemot + ideology + sex", rows, vcov="HC3")
    same(moderated.wald("negemot:age").f, ref["wald_HC3"][1]["F"])


def schools(name: str) -> pd.DataFrame:
    rows = pd.read_csv(FOLDER / "data" / f"{name}.csv")
    return rows.assign(wide=(rows["sch.wide"] == "Yes").astype(int)).rename(columns={"api.stu": "api_stu"})


DESIGNS = {
    "strat": ("apistrat", {"strata": "stype", "weights": "pw", "fpc": "fpc"}),
    "strat_nofpc": ("apistrat", {"strata": "stype", "weights": "pw"}),
    "clus1": ("apiclus1", {"psu": "dnum", "weights": "pw", "fpc": "fpc"}),
    "clus1_nofpc": ("apiclus1", {"psu": "dnum", "weights": "pw"}),
    "clus2": ("apiclus2", {"psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}),
    "clus2_wr": ("apiclus2", {"psu": ["dnum", "snum"], "weights": "pw"}),
}
FORMULAS = {
    "gaussian": "api00 ~ ell + meals + mobility + stype",
    "binomial": "wide ~ ell + meals + mobility + stype",
    "poisson": "api_stu ~ ell + meals + stype",
}


@pytest.mark.parametrize("name", DESIGNS)
def test_design(name: str) -> None:
    stored = json.loads((FOLDER / "regression" / "svy_glm.json").read_text("utf-8"))["result"][name]
    file, declared = DESIGNS[name]
    design = ss.design(schools(file), **declared)
    for family, formula in FORMULAS.items():
        ref = stored[family]
        fit = ss.regress(formula, design, family=family, missing="listwise")
        assert (fit.vcov, fit.df) == ("design", ref["df_residual"])
        for ours, theirs in (("est", "Estimate"), ("se", "Std. Error"), ("p_value", "Pr(>|t|)")):
            same(fit.estimates[ours], [row[theirs] for row in ref["coef"]])
        same(fit.covariance, ref["vcov"]["values"], 1e-6)  # elements near 0 carry the rounding of large ones
        for term, key in (("ell", "regTerm"), ("stype", "regTerm_stype")):
            same([fit.wald(term).f, fit.wald(term).p_value], [ref[key]["F"], ref[key]["p"]])


def test_keywords_declare_the_same_design() -> None:
    rows = schools("apistrat")
    told = ss.regress(FORMULAS["gaussian"], rows, strata="stype", weights="pw", fpc="fpc")
    brought = ss.regress(FORMULAS["gaussian"], ss.design(rows, strata="stype", weights="pw", fpc="fpc"))
    pd.testing.assert_frame_equal(told.estimates, brought.estimates)
    assert "aic" not in told.measures


def test_replicate_weights() -> None:
    """JK1 of apiclus1 by R's as.svrepdesign and svyglm."""
    rows = pd.read_csv(FOLDER / "data" / "apiclus1.csv")
    districts = rows["dnum"].unique()
    for r, district in enumerate(districts):
        rows[f"rep{r}"] = rows["pw"] * np.where(rows["dnum"] == district, 0.0, len(districts) / (len(districts) - 1))
    design = ss.replicate_design(
        rows, weights="pw", replicate_weights=[f"rep{r}" for r in range(len(districts))], type="JK1"
    )
    fit = ss.regress("api00 ~ ell + meals", design)
    same(fit.estimates["est"], [817.182288509079, -0.508796683416462, -3.14558922533067])
    same(fit.estimates["se"], [20.0870118723027, 0.348865267676093, 0.326466729825898])
    same(fit.estimates["p_value"], [3.14829248989285e-14, 0.170393571059614, 5.34254189185498e-07])
