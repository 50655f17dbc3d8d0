"""Prediction of unseen rows: equal to folds by hand, reproducible, and what it is for: it tells missed bends."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import SurveySemError
from survey_sem.regression.prediction import area


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(2)
    n = 600
    data = pd.DataFrame({"x": random.normal(size=n), "z": random.normal(size=n), "g": random.choice(list("abc"), n)})
    data["y"] = data["x"] + 0.5 * data["z"] + (data["g"] == "b") + random.normal(size=n)
    data["bent"] = data["x"] * data["z"] + data["x"] ** 2 + random.normal(size=n)
    data["yes"] = (data["y"] > 0).astype(int)
    return data.assign(room=np.arange(n) // 20)


def test_scores_equal_folds_by_hand(rows: pd.DataFrame) -> None:
    found = ss.predictive_power("y ~ x + z", rows, folds=4, seed=3)
    fold = np.empty(len(rows), dtype=int)
    fold[np.random.default_rng(3).permutation(len(rows))] = np.arange(len(rows)) % 4
    x = np.column_stack([np.ones(len(rows)), rows["x"], rows["z"]])
    y = rows["y"].to_numpy()
    predicted, mean = np.empty(len(rows)), np.empty(len(rows))
    for k in range(4):
        train = fold != k
        predicted[~train] = x[~train] @ np.linalg.lstsq(x[train], y[train], rcond=None)[0]
        mean[~train] = y[train].mean()
    row = found.scores.set_index("model").loc["regression"]
    assert row["rmse"] == pytest.approx(np.sqrt(np.mean((y - predicted) ** 2)), rel=1e-10)
    assert row["r2"] == pytest.approx(1 - ((y - predicted) ** 2).sum() / ((y - mean) ** 2).sum(), rel=1e-10)
    assert found.scores.set_index("model").loc["mean", "r2"] == 0.0
    assert found.warnings == ()


def test_the_seed_repeats_everything(rows: pd.DataFrame) -> None:
    first, again, other = (ss.predictive_power("y ~ x + g", rows, folds=3, seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first.by_fold, again.by_fold)
    assert not first.by_fold.equals(other.by_fold)


def test_missed_bends_and_products_are_told(rows: pd.DataFrame) -> None:
    plain = ss.predictive_power("bent ~ x + z", rows, folds=4)
    assert [warned.code for warned in plain.warnings] == ["missed-nonlinearity"]
    assert "missed-nonlinearity" not in str(ss.predictive_power("bent ~ x * z + I(x**2)", rows, folds=4).warnings)


def test_a_binary_response_has_log_loss_and_auc(rows: pd.DataFrame) -> None:
    found = ss.predictive_power("yes ~ x + z + g", rows, family="logit", folds=4)
    scores = found.scores.set_index("model")
    assert scores.loc["mean", "auc"] == pytest.approx(0.5)
    assert scores.loc["regression", "auc"] > 0.8
    assert scores.loc["regression", "log_loss"] < scores.loc["mean", "log_loss"]
    assert json.loads(json.dumps(found.to_dict()))["family"] == "binomial"
    assert "<table" in found._repr_html_()


def test_the_area_counts_pairs() -> None:
    random = np.random.default_rng(1)
    y, score = random.integers(0, 2, 60).astype(float), random.integers(0, 9, 60).astype(float)
    one, zero = score[y == 1][:, None], score[y == 0]
    assert area(y, score) == pytest.approx(np.mean((one > zero) + 0.5 * (one == zero)))


def test_clusters_stay_together(rows: pd.DataFrame) -> None:
    by_room = rows.assign(level=np.random.default_rng(4).normal(size=30)[rows["room"]])
    by_room["answer"] = by_room["level"] + 0.1 * by_room["x"]
    alone = ss.predictive_power("answer ~ C(room)", by_room, folds=5)
    assert alone.scores.set_index("model").loc["regression", "r2"] > 0.9
    together = ss.predictive_power("answer ~ x + room", by_room, folds=5, cluster="room")
    assert together.scores.set_index("model").loc["learner", "r2"] < 0.5
    assert set(together.by_fold["n"]) == {120}


def test_a_transformed_response_is_not_given_to_the_learner(rows: pd.DataFrame) -> None:
    found = ss.predictive_power("log(price) ~ x", rows.assign(price=np.exp(rows["z"])), folds=3)
    assert found.scores.set_index("model").loc["learner", "r2"] < 0.1


@pytest.mark.parametrize(
    ("formula", "change", "options", "code"),
    [
        ("y ~ x", {}, {"folds": 1}, "bad-option"),
        ("y ~ x", {}, {"seed": "a"}, "bad-option"),
        ("y ~ x", {}, {"seed": -1}, "bad-option"),
        ("y ~ x", {}, {"folds": 1000}, "bad-option"),
        ("y ~ x", {}, {"family": "ordinal"}, "bad-response"),
        ("y ~ x", {}, {"family": "quantile"}, "not-supported"),
        ("y ~ x", {}, {"cluster": "school"}, "unknown-variable"),
        ("y ~ x", {"x": np.nan}, {}, "missing-not-chosen"),
        ("y ~ 1", {}, {}, "not-supported"),
        ("yes ~ x", {"yes": [1] * 15 + [0] * 585}, {"family": "logit", "folds": 3}, "too-few-answers"),
        ("y ~ bs(x, df=5)", {}, {"folds": 3}, "beyond-training"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    rows: pd.DataFrame, formula: str, change: dict[str, Any], options: dict[str, Any], code: str
) -> None:
    with pytest.raises(SurveySemError) as told:
        ss.predictive_power(formula, rows.assign(**change), **options)
    assert told.value.code == code


def test_a_level_that_a_fold_lacks_is_refused(rows: pd.DataFrame) -> None:
    rare = rows.assign(g=np.where(np.arange(len(rows)) == 7, "rare", rows["g"]))
    with pytest.raises(SurveySemError) as told:
        ss.predictive_power("y ~ g", rare, folds=3)
    assert "without fold" in str(told.value.where)


def test_a_design_is_refused_and_missing_rows_are_counted(rows: pd.DataFrame) -> None:
    with pytest.raises(SurveySemError, match="know no design"):
        ss.predictive_power("y ~ x", ss.design(rows))  # type: ignore[arg-type]
    gaps = rows.assign(x=rows["x"].where(rows["room"] != 3))
    assert ss.predictive_power("y ~ x", gaps, folds=3, missing="listwise").n_dropped == 20
