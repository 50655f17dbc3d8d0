"""A design makes intervals hold what they promise: a short run of `designs`; the documentation has the whole one."""

from __future__ import annotations

import pytest

from tests.monte_carlo.designs import coverage, rejections, statistics_coverage


@pytest.mark.slow
def test_intervals_cover_with_the_design_and_not_without():
    found = coverage(100, ["design", "neither"])
    assert (found["design"].covered > 0.87).all()  # 95% less 3.7 standard errors of 100 replications
    assert 0.92 < found["design"].covered.mean() < 0.975
    assert found["neither"].covered[[0, 2, 3]].max() < 0.3  # the paths that selection bends


@pytest.mark.slow
def test_a_model_that_holds_is_seldom_rejected_with_the_design():
    found = rejections(60)
    assert found["Satorra-Bentler (MLM)"] < 0.15
    assert found["unscaled"] > 0.8


@pytest.mark.slow
def test_means_and_regressions_cover_with_the_design_and_not_without():
    found = statistics_coverage(100)
    assert (found["design"] > 0.87).all()
    assert 0.92 < found["design"].mean() < 0.975
    assert found["neither"][["mean of t1", "mean of b1", "b1 on t1"]].max() < 0.6
