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
    # glm's weights are those of the step before the last
    same(fit.estimates["se"], ref["se"], 1e-7)
    same(
        [fit.measures["logl"], fit.measures["null_logl"], fit.measures["deviance"]],
        [ref["logl"], ref["null"], ref["deviance"]],
    )
    for kind, se in ref["hc"].items():
        robust = ss.regress("any ~ x + I(x**2) + z + g", answers, family="binomial", link=link, vcov=kind)
        same(robust.estimates["se"], se, 1e-7)


def test_counts(answers: pd.DataFrame) -> None:
    ref = R["poisson"]
    fit = ss.regress("count ~ x + z + g", answers, family="poisson")
    same(fit.estimates["est"], ref["coef"])
    same(fit.estimates["se"], ref["se"], 1e-7)
    same([fit.measures["logl"], fit.measures["deviance"]], [ref["logl"], ref["deviance"]])
    same(ss.regress("count ~ x + z + g", answers, family="poisson", vcov="HC3").estimates["se"], ref["hc"]["HC3"], 1e-7)
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
    same(logit.estimates["se"], R["weighted_logit"]["hc0"], 1e-7)


def test_two_part(answers: pd.DataFrame) -> None:
    fit = ss.regress("spend ~ x + z + g", answers, family="two_part")
    same(fit.estimates["est"], R["two_part"]["coef"], 1e-6)
    same(fit.estimates["se"], R["two_part"]["se"], 1e-6)


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
    fit = ss.regress("spend ~ x + z + g", some, family="quantile", quantile=quantile, vcov="HC0")
    np.testing.assert_allclose(fit.estimates["est"], ref["coef"], rtol=0, atol=2e-3)
    # R takes q(1-q) X'X where the scores' own squares stand here
    np.testing.assert_allclose(fit.estimates["se"], ref["se"], rtol=0.12)


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
