"""Reading and writing exports, beside the libraries that read the same files without any check.

    python -m benchmarks.reading [--runs 5] [--rows 80000] [--columns 100]

Every reader has a process of its own: median processor seconds of its runs after one that is not counted, and the
growth of the resident set during that first one. Budgets are ratios, so a busy machine moves both sides.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat

from benchmarks.machine import load, machine
from benchmarks.memory import peak_mb
from survey_sem.exports import read_export
from survey_sem.exports.writing import AnswerSheet, Question, write_export

SCALE = {1: "非常不同意", 2: "不同意", 3: "比较不同意", 4: "中立", 5: "比较同意", 6: "同意", 7: "非常同意"}


def _excel(paths: Sequence[str]) -> list[pd.DataFrame]:
    return [pd.read_excel(path, engine="calamine") for path in paths]


PEERS: dict[str, tuple[str, Callable[[Sequence[str]], Any], float | None]] = {
    "csv": ("pandas.read_csv", lambda paths: pd.read_csv(paths[0]), 1.2),
    "csv of texts": ("pandas.read_csv", lambda paths: pd.read_csv(paths[0]), None),
    "xlsx": ("pandas.read_excel, calamine", _excel, 1.1),
    "sav": ("pyreadstat.read_sav", lambda paths: pyreadstat.read_sav(paths[0], user_missing=True), 1.1),
    "parquet": ("pyarrow.parquet", lambda paths: pq.read_table(paths[0]).to_pandas(), None),
    "wjx pair, xlsx": ("pandas.read_excel, calamine", _excel, None),
}
"""What is read -> who else reads it, how, and how many times its time we may take: of what needs no cleaning."""


def main() -> int:
    """Print one table; return 1 where a budget is exceeded."""
    parser = argparse.ArgumentParser(description="Reading and writing exports.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        side, name, *paths = arguments.one
        print(json.dumps(_timed(side, name, paths, arguments.runs)))
        return 0
    return _table(arguments)


def _table(arguments: argparse.Namespace) -> int:
    record = machine()
    print(f"{record['processor']}, {record['cores']} cores, Python {record['python']}; load {load()[0]:.1f}")
    print(f"{arguments.rows:,} rows, {arguments.columns} columns; processor seconds, MB at the peak\n")
    over = 0
    with tempfile.TemporaryDirectory() as scratch:
        files, written = _files(answers(arguments.rows, arguments.columns), Path(scratch))
        print(f"{'reading':<16}{'ours':>7}{'peer':>7}{'ratio':>7}{'MB':>7}{'peer':>7}  beside")
        for name, (peer, _, budget) in PEERS.items():
            ours, theirs = (_measured(side, name, files[name], arguments.runs) for side in ("ours", "peer"))
            ratio = ours["seconds"] / theirs["seconds"]
            verdict = "" if budget is None else f" (budget {budget:.2f} {'ok' if ratio <= budget else 'OVER'})"
            over += verdict.endswith("OVER)")
            print(
                f"{name:<16}{ours['seconds']:7.2f}{theirs['seconds']:7.2f}{ratio:7.2f}"
                f"{ours['mb']:7.0f}{theirs['mb']:7.0f}  {peer}{verdict}"
            )
        print(f"\n{'writing':<16}{'ours':>7}")
        for name, seconds in written.items():
            print(f"{name:<16}{seconds:7.2f}")
    return 1 if over else 0


def answers(n_rows: int, n_columns: int) -> AnswerSheet:
    """Seven-point answers in matrices of ten rows, one in a hundred left empty."""
    rng = np.random.default_rng(1)
    questions = tuple(
        Question(f"q{number}", 1 + number // 10, 1 + number % 10, "您是否同意", f"说法{number}", "one", SCALE)
        for number in range(n_columns)
    )
    codes = rng.integers(1, 8, size=(n_rows, n_columns)).astype(float)
    codes[rng.random(codes.shape) < 0.01] = np.nan
    frame = pd.DataFrame(codes, columns=[question.name for question in questions])
    sheet = pd.DataFrame({"id": np.arange(1, n_rows + 1), "duration": rng.integers(90, 900, n_rows)})
    return AnswerSheet(questions, frame, pd.DataFrame(index=frame.index), sheet)


def _files(sheet: AnswerSheet, folder: Path) -> tuple[dict[str, list[str]], dict[str, float]]:
    """What is read -> its files; and the processor seconds that it took to write them."""
    wanted = {
        "csv": ("generic", "csv"),
        "csv of texts": ("tencent", "csv"),
        "xlsx": ("generic", "xlsx"),
        "sav": ("generic", "sav"),
        "parquet": ("generic", "parquet"),
        "wjx pair, xlsx": ("wjx", "xlsx"),
    }
    files, seconds = {}, {}
    for name, (dialect, kind) in wanted.items():
        began = time.process_time()
        files[name] = [str(path) for path in write_export(sheet, folder / name, dialect, file_format=kind)]
        seconds[name] = time.process_time() - began
    return files, seconds


def _measured(side: str, name: str, paths: Sequence[str], runs: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.reading", "--runs", str(runs), "--one", side, name, *paths]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _timed(side: str, name: str, paths: Sequence[str], runs: int) -> dict[str, float]:
    def call() -> Any:
        return read_export(paths) if side == "ours" else PEERS[name][1](paths)

    peak = peak_mb(call)
    times = []
    for _ in range(runs):
        gc.collect()
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return {"seconds": statistics.median(times), "mb": float("nan") if peak is None else peak}


if __name__ == "__main__":
    sys.exit(main())
