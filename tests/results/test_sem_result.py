"""What a result hands out, and what it takes."""

from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, FileError, OptionError

MODEL = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(11)
    f = rng.normal(size=200)
    g = 0.5 * f + rng.normal(size=200)
    values = {f"x{k}": (f if k < 4 else g) + rng.normal(size=200) for k in range(1, 7)}
    return pd.DataFrame(values)


@pytest.fixture(scope="module")
def fit(data):
    return ss.sem(MODEL, data)


def test_scores_keep_the_index_of_the_rows(data):
    chosen = data[data["x1"] > 0].copy()
    scores = ss.sem(MODEL, chosen).factor_scores()
    assert scores.index.equals(chosen.index)
    assert np.corrcoef(chosen.assign(f=scores["f"])[["f", "x1"]].dropna().T)[0, 1] > 0.3
    chosen.iloc[0, 0] = np.nan
    assert ss.sem(MODEL, chosen, missing="listwise").factor_scores().index.equals(chosen.index[1:])
    labelled = data.set_axis([f"r{k}" for k in range(len(data))])
    assert ss.sem(MODEL, data).factor_scores(data=labelled.head(3)).index.tolist() == ["r0", "r1", "r2"]


def test_other_rows_are_scored_alike(fit, data):
    pd.testing.assert_frame_equal(fit.factor_scores(data=data), fit.factor_scores())


def test_what_is_handed_out_cannot_change_the_result(fit):
    before = fit.to_json()
    fit.fit_measures["chisq"] = 0.0
    fit.not_applicable["chisq"] = "?"
    frame = fit.estimates
    frame.loc[1, "est"] = 99.0
    assert fit.to_json() == before
    with pytest.raises(AttributeError):
        fit.converged = False
    assert hash(fit) == hash(fit)
    assert copy.deepcopy(fit).to_json() == before


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit.implied(group=2),
        lambda fit: fit.residuals(group="x"),
        lambda fit: fit.r_squared(0),
        lambda fit: fit.residuals("studentized"),
        lambda fit: fit.standardized("std_some"),
        lambda fit: fit.factor_scores(method="thurstone"),
        lambda fit: fit.factor_scores(data=np.zeros((2, 6))),
    ],
)
def test_wrong_arguments_are_told(fit, call):
    with pytest.raises(OptionError):
        call(fit)


def test_rows_that_cannot_be_scored_are_told(fit, data):
    with pytest.raises(DataError, match="x1"):
        fit.factor_scores(data=data.astype(str))
    with pytest.raises(DataError, match="no column"):
        fit.factor_scores(data=data.drop(columns="x3"))


def test_a_document_is_complete_and_at_full_precision(fit):
    document = json.loads(fit.to_json())
    assert document["schema"] == "survey-sem/fit/1"
    assert document["fit_measures"]["chisq"] == fit.fit_measures["chisq"]
    row = document["estimates"][1]
    assert row["est"] == fit.estimates["est"][1]
    assert document["estimates"][0]["z"] is None
    assert "NaN" not in fit.to_json()
    assert {"versions", "platform", "moments_sha256"} <= set(document["provenance"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "survey-sem/fit/1"}', None])
def test_a_damaged_document_is_told(text):
    with pytest.raises(FileError):
        ss.SemResult.from_json(text)


def test_a_document_with_a_row_renamed_is_told(fit):
    document = json.loads(fit.to_json())
    document["table"]["rows"][0]["free"] = "one"
    with pytest.raises(FileError, match="damaged"):
        ss.SemResult.from_json(json.dumps(document))


def test_a_result_shows_itself_in_one_line_and_at_length(fit, data):
    assert repr(fit).startswith("<SemResult ML, n 200, chisq ")
    assert "converged, identified, admissible" in repr(fit)
    assert "Latent variables" in str(fit)
    stopped = ss.sem(MODEL, data, control={"iter_max": 1})
    assert "not converged" in repr(stopped)


def test_residuals_of_each_kind_agree_where_they_should(fit):
    raw, bentler = fit.residuals("raw")["cov"], fit.residuals("cor_bentler")["cov"]
    sd = np.sqrt(np.diag(fit.moments[0].cov))
    np.testing.assert_allclose(raw / np.outer(sd, sd), bentler, atol=1e-12)
    standardised, normalised = fit.residuals("standardized")["cov"], fit.residuals("normalized")["cov"]
    shared = np.isfinite(standardised) & (normalised.abs() > 1e-8)
    assert (np.sign(standardised)[shared].fillna(0) == np.sign(normalised)[shared].fillna(0)).all().all()


def test_implied_moments_are_symmetric_and_named(fit):
    implied = fit.implied()["cov"]
    assert list(implied.columns) == [f"x{k}" for k in range(1, 7)]
    np.testing.assert_array_equal(implied, implied.T)
    assert fit.latent_cor().loc["f", "f"] == pytest.approx(1)
    assert fit.latent_cov().loc["f", "g"] == pytest.approx(fit.latent_cov().loc["g", "f"])
    assert fit.thresholds().empty
