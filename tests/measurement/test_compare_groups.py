"""Comparisons of groups equal R's; what cannot be compared is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, MissingChoiceError, OptionError, SurveySemError
from survey_sem.sample import Flow, Sample

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "groups" / "groups.json").read_text("utf-8"))
KNOWN = json.loads((FOLDER / "groups" / "reg_basic_tests.json").read_text("utf-8"))["result"]
CLOSE = {"rtol": 1e-9, "atol": 1e-12}  # closed forms
RANGE = {"rtol": 1e-6, "atol": 1e-9}  # the studentised range is integrated numerically, by R with about ten digits


def same(ours: Any, theirs: Any, **limits: float) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), **(limits or CLOSE))


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    data = pd.read_csv(FOLDER / "data" / "bfi.csv")
    return data.assign(
        agree=data[["A2", "A3", "A4", "A5"]].mean(axis=1),
        neuro=data[["N1", "N2", "N3", "N4", "N5"]].mean(axis=1, skipna=False),
    )


@pytest.fixture(scope="module")
def hs() -> pd.DataFrame:
    data = pd.read_csv(FOLDER / "data" / "HolzingerSwineford1939.csv")
    return data.assign(who=data["school"] + " " + data["sex"].astype(str), age=data["ageyr"] // 2)


def small(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"y": [1.0, 2, 3, 4, 3, 5, 6, 7, 2], "g": list("aaabbbccc"), **columns})


CASES = {
    "bfi_education": ("agree", "education"),
    "bfi_neuro": ("neuro", "education"),
    "hs_grade": ("x9", "who"),
    "hs_age": ("x4", "age"),
}


@pytest.mark.reference
@pytest.mark.parametrize("name", CASES)
def test_several_groups_are_compared_as_in_r(name: str, bfi: pd.DataFrame, hs: pd.DataFrame) -> None:
    case, (y, g) = R[name], CASES[name]
    data = bfi if name.startswith("bfi") else hs
    welch = ss.compare_groups(data, y, by=g, missing="listwise")
    assert welch.groups["n"].tolist() == case["n"]
    same(welch.groups["mean"], case["mean"])
    same(welch.groups["sd"], case["sd"])
    same(welch.groups[["ci_lower", "ci_upper"]], case["ci"])
    row = welch.tests.iloc[0]
    same([row["statistic"], row["df1"], row["df2"], row["p_value"]],
         [case["welch"]["statistic"], *case["welch"]["df"], case["welch"]["p"]])  # fmt: skip
    same([row["levene"], row["p_levene"]], [case["levene"]["statistic"], case["levene"]["p"]])
    same([row["eta2"], row["omega2"]], [case["shares"]["eta2"], case["shares"]["omega2"]])
    same(welch.pairs[["difference", "se", "df", "p_value", "ci_lower", "ci_upper"]], case["games_howell"], **RANGE)
    classical = ss.compare_groups(data, y, by=g, test="classical", missing="listwise")
    row = classical.tests.iloc[0]
    same([row["statistic"], row["df1"], row["df2"], row["p_value"]],
         [case["classical"]["statistic"], *case["classical"]["df"], case["classical"]["p"]])  # fmt: skip
    same(classical.pairs[["difference", "ci_lower", "ci_upper"]], case["tukey"], **RANGE)
    same(classical.pairs["p_value"], case["tukey_p"], **RANGE)
    ranks = ss.compare_groups(data, y, by=g, test="kruskal", missing="listwise").tests.iloc[0]
    same([ranks["statistic"], ranks["df1"], ranks["p_value"]],
         [case["kruskal"]["statistic"], case["kruskal"]["df"], case["kruskal"]["p"]])  # fmt: skip


@pytest.mark.reference
@pytest.mark.parametrize(("name", "y", "g"), [("bfi_gender", "agree", "gender"), ("hs_school", "x5", "school")])
def test_two_groups_are_compared_as_in_r(name: str, y: str, g: str, bfi: pd.DataFrame, hs: pd.DataFrame) -> None:
    data = bfi if name.startswith("bfi") else hs
    for test, kind in (("welch", "t-welch"), ("classical", "t-pooled")):
        case = R[name]["welch" if test == "welch" else "pooled"]
        found = ss.compare_groups(data, y, by=g, test=test)
        row = found.pairs.iloc[0]
        assert found.pair_test == kind
        same(row[["df", "p_value", "ci_lower", "ci_upper"]], [case["df"], case["p"], *case["ci"]])
        same(row["difference"] / row["se"], case["statistic"])
        same(row[["g", "g_lower", "g_upper"]], R[name]["g"])


@pytest.mark.reference
def test_the_published_basic_tests(bfi: pd.DataFrame) -> None:
    limits = {"rtol": 1e-6, "atol": 1e-9}
    found = ss.compare_groups(bfi, "agree", by="education", missing="listwise", test="classical")
    anova, levene, tukey = KNOWN["anova"][0], KNOWN["levene"][0], KNOWN["tukey"]
    same(found.tests[["statistic", "p_value", "levene", "p_levene"]].iloc[0],
         [anova["F value"], anova["Pr(>F)"], levene["F value"], levene["Pr(>F)"]], **limits)  # fmt: skip
    by_pair = {f"{row['against']}-{row['group']}": row for row in found.pairs.to_dict("records")}
    for name, (diff, low, high, p) in zip(tukey["rows"], tukey["values"], strict=True):
        row = by_pair[name]
        same([-row["difference"], -row["ci_upper"], -row["ci_lower"], row["p_value"]], [diff, low, high, p], **limits)
    welch = ss.compare_groups(bfi, "agree", by="education", missing="listwise").tests.iloc[0]
    same([welch["statistic"], welch["df1"], welch["df2"], welch["p_value"]],
         [KNOWN["welch_anova"]["statistic"], *KNOWN["welch_anova"]["parameter"], KNOWN["welch_anova"]["p.value"]],
         **limits)  # fmt: skip
    for test, name in (("welch", "t_welch"), ("classical", "t_pooled")):
        row = ss.compare_groups(bfi, "agree", by="gender", test=test).pairs.iloc[0]
        known = KNOWN[name]
        same([row["difference"] / row["se"], row["df"], row["p_value"], row["ci_lower"], row["ci_upper"]],
             [known["statistic"], *known["parameter"], known["p.value"], *known["ci"]], **limits)  # fmt: skip


@pytest.mark.reference
@pytest.mark.parametrize(("name", "y"), [("strat", "api00"), ("clus", "api99")])
def test_a_design_is_compared_as_in_survey(name: str, y: str) -> None:
    data, case = pd.read_csv(FOLDER / "data" / f"api{name}{'' if name == 'strat' else '1'}.csv"), R[name]
    stages = {"strata": "stype"} if name == "strat" else {"psu": "dnum"}
    found = ss.compare_groups(ss.design(data, weights="pw", fpc="fpc", **stages), y, by="stype")
    same(found.groups[["mean", "se"]].to_numpy().T, [case["mean"], case["se"]])
    row = found.tests.iloc[0]
    same([row["statistic"], row["df1"], row["df2"], row["p_value"]], [case["f"], *case["df"], case["p"]])
    same(found.pairs[["difference", "se", "p_value"]].to_numpy().T,
         [case["difference"], case["pair_se"], case["pair_p"]])  # fmt: skip
    assert found.test == "design"
    assert "sampling design" in str(found)


def test_a_design_keeps_the_units_of_rows_that_are_left_out() -> None:
    data = pd.read_csv(FOLDER / "data" / "apiclus1.csv")
    whole = ss.design(data, weights="pw", psu="dnum")
    here = (data["stype"] != "M") & (data["api99"] > 500)
    domain = ss.compare_groups(whole.subset(here), "api99", by="stype")
    gaps = data.assign(api99=data["api99"].where(here))
    missing = ss.compare_groups(ss.design(gaps, weights="pw", psu="dnum"), "api99", by="stype", missing="available")
    assert missing.n_dropped == {"api99": int((~here).sum())}
    for name in ("groups", "tests", "pairs"):
        pd.testing.assert_frame_equal(getattr(domain, name), getattr(missing, name))


def test_a_design_leaves_no_choice_of_tests() -> None:
    data = small(w=1.5)
    with pytest.raises(OptionError, match="decides the test"):
        ss.compare_groups(ss.design(data, weights="w"), "y", by="g", test="classical")


def test_several_variables_are_held_by_holm(bfi: pd.DataFrame) -> None:
    found = ss.compare_groups(bfi, ["agree", "neuro", "A1"], by="gender", missing="available")
    p = found.tests["p_value"].to_numpy()
    order = np.argsort(p)
    held = np.minimum(np.maximum.accumulate(p[order] * np.arange(3, 0, -1)), 1.0)
    same(found.tests["p_holm"].to_numpy()[order], held)
    assert "allows for the 3 variables" in str(found)
    assert found.n_dropped["neuro"] == int(bfi["neuro"].isna().sum())


def test_missing_values_are_a_choice(bfi: pd.DataFrame) -> None:
    with pytest.raises(MissingChoiceError, match="listwise"):
        ss.compare_groups(bfi, ["agree", "neuro"], by="gender")
    found = ss.compare_groups(bfi, ["agree", "neuro"], by="gender", missing="listwise")
    assert len(set(found.groups.groupby("variable")["n"].sum())) == 1


def test_constructs_of_a_sample_are_means_of_their_items() -> None:
    data = small(z=[2.0, 2, 3, 5, 3, 4, 7, 7, 1])
    sample = Sample(data, Flow(), (), constructs={"BOTH": ("y", "z")})
    found = ss.compare_groups(sample, "BOTH", by="g")
    plain = ss.compare_groups(data.assign(BOTH=(data["y"] + data["z"]) / 2), "BOTH", by="g")
    pd.testing.assert_frame_equal(found.pairs, plain.pairs)


def test_latent_differences_stand_beside_the_observed_ones(hs: pd.DataFrame) -> None:
    data = hs.assign(VISUAL=hs[["x1", "x2", "x3"]].mean(axis=1))
    ladder = ss.invariance("VISUAL =~ x1 + x2 + x3", data, "school")
    found = ss.compare_groups(data, "VISUAL", by="school", latent=ladder)
    assert found.latent is not None
    (row,), (latent,) = found.latent.to_dict("records"), ladder.mean_records
    assert row["latent_difference"] == latent.difference
    means = data.groupby("school")["VISUAL"].mean()
    same(row["difference"], means[row["group"]] - means[row["against"]])
    with pytest.raises(OptionError, match="groups by 'school'"):
        ss.compare_groups(data, "VISUAL", by="sex", latent=ladder)
    with pytest.raises(OptionError, match="latent means"):
        ss.compare_groups(data, "x1", by="school", latent=ladder)


@pytest.mark.parametrize("variables", ["y", ["y", "z"]])
def test_groups_that_are_too_small_are_left_out_when_asked(variables: Any) -> None:
    data = pd.concat([small(z=np.arange(9.0)), small(z=np.arange(9.0)), small(z=1.0).iloc[:1].assign(g="d")])
    data = data.reset_index(drop=True)
    with pytest.raises(DataError, match="single value"):
        ss.compare_groups(data, variables, by="g")
    found = ss.compare_groups(data, variables, by="g", min_group=3)
    assert found.left_out["y"] == ("d",)
    assert "d" not in set(found.groups["group"])
    assert "left out as too small: d" in str(found)
    with pytest.raises(DataError, match="no group to compare"):
        ss.compare_groups(data, variables, by="g", min_group=50)


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (small(), {"by": "h"}, "unknown-variable"),
        (small(), {"variables": "x"}, "unknown-variable"),
        (small(), {"variables": 0}, "bad-option"),
        (small(), {"variables": None}, "bad-option"),
        (small(), {"variables": [["y"]]}, "bad-option"),
        (small(), {"latent": 3}, "wrong-type"),
        (small().assign(y=small()["y"] * 1e200), {}, "too-large"),
        (small(), {"variables": []}, "bad-option"),
        (small(), {"variables": "g"}, "bad-option"),
        (small(t="x"), {"variables": "t"}, "not-numeric"),
        (small().assign(g="a"), {}, "one-group"),
        (small().assign(g=None), {"missing": "listwise"}, "one-group"),
        (small().assign(y=2.0), {}, "constant-variable"),
        (small().assign(y=[1.0, 1, 1, 2, 3, 4, 5, 6, 7]), {}, "no-spread"),
        (small().assign(y=[1.0, 1, 1, 2, 2, 2, 5, 5, 5]), {"test": "classical"}, "no-spread"),
        (small().assign(y=[1.0, np.inf, 1, 2, 3, 4, 5, 6, 7]), {}, "not-finite"),
        (small().assign(y=np.nan), {"missing": "available"}, "one-group"),
        (small(), {"test": "anova"}, "bad-option"),
        (small(), {"pairs": "scheffe"}, "bad-option"),
        (small(), {"missing": "fiml"}, "bad-option"),
        (small(), {"min_group": 1}, "bad-option"),
        (small(), {"ci_level": 95}, "wrong-level"),
        (small().iloc[:0], {}, "nobody-left"),
        (pd.DataFrame({"y": np.arange(60.0), "g": np.arange(60)}), {}, "too-many-groups"),
        ([1, 2, 3], {}, "bad-data"),
    ],
)
def test_what_cannot_be_compared_is_refused(data: Any, options: dict[str, Any], code: str) -> None:
    chosen: dict[str, Any] = {"variables": "y", "by": "g", **options}
    with pytest.raises(SurveySemError) as caught:
        ss.compare_groups(data, **chosen)
    assert caught.value.code == code


def test_a_tiny_p_value_of_a_pair_is_no_rounding_error() -> None:
    random = np.random.default_rng(0)
    data = pd.DataFrame({"y": random.normal(size=3000), "g": np.repeat(list("abc"), 1000)})
    data["y"] += 5.0 * (data["g"] == "a")
    for test in ("welch", "classical"):
        pairs = ss.compare_groups(data, "y", by="g", test=test).pairs
        assert pairs["p_value"].iloc[:2].between(0, 1e-300).all()


def test_kinds_of_columns() -> None:
    data = small().assign(g=pd.Categorical(list("aaabbbccc"), categories=["c", "b", "x", "a"]))
    assert ss.compare_groups(data, "y", by="g").labels == ("c", "b", "a")
    nullable = small().assign(y=pd.array([1, 2, 3, 4, 3, 5, 6, 7, None], dtype="Int64"))
    assert ss.compare_groups(nullable, "y", by="g", missing="listwise").n_dropped == {"y": 1}
    codes = small().assign(g=[1.0, 1, 1, 2, 2, 2, np.nan, np.nan, np.nan])
    assert ss.compare_groups(codes, "y", by="g", missing="listwise").labels == ("1", "2")


def test_it_shows_itself_and_is_plain_data() -> None:
    found = ss.compare_groups(small(), "y", by="g")
    assert json.loads(json.dumps(found.to_dict()))["schema"] == "survey-sem/group-comparison/1"
    assert "<table" in found._repr_html_()
    assert "groups of fewer than 10" in str(found)
