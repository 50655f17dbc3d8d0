"""Replicate variances equal those of R's survey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from survey_designs import FACTORS, close, designed, rows, stored

import survey_sem as ss

STORED = stored("replicates")
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "JK1": ("clus1_nofpc", {"type": "JK1"}),
    "JK1_fpc": ("clus1", {"type": "JK1"}),
    "JKn": ("strat_nofpc", {"type": "JKn"}),
    "JKn_fpc": ("strat", {}),
    "JKn_mse": ("strat_cluster", {"type": "JKn", "mse": True}),
    "JK1_clus2": ("clus2", {}),
    "BRR": ("", {"type": "BRR"}),
    "Fay": ("", {"type": "Fay", "fay_rho": 0.3}),
}

pytestmark = pytest.mark.reference


def half_sampled() -> ss.SurveyDesign:
    """Pairs of schools, 18 strata of two."""
    data = rows("apistrat").merge(pd.DataFrame(STORED["pairs"]).astype({"cds": "int64"}), on="cds")
    data = data.sort_values("unit").reset_index(drop=True)
    for factor in FACTORS:
        data[factor] = pd.Categorical(data[factor])
    return ss.design(data, weights="pw", strata="cell", psu="unit")


@pytest.mark.parametrize("name", list(MADE))
def test_made_replicates(name: str) -> None:
    source, options = MADE[name]
    expected = STORED["replicates"][name]
    design = (designed(source) if source else half_sampled()).as_replicates(**options)
    assert design.replicates is not None
    assert [design.replicates.n_replicates] == expected["n"]
    np.testing.assert_allclose(design.replicates.scale, expected["scale"])
    np.testing.assert_allclose(np.unique(design.replicates.rscales), np.unique(expected["rscales"]))
    subset = design.subset(design.data["comp.imp"] == "Yes")
    for what, found in {
        "mean": design.mean(["api00", "ell"]),
        "total": design.total(["api00", "stype"]),
        "share": design.mean("stype"),
        "ratio": design.ratio("api00", "api99"),
        "variance": design.variance("api00"),
        "by": design.mean("api00", by="stype"),
        "subset": subset.mean("api00"),
    }.items():
        close(found.estimate, np.ravel(expected[what]["estimate"]))
        close(found.cov, expected[what]["vcov"])
    close(design.mean(["api00", "ell"]).deff, expected["mean"]["deff"])


@pytest.mark.parametrize("name", list(STORED["given"]))
def test_given_replicate_weights(name: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "Fay": {"fay_rho": 0.3},
        "JKn": {"scale": 1, "rscales": [0.5, 0.7, 0.9, 1]},
        "other": {"scale": 0.3},
        "difference": {"type": "successive-difference", "mse": True},
    }
    data = rows("survey_scd").assign(w=range(1, 7))
    for column, factors in enumerate(np.array(STORED["factors"]).T):
        data[f"repw{column}"] = factors * data["w"]
    design = ss.replicate_design(data, "w", r"repw\d", **{"type": name, **options.get(name, {})})
    expected = STORED["given"][name]
    ratio, mean = design.ratio("alive", "arrests"), design.mean(["alive", "arrests"])
    for what, found in {"ratio": ratio, "mean": mean}.items():
        close(found.estimate, np.ravel(expected[what]["estimate"]))
        close(found.cov, expected[what]["vcov"])
    assert [design.degrees_of_freedom] == expected["degf"]
