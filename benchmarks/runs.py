"""Engines as processes: one task, one process; what it printed is its record."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.tasks import Task
from benchmarks.workloads import ROOT, Stored

Record = dict[str, Any]
STAGES = ("fit", "measures", "everything")


def with_python(
    engine: str, task: Task, rows: Stored, folder: Path, stages: Sequence[str], runs: int, patience: float
) -> Record:
    """Ours, or semopy."""
    file = folder / f"{engine}.json"
    described = {**asdict(task), "rows": asdict(rows), "stages": stages, "runs": runs, "patience": patience}
    file.write_text(json.dumps(described), "utf-8")
    command = [sys.executable, "-m", "benchmarks.contender", engine, str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def with_lavaan(
    task: Task, rows: Stored, folder: Path, stages: Sequence[str], runs: int, patience: float, limit: float, draws: int
) -> Record:
    """lavaan, for at most `limit` seconds: what it had done by then counts."""
    program = shutil.which("Rscript")
    if program is None:
        return {"absent": "Rscript is not installed on this machine"}
    model, file = folder / "model.txt", folder / "task.txt"
    model.write_text(task.model, "utf-8")
    described: Mapping[str, Any] = {
        "file": rows.file,
        "kind": rows.kind,
        "columns": " ".join(rows.columns),
        "n_rows": rows.n_rows,
        "model": model,
        "function": task.function,
        "arguments": task.lavaan.replace("DRAWS", str(draws)),
        "runs": runs,
        "patience": patience,
        "stages": " ".join(stages),
    }
    file.write_text("".join(f"{name}\t{value}\n" for name, value in described.items()), "utf-8")
    command = [program, "--vanilla", str(Path(__file__).with_name("lavaan.R")), str(file)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired as stopped:
        printed = stopped.stdout.decode() if isinstance(stopped.stdout, bytes) else stopped.stdout or ""
        return {**lavaan_record(printed), "stopped_after": limit}
    if done.returncode:
        return {"absent": f"R could not run it: {' '.join(done.stderr.split())[:200] or 'no message'}"}
    return lavaan_record(done.stdout)


def lavaan_record(text: str) -> Record:
    """The lines that lavaan.R printed."""
    record: Record = {"seconds": {}, "processor_seconds": {}, "memory_mb": {}, "estimates": {}, "versions": {}}
    for line in text.splitlines():
        kind, name, *values = line.split("\t")
        if kind == "seconds":
            record["seconds"].setdefault(name, []).append(float(values[0]))
            record["processor_seconds"].setdefault(name, []).append(float(values[1]))
        elif kind == "memory":
            record["memory_mb"][name] = float(values[0])
        elif kind == "version":
            record["versions"][name] = values[0]
        elif kind == "chisq":
            record[name] = float(values[0])
        elif kind == "estimate":
            record["estimates"][name] = [float(values[0]), float(values[1])]
    return {**record, "version": record["versions"].get("lavaan", "")}
