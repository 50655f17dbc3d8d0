"""``ss.rake``, ``ss.poststratify``, ``ss.calibrate``: targets met, and every impossible wish refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import DataError, FileError, OptionError
from survey_sem.sample.weighting import PopulationMargin, read_targets

SEX = {"f": 0.5, "m": 0.5}
ON_WEIGHTS: dict[str, Any] = {"method": "logit", "bounds": (0.1, 3), "bounds_on": "weight"}
AGE = {"18-29": 0.2, "30-49": 0.45, "50+": 0.35}


def people(n: int = 400, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": random.choice(["f", "m"], n, p=[0.65, 0.35]),
            "age": random.choice(list(AGE), n, p=[0.4, 0.4, 0.2]),
            "code": random.integers(1, 4, n),
            "income": random.normal(3000, 500, n),
            "w": random.uniform(0.5, 2, n),
        },
        index=np.arange(1000, 1000 + n),
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_properties(seed: int) -> None:
    data = people(seed=seed)
    weighting = ss.rake(data, {"sex": SEX, "age": AGE}, "w")
    table = weighting.to_frame()
    np.testing.assert_allclose(table["after"], table["target"], rtol=1e-10)
    assert weighting.weights.sum() == pytest.approx(data["w"].sum()) and (weighting.weights > 0).all()
    other = ss.rake(data, {"age": AGE, "sex": SEX}, 3 * data["w"])
    np.testing.assert_allclose(other.weights, 3 * weighting.weights, rtol=1e-8)
    order = np.random.default_rng(seed).permutation(len(data))
    shuffled = ss.rake(data.iloc[order], {"sex": SEX, "age": AGE}, "w")
    np.testing.assert_allclose(shuffled.weights.loc[data.index], weighting.weights, rtol=1e-9)
    again = ss.rake(data, {"sex": SEX, "age": AGE}, weighting.weights)
    np.testing.assert_allclose(again.weights, weighting.weights, rtol=1e-9)


def test_the_report() -> None:
    data = people()
    weighting = ss.rake(data, {"sex": SEX}, bounds=(0.3, 3))
    assert weighting.weights.index.equals(data.index) and weighting.weights.name == "weight"
    counts = data["sex"].value_counts()
    expected = data["sex"].map({key: 200 / counts[key] for key in SEX})
    np.testing.assert_allclose(weighting.weights, expected)
    assert weighting.n_eff == pytest.approx(expected.sum() ** 2 / (expected**2).sum())
    assert weighting.deff == pytest.approx(400 / weighting.n_eff)
    assert weighting.range == pytest.approx((expected.min(), expected.max()))
    assert weighting.ratio_range == weighting.range
    table = weighting.to_frame().set_index("category")
    assert table.loc["f", "n"] == counts["f"] and table.loc["f", "target_share"] == 0.5
    record = weighting.to_dict()
    assert record["schema"] == "survey-sem/weighting/1" and len(record["margins"]) == 2
    assert record["steps"][0]["name"] == "calibrate-weights"
    assert "sex = f" in str(weighting) and repr(weighting) == str(weighting)


def test_rows_without_weight_stay_out() -> None:
    data = people().assign(w=lambda rows: rows["w"] * (rows["age"] != "50+"))
    data.loc[data["w"] == 0, "sex"] = None  # what is not known of them does not matter
    weighting = ss.rake(data, {"sex": SEX}, "w")
    assert (weighting.weights[data["w"] == 0] == 0).all()
    assert weighting.summary.n == (data["w"] > 0).sum()


def test_a_design_brings_its_weights() -> None:
    data = people()
    design = ss.design(data, weights="w")
    expected = ss.rake(data, {"sex": SEX}, "w").weights
    pd.testing.assert_series_equal(ss.rake(design, {"sex": SEX}).weights, expected)
    np.testing.assert_array_equal(design.rake({"sex": SEX}).weights, expected)
    assert ss.rake(design, {"sex": SEX}, np.ones(400)).weights.sum() == pytest.approx(400)
    trimmed = ss.trim_weights(design, upper=1.5)
    assert trimmed.weights.max() <= 1.5 + 1e-12 or trimmed.notes


def test_codes_match_as_they_are_shown() -> None:
    data = people()
    shares = {1: 0.3, 2: 0.3, 3: 0.4}
    plain = ss.rake(data, {"code": shares}).weights
    for code in (data["code"].astype(float), data["code"].astype(str), data["code"].astype("category")):
        assert ss.rake(data.assign(code=code), {"code": {str(k): v for k, v in shares.items()}}).weights.equals(plain)
    truth = data.assign(code=data["code"] == 1)
    assert ss.rake(truth, {"code": {True: 0.3, False: 0.7}}).weights.loc[data["code"] == 1].sum() == pytest.approx(120)


def test_targets_of_every_form(tmp_path: Path) -> None:
    data = people()
    wanted = ss.rake(data, {"sex": SEX, "age": AGE})
    table = pd.DataFrame(
        [("sex", k, v, "census") for k, v in SEX.items()] + [("age", k, v, "census") for k, v in AGE.items()],
        columns=["variable", "category", "share", "source"],
    )
    table.to_csv(tmp_path / "targets.csv", index=False)
    table.to_excel(tmp_path / "targets.xlsx", index=False, engine="xlsxwriter")
    for given_targets in (table, tmp_path / "targets.csv", str(tmp_path / "targets.xlsx")):
        found = ss.rake(data, given_targets)
        np.testing.assert_allclose(found.weights, wanted.weights, rtol=1e-12)
        assert set(found.to_frame()["source"]) == {"census"}
    assert ss.rake(data, {"sex": pd.Series(SEX), "age": pd.Series(AGE)}).weights.equals(wanted.weights)
    counts = ss.rake(data, {"sex": {"f": 510, "m": 490}, "age": {"18-29": 200, "30-49": 450, "50+": 350}})
    assert counts.weights.sum() == pytest.approx(1000)
    mixed = ss.rake(data, {"sex": SEX, "age": {"18-29": 200, "30-49": 450, "50+": 350}})
    np.testing.assert_allclose(mixed.weights, wanted.weights * 2.5)
    percent = {"sex": {"f": 50, "m": 50}, "age": {key: 100 * value for key, value in AGE.items()}}
    np.testing.assert_allclose(ss.rake(data, percent, total=400).weights, wanted.weights)


def test_joint_margins() -> None:
    data = people()
    shares = {(sex, age): SEX[sex] * AGE[age] for sex in SEX for age in AGE}
    found = ss.poststratify(data, {("sex", "age"): shares})
    total = found.weights.groupby([data["sex"], data["age"]]).sum()
    for key, share in shares.items():
        assert total[key] == pytest.approx(400 * share)
    table = pd.DataFrame(
        {"variable": "sex:age", "category": [":".join(key) for key in shares], "share": list(shares.values())}
    )
    np.testing.assert_allclose(ss.poststratify(data, table).weights, found.weights)


def test_numeric_totals() -> None:
    data = people()
    for options in ({}, {"method": "raking"}, {"method": "logit", "bounds": (0.1, 6)}, {"bounds": (0.2, 4)}):
        found = ss.calibrate(data, {"sex": SEX, "income": 3050 * 400}, **options)
        assert (found.weights * data["income"]).sum() == pytest.approx(3050 * 400, rel=1e-9)
        assert found.to_frame().iloc[-1]["after_share"] == pytest.approx(3050)
    free = ss.calibrate(data, {"income": 3050 * 400}, "w", method="raking", total=400)
    assert free.weights.sum() == pytest.approx(400)
    alone = ss.calibrate(data, {"income": 3050 * 400}, "w")
    assert (alone.weights * data["income"]).sum() == pytest.approx(3050 * 400, rel=1e-9)


def test_negative_weights_are_said() -> None:
    found = ss.calibrate(people(), {"income": 3900 * 400}, total=400)
    assert found.notes[0].code == "negative-weights" and found.weights.min() < 0
    positive = ss.calibrate(people(), {"income": 3900 * 400}, total=400, method="raking")
    assert positive.weights.min() > 0 and not positive.notes


def refusals() -> list[tuple[str, str, Any]]:
    data = people()
    dependent = data.assign(woman=data["sex"] == "f")
    gap = data.assign(sex=data["sex"].where(data.index != 1003))
    even = {"f": 500, "m": 500}
    half = {"a": 0.5, "b": 0.5}
    twice = [PopulationMargin(("sex",), (("f",), ("m",)), (0.5, 0.5))] * 2
    far = {"income": 9000 * 400}
    never = data.assign(region=np.where(data["sex"] == "f", "a", np.where(data["code"] == 1, "a", "b")))
    return [
        ("different-totals", "'age' to 900", lambda: ss.rake(data, {"sex": even, "age": dict.fromkeys(AGE, 300)})),
        ("class-without-target", "code", lambda: ss.rake(data, {"code": {1: 0.5, 2: 0.5}})),
        ("empty-class", "code = 4", lambda: ss.rake(data, {"code": {1: 0.3, 2: 0.3, 3: 0.3, 4: 0.1}})),
        ("zero-target", "code = 3", lambda: ss.rake(data, {"code": {1: 0.5, 2: 0.5, 3: 0}})),
        ("missing-class", "1 of 400", lambda: ss.rake(gap, {"sex": SEX})),
        ("unknown-variable", "gender", lambda: ss.rake(data, {"gender": SEX})),
        ("wrong-sum", "0.9", lambda: ss.rake(data, {"sex": {"f": 0.5, "m": 0.4}})),
        ("percentages", "100", lambda: ss.rake(data, {"sex": {"f": 51, "m": 49}})),
        ("duplicate-class", "code = 1", lambda: ss.rake(data, {"code": {1: 0.3, "1": 0.3, 2: 0.2, 3: 0.2}})),
        ("wrong-value", "-0.1", lambda: ss.rake(data, {"sex": {"f": 1.1, "m": -0.1}})),
        ("unreachable-bounds", "sex = f", lambda: ss.rake(data, {"sex": SEX, "age": AGE}, bounds=(0.9, 1.1))),
        ("contradicting-targets", "woman", lambda: ss.rake(dependent, {"sex": SEX, "woman": {True: 0.6, False: 0.4}})),
        ("unreachable-targets", "together", lambda: ss.rake(never, {"sex": {"f": 0.7, "m": 0.3}, "region": half})),
        ("emptied-rows", "no weight", lambda: ss.rake(never, {"sex": SEX, "region": half})),
        ("wrong-weights", "negative", lambda: ss.rake(data, {"sex": SEX}, -data["w"])),
        ("wrong-weights", "all weights", lambda: ss.rake(data, {"sex": SEX}, 0 * data["w"])),
        ("wrong-length", "3 weights", lambda: ss.rake(data, {"sex": SEX}, [1, 2, 3])),
        ("different-index", "index", lambda: ss.rake(data, {"sex": SEX}, data["w"].reset_index(drop=True))),
        ("not-numeric", "sex", lambda: ss.calibrate(data, {"sex": 3.0})),
        ("unreachable-targets", "meet all", lambda: ss.calibrate(data, far, total=400, method="raking")),
        ("nobody-left", "rows", lambda: ss.rake(data.head(0), {"sex": SEX})),
        ("missing-column", "share", lambda: ss.rake(data, pd.DataFrame({"variable": ["sex"], "category": ["f"]}))),
        ("unknown-column", "shares", lambda: ss.rake(data, pd.DataFrame({"variable": ["sex"], "shares": [1]}))),
        ("duplicate-target", "sex", lambda: ss.rake(data, twice)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "part", "call"), refusals(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_data_are_refused(code: str, part: str, call: Any) -> None:
    with pytest.raises(DataError) as problem:
        call()
    assert problem.value.code == code and part in problem.value.what, problem.value


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("no-targets", lambda data: ss.rake(data, {})),
        ("wrong-type", lambda data: ss.rake(data, 3)),
        ("wrong-type", lambda data: ss.rake([1, 2], {"sex": SEX})),
        ("wrong-type", lambda data: ss.rake(data, {"sex": ["f", "m"]})),
        ("bad-bounds", lambda data: ss.rake(data, {"sex": SEX}, bounds=(3, 0.3))),
        ("bad-bounds", lambda data: ss.rake(data, {"sex": SEX}, bounds="wide")),
        ("bad-bounds", lambda data: ss.calibrate(data, {"sex": SEX}, method="logit")),
        ("unknown-option", lambda data: ss.calibrate(data, {"sex": SEX}, method="logt")),
        ("unknown-option", lambda data: ss.calibrate(data, {"sex": SEX}, bounds=(0, 3), bounds_on="weights")),
        ("unsupported-combination", lambda data: ss.calibrate(data, {"sex": SEX}, **ON_WEIGHTS)),
        ("too-many-targets", lambda data: ss.poststratify(data, {"sex": SEX, "age": AGE})),
        ("wrong-value", lambda data: ss.rake(data, {"sex": SEX}, total=-1)),
        ("wrong-value", lambda data: ss.rake(data, {"sex": SEX}, tolerance=0)),
        ("wrong-value", lambda data: ss.rake(data, {"sex": SEX}, max_iterations=0)),
        ("unknown-format", lambda data: ss.rake(data, "targets.yaml")),
    ],
)  # fmt: skip
def test_options_are_refused(code: str, call: Any) -> None:
    with pytest.raises(OptionError) as problem:
        call(people())
    assert problem.value.code == code


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileError):
        ss.rake(people(), "nowhere.csv")


def test_labels_of_tables() -> None:
    table = pd.DataFrame({"Variable": ["code"] * 3, "Category": [1.0, 2.0, 3.0], "Count": ["10", "20", "30"]})
    (margin,) = read_targets(table)
    assert margin.labels == ("1", "2", "3") and margin.values == (10.0, 20.0, 30.0) and margin.source == ""
