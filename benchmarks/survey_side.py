"""The survey side beside R's survey and mice, in one run: ``python -m benchmarks.survey_side``.

Processor time of one thread; nothing is read in timed calls. Without R the tables have our numbers only.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import imputation, screening, surveys, weighting
from benchmarks.beside import Line, Part
from benchmarks.machine import load, machine
from survey_sem.linalg import one_blas_thread

PARTS = {"weighting": weighting, "surveys": surveys, "imputation": imputation, "screening": screening}
RESULTS = Path(__file__).with_name("results")


def main(given: Sequence[str] | None = None) -> None:
    """Run the parts; print the page and store it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--part", choices=tuple(PARTS), action="append", help="these only, and store nothing")
    wanted = parser.parse_args(given)
    before, began = load(), time.monotonic()
    with one_blas_thread():
        parts = [PARTS[name].part(wanted.rows, wanted.runs) for name in wanted.part or PARTS]
    record = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "load_before": before,
        "load_after": load(),
        "minutes": (time.monotonic() - began) / 60,
        "rows": wanted.rows,
        "runs": wanted.runs,
    }
    text = page(record, parts)
    print(text)
    if wanted.part is None:
        stem = RESULTS / f"survey-side-{record['date']}"
        stem.with_suffix(".md").write_text(text + os.linesep, encoding="utf-8")
        whole = {**record, "parts": [asdict(each) for each in parts]}
        stem.with_suffix(".json").write_text(json.dumps(whole, indent=1) + os.linesep, encoding="utf-8")


def page(record: dict[str, Any], parts: Sequence[Part]) -> str:
    """The tables as Markdown."""
    m = record["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    loads = " and ".join(f"{record[when][0]:.1f}" for when in ("load_before", "load_after"))
    lines = [
        f"# The survey side beside R, {record['date']}",
        "",
        f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}; Python {m['python']}, {m['blas']}; "
        f"{packages}. {record['rows']:,} rows. Processor time of one thread, median of {record['runs']} calls; load "
        f"average before and after {loads}; {record['minutes']:.1f} minutes. Memory is the peak of what Python and "
        "numpy ask for during a call.",
    ]
    for part in parts:
        beside = f", beside {part.peer}" if part.peer else ""
        lines += ["", f"## {part.title}{beside}", "", f"{part.about[0].upper()}{part.about[1:]}.", ""]
        lines += ["| what | ours, ms | peak MB | R, ms | times | asked | agreement |"]
        lines += ["| --- | ---: | ---: | ---: | ---: | --- | --- |", *map(row, part.lines)]
    return "\n".join(lines)


def row(line: Line) -> str:
    """One line of a table."""
    memory = "" if line.memory is None else f"{line.memory:.0f}"
    theirs = "" if line.peer is None else f"{1000 * line.peer:,.0f}"
    times = "" if line.peer is None else f"{line.peer / line.seconds:.1f}"
    asked = f"{line.times:g} times" if line.times else f"{1000 * line.limit:g} ms" if line.limit else ""
    if line.is_met is not None:
        asked += ": met" if line.is_met else ": not met"
    return f"| {line.what} | {1000 * line.seconds:,.1f} | {memory} | {theirs} | {times} | {asked} | {line.agreement} |"


if __name__ == "__main__":
    main()
