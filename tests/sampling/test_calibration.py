"""Raking, calibration, trimming and response cells as arithmetic: derivatives, invariances and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.sampling.calibration import calibrate_weights
from survey_sem.sampling.columns import Columns
from survey_sem.sampling.distances import DISTANCE_KINDS, distance
from survey_sem.sampling.feasibility import emptied_rows, nearest_totals
from survey_sem.sampling.raking import Margin, gather_cells, rake_weights
from survey_sem.sampling.residuals import class_mean_residuals, regression_residuals
from survey_sem.sampling.response_cells import CellLimits, response_factors
from survey_sem.sampling.trimming import trim
from survey_sem.sampling.weight_summary import summarise_weights

MET = 1e-9


def population(seed: int, sizes: tuple[int, ...] = (2, 4, 3), n: int = 300) -> tuple[np.ndarray, list[Margin]]:
    """Base weights, and margins that some weights meet: those of other positive weights of the same rows."""
    random = np.random.default_rng(seed)
    base = random.uniform(0.5, 2.0, n)
    other = base * np.exp(random.normal(0, 0.4, n))
    codes = [np.concatenate([np.arange(size), random.integers(0, size, n - size)]) for size in sizes]
    return base, [
        Margin(code, np.bincount(code, other, minlength=size)) for code, size in zip(codes, sizes, strict=True)
    ]


def reached(weights: np.ndarray, margin: Margin) -> np.ndarray:
    return np.bincount(margin.codes, weights, minlength=margin.n_classes)


FREE, BOUNDED = (-np.inf, np.inf), (0.4, 2.5)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [("linear", FREE), ("linear", BOUNDED), ("raking", FREE), ("raking", BOUNDED), ("logit", BOUNDED)],
)
def test_slope_and_integral_belong_to_the_ratio(kind: str, bounds: tuple[float, float]) -> None:
    score = np.array([-3.0, -0.7, -0.2, 0.0, 0.3, 0.8, 2.5])
    found, step = distance(kind, *bounds, len(score)), 1e-6
    np.testing.assert_allclose(found.ratio(np.zeros(7)), 1.0, rtol=1e-14)
    np.testing.assert_allclose(found.integral(np.zeros(7)), 0.0, atol=1e-14)
    slope = (found.ratio(score + step) - found.ratio(score - step)) / (2 * step)
    np.testing.assert_allclose(found.slope(score), slope, rtol=1e-7, atol=1e-9)
    ratio = (found.integral(score + step) - found.integral(score - step)) / (2 * step)
    np.testing.assert_allclose(found.ratio(score), ratio, rtol=1e-7, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_margins_are_met_whatever_their_order_and_scale(seed: int) -> None:
    base, margins = population(seed)
    found = rake_weights(base, margins)
    assert found.converged
    for margin in margins:
        np.testing.assert_allclose(reached(base * found.ratio, margin), margin.totals, rtol=1e-10)
    assert (found.ratio > 0).all()
    other = rake_weights(base, margins[::-1])
    np.testing.assert_allclose(other.ratio, found.ratio, rtol=MET)
    scaled = rake_weights(7.0 * base, [Margin(margin.codes, 7.0 * margin.totals) for margin in margins])
    np.testing.assert_allclose(scaled.ratio, found.ratio, rtol=MET)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(DISTANCE_KINDS))
def test_bounds_and_margins_are_met_together(seed: int, kind: str) -> None:
    base, margins = population(seed)
    bounds = (0.35, 2.6)  # within what the other weights of the population need
    found = rake_weights(base, margins, bounds=bounds, kind=kind)
    assert found.converged
    assert bounds[0] <= found.ratio.min() and found.ratio.max() <= bounds[1]
    for margin in margins:
        np.testing.assert_allclose(reached(base * found.ratio, margin), margin.totals, rtol=1e-9)


def test_totals_that_hold_already_change_nothing() -> None:
    base, margins = population(3)
    same = [Margin(margin.codes, reached(base, margin)) for margin in margins]
    for kind in DISTANCE_KINDS:
        bounds = (0.3, 3.0) if kind == "logit" else None
        np.testing.assert_allclose(rake_weights(base, same, bounds=bounds, kind=kind).ratio, 1.0, rtol=1e-12)


def test_raking_by_cells_is_calibration_by_rows() -> None:
    base, margins = population(5)
    columns = np.concatenate([np.eye(margin.n_classes)[margin.codes] for margin in margins], axis=1)
    totals = np.concatenate([margin.totals for margin in margins])
    for kind, bounds in (("raking", (0.0, np.inf)), ("raking", (0.8, 1.3)), ("linear", (0.7, 1.5))):
        by_rows = calibrate_weights(base, Columns.of_rows(columns), totals, distance(kind, *bounds, len(base)))
        by_cells = rake_weights(base, margins, bounds=bounds, kind=kind)
        assert by_rows.converged and by_cells.converged
        np.testing.assert_allclose(by_cells.ratio, by_rows.ratio, rtol=MET)


def test_columns_by_cell_and_by_row_are_columns() -> None:
    random = np.random.default_rng(0)
    by_cell, cell, by_row = random.normal(size=(4, 3)), random.integers(0, 4, 50), random.normal(size=(50, 2))
    columns, dense = Columns(by_cell, cell, by_row), np.concatenate([by_cell[cell], by_row], axis=1)
    weights, several = random.normal(size=50), random.normal(size=(6, 50))
    np.testing.assert_allclose(columns.totals(weights), weights @ dense)
    np.testing.assert_allclose(columns.totals(several), several @ dense)
    np.testing.assert_allclose(columns.sizes(weights), np.abs(weights) @ np.abs(dense))
    np.testing.assert_allclose(columns.squares(weights), weights @ dense**2)
    np.testing.assert_allclose(columns.products(weights), (dense * weights[:, None]).T @ dense)
    np.testing.assert_allclose(columns.score(np.arange(5.0)), dense @ np.arange(5.0))
    np.testing.assert_allclose(columns.score(np.eye(5)), dense.T)
    kept = np.array([0, 2, 4])
    np.testing.assert_allclose(
        columns.scaled(np.arange(1.0, 6)).only(kept).score(np.eye(3)), dense.T[kept] / [[1], [3], [5]]
    )


def test_strongly_associated_margins_converge() -> None:
    random = np.random.default_rng(0)
    first = random.integers(0, 2, 4000)
    second = np.where(
        random.random(4000) < 0.005, 1 - first, first
    )  # proportional fitting alone takes hundreds of sweeps
    margins = [Margin(first, np.array([2200.0, 1800.0])), Margin(second, np.array([1990.0, 2010.0]))]
    found = rake_weights(np.ones(4000), margins)
    assert found.converged and np.abs(found.error).max() < 1e-10


def test_many_combinations_are_numbered_by_what_occurs() -> None:
    random = np.random.default_rng(1)
    codes = [random.integers(0, 50, 200) for _ in range(6)]  # 1.6e10 combinations
    cells = gather_cells(codes, [50] * 6, np.ones(200))
    np.testing.assert_array_equal(cells.classes[cells.of_row], np.stack(codes, axis=1))
    assert cells.weight.sum() == 200.0


def test_contradicting_total_of_a_dependent_column() -> None:
    base, (margin, *_) = population(2)
    double = Margin(margin.codes, margin.totals + np.array([30.0, -30.0]))
    assert rake_weights(base, [margin, double]).contradicting == (2, 3)
    assert rake_weights(base, [margin, margin]).converged


def test_nearest_totals_and_emptied_rows() -> None:
    columns = np.array([[1.0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1]])
    base = np.array([10.0, 10.0, 10.0])
    # the first class of the second margin lies within that of the first: it cannot be larger
    nearest = nearest_totals(base, columns, np.array([10.0, 20.0, 15.0, 15.0]), 0.0, np.inf)
    assert nearest is not None and np.abs(nearest - [10, 20, 15, 15]).max() == pytest.approx(5.0)
    reachable = np.array([15.0, 15.0, 15.0, 15.0])
    np.testing.assert_array_equal(nearest_totals(base, columns, reachable, 0.0, np.inf), reachable)
    np.testing.assert_array_equal(emptied_rows(base, columns, reachable), [1])


def test_residuals_of_calibration_columns_are_zero() -> None:
    base, margins = population(4)
    weights = base * rake_weights(base, margins).ratio
    cells = gather_cells([margin.codes for margin in margins], [margin.n_classes for margin in margins], base)
    columns = cells.indicators([margin.n_classes for margin in margins])
    none = np.zeros((len(base), 0))
    exact = regression_residuals(Columns(columns, cells.of_row, none), base, weights)
    values = weights * columns[cells.of_row].T
    np.testing.assert_allclose(exact.residuals(values), 0.0, atol=1e-10)
    by_rows = regression_residuals(Columns.of_rows(columns[cells.of_row]), base, weights)
    other = weights * np.random.default_rng(0).normal(size=(3, len(base)))
    np.testing.assert_allclose(exact.residuals(other), by_rows.residuals(other), rtol=1e-9, atol=1e-12)
    # one margin: the plain means of its classes are out after one pass, and further passes change nothing
    one = class_mean_residuals(margins[:1], weights)
    once = class_mean_residuals(margins[:1], weights, passes=1)
    np.testing.assert_allclose(one.residuals(other), once.residuals(other), atol=1e-12)
    taken = one.residuals(other) / weights
    np.testing.assert_allclose([np.bincount(margins[0].codes, row) for row in taken], 0.0, atol=1e-10)


def test_trimming_keeps_the_sum_and_the_rows_outside() -> None:
    weights = np.array([0.0, 0.2, 1.0, 1.1, 6.0, 9.0])
    once = trim(weights, 0.5, 5.0)
    assert once is not None and (once.n_low, once.n_high, once.rounds) == (1, 2, 1)
    np.testing.assert_allclose(once.weights, [0.0, 0.5, 1.0 + 2.35, 1.1 + 2.35, 5.0, 5.0])
    strict = trim(weights, 0.5, 3.6, strict=True)
    assert strict is not None and strict.within and strict.weights.max() <= 3.6 + 1e-12
    assert strict.weights.sum() == pytest.approx(weights.sum())
    assert trim(weights, 0.5, 3.0, strict=True) is None  # five weights of 3 at most do not sum to 17.3
    assert trim(np.array([1.0, 9.0]), 2.0, 3.0) is None
    untouched = trim(weights, 0.0, 10.0)
    assert untouched is not None and untouched.rounds == 0


def test_kish() -> None:
    summary = summarise_weights(np.array([0.0, 1.0, 2.0, 3.0]))
    assert summary.n == 3 and summary.deff == pytest.approx(3 * 14 / 36) and summary.n_eff == pytest.approx(36 / 14)
    assert summary.deff == pytest.approx(1 + summary.cv**2)
    assert summarise_weights(np.full(5, 0.3)).deff == pytest.approx(1.0, abs=1e-15)


def test_small_cells_are_joined_by_rule() -> None:
    cell = np.repeat(np.arange(4), 10)
    responded = np.concatenate([np.arange(10) < k for k in (8, 1, 5, 2)])
    weights = np.ones(40)
    blocks = [0, 0, 1, 1]
    kept = response_factors(weights, responded, cell, blocks, CellLimits(3))
    assert kept.too_small == (1, 3) and not kept.merges
    adjacent = response_factors(weights, responded, cell, blocks, CellLimits(3, rule="adjacent"))
    np.testing.assert_array_equal(adjacent.group, [0, 0, 1, 1])
    np.testing.assert_allclose(adjacent.factor, [20 / 9, 20 / 7])
    similar = response_factors(weights, responded, cell, blocks, CellLimits(3, rule="similar"))
    np.testing.assert_array_equal(similar.group, [0, 1, 2, 1])  # 1 and 3 answered least
    assert [merge.small for merge in similar.merges] == [(1,)]
    limited = response_factors(weights, responded, cell, blocks, CellLimits(1, 4.0, "adjacent"))
    assert (limited.factor <= 4.0).all()
    total = weights * responded * limited.factor[limited.group[cell]]
    assert total.sum() == pytest.approx(40.0)
