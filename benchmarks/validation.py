"""Validation of one survey beside pandera: ``python -m benchmarks.validation [--rows 80000] [--pandera PYTHON]``.

The survey has 62 columns of every kind: matrices with a filter, choices, rankings, numbers, dates, free text, paradata.
pandera checks what it can express (type, range, set, uniqueness, missing or not), collecting all failures as ours does;
it knows no routing, no choices in one cell, no scales with labels, no quotas. It runs in an interpreter that has it
(``--pandera``); without one the table has our rows only. Reading is not timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import load
from benchmarks.memory import peak_mb

ROOT = Path(__file__).resolve().parents[1]
N_ROWS = 80_000
N_MATRICES, N_IN_MATRIX, N_ASKED_OF_ALL = 6, 6, 4
N_NOMINAL, N_NUMBERS, N_DATES, N_TEXTS, N_MULTI = 8, 6, 2, 2, 3
COMMENTS = (
    "主播讲得清楚，下次还来",
    "发货有点慢",
    "价格比店里便宜一些",
    "没有",
    "很满意，会推荐给朋友",
    "颜色和直播里不一样",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Validation, beside pandera.")
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--pandera", default=sys.executable, help="a Python that has pandera")
    arguments = parser.parse_args()
    before = load()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for faults in (False, True):
            frame = survey(arguments.rows, faults=faults)
            told = "faults planted" if faults else "faultless"
            rows.append((f"survey_sem, all rules, {told}", ours(frame, Path(scratch), arguments.runs)))
            beside = theirs(frame, Path(scratch), arguments.runs, arguments.pandera)
            if beside is not None:
                rows.append((f"pandera {beside['version']}, what it can express, {told}", beside))
    print(f"{arguments.rows:,} rows x {frame.shape[1]} columns; load before {before[0]:.1f}, after {load()[0]:.1f}\n")
    print("| who | median s | processor s | peak MB | findings |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for who, found in rows:
        memory = "" if found["memory_mb"] is None else f"{found['memory_mb']:.0f}"
        print(f"| {who} | {found['wall']:.2f} | {found['processor']:.2f} | {memory} | {found['findings']} |")


def survey(n_rows: int, *, faults: bool) -> pd.DataFrame:
    """Answers to `instrument_text`; with faults, about one in a thousand cells breaks a rule."""
    random = np.random.default_rng(1)
    bought = random.integers(1, 3, n_rows)
    columns: dict[str, Any] = {"bought": bought}
    for matrix in range(N_MATRICES):
        for row in range(N_IN_MATRIX):
            answers = random.integers(1, 8, n_rows).astype(float)
            if matrix >= N_ASKED_OF_ALL:
                answers[bought == 2] = -3
            columns[f"m{matrix}_R{row + 1}"] = answers
    for at in range(N_NOMINAL - 1):
        columns[f"nominal{at}"] = random.integers(1, 6, n_rows)
    for at in range(N_NUMBERS):
        columns[f"number{at}"] = random.integers(0, 1000, n_rows)
    for at in range(N_DATES):
        columns[f"date{at}"] = np.datetime_as_string(np.datetime64("2026-05-01") + random.integers(0, 60, n_rows))
    for at in range(N_TEXTS):
        columns[f"text{at}"] = [f"{COMMENTS[k]}{k2}" for k, k2 in random.integers(0, len(COMMENTS), (n_rows, 2))]
    for at in range(N_MULTI):
        chosen = random.random((n_rows, 6)) < 0.4
        chosen[:, at] = True
        columns[f"multi{at}"] = ["┋".join(str(k + 1) for k in np.flatnonzero(row)) for row in chosen]
    ranked = random.random((n_rows, 5)).argsort(axis=1)[:, :3] + 1
    columns["rank"] = ["→".join(map(str, row)) for row in ranked]
    seconds = np.sort(random.integers(0, 60 * 86400, n_rows))
    columns["submitted"] = np.datetime_as_string(np.datetime64("2026-05-01T00:00:00") + seconds)
    columns["duration"] = random.integers(60, 3000, n_rows)
    columns["index"] = np.arange(1, n_rows + 1)
    columns["ip"] = [".".join(map(str, row)) for row in random.integers(1, 255, (n_rows, 4))]
    frame = pd.DataFrame(columns)
    if faults:
        for name in frame.columns:
            if pd.api.types.is_numeric_dtype(frame[name].dtype):
                frame.loc[random.choice(n_rows, n_rows // 1000, replace=False), name] = 5000
    return frame


def instrument_text() -> str:
    """The questionnaire of `survey`, as YAML."""
    lines = [
        "schema: survey-sem/instrument/1",
        "instrument: {id: bench, version: '1', title: Benchmark}",
        "missing: [{code: -3, kind: routed}, {code: -2, kind: nonresponse}]",
        "scales:",
        "  agree7: {min: 1, max: 7}",
        "  two: {labels: {en: {1: Yes, 2: No}}}",
        "  five: {labels: {en: {1: a, 2: b, 3: c, 4: d, 5: e}}}",
        "  six: {labels: {en: {1: a, 2: b, 3: c, 4: d, 5: e, 6: f}}}",
        "items:",
        "  - {id: bought, scale: two, required: true, text: x}",
    ]
    for matrix in range(N_MATRICES):
        lines += [f"  - {{id: m{matrix}_{row + 1}, text: x}}" for row in range(N_IN_MATRIX)]
    lines += [f"  - {{id: nominal{at}, scale: five, required: true, text: x}}" for at in range(N_NOMINAL - 1)]
    lines += [
        f"  - {{id: number{at}, type: number, min: 0, max: 1000, whole: true, text: x}}" for at in range(N_NUMBERS)
    ]
    lines += [f"  - {{id: date{at}, type: date, min: 2026-05-01, max: 2026-06-30, text: x}}" for at in range(N_DATES)]
    lines += [f"  - {{id: text{at}, type: text, text: x}}" for at in range(N_TEXTS)]
    lines += [f"  - {{id: multi{at}, type: multi, scale: six, min: 1, text: x}}" for at in range(N_MULTI)]
    lines += ["  - {id: rank, type: rank, scale: five, min: 3, max: 3, text: x}", "matrices:"]
    for matrix in range(N_MATRICES):
        items = ", ".join(f"m{matrix}_{row + 1}" for row in range(N_IN_MATRIX))
        route = ", relevant: bought = 1" if matrix >= N_ASKED_OF_ALL else ""
        lines.append(
            f"  - {{id: m{matrix}, column: m{matrix}, text: x, scale: agree7, items: [{items}], required: true{route}}}"
        )
    lines += [
        "paradata: {id: index, submitted: submitted, duration: duration, ip: ip, shortest_seconds: 30,",
        "  longest_seconds: 4000, field_period: {from: 2026-05-01, to: 2026-06-30}}",
        "pii: {hash: [ip], free_text: [text0, text1]}",
    ]
    return "\n".join(lines) + "\n"


def ours(frame: pd.DataFrame, scratch: Path, runs: int) -> dict[str, Any]:
    """Every rule, and the treatment of personal data."""
    import survey_sem as ss

    path = scratch / "instrument.yaml"
    path.write_text(instrument_text(), encoding="utf-8")
    asked = ss.load_instrument(path)
    raw = ss.RawTable(frame, "survey.parquet", "0" * 64, "parquet")
    found = ss.validate(raw, asked)  # imports are paid here
    return {**timed(lambda: ss.validate(raw, asked), runs), "findings": len(found.report.findings)}


def theirs(frame: pd.DataFrame, scratch: Path, runs: int, python: str) -> dict[str, Any] | None:
    """The same table in an interpreter that has pandera; None where it has none."""
    path = scratch / "survey.parquet"
    frame.to_parquet(path, index=False)
    command = [python, "-m", "benchmarks.validation_pandera", str(path), str(runs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print((done.stderr.strip().splitlines() or ["pandera did not run"])[-1], file=sys.stderr)
        return None
    return dict(json.loads(done.stdout))


def timed(call: Callable[[], Any], runs: int) -> dict[str, Any]:
    """Median wall and processor seconds of `runs` calls, and the memory of one."""
    memory = peak_mb(call)
    wall, processor = [], []
    for _ in range(runs):
        began, busy = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    return {"wall": statistics.median(wall), "processor": statistics.median(processor), "memory_mb": memory}


if __name__ == "__main__":
    main()
