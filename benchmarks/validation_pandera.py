"""pandera on the survey of `benchmarks.validation`: ``python -m benchmarks.validation_pandera FILE.parquet RUNS``.

Prints one JSON record. Checked is what pandera can express: types, ranges, sets of codes, uniqueness, missing or not.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

import pandas as pd
import pandera
import pandera.pandas as pa

from benchmarks.memory import peak_mb


def main() -> None:
    file, runs = sys.argv[1:]
    frame = pd.read_parquet(file)
    schema = pa.DataFrameSchema({str(name): column(str(name)) for name in frame.columns}, strict=True)

    def check() -> int:
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as found:
            return int(found.failure_cases.groupby(["column", "check"]).ngroups)
        return 0

    findings = check()
    memory = peak_mb(check)
    wall, processor = [], []
    for _ in range(int(runs)):
        began, busy = time.perf_counter(), time.process_time()
        check()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    record: dict[str, Any] = {
        "version": pandera.__version__,
        "wall": statistics.median(wall),
        "processor": statistics.median(processor),
        "memory_mb": memory,
        "findings": findings,
    }
    print(json.dumps(record))


def column(name: str) -> pa.Column:
    """What can be said about one column without the others."""
    if name.startswith("m") and "_R" in name:
        return pa.Column(float, pa.Check.isin([-3, -2, *range(1, 8)]), nullable=True)
    if name == "bought":
        return pa.Column(int, pa.Check.isin([1, 2]))
    if name.startswith("nominal"):
        return pa.Column(int, pa.Check.isin([1, 2, 3, 4, 5]))
    if name.startswith("number"):
        return pa.Column(int, pa.Check.in_range(0, 1000))
    if name == "duration":
        return pa.Column(int, pa.Check.in_range(30, 4000))
    return pa.Column(int, unique=True) if name == "index" else pa.Column(str, nullable=True)


if __name__ == "__main__":
    main()
