"""Weighting beside R's survey: four margins of 2, 5, 6 and 8 classes, unequal base weights.

Both reach every margin to 1e-10. Ours starts from the data frame and targets and ends with the report; R's starts from
its design object, which is not timed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.beside import Line, Part, medians, peak_mb, processor_seconds, rscript, version

SIZES = {"sex": 2, "age": 5, "region": 6, "city": 8}
ASKED = {"rake": 20.0}


def part(n_rows: int, runs: int) -> Part:
    """Every way of weighting, timed."""
    rows, targets = population(n_rows)
    printed, weights = beside(rows, targets, runs)
    theirs = medians(printed or [])
    lines = []
    for name, call in calls(rows, targets).items():
        difference = "" if weights is None else f"{_difference(call(), weights[name]):.0e}"
        seconds = processor_seconds(call, runs)
        lines.append(Line(name, seconds, peak_mb(call), theirs.get(name), difference, ASKED.get(name)))
    about = f"{len(SIZES)} margins, unequal base weights; agreement is the largest relative difference of a weight"
    return Part("Weighting", about, version(printed), tuple(lines))


def population(n_rows: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows with associated classes and base weights, and targets that some weights meet."""
    random = np.random.default_rng(1)
    latent = random.normal(size=n_rows)
    columns: dict[str, Any] = {}
    for name, size in SIZES.items():
        cuts = np.quantile(latent, np.linspace(0, 1, size + 1)[1:-1] ** 1.2)
        columns[name] = np.searchsorted(cuts, latent + random.normal(size=n_rows)) + 1
    columns["base"] = random.uniform(0.5, 2.0, n_rows)
    columns["spend"] = random.gamma(2.0, 150.0, n_rows)
    rows = pd.DataFrame(columns)
    other = rows["base"] * np.exp(0.35 * (latent + random.normal(size=n_rows)).clip(-2, 2))
    targets: dict[str, Any] = {name: other.groupby(rows[name]).sum().to_dict() for name in SIZES}
    return rows, targets | {"spend": float((other * rows["spend"]).sum())}


def calls(rows: pd.DataFrame, targets: dict[str, Any]) -> dict[str, Callable[[], ss.Weighting]]:
    """What is timed."""
    classed = {name: targets[name] for name in SIZES}
    raked = ss.rake(rows, classed, "base")
    return {
        "rake": lambda: ss.rake(rows, classed, "base"),
        "poststratify": lambda: ss.poststratify(rows, {"region": targets["region"]}, "base"),
        "linear": lambda: ss.calibrate(rows, targets, "base"),
        "bounded": lambda: ss.calibrate(rows, classed, "base", method="raking", bounds=(0.4, 2.5)),
        "trim": lambda: ss.trim_weights(raked, upper=3, unit="mean", strict=True),
    }


def _difference(ours: ss.Weighting, theirs: pd.Series[float]) -> float:
    return float(np.abs(ours.weights.to_numpy() / theirs.to_numpy() - 1).max())


def beside(
    rows: pd.DataFrame, targets: dict[str, Any], runs: int
) -> tuple[list[list[str]] | None, pd.DataFrame | None]:
    """The same by R's survey, and its weights."""
    margins = [
        {"variable": name, "category": label, "count": value}
        for name in SIZES
        for label, value in targets[name].items()
    ]
    margins.append({"variable": "spend", "category": "", "count": targets["spend"]})
    with tempfile.TemporaryDirectory() as scratch:
        files = [str(Path(scratch) / name) for name in ("rows.csv", "targets.csv", "weights.csv")]
        rows.to_csv(files[0], index=False)
        pd.DataFrame(margins).to_csv(files[1], index=False)
        printed = rscript("weighting.R", files[0], files[1], runs, files[2])
        return printed, None if printed is None else pd.read_csv(files[2])
