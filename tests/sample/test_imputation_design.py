"""Imputation knows how the rows were sampled: weights, strata, units; codes and texts without an order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.sample.imputation.sampling_columns import means_of_others


def _rows(seed: int = 5, units: int = 120, size: int = 15) -> tuple[pd.DataFrame, np.ndarray]:
    """Answers that differ by stratum and unit, sampled with weights that depend on them; and the answers as given."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), size)
    stratum = unit // (units // 4)
    x = rng.normal(size=len(unit))
    latent = 3.0 + 0.5 * (stratum - 1.5) + rng.normal(0.0, 0.6, units)[unit] + 0.3 * x + rng.normal(size=len(unit))
    weight = np.exp(0.35 * (latent - 3.0) + rng.normal(0.0, 0.2, len(unit)))
    y = np.clip(np.round(latent), 1, 7)
    lacks = rng.random(len(unit)) < np.where(x > 0, 0.55, 0.25)
    rows = pd.DataFrame({"y": np.where(lacks, np.nan, y), "x": x, "w": weight, "unit": unit, "stratum": stratum})
    return rows, y


def _design(rows: pd.DataFrame) -> Any:
    return ss.design(rows, weights="w", psu="unit", strata="stratum")


def test_completed_data_keep_what_the_design_tells() -> None:
    rows, y = _rows()
    design, items = _design(rows), ["y", "x"]
    truth = _design(rows.assign(y=y)).mean("y").estimate[0]
    between = pd.Series(y).groupby(rows["unit"]).mean().var()

    def found(**options: Any) -> tuple[float, float]:
        imputed = ss.impute(design, 5, cycles=3, seed=1, items=items, **options)
        means = [each.mean("y").estimate[0] for each in imputed.designs()]
        return float(np.mean(means)), float(np.mean(imputed.map(lambda one: one.groupby("unit")["y"].mean().var())))

    mean, spread = found()
    assert mean == pytest.approx(truth, abs=0.04) and spread == pytest.approx(between, rel=0.1)
    mean, spread = found(with_design=False)
    assert mean < truth - 0.15 and spread < 0.6 * between


def test_what_the_design_adds() -> None:
    rows, _ = _rows(units=24)
    added = ss.impute(_design(rows), 2, cycles=1, seed=1, items=["y", "x"]).settings
    assert added["design"] == ["(log weight)", "(strata)", "(unit mean of y)"]
    assert added["predictors"]["y"] == ["x", *added["design"]]
    by_stratum = rows.assign(w=1.0 + rows["stratum"])  # weights that strata tell already
    assert ss.impute(_design(by_stratum), 2, cycles=1, seed=1, items=["y", "x"]).settings["design"][0] == "(strata)"
    alone = ss.impute(ss.design(rows), 2, cycles=1, seed=1, items=["y", "x"])
    assert alone.settings["design"] == []
    pd.testing.assert_frame_equal(
        alone.data(0)[["y"]], ss.impute(rows, 2, cycles=1, seed=1, items=["y", "x"]).data(0)[["y"]]
    )
    many = rows.assign(stratum=np.repeat(np.arange(60), 6), unit=np.arange(len(rows)) // 3)
    named = ss.impute(_design(many), 2, cycles=1, seed=1, items=["y", "x"]).settings["design"]
    assert named == ["(log weight)", "(unit mean of y)", "(stratum mean of y)"]
    domain = _design(rows).subset(rows["x"] > 0)
    assert ss.impute(domain, 2, cycles=1, seed=1, items=["y", "x"]).data(0)["y"].notna().all()


def test_a_models_own_imputation_knows_them_too() -> None:
    rows, _ = _rows(units=24)
    options: dict[str, Any] = {"missing": "mi", "imputations": 2, "cycles": 1, "seed": 1}
    named = ss.sem("y ~ x", rows, weights="w", cluster="unit", **options)
    design = ss.design(rows, weights="w", psu="unit")
    pd.testing.assert_frame_equal(ss.sem("y ~ x", design, **options).estimates, named.estimates)


def test_means_of_others() -> None:
    found = means_of_others(np.array([1.0, 3.0, np.nan, 5.0, np.nan, 2.0]), np.array([0, 0, 0, 1, 1, 2]))
    assert found is not None and found.tolist() == [3.0, 1.0, 2.0, 2.75, 5.0, 2.75]
    assert means_of_others(np.array([np.nan, 1.0]), np.array([0, 0])) is None


def test_codes_and_texts_without_an_order() -> None:
    rng = np.random.default_rng(1)
    kind = rng.integers(1, 4, 400)
    y = np.where(kind == 2, 6.0, 2.0) + rng.integers(0, 2, 400)
    rows = pd.DataFrame(
        {"y": np.where(rng.random(400) < 0.4, np.nan, y), "kind": kind, "word": np.array(list("abc"))[kind - 1]}
    )
    for name in ("kind", "word"):
        filled = ss.impute(rows[["y", name]], 2, cycles=2, seed=1, nominal=name).data(0)["y"]
        assert ((filled > 4) == (kind == 2)).mean() > 0.99
    assert "word" in ss.impute(rows, 2, cycles=1, seed=1).left_out
    lacking = rows.assign(kind=rows["kind"].where(rng.random(400) < 0.8))
    chosen = ss.impute(lacking, 2, cycles=1, seed=1, nominal="kind")
    assert chosen.settings["methods"]["kind"] == "multinomial" and set(chosen.data(0)["kind"]) == {1.0, 2.0, 3.0}
    for options, error in (
        ({"nominal": "none"}, DataError),
        ({"nominal": 3}, OptionError),
        ({"with_design": 1}, OptionError),
    ):
        with pytest.raises(error):
            ss.impute(rows, 2, cycles=1, seed=1, **options)  # type: ignore[arg-type]
