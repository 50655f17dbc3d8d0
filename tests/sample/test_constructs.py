"""Scale scores, and the design that an instrument declares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.sample import Sample, scale_scores

INSTRUMENT = """
schema: survey-sem/instrument/1
instrument: {id: small, version: "1", title: {en: Small}, population: {en: all}, mode: {en: web}, dates: {en: "2026"},
  consent: {en: given}, ethics: {en: none}}
scales:
  agree: {ordinal: true, min: 1, max: 5, labels: {en: {1: no, 5: yes}}}
items:
  - {id: t1, column: t1, scale: agree, text: {en: one}}
  - {id: t2, column: t2, scale: agree, reverse: true, text: {en: two}}
  - {id: v1, column: v1, scale: agree, text: {en: three}}
  - {id: room, column: room, type: number, text: {en: room}}
constructs:
  - {id: trust, label: {en: Trust}, items: [t1, t2], source: own wording}
  - {id: value, label: {en: Value}, items: [v1], source: own wording}
  - {id: all, label: {en: All}, parts: [trust, value], source: own wording}
design: {psu: room}
"""


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    (tmp_path / "small.yaml").write_text(INSTRUMENT, encoding="utf-8")
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.integers(1, 6, (60, 3)), columns=["t1", "t2", "v1"]).assign(room=np.arange(60) % 12)
    return ss.prepare(ss.validate(rows, ss.load_instrument(tmp_path / "small.yaml")))


def test_scores_are_means_of_turned_items(sample: Sample) -> None:
    scores = sample.scores()
    np.testing.assert_allclose(scores["trust"], (sample.data["t1"] + sample.data["t2"]) / 2)
    np.testing.assert_allclose(scores["all"], sample.data[["t1", "t2", "v1"]].mean(axis=1))
    assert sample.reversed_items == ("t2",)


def test_a_score_needs_its_items() -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [3.0, np.nan, np.nan]})
    assert scale_scores(rows, {"s": ["a", "b"]})["s"].tolist()[:1] == [2.0]
    half = scale_scores(rows, {"s": ["a", "b"]}, min_answered=0.5)["s"]
    assert half.tolist()[:2] == [2.0, 2.0]
    assert np.isnan(half[2])
    with pytest.raises(ss.SurveySemError, match="no item"):
        scale_scores(rows, {"s": ["a", "c"]})
    with pytest.raises(ss.SurveySemError, match="no construct"):
        scale_scores(rows, {"s": ["a", "b"]}, names=["t"])


def test_a_formula_names_constructs_and_the_design_comes_with_the_sample(sample: Sample) -> None:
    fit = ss.regress("value ~ trust + t1", sample)
    assert (fit.vcov, fit.df) == ("design", 12 - 1 + 1 - 3)
    plain = ss.regress("v1 ~ I((t1 + t2) / 2) + t1", sample.data)
    np.testing.assert_allclose(fit.estimates["est"], plain.estimates["est"])
    clustered = ss.regress("v1 ~ I((t1 + t2) / 2) + t1", sample.data, cluster="room", vcov="CR1")
    np.testing.assert_allclose(fit.covariance, clustered.covariance, rtol=1e-9)
