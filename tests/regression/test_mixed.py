"""Formulas, offsets, missing rows, designs, marginal effects, importance and equivalence equal R's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER

import survey_sem as ss

pytestmark = pytest.mark.reference
R = json.loads((FOLDER / "regression" / "mixed.json").read_text("utf-8"))
UP = 'C(g, contr.treatment("up"))'


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "regression" / "mixed.csv")


def same(ours: Any, theirs: Any, tolerance: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=tolerance)


@pytest.mark.parametrize(
    ("case", "formula", "options"),
    [
        ("products", "y ~ x*g + poly(z, 2) + h", {"vcov": "HC3"}),
        ("splines", f"y ~ bs(x, df=5) + {UP}", {}),
        ("offset", "y ~ x", {"offset": "ex"}),
        ("cloglog", f"b ~ xm*h + {UP}",
         {"family": "binomial", "link": "cloglog", "cluster": "psu", "missing": "listwise"}),
        ("counts", "cnt ~ x + bs(z, df=4)", {"family": "poisson", "offset": "lex", "vcov": "HC2"}),
        ("quantile", "y ~ x*h + z", {"family": "quantile", "quantile": 0.7}),
    ],
)  # fmt: skip
def test_rows(rows: pd.DataFrame, case: str, formula: str, options: dict[str, Any]) -> None:
    fit = ss.regress(formula, rows, **options)
    same(fit.estimates["est"], R[case]["coef"])
    same(fit.estimates["se"], R[case]["se"])
    if "r2" in R[case]:
        same(fit.measures["r2"], R[case]["r2"])


def test_designs(rows: pd.DataFrame) -> None:
    design = ss.design(rows, weights="w", strata="st", psu="psu")
    fits = {
        "domain": ss.regress("b ~ x + h", design.subset(rows["u"] > 1.2), family="logit", offset="ex"),
        "listwise": ss.regress("y ~ xm + g", design, missing="listwise"),
        "rate": ss.regress("cnt ~ x + z", design, family="poisson", offset="lex"),
    }
    for case, fit in fits.items():
        for ours, theirs in (("est", "coef"), ("se", "se"), ("p_value", "p")):
            same(fit.estimates[ours], R[case][theirs])
    ordered = ss.regress("top ~ x + h", design.assign(top=rows["cnt"].clip(upper=3)), family="ordinal")
    same(ordered.estimates["est"], R["ordered"]["coef"], 1e-6)  # of an optimiser without second derivatives
    same(ordered.estimates["se"], R["ordered"]["se"], 1e-5)  # of a Hessian by differences


def test_marginal_effects(rows: pd.DataFrame) -> None:
    table = ss.regress("b ~ x*h + I(x**2) + z + g", rows, family="logit").margins()
    same(table[["est", "se"]], R["margins"], 2e-6)  # differences of 1e-4 in R


def test_importance_inflation_equivalence_and_joint_tests(rows: pd.DataFrame) -> None:
    fit = ss.regress("y ~ x + z + u + g", rows)
    same(fit.dominance(), R["dominance"])
    same(fit.importance()["share"], np.mean(R["dominance"], axis=1))
    same(fit.vif()["vif"], R["vif"])
    same(ss.regress("b ~ x + z + u + g", rows, family="logit").vif()["vif"], R["vif_logit"])
    equivalence = ss.regress("y ~ x + z + h", rows).equivalence(0.3, scale="est")
    same(equivalence["p_equivalence"], R["equivalence"])
    joint = ss.regress("y ~ x*g + z", rows, vcov="HC3").wald("x:g")
    same([joint.f, joint.p_value], R["joint"])
