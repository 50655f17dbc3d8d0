"""Imputation beside mice: ``python -m benchmarks.imputation [--rows 80000] [--items 24] [--runs 3]``.

Seven-point items of four factors, 8% of the answers missing; predictive mean matching from all other items, five
donors, one chain. A cycle's time is what further cycles add; the rest (reading out patterns, first draws) is shown
apart. Without R the table has our rows only. One BLAS thread; compare processor seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.machine import load
from benchmarks.memory import peak_mb

HERE = Path(__file__).resolve().parent
SHARE = 0.08
OWN_CYCLES, PEER_CYCLES = (1, 6), (1, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description="Imputation, beside mice.")
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--items", type=int, default=24)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    before = load()
    rows = answers(arguments.rows, arguments.items)
    ours = own(rows, arguments.runs)
    theirs = peers(rows, arguments.runs)
    print(
        f"{len(rows):,} rows of {rows.shape[1]} items, {SHARE:.0%} missing; "
        f"load before {before[0]:.1f}, after {load()[0]:.1f}\n"
    )
    print("| program | one cycle of one chain, processor s | the rest, processor s | peak MB | mean | correlation |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print(line("survey_sem", ours))
    if theirs:
        print(line(f"mice {theirs['version']}", theirs))
        print(f"\nA cycle takes mice {theirs['cycle'] / ours['cycle']:.0f} times as long.")
    else:
        print("\nR with its package mice is not installed.")
    kept = ss.impute(rows, m=2, cycles=1, seed=1)
    cells = sum(each.values.nbytes + each.rows.nbytes for each in kept.cells.values())
    data = rows.memory_usage().sum()
    print(f"\nTwo imputations hold {cells / 1e6:.1f} MB beside the {data / 1e6:.1f} MB of the data.")


def line(name: str, found: dict[str, Any]) -> str:
    return (
        f"| {name} | {found['cycle']:.3f} | {found['rest']:.2f} | {found['memory']:.0f} | {found['mean']:.4f} | "
        f"{found['correlation']:.4f} |"
    )


def answers(n_rows: int, n_items: int) -> pd.DataFrame:
    """Seven-point items of four factors, missing completely at random."""
    random = np.random.default_rng(1)
    loadings = random.uniform(0.5, 0.9, (4, n_items))
    latent = random.standard_normal((n_rows, 4)) @ loadings + random.standard_normal((n_rows, n_items))
    values = np.clip(np.round(1.1 * latent + 4), 1, 7)
    values[random.random(values.shape) < SHARE] = np.nan
    return pd.DataFrame(values, columns=[f"q{k + 1}" for k in range(n_items)])


def own(rows: pd.DataFrame, runs: int) -> dict[str, Any]:
    """Median processor seconds of a cycle of one chain, memory, and what came out."""
    seconds: dict[int, list[float]] = {cycles: [] for cycles in OWN_CYCLES}
    ss.impute(rows.head(1000), m=2, cycles=1, seed=1)  # imports
    for run in range(runs):
        for cycles, found in seconds.items():
            began = time.process_time()
            ss.impute(rows, m=2, cycles=cycles, seed=run)
            found.append((time.process_time() - began) / 2)
    whole = ss.impute(rows, m=2, cycles=3, seed=1).data(0)
    memory = peak_mb(lambda: ss.impute(rows, m=2, cycles=1, seed=1))
    return {**timed(seconds), "memory": memory or float("nan"), **summed(whole.to_numpy())}


def timed(seconds: dict[int, list[float]]) -> dict[str, float]:
    few, many = sorted(seconds)
    first, last = statistics.median(seconds[few]), statistics.median(seconds[many])
    cycle = (last - first) / (many - few)
    return {"cycle": cycle, "rest": first - few * cycle}


def summed(whole: np.ndarray[Any, Any]) -> dict[str, float]:
    correlations = np.corrcoef(whole.T)
    return {"mean": whole.mean(), "correlation": correlations[np.tril_indices(len(correlations), -1)].mean()}


def peers(rows: pd.DataFrame, runs: int) -> dict[str, Any] | None:
    """The same by mice; None where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        path = str(Path(scratch) / "rows.csv")
        rows.to_csv(path, index=False)
        done = subprocess.run(
            [program, str(HERE / "imputation.R"), path, str(runs)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    if done.returncode:
        return None
    seconds: dict[int, list[float]] = {cycles: [] for cycles in PEER_CYCLES}
    found: dict[str, Any] = {}
    for text in done.stdout.splitlines():
        kind, *rest = text.split("\t")
        if kind == "seconds":
            seconds[int(rest[0])].append(float(rest[2]))
        elif kind == "result":
            found |= {"mean": float(rest[0]), "correlation": float(rest[1])}
        elif kind == "memory":
            found["memory"] = float(rest[0])
        else:
            found["version"] = rest[0]
    return {**found, **timed(seconds)}


if __name__ == "__main__":
    main()
