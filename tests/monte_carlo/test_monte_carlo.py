"""The simulation checks themselves: populations, what is recorded, and one replication of every study."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.monte_carlo import __main__ as command
from tests.monte_carlo import studies
from tests.monte_carlo.population import DISTRIBUTIONS, PLANTED, mediation, two_groups, with_missing
from tests.monte_carlo.record import Cell, Interval
from tests.monte_carlo.studies import KEPT, KEPT_OF_GROUPS, STUDIES, groups_truth, mediation_truth


def test_the_models_hold_in_their_populations():
    found = mediation_truth()
    for name in PLANTED.keys() & set(KEPT):
        assert found[name] == pytest.approx(PLANTED[name], abs=1e-8), name
    assert found["h~f"] * found["g~f"] != found["indirect"]
    groups = groups_truth()
    assert set(groups) == set(KEPT_OF_GROUPS)
    assert (groups["f~1.2"], groups["g~1.2"]) == (pytest.approx(0.4), pytest.approx(-0.2))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_rows_have_the_moments_of_the_population(distribution):
    population = mediation()
    rows = population.draw(np.random.default_rng(1), 60_000, distribution)
    sd = np.sqrt(np.diag(population.cov))
    assert np.abs((rows.mean() - population.mean) / sd).max() < 0.02
    assert np.abs((rows.cov() - population.cov) / np.outer(sd, sd)).to_numpy().max() < 0.06
    if distribution == "skewed":
        skewness, kurtosis = population.skewed_shape()
        np.testing.assert_allclose(rows.skew(), skewness, atol=0.25)
        assert kurtosis.min() > 6.0
    assert two_groups()[0].names == population.names[:6]


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_values_are_missing_where_they_should_be(mechanism):
    population = mediation()
    rng = np.random.default_rng(2)
    rows = with_missing(population.draw(rng, 4000, "normal"), rng, mechanism)
    assert rows[["x1", "x4"]].notna().all().all()
    share = rows.isna().mean()[["x2", "x3", "x5", "x6", "x7", "x8"]]
    assert share.between(0.12, 0.3).all()
    assert (rows["x1"][rows["x2"].isna()].mean() > rows["x1"].mean() + 0.4) == (mechanism == "mar")


def test_accuracy_of_known_numbers():
    rng = np.random.default_rng(3)
    est = 1.0 + 0.5 * rng.standard_normal(4000)
    cell = Cell({"b": 1.0})
    cell.estimates["b"] = [Interval(x, 0.4, x - 0.784, x + 0.784) for x in est]
    (row,) = cell.estimate_rows()
    assert abs(row["bias"]) < 4.0 * row["bias_mcse"]
    assert abs(row["se_ratio"] - 0.8) < 4.0 * row["se_ratio_mcse"]
    assert row["se_ratio_mcse"] == pytest.approx(0.8 / np.sqrt(2.0 * 4000), rel=0.1)
    assert abs(row["coverage"] - 0.8831) < 4.0 * row["coverage_mcse"]


@pytest.mark.parametrize("name", [name for name in STUDIES if name != "large"])
def test_one_replication(name, monkeypatch):
    monkeypatch.setattr(studies, "N_DRAWS", 50)
    study = STUDIES[name]
    condition, recorder = study.conditions[0], command.Recorder(study.truth())
    study.run(condition, 0, recorder)
    assert recorder.cells
    for cell in recorder.cells.values():
        assert (cell.n_fits, cell.n_failed) == (1, 0)
        assert set(cell.estimates) <= set(cell.truth)
        assert all(0.0 <= test.p_value <= 1.0 for tests in cell.tests.values() for test in tests)


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    """Replications kept on the way count, and tables are the same as in one go."""
    study = STUDIES["groups"]
    monkeypatch.setitem(STUDIES, "groups", replace(study, conditions=study.conditions[:1]))
    for number, folder in ((2, "steps"), (3, "steps"), (3, "once")):
        state = ["--state", str(tmp_path / "state")] if folder == "steps" else []
        command.main(["groups", "--replications", str(number), "--out", str(tmp_path / folder), *state])
    for kind in ("tests", "estimates"):
        steps, once = (pd.read_csv(tmp_path / folder / f"groups-{kind}.csv") for folder in ("steps", "once"))
        pd.testing.assert_frame_equal(steps, once)
