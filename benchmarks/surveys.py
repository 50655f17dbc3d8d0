"""Statistics of a designed sample beside R's survey: ``python -m benchmarks.surveys [--rows 80000] [--runs 5]``.

80,000 rows, 24 seven-point items, 40 strata, 1,600 sampling units, unequal weights. The design is made once; each call
ends with estimates, covariance and (ours) intervals; design effects are asked for where the line says so. Without R the
table has our numbers only. One BLAS thread; compare processor seconds.
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
from survey_sem.linalg import one_blas_thread

HERE = Path(__file__).resolve().parent
N_ROWS, N_ITEMS, N_UNITS, N_STRATA, N_GROUPS = 80_000, 24, 1_600, 40, 5


def main() -> None:
    parser = argparse.ArgumentParser(description="Statistics of a designed sample, beside R's survey.")
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    before = load()
    rows = sample(arguments.rows)
    with one_blas_thread():
        ours = own(rows, arguments.runs)
    theirs = peer(rows, arguments.runs)
    print(f"{len(rows):,} rows, {N_ITEMS} items; load before {before[0]:.1f}, after {load()[0]:.1f}\n")
    print("| what | ours, processor ms | peak MB | R, processor ms | times | difference of the standard errors |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, (seconds, spread, memory) in ours.items():
        line = f"| {name} | {1000 * seconds:.1f} | {memory:.0f} |"
        if name in theirs:
            their_seconds, their_spread = theirs[name]
            difference = "" if np.isnan(their_spread) else f"{abs(spread / their_spread - 1):.1e}"
            line += f" {1000 * their_seconds:.0f} | {their_seconds / seconds:.0f} | {difference} |"
        print(line)


def sample(n_rows: int) -> pd.DataFrame:
    """Seven-point answers of rows in units, in any order."""
    random = np.random.default_rng(1)
    rows = pd.DataFrame(random.integers(1, 8, (n_rows, N_ITEMS)).astype("int8")).add_prefix("x")
    rows["psu"] = random.integers(0, N_UNITS, n_rows)
    rows["stratum"] = rows["psu"] % N_STRATA
    rows["high"] = (rows["x0"] > 4).astype("int8")
    return rows.assign(weight=random.uniform(0.5, 3, n_rows), group=random.integers(0, N_GROUPS, n_rows))


def own(rows: pd.DataFrame, runs: int) -> dict[str, tuple[float, float, float]]:
    """Median processor seconds, sum of the standard errors, and memory of each call."""
    items = [f"x{k}" for k in range(N_ITEMS)]

    def made() -> ss.SurveyDesign:
        return ss.design(rows, weights="weight", strata="stratum", psu="psu")

    design = made()
    calls: dict[str, Callable[[], Any]] = {
        "design": made,
        "mean": lambda: design.mean(items, deff=False),
        "mean, deff": lambda: design.mean(items),
        "total": lambda: design.total(items, deff=False),
        "groups": lambda: design.mean(items, by="group", deff=False),
        "median": lambda: design.quantile(items, 0.5),
        "chi-square": lambda: design.chisq("x0", "group"),
        "regression": lambda: ss.regress(f"x0 ~ {' + '.join(items[1:])}", design),
        "logit": lambda: ss.regress(f"high ~ {' + '.join(items[1:])}", design, family="binomial"),
    }
    found = {}
    for name, call in calls.items():
        seconds, result = [], None
        for _ in range(runs):
            began = time.process_time()
            result = call()
            seconds.append(time.process_time() - began)
        spread = _spread(result)
        found[name] = (statistics.median(seconds), spread, peak_mb(call))
    return found


def _spread(result: Any) -> float:
    """Sum of the standard errors; NaN where there are none."""
    if isinstance(result, ss.Regression):
        return float(result.estimates["se"].sum())
    return float(result.se.sum()) if hasattr(result, "se") else float("nan")


def peer(rows: pd.DataFrame, runs: int) -> dict[str, tuple[float, float]]:
    """The same by R's survey; nothing where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        file = str(Path(scratch) / "rows.csv")
        rows.to_csv(file, index=False)
        done = subprocess.run(
            [program, str(HERE / "surveys.R"), file, str(runs)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    if done.returncode:
        return {}
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
    return {name: (float(seconds), float(spread.replace("NA", "nan"))) for name, seconds, spread in lines}


if __name__ == "__main__":
    main()
