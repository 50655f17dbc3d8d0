"""Weighting beside R's survey: ``python -m benchmarks.weighting [--rows 80000] [--runs 7]``.

80,000 rows, four margins of 2, 5, 6 and 8 classes, unequal base weights. Both reach every margin to 1e-10. Ours starts
from the data frame and targets and ends with the report; R's starts from its design object, which is not timed. Without
R the table has our rows only. One BLAS thread; compare processor seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.machine import load
from benchmarks.memory import peak_mb

HERE = Path(__file__).resolve().parent
N_ROWS = 80_000
SIZES = {"sex": 2, "age": 5, "region": 6, "city": 8}


def main() -> None:
    parser = argparse.ArgumentParser(description="Weighting, beside R's survey.")
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    before = load()
    rows, targets = population(arguments.rows)
    ours = own(rows, targets, arguments.runs)
    theirs = peers(rows, targets, arguments.runs)
    print(f"{len(rows):,} rows, {len(SIZES)} margins; load before {before[0]:.1f}, after {load()[0]:.1f}")
    print(f"R survey {theirs['version']}\n" if theirs else "R with its package survey is not installed\n")
    print("| what | ours, processor ms | peak MB | R, processor ms | times | largest difference of a weight |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, found in ours.items():
        milliseconds = 1000 * found["seconds"]
        memory = "" if found["memory"] is None else f"{found['memory']:.0f}"
        line = f"| {name} | {milliseconds:.1f} | {memory} |"
        if theirs:
            their = 1000 * theirs["seconds"][name]
            difference = np.abs(found["weights"] / theirs["weights"][name].to_numpy() - 1).max()
            line += f" {their:.0f} | {their / milliseconds:.0f} | {difference:.1e} |"
        print(line)


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


def own(rows: pd.DataFrame, targets: dict[str, Any], runs: int) -> dict[str, dict[str, Any]]:
    """Median processor seconds, memory and weights of each call."""
    classed = {name: targets[name] for name in SIZES}
    raked = ss.rake(rows, classed, "base")
    calls: dict[str, Callable[[], ss.Weighting]] = {
        "rake": lambda: ss.rake(rows, classed, "base"),
        "poststratify": lambda: ss.poststratify(rows, {"region": targets["region"]}, "base"),
        "linear": lambda: ss.calibrate(rows, targets, "base"),
        "bounded": lambda: ss.calibrate(rows, classed, "base", method="raking", bounds=(0.4, 2.5)),
        "trim": lambda: ss.trim_weights(raked, upper=3, unit="mean", strict=True),
    }
    found = {}
    for name, call in calls.items():
        seconds = []
        for _ in range(runs):
            began = time.process_time()
            weighting = call()
            seconds.append(time.process_time() - began)
        found[name] = {
            "seconds": statistics.median(seconds),
            "memory": peak_mb(call),
            "weights": weighting.weights.to_numpy(),
        }
    return found


def peers(rows: pd.DataFrame, targets: dict[str, Any], runs: int) -> dict[str, Any] | None:
    """The same by R's survey; None where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return None
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
        done = subprocess.run(
            [program, str(HERE / "weighting.R"), files[0], files[1], str(runs), files[2]],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        if done.returncode:
            return None
        weights = pd.read_csv(files[2])
    seconds: dict[str, list[float]] = {}
    version = ""
    for line in done.stdout.splitlines():
        kind, *rest = line.split("\t")
        if kind == "seconds":
            seconds.setdefault(rest[0], []).append(float(rest[2]))
        else:
            version = rest[0]
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    return {"version": version, "seconds": medians, "weights": weights}


if __name__ == "__main__":
    main()
