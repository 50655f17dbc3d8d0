"""Multiple imputation by chained equations: against mice within Monte Carlo error, and what holds for any data."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.sample.imputation.draws import draw_linear, draw_multinomial, level_probabilities
from survey_sem.sample.imputation.matching import donor_keys, match, ordered_bits

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "imputation"


def answers(n: int = 300, seed: int = 3) -> pd.DataFrame:
    """Four seven-point items of one factor, of which three have gaps, and a complete number."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(n)
    items = np.clip(np.round(4 + 1.3 * (0.8 * factor[:, None] + 0.6 * rng.standard_normal((n, 4)))), 1, 7)
    frame = pd.DataFrame(items, columns=["a", "b", "c", "d"])
    for name in "abc":
        frame.loc[rng.random(n) < 0.15, name] = np.nan
    return frame.assign(age=np.round(40 + 5 * factor + 8 * rng.standard_normal(n)))


def pooled(values: list[np.ndarray], variances: list[np.ndarray]) -> dict[str, np.ndarray]:
    estimates = np.array(values)
    return {
        "estimate": estimates.mean(axis=0),
        "within": np.array(variances).mean(axis=0),
        "between": estimates.var(axis=0, ddof=1),
    }


def regression(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = np.column_stack([np.ones(len(rows)), rows[:, 1:]])
    inverse = np.linalg.inv(x.T @ x)
    slopes = inverse @ x.T @ rows[:, 0]
    return slopes, np.diag(inverse) * np.sum((rows[:, 0] - x @ slopes) ** 2) / (len(rows) - x.shape[1])


@pytest.mark.reference
def test_pooled_results_are_those_of_mice_within_monte_carlo_error():
    frame = pd.read_csv(FOLDER / "mice_input.csv")
    stored = json.loads((FOLDER / "mice.json").read_text("utf-8"))
    m = stored["m"]
    complete = [data.to_numpy() for data in ss.impute(frame, m, seed=1)]
    n, k = complete[0].shape
    column_major = np.tril_indices(k, -1)
    column_major = tuple(each[np.lexsort(column_major)] for each in column_major)
    by_regression = [regression(rows) for rows in complete]
    ours = {
        "mean": pooled([x.mean(axis=0) for x in complete], [x.var(axis=0, ddof=1) / n for x in complete]),
        "fisher_z": pooled(
            [np.arctanh(np.corrcoef(x.T)[column_major]) for x in complete], [np.full(k * (k - 1) // 2, 1 / (n - 3))]
        ),
        "log_sd": pooled([np.log(x.std(axis=0, ddof=1)) for x in complete], [np.full(k, 0.5 / (n - 1))]),
        "regression": pooled([each[0] for each in by_regression], [each[1] for each in by_regression]),
    }
    for name, found in ours.items():
        theirs = {
            key: np.array(list(value.values()) if isinstance(value, dict) else value, dtype=float)
            for key, value in stored[name].items()
        }
        is_imputed = theirs["between"] > 0.0
        error = np.sqrt((found["between"] + theirs["between"]) / m)[is_imputed]
        assert np.abs((found["estimate"] - theirs["estimate"])[is_imputed] / error).max() < 4.0
        # the log of a variance ratio of two sets of m draws has a standard deviation of 2 / sqrt(m - 1)
        log_ratio = np.log(found["between"][is_imputed] / theirs["between"][is_imputed])
        assert np.abs(log_ratio).max() < 4.5 * 2.0 / np.sqrt(m - 1.0)
        assert found["within"] == pytest.approx(theirs["within"], rel=0.03)
        assert found["estimate"][~is_imputed] == pytest.approx(theirs["estimate"][~is_imputed], rel=1e-5)


def test_imputed_answers_are_on_the_scale_and_nothing_else_changes():
    frame = answers()
    imputed = ss.impute(frame, m=3, cycles=3, seed=1)
    for data in imputed:
        assert not data.isna().any(axis=None)
        assert set(np.unique(data[["a", "b", "c"]])) <= set(range(1, 8))
        pd.testing.assert_frame_equal(data.where(frame.notna()), frame)
    assert imputed.cells["a"].values.dtype == np.int8
    assert imputed.to_frame()["imputation"].value_counts().to_dict() == {1: 300, 2: 300, 3: 300}
    assert "15" not in repr(imputed)
    assert len(imputed.datasets) == len(imputed) == 3


def test_a_seed_gives_the_same_bits_for_any_number_of_workers():
    frame = answers().assign(group=lambda rows: np.where(rows["age"] > 40, "old", "young"))
    one = ss.impute(frame, m=4, cycles=2, seed=11, by="group")
    many = ss.impute(frame, m=4, cycles=2, seed=11, by="group", workers=3)
    fewer = ss.impute(frame, m=2, cycles=2, seed=11, by="group")
    pd.testing.assert_frame_equal(one.to_frame(), many.to_frame())
    pd.testing.assert_frame_equal(one.convergence(), many.convergence())
    pd.testing.assert_frame_equal(one.data(1), fewer.data(1))
    assert not one.data(0).equals(ss.impute(frame, m=2, cycles=2, seed=12, by="group").data(0))
    again = pickle.loads(pickle.dumps(one))
    pd.testing.assert_frame_equal(again.data(2), one.data(2))


def test_correlations_do_not_shrink():
    rng = np.random.default_rng(5)
    factor = rng.standard_normal(8000)
    whole = np.clip(np.round(4 + 1.3 * (0.8 * factor[:, None] + 0.6 * rng.standard_normal((8000, 6)))), 1, 7)
    gaps = rng.random(whole.shape) < 0.25
    frame = pd.DataFrame(np.where(gaps, np.nan, whole), columns=list("abcdef"))
    found = np.mean([np.corrcoef(data.T) for data in ss.impute(frame, m=5, cycles=5, seed=2)], axis=0)
    low = np.tril_indices(6, -1)
    # a correlation of .6 has a standard error of .007 here
    assert abs((found - np.corrcoef(whole.T))[low].mean()) < 0.006


def test_answers_that_were_not_asked_stay_missing():
    frame = answers()
    routed = frame["d"] <= 3
    frame["d2"] = np.where(routed, np.nan, frame["d"] + 1)
    frame.loc[[10, 20], "d2"] = np.nan
    asked = ~routed.to_numpy()
    imputed = ss.impute(frame, m=2, cycles=3, seed=1, not_asked={"d2": routed.to_numpy()})
    for data in imputed:
        assert data["d2"].isna().to_numpy().tolist() == routed.tolist()
        assert data.loc[asked, "d2"].between(1, 8).all()
    assert [warning.code for warning in imputed.warnings] == ["not-asked"]
    assert set(imputed.cells["d2"].rows) <= {10, 20}


def test_most_rows_not_asked_and_shared_routes():
    frame = answers(400)
    routed = np.arange(400) % 4 != 0
    for name in ("e", "f"):
        frame[name] = np.where(routed, np.nan, frame["d"])
        frame.loc[[4, 8, 40], name] = np.nan
    imputed = ss.impute(frame, m=2, cycles=2, seed=1, not_asked=pd.DataFrame({"e": routed, "f": routed}))
    assert imputed.data(0)["e"].isna().sum() == routed.sum()


def test_types_of_columns_stay():
    frame = answers()
    frame["whole"] = frame["a"].astype("Int64")
    frame["yes"] = pd.array(np.where(frame["b"].isna(), None, frame["b"] > 4), dtype="boolean")
    frame["level"] = pd.Categorical(np.where(frame["c"].isna(), None, np.where(frame["d"] > 4, "high", "low")))
    frame["rank"] = pd.Categorical(
        np.where(frame["b"].isna(), None, np.where(frame["d"] > 4, "much", "little")), ["little", "much"], ordered=True
    )
    frame["text"] = "x"
    frame["number"] = np.arange(len(frame))
    imputed = ss.impute(frame, m=2, cycles=2, seed=1)
    data = imputed.data(0)
    assert (data.dtypes == frame.dtypes).all()
    assert not data.isna().any(axis=None)
    assert imputed.settings["methods"]["level"] == "multinomial"
    assert imputed.settings["methods"]["rank"] == "pmm"
    assert set(imputed.left_out) == {"text", "number"}
    assert "collinear-predictors" in [warning.code for warning in imputed.warnings]


def test_categories_are_imputed_by_what_they_depend_on():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(2000)
    kind = np.where(x > 0.7, "high", np.where(x > -0.5, "middle", "low")).astype(object)
    gone = rng.random(2000) < 0.3
    frame = pd.DataFrame({"x": x, "kind": pd.Categorical(np.where(gone, None, kind))})
    found = [np.mean(data["kind"].to_numpy()[gone] == kind[gone]) for data in ss.impute(frame, m=3, cycles=2, seed=1)]
    assert min(found) > 0.85


def test_delta_shifts_the_imputed_values_by_what_it_says():
    frame = answers(3000)
    plain = ss.impute(frame, m=4, cycles=3, seed=1)
    lower = ss.impute(frame, m=4, cycles=3, seed=1, delta={"a": -0.5})
    shift = lower.cells["a"].values.mean() - plain.cells["a"].values.mean()
    assert shift == pytest.approx(-0.5, abs=0.08)
    assert lower.cells["a"].values.min() >= 1
    smooth = frame.assign(a=frame["a"] + 0.25)
    moved = ss.impute(smooth, m=2, cycles=2, seed=1, delta={"a": 10.0})
    assert moved.cells["a"].values.min() > 10.0


def test_constants_copies_and_empty_rows_are_told():
    frame = answers().assign(same=5.0)
    frame.loc[0, "same"] = np.nan
    frame["copy"] = frame["d"]
    frame.loc[1, :] = np.nan
    imputed = ss.impute(frame, m=2, cycles=2, seed=1)
    codes = {warning.code: warning.what for warning in imputed.warnings}
    assert set(codes) == {"constant-item", "collinear-predictors", "empty-rows"}
    assert "copy, d" in codes["collinear-predictors"]
    assert imputed.data(0).loc[0, "same"] == 5.0
    assert not imputed.data(1).isna().any(axis=None)


def test_predictors_are_chosen_named_or_limited():
    frame = answers()
    every = ss.impute(frame, m=2, cycles=1, seed=1).settings["predictors"]
    assert every["a"] == ["b", "c", "d", "age"]
    strong = ss.impute(frame, m=2, cycles=1, seed=1, minimum_correlation=0.5).settings["predictors"]
    assert strong["a"] == ["b", "c", "d"]
    named = ss.impute(frame, m=2, cycles=1, seed=1, predictors={"a": ["d"]}).settings["predictors"]
    assert named["a"] == ["d"]
    assert named["b"] == ["a", "c", "d", "age"]
    few = ss.impute(frame, m=2, cycles=1, seed=1, items=["a", "d"], auxiliary="age")
    assert few.settings["predictors"] == {"a": ["d", "age"]}
    wide = frame.head(12)
    assert len(ss.impute(wide, m=2, cycles=1, seed=1).settings["predictors"]["a"]) <= 4


def test_scale_scores_are_computed_after_imputation():
    imputed = ss.impute(answers(), m=2, cycles=1, seed=1).assign(score=lambda rows: rows[["a", "b"]].mean(axis=1))
    for data in imputed:
        assert data["score"].equals(data[["a", "b"]].mean(axis=1).rename("score"))
    assert imputed.map(len) == [300, 300]


@pytest.mark.parametrize("method", ["normal", "sample", "multinomial"])
def test_other_methods(method):
    imputed = ss.impute(answers(), m=2, cycles=2, seed=1, methods={"a": method})
    assert imputed.settings["methods"]["a"] == method
    assert abs(imputed.cells["a"].values.mean() - 4.0) < 0.6


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"m": 1}, "bad-option"),
        ({"cycles": 0}, "bad-option"),
        ({"seed": -1}, "bad-option"),
        ({"donors": 2.5}, "bad-option"),
        ({"items": 3}, "bad-option"),
        ({"predictors": "some"}, "bad-option"),
        ({"minimum_correlation": 2}, "bad-option"),
        ({"methods": {"a": "median"}}, "bad-option"),
        ({"methods": {"a": "logistic"}}, "method-unsuited"),
        ({"methods": {"zz": "pmm"}}, "unknown-variable"),
        ({"delta": {"a": "low"}}, "bad-option"),
        ({"delta": ["a"]}, "bad-option"),
        ({"delta": {"kind": 1}}, "method-unsuited"),
        ({"by": 3}, "bad-option"),
        ({"by": "a"}, "group-missing"),
        ({"items": ["zz"]}, "unknown-variable"),
        ({"items": ["d"]}, "nothing-missing"),
        ({"items": ["text"]}, "not-usable"),
        ({"not_asked": {"a": [True]}}, "bad-not-asked"),
        ({"not_asked": 3}, "bad-option"),
        ({"workers": 0}, "bad-option"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any], code: str):
    frame = answers().assign(text="x", kind=pd.Categorical(["u", "v", "w"] * 100))
    with pytest.raises(ss.SurveySemError) as caught:
        ss.impute(frame, **{"m": 2, "seed": 1, **options})
    assert caught.value.code == code


def test_a_variable_without_answers_in_a_group_is_named():
    frame = answers().assign(group=np.arange(300) % 2)
    frame.loc[frame["group"] == 1, "a"] = np.nan
    with pytest.raises(ss.SurveySemError, match="nobody answered 'a' in group 1"):
        ss.impute(frame, m=2, seed=1, by="group")


def test_matching_draws_evenly_from_the_nearest_donors():
    rng = np.random.default_rng(1)
    donors = np.array([0.0, 1.0, 2.0, 3.0, 10.0, 11.0, -5.0], dtype=np.float32)
    codes = np.arange(7, dtype=np.uint64)
    keys = donor_keys(donors, codes, np.array([6]), 6)
    found = match(keys, np.full(40_000, 1.6, dtype=np.float32), 3, rng)
    assert np.bincount(found.astype(int), minlength=7) / 40_000 == pytest.approx(
        [0, 1 / 3, 1 / 3, 1 / 3, 0, 0, 0], abs=0.01
    )
    edge = match(keys, np.array([-100.0, 100.0], dtype=np.float32), 1, rng)
    assert edge.tolist() == [0, 5]
    assert set(match(keys, np.array([5.0] * 50, dtype=np.float32), 50, rng)) == set(range(6))


def test_tied_donors_are_all_drawn():
    rng = np.random.default_rng(2)
    donors = np.concatenate([np.zeros(2), np.ones(10)]).astype(np.float32)
    keys = donor_keys(donors, np.arange(12, dtype=np.uint64), np.zeros(0, dtype=np.intp), 12)
    share = np.bincount(match(keys, np.full(60_000, 0.1, dtype=np.float32), 5, rng).astype(int)) / 60_000
    assert share[:2] == pytest.approx(0.2, abs=0.01)
    assert share[2:] == pytest.approx(0.06, abs=0.005)


def test_ordered_bits_keep_the_order():
    values = np.array([-np.inf, -3.5, -1e-30, 0.0, 1e-30, 2.0, np.inf], dtype=np.float32)
    assert (np.diff(ordered_bits(values).astype(np.int64)) > 0).all()


def test_drawn_coefficients_have_their_posterior():
    rng = np.random.default_rng(4)
    x = np.vstack([np.ones(200), rng.standard_normal((2, 200))])
    y = np.array([1.0, 0.5, -0.5]) @ x + rng.standard_normal(200)
    drawn = np.array([draw_linear(x @ x.T, x @ y, y @ y, 200, rng).drawn for _ in range(4000)])
    slopes = np.linalg.solve(x @ x.T, x @ y)
    rss = np.sum((y - slopes @ x) ** 2)
    expected = np.linalg.inv(x @ x.T) * rss / 195  # the mean of RSS / chi-square(197)
    assert drawn.mean(axis=0) == pytest.approx(slopes, abs=0.006)
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.06 * expected.max())


def test_multinomial_draws_know_separated_levels():
    rng = np.random.default_rng(4)
    x = np.vstack([np.ones(300), rng.standard_normal(300)])
    codes = (x[1] > 0.0).astype(int)
    drawn, mode = draw_multinomial(x, codes, 2, None, rng)
    assert np.isfinite(drawn).all()
    assert ((level_probabilities(x, mode)[1] > 0.5) == (codes == 1)).mean() > 0.98
