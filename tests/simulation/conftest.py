from __future__ import annotations

import pytest
from small_population import FAULTS, GROUPS, INSTRUMENT, POPULATION, population_of, without_clusters

from survey_sem.instrument import Instrument, load_instrument
from survey_sem.simulation import Population


@pytest.fixture(scope="session")
def instrument(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    path = tmp_path_factory.mktemp("instrument") / "small.yaml"
    path.write_text(INSTRUMENT, encoding="utf-8")
    return load_instrument(path)


@pytest.fixture(scope="session")
def clean(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Population:
    """Without groups and faults."""
    return population_of(POPULATION, instrument, tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="session")
def grouped(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Population:
    """With groups and unequal response, without clusters."""
    return population_of(without_clusters(POPULATION) + GROUPS, instrument, tmp_path_factory.mktemp("grouped"))


@pytest.fixture(scope="session")
def faulty(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Population:
    """With every fault."""
    return population_of(POPULATION + FAULTS, instrument, tmp_path_factory.mktemp("faulty"))
