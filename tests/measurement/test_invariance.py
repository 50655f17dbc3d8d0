"""The ladder of invariance: what is equal at each level, how it is judged, what it proposes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import ModelError, OptionError
from survey_sem.measurement.verdicts import LEVELS

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return cases.rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def ladder(rows) -> ss.measurement.Invariance:
    return ss.invariance(MODEL, rows, group="school", levels=tuple(LEVELS))


def test_degrees_of_freedom_of_the_levels(ladder):
    assert {name: fit.measures["df"] for name, fit in ladder.fits.items()} == {
        "configural": 48.0, "metric": 54.0, "scalar": 60.0, "strict": 69.0, "means": 72.0, "full": 78.0,
    }  # fmt: skip
    assert [step.against for step in ladder.comparison.steps] == ["configural", "metric", "scalar", "strict", "means"]


def test_every_rule_is_shown_with_its_limit(ladder):
    verdicts = ladder.verdicts
    scalar = verdicts[verdicts["level"] == "scalar"].set_index("rule")
    assert scalar["kept"].tolist() == [False, False, True, False]
    assert scalar["limit"].tolist() == [0.05, 0.010, 0.015, 0.010]
    assert scalar.loc["fall of CFI", "value"] == pytest.approx(-ladder.comparison.step("scalar").delta_cfi)
    assert verdicts.query("level == 'metric'")["limit"].tolist() == [0.05, 0.010, 0.015, 0.030]
    assert len(verdicts.query("level == 'means'")) == 1
    text = str(ladder)
    assert "scalar: 1 of 4 rules kept" in text
    assert "is invariant" not in text


def test_partial_invariance_proposes_what_helps_most(ladder, rows):
    assert ladder.partial_level == "scalar"
    table = ladder.partial
    assert set(table["op"]) == {"~1"}
    assert table["mi"].is_monotonic_decreasing
    assert table["element"].iloc[0] == "x3~1"
    np.testing.assert_allclose(table["expected"], table["est"] + table["epc"])
    released = ss.score_test(ladder.fits["scalar"], release="x3~1")
    assert table["mi"].iloc[0] == pytest.approx(released.statistic, rel=1e-12)
    freed = ss.invariance(MODEL, rows, group="school", levels=("metric", "scalar"), group_partial="x3~1")
    drop = ladder.fits["scalar"].measures["chisq"] - freed.fits["scalar"].measures["chisq"]
    assert drop == pytest.approx(table["mi"].iloc[0], rel=0.1)
    values = freed.fits["scalar"].estimates.query("lhs == 'x3' and op == '~1'")["est"]
    np.testing.assert_allclose(values, table["expected"].iloc[:2], atol=0.02)


def test_a_level_that_fixes_parameters_is_tested_too(rows):
    found = ss.invariance(MODEL, rows, group="school", levels=("scalar", "means"))
    assert found.partial_level == "means"
    textual = found.partial.query("lhs == 'textual'")
    assert textual["epc"].iloc[0] == 0.0
    assert textual["epc"].iloc[1] == pytest.approx(0.6, abs=0.1)
    assert "group_partial" not in str(found)


def test_latent_means_are_those_of_the_scalar_fit(ladder):
    fit = ladder.fits["scalar"]
    own = fit.estimates.query("op == '~1' and group == 2 and lhs in ['visual', 'textual', 'speed']")
    means = ladder.latent_means
    assert means["latent"].tolist() == own["lhs"].tolist()
    for name, column in {
        "difference": "est",
        "se": "se",
        "z": "z",
        "p_value": "p_value",
        "ci_lower": "ci_lower",
    }.items():
        np.testing.assert_allclose(means[name], own[column], rtol=1e-10)


def test_standardised_mean_differences_do_not_depend_on_the_scale(rows, ladder):
    other = ss.invariance(MODEL, rows, group="school", levels=("configural", "scalar"), std_lv=True)
    for name in ("standardised", "standardised_se"):
        np.testing.assert_allclose(other.latent_means[name], ladder.latent_means[name], atol=1e-6)


def test_differences_that_were_planted_are_found():
    one = ss.simulate("f =~ .8*a + .7*b + .6*c + .7*d", n=1500, seed=1).assign(g="one")
    two = ss.simulate("f =~ .8*a + .7*b + .6*c + .7*d", n=1500, seed=2).assign(g="two")
    loadings = {"a": 0.8, "b": 0.7, "c": 0.6, "d": 0.7}
    two = two.assign(**{name: two[name] + 0.5 * value for name, value in loadings.items()})
    data = pd.concat([one, two.assign(c=two["c"] + 0.3)], ignore_index=True)
    found = ss.invariance("f =~ a + b + c + d", data, group="g", std_lv=True)
    assert found.partial_level == "scalar"
    assert found.partial["element"].iloc[0] == "c~1"
    freed = ss.invariance("f =~ a + b + c + d", data, group="g", std_lv=True, group_partial=["c~1"])
    assert freed.verdicts.query("level == 'scalar'")["kept"].all()
    mean = freed.latent_means.iloc[0]
    assert abs(mean["standardised"] - 0.5) < 3.0 * mean["standardised_se"]
    shift = freed.fits["scalar"].estimates.query("lhs == 'c' and op == '~1'")["est"]
    assert shift.iloc[1] - shift.iloc[0] == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("estimator", ["MLM", "MLR"])
def test_robust_ladders_scale_their_differences(rows, estimator):
    found = ss.invariance(MODEL, rows, group="school", estimator=estimator)
    assert {step.method for step in found.comparison.steps} == {"satorra.bentler.2001"}
    assert found.comparison.measures["cfi"] == "cfi_robust"
    assert "score-test-not-robust" in {warning.code for warning in found.warnings}


def test_several_groups_and_a_numeric_group_column(rows):
    found = ss.invariance(MODEL, rows.assign(third=rows["id"] % 3), group="third", levels=["configural", "scalar"])
    assert found.group_labels == ("1", "2", "0")
    assert (found.partial["df"] == 2).all() if found.partial_level else True
    assert found.latent_means["group_label"].tolist() == ["2"] * 3 + ["0"] * 3


def test_moments_by_group(rows):
    fit = ss.cfa(MODEL, rows, group="school")
    moments = {each.label: each.without_rows() for each in fit.moments}
    found = ss.invariance(MODEL, moments, levels=("configural", "metric"))
    assert found.comparison.step("metric").chisq_diff == pytest.approx(8.19220032, rel=1e-6)


def test_a_level_that_does_not_converge_ends_the_ladder(rows):
    found = ss.invariance(MODEL, rows, group="school", control={"iter_max": 1})
    assert not found.fits
    assert found.comparison is None
    assert [warning.code for warning in found.warnings] == ["level-not-converged"]
    assert "not fitted: metric, scalar, strict, means" in str(found)
    assert found.partial.empty


def test_it_shows_itself(ladder):
    assert "<table>" in ladder._repr_html_()
    document = json.loads(ladder.to_json())
    assert document["levels"] == list(LEVELS)
    assert len(document["verdicts"]) == len(ladder.verdicts)
    assert document["latent_means"][1]["latent"] == "textual"


def test_a_level_that_adds_nothing_is_equivalent_and_passes_no_verdict(rows):
    """Factors of one item each have no loadings to hold equal."""
    found = ss.invariance("f =~ x1\ng =~ x2\nf ~~ g", rows, group="school", levels=("configural", "metric"))
    step = found.comparison.step("metric")
    assert (step.relation, step.df_diff) == ("equivalent", 0)
    assert found.verdicts["kept"].iloc[0] is None
    assert found.partial_level == ""


def test_what_is_refused(rows):
    with pytest.raises(OptionError, match="no level 'skalar'") as caught:
        ss.invariance(MODEL, rows, group="school", levels=("configural", "skalar"))
    assert "scalar" in caught.value.hint
    with pytest.raises(OptionError, match="least to the most"):
        ss.invariance(MODEL, rows, group="school", levels=("scalar", "metric"))
    with pytest.raises(OptionError, match="needs groups"):
        ss.invariance(MODEL, rows)
    with pytest.raises(OptionError, match="levels say"):
        ss.invariance(MODEL, rows, group="school", group_equal="loadings")
    with pytest.raises(ModelError, match="no parameter of the model"):
        ss.invariance(MODEL, rows, group="school", group_partial=["x33~1"])
