"""The sampling covariance of totals: textbook sums, invariances, and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survey_sem.errors import DataError, OptionError
from survey_sem.sampling import Replicates, Sampling, Stage


def textbook(values: np.ndarray, unit: np.ndarray, stratum: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Sum over strata of (1 - f) n/(n-1) times squares of unit totals around their mean."""
    cov = np.zeros((len(values), len(values)))
    for code in np.unique(stratum):
        units = np.unique(unit[stratum == code])
        totals = np.stack([values[:, unit == one].sum(axis=1) for one in units])
        n = len(units)
        cov += (1 - share[stratum == code][0]) * n * np.cov(totals, rowvar=False, ddof=1).reshape(cov.shape)
    return cov


@pytest.fixture
def clustered() -> tuple[np.ndarray, Stage]:
    rng = np.random.default_rng(1)
    unit = np.concatenate([np.arange(12), rng.integers(0, 12, 88)])
    stratum = (unit % 3).astype(np.intp)
    values = rng.normal(100.0, 1.0, size=(2, 100))
    return values, Stage(unit, stratum, np.array([40.0, 50.0, np.inf])[stratum])


def test_one_stage_is_the_textbook_sum(clustered: tuple[np.ndarray, Stage]) -> None:
    values, stage = clustered
    share = 4 / stage.population
    expected = textbook(values, stage.unit, stage.stratum, share)
    np.testing.assert_allclose(Sampling((stage,)).covariance(values), expected, rtol=1e-11)


def test_rows_that_are_units_are_summed_by_stratum_without_losing_digits() -> None:
    rng = np.random.default_rng(2)
    n = 300
    stratum = rng.permutation(np.arange(n) % 7)
    values = 1e6 + rng.normal(size=(3, n))
    sampling = Sampling((Stage(np.arange(n), stratum, np.full(n, 500.0)),))
    expected = textbook(values, np.arange(n), stratum, np.bincount(stratum)[stratum] / 500.0)
    totals = sampling.totals(3)
    for start in range(0, n, 37):
        totals.add(values[:, start : start + 37], slice(start, start + 37))
    np.testing.assert_allclose(totals.covariance(), expected, rtol=1e-9)
    np.testing.assert_allclose(totals.total, values.sum(axis=1))


def test_rows_never_added_are_zeros() -> None:
    rng = np.random.default_rng(3)
    n = 60
    for unit in (np.arange(n), np.arange(n) // 2):
        stage = Stage(unit, (unit % 2).astype(np.intp))
        values = rng.normal(size=(2, n))
        inside = rng.random(n) < 0.5
        sampling = Sampling((stage,), inside=inside)
        partial = sampling.totals(2)
        partial.add(values[:, inside], np.flatnonzero(inside))
        np.testing.assert_allclose(partial.covariance(), sampling.covariance(np.where(inside, values, 0.0)), rtol=1e-12)


def test_blocks_and_order_do_not_matter(clustered: tuple[np.ndarray, Stage]) -> None:
    values, stage = clustered
    whole = Sampling((stage,)).covariance(values)
    totals = Sampling((stage,)).totals(2)
    for rows in np.array_split(np.random.default_rng(4).permutation(100), 7):
        totals.add(values[:, rows], rows)
    np.testing.assert_allclose(totals.covariance(), whole, rtol=1e-12)


def test_second_stage_adds_its_share_of_what_remains() -> None:
    """Two districts of 4, two schools each of 3 and 5: V = V1 + f1 (V2 in each district), by hand."""
    values = np.array([[1.0, 4.0, 2.0, 8.0]])
    first = Stage(np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.intp), np.full(4, 4.0))
    second = Stage(np.arange(4), np.array([0, 0, 1, 1]), np.array([3.0, 3.0, 5.0, 5.0]))
    stage_one = (1 - 2 / 4) * 2 * np.var([5.0, 10.0], ddof=1)
    stage_two = (1 - 2 / 3) * 2 * np.var([1.0, 4.0], ddof=1) + (1 - 2 / 5) * 2 * np.var([2.0, 8.0], ddof=1)
    sampling = Sampling((first, second))
    np.testing.assert_allclose(sampling.covariance(values), [[stage_one + 0.5 * stage_two]])
    with_replacement = Sampling((replace(first, population=None), second))
    assert len(with_replacement.levels) == 1
    np.testing.assert_allclose(with_replacement.covariance(values), [[2 * np.var([5.0, 10.0], ddof=1)]])


def test_a_census_has_no_variance() -> None:
    stage = Stage(np.arange(4), np.zeros(4, dtype=np.intp), np.full(4, 4.0))
    assert Sampling((stage,)).covariance(np.arange(4.0)[None]) == 0.0


@pytest.mark.parametrize("rows_are_units", [True, False])
def test_lonely_units(rows_are_units: bool) -> None:
    repeat = 1 if rows_are_units else 2
    unit, stratum = np.arange(5).repeat(repeat), np.array([0, 0, 1, 1, 2]).repeat(repeat)
    values = np.array([[1.0, 3.0, 4.0, 8.0, 5.0]]).repeat(repeat, axis=1) / repeat
    stage = Stage(unit, stratum)
    known = 2 * np.var([1.0, 3.0], ddof=1) + 2 * np.var([4.0, 8.0], ddof=1)
    expected = {"certainty": known, "remove": known, "adjust": known + 25.0, "average": known * 3 / 2}
    for policy, value in expected.items():
        assert Sampling((stage,), policy).covariance(values).item() == pytest.approx(value), policy
    with pytest.raises(DataError, match="single sampling unit") as caught:
        Sampling((stage,)).totals(1)
    assert caught.value.where == "stratum 2 at stage 1"
    inside = stratum != 2
    assert Sampling((stage,), inside=inside).covariance(np.where(inside, values, 0.0)).item() == pytest.approx(known)
    assert Sampling((stage,), "average", inside).degrees_of_freedom == 2


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ((Stage(np.array([0, 0]), np.array([0, 1])),), "not-nested"),
        ((Stage(np.array([0, 1]), np.array([0, 0])), Stage(np.array([0, 1]), np.array([0, 0]))), ""),
        ((Stage(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 1.0])),), "fpc-too-small"),
        ((Stage(np.array([0, 1]), np.array([0, 0]), np.array([5.0, 6.0])),), "fpc-varies"),
        (
            (
                Stage(np.array([0, 1]), np.array([0, 0]), np.array([9.0, 9.0])),
                Stage(np.array([0, 1]), np.array([0, 0])),
            ),
            "not-nested",
        ),
    ],
)
def test_contradictions_are_errors(stages: tuple[Stage, ...], code: str) -> None:
    if not code:  # what a sample with replacement does below its first stage does not matter
        assert len(Sampling(stages).levels) == 1
        return
    with pytest.raises(DataError) as caught:
        Sampling(stages)
    assert caught.value.code == code


def test_unknown_policy() -> None:
    with pytest.raises(OptionError, match="fail"):
        Sampling((Stage(np.arange(2), np.zeros(2, dtype=np.intp)),), "fail")  # type: ignore[arg-type]


def test_jackknife_of_a_total_is_its_linearised_variance() -> None:
    rng = np.random.default_rng(5)
    unit = rng.permutation(np.arange(60) % 10)
    values = rng.normal(size=(2, 60))
    factors = (1 - np.eye(10)) * 10 / 9
    jackknife = Replicates(factors, unit, 9 / 10, np.ones(10), "JK1")
    totals = jackknife.totals(2)
    for start in range(0, 60, 17):
        totals.add(values[:, start : start + 17], slice(start, start + 17))
    expected = Sampling((Stage(unit, np.zeros(60, dtype=np.intp)),)).covariance(values)
    np.testing.assert_allclose(totals.covariance(), expected, rtol=1e-12)
    assert jackknife.degrees_of_freedom() == 9
    assert jackknife.degrees_of_freedom(unit < 4) == 3
    base = rng.uniform(1, 2, 60)
    stored = Replicates(base[:, None] * factors[unit], None, 9 / 10, np.ones(10), "JK1", base=base)
    again = stored.totals(2)
    again.add(values, slice(None))
    np.testing.assert_allclose(again.covariance(), expected, rtol=1e-12)
    half = np.where(unit < 5, base, 0.0)
    np.testing.assert_allclose(stored.weights(half, 3), jackknife.weights(half, 3))
    np.testing.assert_allclose(stored.weights(base, 3), jackknife.weights(base, 3))


def test_a_replicate_without_an_estimate_is_an_error() -> None:
    jackknife = Replicates(1 - np.eye(3), None, 1.0, np.ones(3))
    with pytest.raises(DataError, match="1 of 3 replicates"):
        jackknife.covariance(np.array([[1.0], [np.nan], [2.0]]), np.array([1.0]))
