"""Run all timings and write them to benchmarks/results/NAME.md and NAME.json.

    python -m benchmarks [--name NAME] [--runs 7] [--rows 80000] [--skip lavaan] [--skip semopy]

lavaan takes part where Rscript and lavaan are installed; where they are not, the page says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.machine import load, machine
from benchmarks.report import page
from benchmarks.stages import floors, stage_seconds
from benchmarks.workloads import N_ROWS, ROOT, Workload, holzinger, survey
from survey_sem.linalg import one_blas_thread

RESULTS = Path(__file__).resolve().parent / "results"
SLOW_RUNS = 3  # of an engine that takes seconds


def main() -> int:
    parser = argparse.ArgumentParser(description="Timings beside lavaan and semopy.")
    parser.add_argument("--name", help="name of the result files (default: today's date)")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--skip", action="append", default=[], choices=["lavaan", "semopy"])
    arguments = parser.parse_args()
    date = datetime.now(tz=UTC).date().isoformat()
    before = load()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tasks = [
            (holzinger(), "Holzinger & Swineford: 301 rows, 9 tests, 3 factors", 3 * arguments.runs),
            (
                survey(folder, arguments.rows),
                f"Survey: {arguments.rows:,} rows, 24 seven-point items, 8 factors, 13 paths, mediation in three steps",
                arguments.runs,
            ),
        ]
        workloads = [_measured(task, title, runs, folder, arguments.skip) for task, title, runs in tasks]
    record = {
        "date": date,
        "machine": machine(),
        "peers": _peers(workloads),
        "load_before": list(before),
        "load_after": list(load()),
        "workloads": workloads,
    }
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / (arguments.name or date)
    target.with_suffix(".json").write_text(json.dumps(_without_estimates(record), indent=1) + "\n", "utf-8")
    target.with_suffix(".md").write_text(page(record), "utf-8")
    print(page(record))
    print(f"Written to {target.with_suffix('.md')} and .json")
    return 0


def _measured(task: Workload, title: str, runs: int, folder: Path, skip: list[str]) -> dict[str, Any]:
    print(f"{title} ...", file=sys.stderr, flush=True)
    described = {**asdict(task), "csv": str(task.csv), "runs": runs, "variants": task.name == "survey"}
    engines: dict[str, Any] = {"survey_sem": _contender("survey_sem", described, folder)}
    engines["lavaan"] = {"absent": "left out"} if "lavaan" in skip else _lavaan(task, runs, folder)
    slow = {**described, "runs": min(runs, SLOW_RUNS)}
    engines["semopy"] = {"absent": "left out"} if "semopy" in skip else _contender("semopy", slow, folder)
    data = pd.read_csv(task.csv)
    used = [name for name in data.columns if name in task.model]
    with one_blas_thread():  # the processor time of waiting threads belongs to no stage
        stages, least = stage_seconds(task.function, task.model, data, runs), floors(data[used], runs)
    return {
        "name": task.name,
        "title": title,
        "model": task.model,
        "engines": engines,
        "stages": stages,
        "floors": least,
    }


def _contender(engine: str, described: dict[str, Any], folder: Path) -> dict[str, Any]:
    file = folder / f"{engine}.json"
    file.write_text(json.dumps(described), "utf-8")
    command = [sys.executable, "-m", "benchmarks.contender", engine, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _lavaan(task: Workload, runs: int, folder: Path) -> dict[str, Any]:
    program = shutil.which("Rscript")
    if program is None:
        return {"absent": "Rscript is not installed on this machine"}
    model = folder / "model.txt"
    model.write_text(task.model, "utf-8")
    script = Path(__file__).with_name("lavaan.R")
    command = [program, "--vanilla", str(script), str(task.csv), str(model), task.function, str(runs)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ)
    if done.returncode:
        return {"absent": f"R could not run it ({done.stderr.strip().splitlines()[-1]})"}
    return _lavaan_record(done.stdout)


def _lavaan_record(text: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "seconds": {},
        "processor_seconds": {},
        "estimates": {},
        "memory_mb": None,
        "versions": {},
    }
    for line in text.splitlines():
        kind, name, *values = line.split("\t")
        if kind == "seconds":
            record["seconds"].setdefault(name, []).append(float(values[0]))
            record["processor_seconds"].setdefault(name, []).append(float(values[1]))
        elif kind == "memory":
            record["memory_mb"] = float(values[0])
        elif kind == "version":
            record["versions"][name] = values[0]
        elif kind == "chisq":
            record["chisq"] = float(values[0])
        elif kind == "estimate":
            record["estimates"][name] = [float(values[0]), float(values[1])]
    return {**record, "version": record["versions"]["lavaan"]}


def _peers(workloads: list[dict[str, Any]]) -> str:
    found = workloads[0]["engines"]["lavaan"].get("versions")
    if found is None:
        return workloads[0]["engines"]["lavaan"].get("absent", "no R")
    return ", ".join(f"{name} {value}" for name, value in found.items())


def _without_estimates(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the single estimates, which only serve the comparison."""
    workloads = [
        {**w, "engines": {n: {k: v for k, v in e.items() if k != "estimates"} for n, e in w["engines"].items()}}
        for w in record["workloads"]
    ]
    return {**record, "workloads": workloads}


if __name__ == "__main__":
    sys.exit(main())
