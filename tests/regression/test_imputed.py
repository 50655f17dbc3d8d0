"""Regressions of imputed data: against mice and mitools, against one data set, through designs and samples."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER

import survey_sem as ss
from survey_sem.errors import SurveySemError

IMPUTATION = FOLDER / "imputation"
R = json.loads((IMPUTATION / "pooled_regress.json").read_text("utf-8"))
DESIGN = {"strata": "stratum", "weights": "w"}


@pytest.fixture(scope="module")
def frames() -> list[pd.DataFrame]:
    data = pd.read_csv(IMPUTATION / "imp_bfi600_m5.csv.gz")
    row = data.groupby(".imp").cumcount()
    data = data.assign(
        high=(data["A3"] > 4).astype(int), psu=row // 15, stratum=row // 15 % 4, w=1 + (row * 7) % 5 / 2,
    )  # fmt: skip
    return [part.reset_index(drop=True) for _, part in data.groupby(".imp")]


def same(ours: Any, theirs: Any, tolerance: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=tolerance)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("case", "formula", "family"),
    [("ols", "C1 ~ A2 + C(gender) + age", "gaussian"), ("logit", "high ~ C1 + age", "binomial")],
)
def test_coefficients_are_those_of_mice(frames: list[pd.DataFrame], case: str, formula: str, family: str) -> None:
    table = ss.regress(formula, frames, family=family).estimates.assign(t=lambda rows: rows["se"] ** 2)
    # R's glm of each data set is iterated to 1e-8 of the deviance, differences between them carry that
    for name in ("t", "df", "riv", "lambda", "fmi"):
        same(table[name], [row[name] for row in R[case]], 1e-6)
    same(table["est"], [row["estimate"] for row in R[case]])


@pytest.mark.reference
def test_r_squared_and_joint_test_are_those_of_mice(frames: list[pd.DataFrame]) -> None:
    fit = ss.regress("C1 ~ A2 + C(gender) + age", frames)
    found = fit.r_squared()
    assert fit.measures == {"r2": found["est"][0], "adj_r2": found["est"][1]}
    same(found["est"], [R["r2"][0][0], R["adjusted"][0][0]])
    same(found["fmi"], [R["r2"][0][3], R["adjusted"][0][3]])
    same(found.loc[0, ["ci_lower", "ci_upper"]], R["r2"][0][1:3], 1e-3)  # mice takes 1.96 for the normal quantile
    assert found["ci_lower"][1] == 0.0  # below 0 as Fisher's z; mice squares that
    test = fit.wald("A2", "C(gender)")
    same([test.f, test.df, test.df_residual, test.p_value], R["d1"][0][:4])


@pytest.mark.reference
def test_designs_go_by_data_set_as_in_mitools(frames: list[pd.DataFrame]) -> None:
    told = ss.regress("C1 ~ A2 + age", frames, cluster="psu", **DESIGN)
    designs = [ss.design(rows, psu="psu", **DESIGN) for rows in frames]
    brought = ss.regress("C1 ~ A2 + age", designs)
    pd.testing.assert_frame_equal(told.estimates, brought.estimates)
    assert (told.vcov, told.df) == ("design", R["degf"] - 2)
    logit = ss.regress("high ~ C1 + age", designs, family="logit")
    replicated = ss.regress("C1 ~ A2 + age", [design.as_replicates("JKn") for design in designs])
    clustered = ss.regress("C1 ~ A2 + age", frames, cluster="psu")
    assert (clustered.vcov, clustered.df) == ("CR1S", 39)
    for fit, case in ((told, "svyglm"), (logit, "svylogit"), (replicated, "jkn"), (clustered, "cluster")):
        same(fit.estimates["est"], R[case]["est"])
        same(fit.estimates["se"], R[case]["se"], 1e-7)
    assert told.r_squared()["ci_lower"].isna().all()  # Fisher's z knows independent rows


@pytest.mark.reference
def test_design_statistics_pool_as_in_mitools(frames: list[pd.DataFrame]) -> None:
    designs = [ss.design(rows, psu="psu", **DESIGN) for rows in frames]
    statistics = {
        "svymean": lambda design: design.mean(["A2", "C1"]),
        "svytotal": lambda design: design.total("A2"),
        "svyby": lambda design: design.mean("C1", by="gender"),
    }
    for case, statistic in statistics.items():
        found = ss.pool([statistic(design) for design in designs])
        same(found.estimates["est"], np.ravel(R[case]["est"]))
        same(found.estimates["se"], np.ravel(R[case]["se"]))
        assert found.pooled.df_complete == R["degf"]
        assert (found.estimates["df"] < R["degf"]).all()


@pytest.mark.parametrize("family", ["gaussian", "logit", "multinomial", "ordinal", "poisson", "quantile"])
def test_equal_data_sets_pool_to_the_single_result(frames: list[pd.DataFrame], family: str) -> None:
    response = "high" if family == "logit" else "C1"
    one = frames[0]
    single = ss.regress(f"{response} ~ A2 + C(gender)", one, family=family, vcov="HC0")
    pooled = ss.regress(f"{response} ~ A2 + C(gender)", [one, one, one], family=family, vcov="HC0")
    for name in ("est", "se"):
        same(pooled.estimates[name], single.estimates[name], 1e-12)
        same(pooled.margins()[name], single.margins()[name], 1e-12)
    same(pooled.vif()["vif"], single.vif()["vif"], 1e-12)
    same(pooled.vcov_frame(), single.vcov_frame(), 1e-12)
    same(pooled.predict(one.head(3)), single.predict(one.head(3)), 1e-12)
    if family == "gaussian":
        same(pooled.importance()["share"], single.importance()["share"], 1e-12)
        same(pooled.dominance(), single.dominance(), 1e-12)
        same(pooled.measures["r2"], single.measures["r2"], 1e-12)
        same(pooled.estimates["std_beta"], single.estimates["std_beta"], 1e-12)
        same(pooled.equivalence(0.1)["value"], single.equivalence(0.1)["value"], 1e-12)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x = rng.normal(size=300)
    found = pd.DataFrame({"x": x, "z": 0.5 * x + rng.normal(size=300), "w": rng.choice([1.0, 2.0, 3.0], 300)})
    found["y"] = found["x"] + found["z"] + rng.normal(size=300)
    found["room"] = np.arange(300) // 10
    return found.assign(x=found["x"].where(rng.random(300) > 0.2), z=found["z"].where(rng.random(300) > 0.2))


def test_imputed_data_with_their_design(rows: pd.DataFrame) -> None:
    imputed = ss.impute(ss.design(rows, weights="w", psu="room"), m=4, cycles=3, seed=1)
    fit = ss.regress("y ~ x + z", imputed)
    assert isinstance(fit, ss.PooledRegression)
    assert (fit.vcov, fit.n_imputations, fit.n_obs, fit.df) == ("design", 4, 300, 30 - 3)
    by_hand = ss.pool([ss.regress("y ~ x + z", design) for design in imputed.designs()])
    same(fit.estimates["se"], by_hand.estimates["se"], 1e-12)
    same(by_hand.estimates["df"], fit.estimates["df"], 1e-12)
    with pytest.raises(SurveySemError, match="bring their design"):
        ss.regress("y ~ x + z", imputed, weights="w")
    with pytest.raises(SurveySemError, match="do not know how they were sampled"):
        ss.impute(rows, m=2, cycles=1, seed=1).designs()


def test_constructs_and_columns_of_the_design(rows: pd.DataFrame) -> None:
    design = ss.design(rows, weights="w")
    imputed = ss.impute(design, m=2, cycles=1, seed=1)
    late = np.arange(300) % 3
    known = replace(imputed, design=design.assign(late=late), constructs={"both": ("x", "z")})
    by_hand = imputed.assign(both=lambda frame: frame[["x", "z"]].mean(axis=1), late=lambda frame: late)
    found = ss.regress("y ~ both + late", known)
    same(found.estimates[["est", "se"]], ss.regress("y ~ both + late", by_hand).estimates[["est", "se"]], 1e-12)


def test_shown_and_kept(rows: pd.DataFrame) -> None:
    fit = ss.regress("y ~ x*z", ss.impute(rows, m=3, cycles=2, seed=1))
    assert "pooled over 3 imputations" in str(fit)
    assert "FMI" in fit._repr_html_()
    record = fit.to_dict()
    assert record["n_imputations"] == 3
    assert json.loads(json.dumps(record))["estimates"][1]["fmi"] == fit.estimates["fmi"][1]
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(fit)).estimates, fit.estimates)


def test_a_basis_that_moves_is_told(rows: pd.DataFrame) -> None:
    imputed = ss.impute(rows, m=2, cycles=1, seed=1)
    told = ss.regress("y ~ center(x) + poly(w, 2)", imputed).warnings
    assert [(warned.code, warned.what.partition(":")[0]) for warned in told] == [("basis-differs", "center(x)")]
    assert not ss.regress("y ~ I(x**2)", imputed).warnings


def test_what_cannot_be_pooled_is_told(rows: pd.DataFrame) -> None:
    imputed = ss.impute(rows, m=2, cycles=1, seed=1)
    one = imputed.data(0)
    cases = [
        ([one], {}, "pooling needs two data sets"),
        ([one, 3], {}, "completed data sets"),
        ([], {}, "completed data sets|pooling needs"),
        ([one, rows], {}, "missing values"),
        ([one, one.assign(x="a")], {}, "other coefficients|cannot be told apart|levels|constant"),
        (imputed, {"family": "gausian"}, "no family"),
        (imputed, {"vcov": "design"}, "needs weights"),
    ]
    for data, options, words in cases:
        with pytest.raises(SurveySemError, match=words):
            ss.regress("y ~ x + z", data, **options)
    with pytest.raises(SurveySemError) as told:
        ss.regress("y ~ x + z", [one, rows])
    assert str(told.value.where).startswith("data set 2")
    fit = ss.regress("y ~ x + z", imputed)
    for bad in (0, -1, "0.1", np.nan):
        with pytest.raises(SurveySemError):
            fit.equivalence(bad)
    with pytest.raises(SurveySemError, match="no term"):
        fit.wald("u")
