"""The designs of the stored results of R's survey, shared by several rooms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss

REFERENCE = Path(__file__).parent / "reference"
FACTORS = ("stype", "sch.wide", "comp.imp", "awards", "both")


def rows(name: str) -> pd.DataFrame:
    """A data set of R's survey package."""
    return pd.read_csv(REFERENCE / "data" / f"{name}.csv")


def stored(name: str) -> dict[str, Any]:
    """Stored results."""
    found: dict[str, Any] = json.loads((REFERENCE / "survey" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def designed(name: str) -> ss.SurveyDesign:
    """One of the designs by its name in make.R."""
    data = rows(
        {"strat": "apistrat", "clus1": "apiclus1", "clus2": "apiclus2", "nhanes": "survey_nhanes"}[name.split("_")[0]]
    )
    for factor in FACTORS:
        if factor in data:
            data[factor] = pd.Categorical(data[factor])
    calls: dict[str, dict[str, Any]] = {
        "strat": {"weights": "pw", "strata": "stype", "fpc": "fpc"},
        "strat_nofpc": {"weights": "pw", "strata": "stype"},
        "strat_cluster": {"weights": "pw", "strata": "stype", "psu": "dnum", "nest": True},
        "clus1": {"weights": "pw", "psu": "dnum", "fpc": "fpc"},
        "clus1_nofpc": {"weights": "pw", "psu": "dnum"},
        "clus2": {"psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]},
        "clus2_wr": {"weights": "pw", "psu": ["dnum", "snum"]},
        "nhanes": {"weights": "WTMEC2YR", "strata": "SDMVSTRA", "psu": "SDMVPSU", "nest": True},
    }
    return ss.design(data, **calls[name])


def close(found: Any, expected: Any, rtol: float = 1e-9) -> None:
    """Equal to rounding, measured against the largest number of the array; 1e-24 is the rounding of a zero variance."""
    expected = np.asarray(expected, dtype=np.float64)
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=max(rtol * np.abs(expected).max(initial=0.0), 1e-24))
