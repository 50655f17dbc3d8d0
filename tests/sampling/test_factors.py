"""Replicates made from stages: orthogonality, exactness for linear statistics, expectation of the bootstraps."""

from __future__ import annotations

import numpy as np
import pytest

from survey_sem.errors import DataError, OptionError
from survey_sem.sampling import MADE_KINDS, Sampling, Stage, make_replicates
from survey_sem.sampling.hadamard import hadamard


@pytest.mark.parametrize("least", [1, 2, 3, 11, 19, 25, 35, 43, 90])
def test_hadamard_rows_are_orthogonal(least: int) -> None:
    matrix = hadamard(least)
    assert len(matrix) >= least
    np.testing.assert_array_equal(matrix @ matrix.T, len(matrix) * np.eye(len(matrix)))
    assert (matrix[0] == 1).all()


def stratified(per_stratum: int, n_strata: int = 4, population: float | None = None) -> Sampling:
    unit = np.arange(per_stratum * n_strata).repeat(2)
    stratum = unit % n_strata
    sizes = None if population is None else np.full(len(unit), population)
    return Sampling((Stage(unit, stratum.astype(np.intp), sizes),))


@pytest.mark.parametrize(("kind", "per_stratum"), [("JKn", 5), ("BRR", 2), ("Fay", 2), ("auto", 3)])
def test_linear_statistics_have_the_linearised_variance(kind: str, per_stratum: int) -> None:
    sampling = stratified(per_stratum, population=40.0 if kind in ("JKn", "auto") else None)
    values = np.random.default_rng(1).normal(size=(3, sampling.n_rows))
    made = make_replicates(sampling, kind, fay_rho=0.4 if kind == "Fay" else None)  # type: ignore[arg-type]
    totals = made.totals(3)
    totals.add(values, slice(None))
    np.testing.assert_allclose(totals.covariance(), sampling.covariance(values), rtol=1e-10)


@pytest.mark.parametrize("population", [None, 25.0])
@pytest.mark.parametrize("kind", ["bootstrap", "subbootstrap", "mrbbootstrap"])
def test_bootstraps_have_it_on_average(kind: str, population: float | None) -> None:
    sampling = stratified(10, population=population)
    values = np.random.default_rng(2).normal(size=(1, sampling.n_rows))
    made = make_replicates(sampling, kind, replicates=4000, seed=3)  # type: ignore[arg-type]
    totals = made.totals(1)
    totals.add(values, slice(None))
    # the standard error of a variance from 4,000 replicates is 2.2 %
    assert totals.covariance().item() == pytest.approx(sampling.covariance(values).item(), rel=0.08)


def test_two_stage_bootstrap() -> None:
    rng = np.random.default_rng(4)
    first = Stage(np.arange(8).repeat(4), np.zeros(32, dtype=np.intp), np.full(32, 20.0))
    second = Stage(np.arange(32), first.unit, np.full(32, 6.0))
    sampling = Sampling((first, second))
    values = rng.normal(size=(1, 32)) + rng.normal(size=8).repeat(4)
    made = make_replicates(sampling, "mrbbootstrap", replicates=4000, seed=5)
    totals = made.totals(1)
    totals.add(values, slice(None))
    assert totals.covariance().item() == pytest.approx(sampling.covariance(values).item(), rel=0.08)
    assert made.n_rows == 32


def test_the_seed_decides() -> None:
    sampling = stratified(5)
    one, same, other = (make_replicates(sampling, "bootstrap", replicates=20, seed=seed).factors for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_what_is_refused() -> None:
    with pytest.raises(OptionError, match="pairs of sampling units"):
        make_replicates(stratified(3), "BRR")
    with pytest.raises(OptionError, match="JK1 is for a sample without strata"):
        make_replicates(stratified(3), "JK1")
    with pytest.raises(OptionError, match="not known") as caught:
        make_replicates(stratified(3), "jackknife")  # type: ignore[arg-type]
    assert all(kind in str(caught.value) for kind in MADE_KINDS)
    with pytest.raises(OptionError, match="fay_rho"):
        make_replicates(stratified(2), "Fay")
    with pytest.raises(OptionError, match="whole number"):
        make_replicates(stratified(2), "bootstrap", replicates=1)
    many = Sampling((Stage(np.arange(20_000), np.zeros(20_000, dtype=np.intp)),))
    with pytest.raises(DataError, match="do not fit into memory"):
        make_replicates(many)
    lonely = Sampling((Stage(np.arange(3), np.array([0, 0, 1])),), "adjust")
    with pytest.raises(DataError, match="cannot follow"):
        make_replicates(lonely)
    certain = make_replicates(Sampling(lonely.stages, "certainty"))
    assert certain.n_replicates == 2
