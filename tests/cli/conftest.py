"""Calling the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey_sem.cli.boundary import run


@dataclass(frozen=True)
class Outcome:
    """What a command line left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run one command line; its exit code and what it wrote. No traceback is ever shown."""

    def call(*arguments: str | Path) -> Outcome:
        code = run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        assert "Traceback" not in written.err + written.out
        return Outcome(code, written.out, written.err)

    return call


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A one-factor model."""
    path = tmp_path / "model.txt"
    path.write_text("f =~ x1 + x2 + x3 + x4\n", encoding="utf-8")
    return path


@pytest.fixture
def frame() -> pd.DataFrame:
    """300 respondents, four items of one factor."""
    random = np.random.default_rng(2)
    factor = random.normal(size=300)
    return pd.DataFrame({f"x{i}": factor + random.normal(size=300) for i in range(1, 5)})


@pytest.fixture
def data(tmp_path: Path, frame: pd.DataFrame) -> Path:
    """`frame` as a csv file."""
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    return path
