"""Instruments that several tests use."""

from __future__ import annotations

import pytest

from survey_sem.instrument import Instrument
from tests.responses.shop import YAML, instrument_from_text


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    """An instrument with an item of every type."""
    return instrument_from_text(tmp_path_factory.mktemp("shop") / "shop.yaml", YAML)
