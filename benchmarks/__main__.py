"""The engine beside lavaan and semopy, in one run: time, memory, floors, goals, growth.

    python -m benchmarks                  about twenty minutes on an idle machine with R and lavaan, three without
    python -m benchmarks --skip lavaan --skip growth --task ml --task mlr
    python -m benchmarks --smoke          seconds: does everything work?

Writes a page (Markdown), its numbers (JSON) and plots (SVG) to benchmarks/results, named after the day.

lavaan takes part where Rscript and lavaan are installed. Its measures under full information with thousands of patterns
take a quarter of an hour: they are made with --slow-measures only. --limit is how long lavaan may take for one task.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.growth import grown
from benchmarks.machine import load, machine
from benchmarks.plots import draw
from benchmarks.report import page
from benchmarks.runs import STAGES, Record, with_lavaan, with_python
from benchmarks.startup import COMMANDS, median_seconds
from benchmarks.tasks import DRAWS, FEW_PATTERNS, Task, growth, task_rows, tasks
from benchmarks.workloads import N_ROWS, Stored, stored

RESULTS = Path(__file__).resolve().parent / "results"
SMOKE = {"rows": 600, "runs": 1, "draws": 10, "patience": 0.5, "few": 5}
WHOLE = ("holzinger", "ml", "scalar")
"""Tasks whose residuals and modification indices are timed as well."""


def main(given: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    wanted = _arguments(given)
    began, before = time.perf_counter(), load()
    with tempfile.TemporaryDirectory() as scratch:
        done = _tasks(wanted, Path(scratch))
        series = [] if "growth" in wanted.skip else _growth(wanted, Path(scratch))
    date = datetime.now(tz=UTC).date().isoformat()
    record = {
        "date": date,
        "machine": machine(),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS", "not limited from outside"),
        "load_before": list(before),
        "load_after": list(load()),
        "minutes": (time.perf_counter() - began) / 60.0,
        "rows": wanted.rows,
        "import_seconds": median_seconds(COMMANDS["import survey_sem"][0], wanted.runs),
        "tasks": done,
        "growth": series,
    }
    _write(record, wanted)
    return 0


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", help="name of the result files (default: engine and today's date)")
    parser.add_argument("--into", type=Path, default=RESULTS, help="where they go (default: benchmarks/results)")
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--runs", type=int, default=5, help="repetitions of what is fast (default: 5)")
    parser.add_argument("--patience", type=float, default=4.0, help="seconds after which nothing is repeated (4)")
    parser.add_argument("--draws", type=int, default=DRAWS, help="bootstrap draws (1000)")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds that lavaan may take for one task (600)")
    parser.add_argument("--growth-limit", type=float, default=15.0, help="seconds of lavaan's longest growth fit (15)")
    parser.add_argument("--slow-measures", action="store_true", help="lavaan's measures that take a quarter of an hour")
    parser.add_argument("--skip", action="append", default=[], choices=["lavaan", "semopy", "growth"])
    parser.add_argument("--task", action="append", choices=[task.name for task in tasks()], help="only these")
    parser.add_argument("--png", action="store_true", help="plots as PNG as well")
    parser.add_argument("--smoke", action="store_true", help="everything tiny: whether it works, not how fast it is")
    wanted = parser.parse_args(given)
    wanted.few = FEW_PATTERNS
    if wanted.smoke:
        vars(wanted).update(SMOKE)
    return wanted


def _tasks(wanted: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    sources = task_rows(wanted.rows, wanted.few)
    done, kept = [], {}
    for task in tasks(wanted.draws):
        if wanted.task and task.name not in wanted.task:
            continue
        if task.rows not in kept:
            kept[task.rows] = stored(sources[task.rows](), folder, task.rows)
        print(f"{task.title} ...", file=sys.stderr, flush=True)
        stages = STAGES if task.name in WHOLE else STAGES[:2]
        done.append(_done(task, kept[task.rows], folder, stages, wanted))
    return done


def _done(task: Task, rows: Stored, folder: Path, stages: Sequence[str], wanted: argparse.Namespace) -> dict[str, Any]:
    engines: dict[str, Record] = {
        "survey_sem": with_python("survey_sem", task, rows, folder, stages, wanted.runs, wanted.patience)
    }
    if "lavaan" not in wanted.skip:
        asked = stages[:1] if task.has_slow_measures and not wanted.slow_measures else stages
        limit = max(wanted.limit, 3600.0) if wanted.slow_measures else wanted.limit
        engines["lavaan"] = with_lavaan(task, rows, folder, asked, wanted.runs, wanted.patience, limit, wanted.draws)
    if task.semopy and "semopy" not in wanted.skip:
        engines["semopy"] = with_python("semopy", task, rows, folder, stages, min(wanted.runs, 3), wanted.patience)
    names = ("name", "title", "floor", "floor_note", "goal", "goal_measures", "has_slow_measures")
    return {**{name: getattr(task, name) for name in names}, "engines": engines}


def _growth(wanted: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    runs = min(wanted.runs, 3)
    return [
        {
            "name": series.name,
            "axis": series.axis,
            "sizes": list(series.sizes),
            "fixed": series.fixed,
            "points": grown(series, folder, wanted.skip, wanted.growth_limit, runs, wanted.draws),
        }
        for series in growth(is_small=wanted.smoke, n_draws=wanted.draws)
    ]


def _write(record: dict[str, Any], wanted: argparse.Namespace) -> None:
    """The page, its numbers without the single estimates, and the plots."""
    name = wanted.name or f"engine-{record['date']}"
    wanted.into.mkdir(parents=True, exist_ok=True)
    kept = copy.deepcopy(record)
    for task in kept["tasks"]:
        for engine in task["engines"].values():
            engine.pop("estimates", None)
    (wanted.into / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    for series in record["growth"]:
        for ending in ("svg", "png") if wanted.png else ("svg",):
            draw(series, wanted.into / f"{name}-{series['name']}.{ending}")
    text = page(record, name)
    (wanted.into / f"{name}.md").write_text(text, "utf-8")
    print(text)
    print(f"Written to {wanted.into / name}.md, .json and .svg")


if __name__ == "__main__":
    sys.exit(main())
