"""What a design is made of, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import survey_sem as ss
from survey_sem.sample import Flow, Sample

ROWS = pd.DataFrame(
    {
        "y": [1.0, 3.0, 2.0, 6.0, 5.0, 9.0, 4.0, 4.0],
        "w": [10, 10, 10, 10, 20, 20, 20, 20],
        "region": list("aaaabbbb"),
        "village": [1, 1, 2, 2, 1, 1, 2, 2],
        "size": [10, 10, 10, 10, 30, 30, 30, 30],
        "gap": [1, 1, 1, 1, 1, 1, 1, None],
        "words": list("xyxyxyxy"),
    }
)


@pytest.mark.parametrize(
    ("options", "code", "part"),
    [
        ({"weights": "ww"}, "unknown-variable", "did you mean 'w'"),
        ({"weights": "words"}, "not-numeric", "words"),
        ({"weights": "gap"}, "missing-design", "first rows: 8"),
        ({"strata": "gap"}, "missing-design", "gap"),
        ({"psu": "gap"}, "missing-design", "gap"),
        ({"fpc": "gap"}, "missing-design", "gap"),
        ({"strata": "region", "psu": "village"}, "not-nested", "unit 1 of 'village' in a, b"),
        ({"strata": ["region", "village"]}, "too-many-stages", "strata names 2"),
        ({"fpc": "y"}, "fpc-varies", "differs within"),
        ({"strata": "y", "fpc": "size"}, "lonely-psu", "y = 1.0"),
        ({"strata": "y", "lonely_psu": "fail"}, "unknown-option", "certainty"),
        ({"strata": 3}, "wrong-type", "strata"),
        ({"psu": "village", "weights": "w", "strata": "village"}, "lonely-psu", "village = 1"),
    ],
)
def test_what_is_refused(options: dict[str, Any], code: str, part: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.design(ROWS, **options)
    assert caught.value.code == code
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([-1, 1, 1, 1, 1, 1, 1, 1], "illegal-weight"),
        ([np.inf] + [1] * 7, "illegal-weight"),
        ([0] * 8, "illegal-weight"),
    ],
)
def test_weights_below_zero(values: list[float], code: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.design(ROWS.assign(bad=values), weights="bad")
    assert caught.value.code == code


@pytest.mark.parametrize("values", [[0.0] * 8, [0.5] * 4 + [3.0] * 4])
def test_neither_sizes_nor_fractions(values: list[float]) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.design(ROWS.assign(bad=values), strata="region", fpc="bad")
    assert caught.value.code == "illegal-fpc"


def test_a_population_smaller_than_the_sample() -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.design(ROWS.assign(few=3), strata="region", fpc="few")
    assert caught.value.code == "fpc-too-small"


def test_sizes_and_fractions_say_the_same() -> None:
    sizes = ss.design(ROWS, strata="region", fpc="size")
    fractions = ss.design(ROWS.assign(f=4 / ROWS["size"]), strata="region", fpc="f")
    np.testing.assert_allclose(sizes.weights, 1 / fractions.data["f"])
    np.testing.assert_allclose(sizes.mean("y").cov, fractions.mean("y").cov)


def test_zero_weights_are_a_domain() -> None:
    zero = ROWS.assign(w=ROWS["w"].where(ROWS["village"] == 1, 0))
    made = ss.design(zero, weights="w", strata="region").mean("y")
    domain = ss.design(ROWS, weights="w", strata="region")
    domain = domain.subset(domain.data["village"] == 1)
    np.testing.assert_allclose(domain.mean("y").cov, made.cov)
    assert domain.n_rows == 8
    assert "4 rows, 4 outside the domain" in repr(domain)


def test_missing_values_are_a_choice() -> None:
    design = ss.design(ROWS.assign(y=ROWS["y"].where(ROWS["y"] != 9)), weights="w")
    with pytest.raises(ss.SurveySemError) as caught:
        design.mean("y")
    assert caught.value.code == "missing-not-chosen"
    dropped = design.mean("y", missing="drop")
    np.testing.assert_allclose(dropped.cov, design.subset(design.data["y"].notna()).mean("y").cov)
    assert dropped.n.tolist() == [7]
    with pytest.raises(ss.SurveySemError, match="missing does not know"):
        design.mean("y", missing="listwise")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([True] * 7, "wrong-type"),
        ([1] * 8, "wrong-type"),
        ([False] * 8, "empty-domain"),
        (pd.Series([True] * 8, index=range(1, 9)), "wrong-index"),
        (pd.Series([True] * 7 + [None], dtype="boolean"), "missing-in-subset"),
    ],
)
def test_domains_are_truth_values(rows: Any, code: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.design(ROWS).subset(rows)
    assert caught.value.code == code


def test_scaling_weights_scales_totals_only() -> None:
    one = ss.design(ROWS, weights="w", strata="region")
    ten = ss.design(ROWS.assign(w=10 * ROWS["w"]), weights="w", strata="region")
    np.testing.assert_allclose(one.mean("y").cov, ten.mean("y").cov)
    np.testing.assert_allclose(100 * one.total("y").cov, ten.total("y").cov)


def test_unit_weights_without_a_design_are_the_textbook() -> None:
    found = ss.design(ROWS).mean("y", deff="replace")
    np.testing.assert_allclose(found.se, ROWS["y"].std() / np.sqrt(8))
    np.testing.assert_allclose(found.deff, 1.0)
    assert ss.design(ROWS).mean("y").deff is None
    relative = ss.design(ROWS.assign(relative=np.linspace(0.5, 1.6, len(ROWS))), weights="relative").mean("y")
    assert relative.deff is None and "deff='replace'" in relative.notes[0]  # 1.05 each are no population
    assert "do not sum to a population" in repr(ss.design(ROWS).mean("y"))


def test_order_of_rows_does_not_matter() -> None:
    mixed = ROWS.sample(frac=1, random_state=1)
    options: dict[str, Any] = {"weights": "w", "strata": "region", "psu": "village", "nest": True}
    first, second = (ss.design(rows, **options).mean("y", by="words") for rows in (ROWS, mixed))
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())


def test_types_of_columns() -> None:
    rows = ROWS.assign(
        yes=ROWS["y"] > 3, whole=ROWS["y"].astype("Int64"), kind=pd.Categorical(ROWS["words"], ["z", "y", "x"])
    )
    design = ss.design(rows, weights="w")
    assert design.mean("yes").estimate == pytest.approx(design.mean(["yes", "whole"]).estimate[0])
    shares = design.mean("kind")
    assert shares.labels["level"].tolist() == ["z", "y", "x"]
    np.testing.assert_allclose(shares.estimate.sum(), 1.0)
    np.testing.assert_allclose(shares.estimate[0], 0.0)


def test_contrasts_use_the_whole_covariance() -> None:
    design = ss.design(ROWS, weights="w", strata="region", psu="village", nest=True)
    groups = design.mean("y", by="words")
    difference = groups.contrast({"x": 1, "y": -1})
    expected = groups.cov[0, 0] + groups.cov[1, 1] - 2 * groups.cov[0, 1]
    np.testing.assert_allclose(difference.cov, [[expected]])
    assert difference.to_frame()["contrast"].tolist() == ["x - y"]
    two = groups.contrast({"gap": {"x": 1, "y": -1}, "half": {"x": 0.5, "y": 0.5}})
    np.testing.assert_allclose(two.estimate[1], groups.estimate.mean())
    with pytest.raises(ss.SurveySemError, match="no estimate is named 'z'"):
        groups.contrast({"z": 1})


def test_groups_may_be_named_as_columns_of_results() -> None:
    rows = ROWS.assign(n=ROWS["words"], level=ROWS["words"], df=ROWS["region"])
    frame = ss.design(rows, weights="w").mean("y", by="n").to_frame()
    assert frame["n (group)"].tolist() == ["x", "y"]
    assert frame["n"].tolist() == [4, 4]
    shares = ss.design(rows, weights="w").mean("region", by="level").to_frame()
    assert shares["level"].tolist() == ["a", "b", "a", "b"]
    table = ss.design(rows, weights="w").table("n", "df")
    assert list(table.to_frame())[:2] == ["n (group)", "df (group)"]


def test_differences_are_tested_with_the_degrees_of_freedom_of_the_design() -> None:
    found = ss.design(ROWS, weights="w", strata="region").mean("y", by="region").contrast({"a": 1, "b": -1})
    tested = found.test().iloc[0]
    assert tested["t"] == pytest.approx(found.estimate[0] / found.se[0])
    assert tested["p_value"] == pytest.approx(2 * stats.t.sf(abs(tested["t"]), 6))
    assert found.test(found.estimate[0])["p_value"][0] == pytest.approx(1.0)


def test_a_prepared_sample_has_a_design_too() -> None:
    sample = Sample(ROWS, Flow(), ())
    assert ss.design(sample, weights="w").mean("y").estimate == ss.design(ROWS, weights="w").mean("y").estimate
    with pytest.raises(ss.SurveySemError, match="no pandas DataFrame"):
        ss.design(ROWS.to_dict())
    with pytest.raises(ss.SurveySemError, match="no rows"):
        ss.design(ROWS.iloc[:0])


def test_texts_in_the_place_of_numbers() -> None:
    design = ss.design(ROWS, weights="w", strata="region")
    found = design.mean("y", by="region")
    for call in (
        lambda: design.quantile("y", "a"),
        lambda: design.as_replicates("bootstrap", seed="a"),
        lambda: design.as_replicates("bootstrap", seed=-1),
        lambda: found.confidence(df="a"),
        lambda: found.contrast({}),
        lambda: found.contrast({"a": "x"}),
        lambda: found.contrast({"a": {"a": 1}, "b": 1}),
        lambda: ss.replicate_design(ROWS, "w", "y", rscales="a"),
        lambda: ss.replicate_design(ROWS, "w", "y", scale="a"),
        lambda: ss.replicate_design(ROWS, "w", "y", type="Fay", fay_rho="a"),
    ):
        with pytest.raises(ss.SurveySemError) as caught:
            call()
        assert caught.value.code in ("wrong-type", "wrong-seed")


def test_no_degrees_of_freedom_are_said() -> None:
    single = ss.design(ROWS.iloc[:1], lonely_psu="certainty").mean("y")
    assert "no degrees of freedom" in repr(single)
    assert "NaN" not in repr(single)


def test_results_show_themselves() -> None:
    found = ss.design(ROWS, weights="w", strata="region").mean("y", by="words")
    assert list(found.to_frame()) == ["words", "variable", "estimate", "se", "ci_lower", "ci_upper", "df", "deff", "n"]
    assert found.covariance.loc["x", "y"] == found.cov[0, 1]
    assert "<table" in found._repr_html_()
    normal = found.confidence(0.9, df=np.inf)
    np.testing.assert_allclose(normal["ci_upper"], found.estimate + 1.6448536269514722 * found.se)
    with pytest.raises(ss.SurveySemError, match="between 0 and 1"):
        found.confidence(95)
    with pytest.raises(ss.SurveySemError, match="deff"):
        ss.design(ROWS).mean("y", deff="srs")


def test_numbers_are_asked_for() -> None:
    design = ss.design(ROWS, weights="w")
    with pytest.raises(ss.SurveySemError, match="is not numeric"):
        design.variance("words")
    with pytest.raises(ss.SurveySemError, match="denominator is 0"):
        design.assign(zero=0).ratio("y", "zero")
    with pytest.raises(ss.SurveySemError, match="no group has two rows"):
        design.subset(ROWS["y"] < 4).variance("y", by="y")
    with pytest.raises(ss.SurveySemError, match="names a variable twice"):
        design.mean(["y", "y"])
    with pytest.raises(ss.SurveySemError, match="infinite"):
        design.assign(inf=np.inf).mean("inf")


def test_replicate_weights_of_a_provider() -> None:
    rows = ROWS.assign(**{f"w{r}": np.where(ROWS["village"] == r, 0, 2 * ROWS["w"]) for r in (1, 2)})
    design = ss.replicate_design(rows, "w", r"w\d", type="BRR")
    assert design.replicates.n_replicates == 2
    by_hand = [np.average(rows["y"], weights=rows[f"w{r}"]) for r in (1, 2)]
    np.testing.assert_allclose(design.mean("y").cov, [[np.var(by_hand)]])
    factors = rows.assign(**{f"w{r}": rows[f"w{r}"] / rows["w"] for r in (1, 2)})
    again = ss.replicate_design(factors, "w", ["w1", "w2"], type="BRR", combined=False)
    np.testing.assert_allclose(again.mean("y").cov, design.mean("y").cov)
    half = design.subset(rows["region"] == "a").mean("y")
    np.testing.assert_allclose(half.cov, again.subset(rows["region"] == "a").mean("y").cov)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"replicate_weights": r"w|y"}, "wrong-replicates"),
        ({"replicate_weights": ["y"]}, "wrong-replicates"),
        ({"replicate_weights": r"v\d"}, "unknown-variable"),
        ({"replicate_weights": "("}, "wrong-pattern"),
        ({"replicate_weights": "w", "type": "jackknife"}, "unknown-option"),
        ({"replicate_weights": "w", "type": "JKn"}, "scale-needed"),
        ({"replicate_weights": "w", "type": "Fay"}, "wrong-fay-rho"),
        ({"replicate_weights": "w", "fay_rho": 0.5}, "wrong-fay-rho"),
        ({"replicate_weights": "w", "type": "other", "scale": 0}, "wrong-scale"),
        ({"replicate_weights": "w", "rscales": [1, 2]}, "wrong-rscales"),
    ],
)
def test_replicate_options_that_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.replicate_design(ROWS, "w", **options)
    assert caught.value.code == code
