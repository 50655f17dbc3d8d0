"""Intervals cover a known finite population's values as often as they say, and those that ignore the design do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

N_SAMPLES, STRATA, DRAWN = 800, 4, 8


def population() -> pd.DataFrame:
    """400 villages of 20 to 60 people in strata of 40 to 160; villages differ, large ones like what is asked more."""
    rng = np.random.default_rng(1)
    villages = pd.DataFrame({"stratum": np.repeat(np.arange(STRATA), [40, 80, 120, 160])})
    villages["size"] = rng.integers(20, 60, len(villages))
    villages["level"] = villages["stratum"] + 0.04 * villages["size"] + rng.normal(0, 0.6, len(villages))
    people = villages.loc[villages.index.repeat(villages["size"])].rename_axis("village").reset_index()
    people["y"] = people["level"] + rng.normal(0, 1, len(people))
    people["yes"] = (people["y"] > 3.5).astype(float)
    people["villages"] = people["stratum"].map(villages["stratum"].value_counts())
    return people


@pytest.mark.slow
def test_intervals_cover() -> None:
    people = population()
    rows_of = dict(iter(people.groupby("village")))
    by_stratum = people.drop_duplicates("village").groupby("stratum")["village"].apply(np.array)
    rng = np.random.default_rng(2)
    hits: dict[str, list[bool]] = {name: [] for name in ("mean", "ratio", "median", "ignored")}
    truth = {
        "mean": people["y"].mean(),
        "ratio": people["yes"].sum() / people["y"].sum(),
        "median": people["y"].median(),
    }
    for _ in range(N_SAMPLES):
        drawn = np.concatenate([rng.choice(villages, DRAWN, replace=False) for villages in by_stratum])
        sample = pd.concat([rows_of[village] for village in drawn], ignore_index=True)
        sample["w"] = sample["villages"] / DRAWN
        design = ss.design(sample, weights="w", strata="stratum", psu="village", fpc="villages")
        for name, found, true in (
            ("mean", design.mean("y", deff=False), truth["mean"]),
            ("ratio", design.ratio("yes", "y"), truth["ratio"]),
            ("median", design.quantile("y", 0.5), truth["median"]),
            ("ignored", ss.design(sample).mean("y", deff=False), truth["mean"]),
        ):
            hits[name].append(bool(found.interval[0, 0] <= true <= found.interval[0, 1]))
    covered = {name: float(np.mean(each)) for name, each in hits.items()}
    for name in ("mean", "ratio", "median"):
        assert 0.93 <= covered[name] <= 0.97, covered  # standard error of the simulation: .0077
    assert covered["ignored"] < 0.5, covered
