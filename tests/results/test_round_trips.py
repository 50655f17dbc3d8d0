"""Every kind of result goes through pickle and JSON: whatever needs no rows gives the same afterwards."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import SurveySemError

NAMES = [f"x{k}" for k in range(1, 7)]
FACTORS = "f =~ x1 + a*x2 + b*x3\ng =~ x4 + c*x5 + x6\n"
PATHS = FACTORS + "g ~ d*f\nindirect := a*d"
GROUPED = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ c(p,q)*f\ngap := p - q"
HEYWOOD = "f =~ x1 + x2\ng =~ x4 + x5\nf ~~ g"


def drawn(n=240):
    rng = np.random.default_rng(21)
    f = rng.normal(size=n)
    g = 0.5 * f + 0.8 * rng.normal(size=n)
    noise = rng.exponential(size=(n, 6)) * 0.8
    rows = pd.DataFrame(np.column_stack([f, 0.8 * f, 1.1 * f, g, 0.7 * g, 0.9 * g]) + noise, columns=NAMES)
    rows["z"] = f + rng.normal(size=n)
    rows["school"] = np.where(np.arange(n) % 3, "north", "south")
    rows["weight"], rows["class"] = rng.uniform(0.4, 2.5, n), np.arange(n) % 60
    rows["region"] = rows["class"] // 20
    return rows


def with_gaps(rows):
    return rows.assign(**rows[NAMES[1:]].mask(np.random.default_rng(3).random((len(rows), 5)) < 0.12))


ROWS = drawn()
GAPS = with_gaps(ROWS)
SCHOOLS = {"group": "school", "group_equal": ["loadings", "intercepts"]}
DESIGN = ss.design(ROWS, weights="weight", strata="region", psu="class")
MOMENTS = ss.moments(cov=ROWS[NAMES].cov(), n_obs=len(ROWS), mean=ROWS[NAMES].mean())

KINDS = {
    "ML": lambda: ss.sem(PATHS, ROWS),
    "fixed exogenous variables": lambda: ss.sem("x1 ~ a*x2 + x3\nx4 ~ b*x1\nab := a*b", ROWS),
    "saturated": lambda: ss.sem("x1 ~ x2 + x3", ROWS),
    "published moments, Wishart": lambda: ss.sem(PATHS, MOMENTS, likelihood="wishart"),
    "observed information": lambda: ss.sem(PATHS, ROWS, information="observed"),
    "first-order information": lambda: ss.sem(PATHS, ROWS, estimator="MLF"),
    "linear constraint": lambda: ss.sem(PATHS + "\na == 2*b - c", ROWS),
    "nonlinear constraint": lambda: ss.sem(PATHS + "\na*b == c", ROWS),
    "active inequality": lambda: ss.sem(PATHS + "\nd > 0.9", ROWS),
    "active bound": lambda: ss.sem(PATHS.replace("c*x5", "upper(0.4)*x5"), ROWS),
    "growth": lambda: ss.growth("i =~ 1*x1 + 1*x2 + 1*x3\ns =~ 0*x1 + 1*x2 + 2*x3", ROWS),
    "effect coding": lambda: ss.cfa(FACTORS, ROWS, effect_coding=["loadings", "intercepts"]),
    **{
        name: lambda name=name: ss.sem(PATHS, ROWS, estimator=name)
        for name in ("MLM", "MLMV", "MLMVS", "MLR", "GLS", "ULS", "ULSMV", "WLS", "DWLS", "WLSM", "WLSMVS")
    },
    "Browne's tests": lambda: ss.sem(PATHS, ROWS, test=["browne.residual.adf", "browne.residual.nt.model"]),
    "Yuan-Bentler": lambda: ss.sem(PATHS, ROWS, test="yuan.bentler", se="robust.huber.white", ci="monte_carlo", seed=1),
    "groups": lambda: ss.sem(GROUPED, ROWS, **SCHOOLS),
    "groups, partial": lambda: ss.sem(GROUPED, ROWS, **SCHOOLS, group_partial=["f=~x2", "x5~1"]),
    "groups, MLR": lambda: ss.sem(GROUPED, ROWS, **SCHOOLS, estimator="MLR"),
    "groups, WLSMV": lambda: ss.sem(GROUPED, ROWS, **SCHOOLS, estimator="WLSMV"),
    "groups of moments": lambda: ss.sem(GROUPED, {"one": MOMENTS, "two": MOMENTS}, group_equal="loadings"),
    "FIML": lambda: ss.sem(PATHS, GAPS, missing="fiml"),
    "FIML, expected": lambda: ss.sem(PATHS, GAPS, missing="fiml", information="expected"),
    "FIML, MLR": lambda: ss.sem(PATHS, GAPS, missing="fiml", estimator="MLR"),
    "FIML, MLF": lambda: ss.sem(PATHS, GAPS, missing="fiml", estimator="MLF"),
    "FIML, constraint": lambda: ss.sem(PATHS + "\na == b", GAPS, missing="fiml"),
    "FIML, groups": lambda: ss.sem(GROUPED, GAPS, missing="fiml", **SCHOOLS, estimator="MLR"),
    "FIML, auxiliary": lambda: ss.sem(PATHS, GAPS, missing="fiml", auxiliary=["z"]),
    "listwise": lambda: ss.sem(PATHS, GAPS, missing="listwise"),
    "bootstrap": lambda: ss.sem(PATHS, ROWS, bootstrap=40, seed=1),
    "bootstrap, BCa": lambda: ss.sem(PATHS, ROWS, bootstrap=40, seed=1, ci="bca"),
    "bootstrap, groups": lambda: ss.sem(GROUPED, ROWS, **SCHOOLS, bootstrap=30, seed=1, ci="bc"),
    "Bollen-Stine": lambda: ss.sem(PATHS, ROWS, bootstrap=30, seed=1, test="bollen.stine"),
    "weights": lambda: ss.sem(PATHS, ROWS, weights="weight"),
    "weights, WLSMV": lambda: ss.sem(PATHS, ROWS, weights="weight", estimator="WLSMV"),
    "clusters in groups": lambda: ss.sem(GROUPED, ROWS, weights="weight", cluster="class", **SCHOOLS),
    "FIML, clusters": lambda: ss.sem(PATHS, GAPS, missing="fiml", weights="weight", cluster="class"),
    "design": lambda: ss.sem(PATHS, DESIGN),
    "replicates": lambda: ss.sem(PATHS, DESIGN.as_replicates("JKn")),
    "resampled clusters": lambda: ss.sem(PATHS, ROWS, cluster="class", bootstrap=30, seed=1),
    "conditional x": lambda: ss.sem(FACTORS + "f ~ z\ng ~ z", ROWS, conditional_x=True, estimator="WLSMV"),
    "composite": lambda: ss.sem("c <~ 1*x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ c", ROWS),
    "multiple imputation": lambda: ss.sem(PATHS, GAPS[NAMES], missing="mi", imputations=3, cycles=2, seed=1),
    "no standard errors": lambda: ss.sem(PATHS, ROWS, se="none", test="none"),
    "not converged": lambda: ss.sem(PATHS, ROWS, control={"iter_max": 1}),
    "not admissible": lambda: ss.sem(HEYWOOD, ROWS.assign(x5=ROWS["x4"] * 0.05 + ROWS["x5"] - ROWS["x4"])),
}

CALLS = {
    "estimates": lambda fit: fit.estimates,
    **{kind: lambda fit, kind=kind: fit.standardized(kind) for kind in ("std_all", "std_lv", "std_nox")},
    "vcov": lambda fit: fit.vcov(),
    **{
        f"residuals {kind}": lambda fit, kind=kind: _residuals(fit, kind)
        for kind in ("raw", "cor_bentler", "cor_bollen", "normalized", "standardized")
    },
    "modification indices": lambda fit: fit.modification_indices(sort=False),
    "latent covariances": lambda fit: [fit.latent_cov(group + 1) for group in range(fit.n_groups)],
    "latent correlations": lambda fit: [fit.latent_cor(group + 1) for group in range(fit.n_groups)],
    "r squared": lambda fit: [fit.r_squared(group + 1) for group in range(fit.n_groups)],
    "implied": lambda fit: [_filled(fit.implied(group + 1)) for group in range(fit.n_groups)],
    "summary": str,
    "line": repr,
    "measures": lambda fit: fit.fit_measures,
    "reasons": lambda fit: fit.not_applicable,
    "findings": lambda fit: (fit.converged, fit.identified, fit.admissible, dict(fit.findings)),
    "warnings": lambda fit: [warning.to_dict() for warning in fit.warnings],
    "counts": lambda fit: (fit.n_obs, fit.n_par, fit.n_groups, fit.group_labels, fit.is_incomplete),
    "optimum": lambda fit: fit.optimum,
    "text of the table": lambda fit: fit.table.to_text(),
    "frame of the table": lambda fit: fit.table.to_frame(),
    "scores of other rows": lambda fit: fit.factor_scores(ROWS),
    "reliability": lambda fit: ss.reliability(fit).table,
    "wald test": lambda fit: ss.wald_test(fit, "a == b" if "gap" not in fit.model else "p == q").to_dict(),
    "score test": lambda fit: ss.score_test(fit).table,
    "compared with itself": lambda fit: ss.compare(fit, fit).to_dict(),
    "draws": lambda fit: (fit.bootstrap.n_draws, fit.bootstrap.n_failed, fit.bootstrap.n_inadmissible),
    "document": lambda fit: json.loads(fit.to_json()),
}


def _filled(found):
    return {name: value for name, value in found.items() if value is not None}


def _residuals(fit, kind):
    return [_filled(fit.residuals(kind, group + 1)) for group in range(fit.n_groups)]


def said(call, fit):
    """What a call gives, or the code of the error that it raises."""
    try:
        return call(fit)
    except SurveySemError as error:
        return error.code


# A standardised residual divides by the root of a difference of nearly equal variances, which magnifies the last digit;
# that digit depends on where in memory an array lies.
LOOSE = {"residuals standardized": 1e-6}


def assert_same(one, other, rel=1e-9):
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(other, one, rtol=rel, atol=1e-10)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(other, one, rtol=rel, atol=1e-10)
    elif isinstance(one, dict):
        assert other.keys() == one.keys()
        for name, value in one.items():
            assert_same(value, other[name], rel)
    elif isinstance(one, list | tuple):
        assert len(other) == len(one)
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs, rel)
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=rel, abs=1e-10, nan_ok=True)
    else:
        assert other == one


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_comes_back_whole(kind):
    fit = KINDS[kind]()
    copies = {"json": ss.SemResult.from_json(fit.to_json()), "pickle": pickle.loads(pickle.dumps(fit))}
    wrong = []
    for name, call in CALLS.items():
        expected = said(call, fit)
        for way, copy in copies.items():
            try:
                assert_same(expected, said(call, copy), LOOSE.get(name, 1e-9))
            except AssertionError as error:
                wrong.append(f"{name} after {way}: {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
