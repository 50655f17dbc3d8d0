"""How fits grow with rows, items, patterns and groups: one process a fit, ours and lavaan's."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.runs import Record, with_lavaan, with_python
from benchmarks.tasks import Series, Task
from benchmarks.workloads import Stored, stored


def grown(
    series: Series, folder: Path, skip: list[str], limit: float, runs: int, draws: int
) -> dict[str, dict[str, list[Record]]]:
    """Engine -> line -> points of one series; each point has its size, seconds and memory.

    lavaan's line ends where the next point must be expected to take more than `limit` seconds.
    """
    found: dict[str, dict[str, list[Record]]] = {}
    for size in series.sizes:
        print(f"growth with {series.axis}: {size:,} ...", file=sys.stderr, flush=True)
        rows = stored(series.rows(size), folder, "growth")
        for line, (options, arguments) in series.lines.items():
            task = Task(line, line, "", model=series.model(size), options=options, lavaan=arguments)
            ours = with_python("survey_sem", task, rows, folder, ("fit",), runs, 1.0)
            _add(found, "survey_sem", line, size, ours)
            if "lavaan" not in skip and _is_possible(task, found.get("lavaan", {}).get(line, []), series, size, limit):
                _add(found, "lavaan", line, size, _lavaan(task, rows, folder, runs, limit, draws))
        Path(rows.file).unlink()
    return found


def _lavaan(task: Task, rows: Stored, folder: Path, runs: int, limit: float, draws: int) -> Record:
    return with_lavaan(task, rows, folder, ("fit",), min(runs, 2), 1.0, 3.0 * limit, draws)


def _is_possible(task: Task, known: list[Record], series: Series, size: int, limit: float) -> bool:
    """Whether lavaan makes this fit, and in a time that can be waited for."""
    if task.options.get("bootstrap") and not task.lavaan:
        return False
    if not known:
        return size == series.sizes[0]
    last = known[-1]
    if last["seconds"] is None or last["size"] != series.sizes[series.sizes.index(size) - 1]:
        return False
    power = 1.0
    if len(known) > 1:
        before = known[-2]
        power = max(1.0, math.log(last["seconds"] / before["seconds"]) / math.log(last["size"] / before["size"]))
    return bool(last["seconds"] * (size / last["size"]) ** power < limit)


def _add(
    found: dict[str, dict[str, list[Record]]], engine: str, line: str, size: int, record: Mapping[str, Any]
) -> None:
    seconds = record.get("seconds", {}).get("fit")
    busy = record.get("processor_seconds", {}).get("fit")
    point = {
        "size": size,
        "seconds": statistics.median(seconds) if seconds else None,
        "processor_seconds": statistics.median(busy) if busy else None,
        "memory_mb": record.get("memory_mb", {}).get("fit"),
    }
    found.setdefault(engine, {}).setdefault(line, []).append(point)
