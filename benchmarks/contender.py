"""One engine on one task in a process of its own: ``python -m benchmarks.contender ENGINE TASK.json``.

Prints one JSON record: wall and processor seconds of every run by stage, memory of the first call of a stage, the
numbers found.

Stages: "fit" is what the engine's fitting function does; "measures" adds every fit measure, the table of estimates with
intervals and the standardised solution; "everything" adds residuals, modification indices and explained variance.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.memory import peak_mb
from benchmarks.workloads import Stored

WARM_UP_ROWS = 1_000


def main() -> None:
    engine, file = sys.argv[1:]
    described = json.loads(Path(file).read_text("utf-8"))
    print(json.dumps(ENGINES[engine](described)))


def survey_sem_native(described: dict[str, Any]) -> dict[str, Any]:
    """Ours. Imports are paid before the clock runs, by a fit to the first rows."""
    import survey_sem as ss
    from benchmarks.stages import stage_seconds

    rows = _rows(described)
    function, model, options = getattr(ss, described["function"]), described["model"], described["options"]
    _ = function(model, rows.head(WARM_UP_ROWS), **(options | ({"bootstrap": 20} if "bootstrap" in options else {})))
    if "missing" not in options:
        options = {**options, "missing": "listwise"}

    def fit() -> Any:
        return function(model, rows, **options)

    def measures() -> Any:
        result = fit()
        return result, result.fit_measures, result.estimates, result.standardized()

    def everything() -> Any:
        result = measures()[0]
        return result.residuals(), result.modification_indices(), result.r_squared()

    clock = Clock(described["runs"], described["patience"])
    calls = {"fit": fit, "measures": measures, "everything": everything}
    result: Any = None
    for stage in described["stages"]:
        found = clock.time(stage, calls[stage])
        result = found if stage == "fit" else result
    found = result.estimates.query("se > 0")
    record = {"version": ss.__version__, **clock.record(), "rows_mb": rows.memory_usage(index=False).sum() / 2**20}
    record["chisq"] = result.fit_measures["chisq"]
    record["chisq_scaled"] = result.fit_measures.get("chisq_scaled")
    record["estimates"] = {f"{r.lhs} {r.op} {r.rhs} {r.group}": [r.est, r.se] for r in found.itertuples()}
    record["n_iterations"] = result.optimum["n_iterations"]
    if "measures" in described["stages"]:
        record["where"] = stage_seconds(measures, min(described["runs"], 3))
    return record


def semopy_alone(described: dict[str, Any]) -> dict[str, Any]:
    """semopy as its users call it. Its default tolerance is wider than ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import semopy

        logging.disable(logging.CRITICAL)
        rows = _rows(described)
        model = "\n".join(line for line in described["model"].splitlines() if ":=" not in line)

        def fit() -> Any:
            found = semopy.Model(model)
            found.fit(rows)
            found.inspect()  # standard errors
            return found

        def measures() -> Any:
            found = semopy.Model(model)
            found.fit(rows)
            return semopy.calc_stats(found), found.inspect(std_est=True)

        clock = Clock(described["runs"], described["patience"])
        clock.time("fit", fit)
        clock.time("measures", measures)
        chisq = float(semopy.calc_stats(fit())["chi2"].iloc[0])
        return {"version": semopy.__version__, **clock.record(), "chisq": chisq}


def _rows(described: dict[str, Any]) -> Any:
    return Stored(**{**described["rows"], "columns": tuple(described["rows"]["columns"])}).read()


class Clock:
    """Wall and processor seconds of every run, and memory of the first call, by stage.

    The first call is not timed, unless it alone takes longer than `patience` seconds: then it is the only one. Later
    calls are repeated until there are `runs` of them, or until they have taken `patience` seconds.
    """

    def __init__(self, runs: int, patience: float) -> None:
        self.runs, self.patience = runs, patience
        self.seconds: dict[str, list[float]] = {}
        self.processor_seconds: dict[str, list[float]] = {}
        self.memory_mb: dict[str, float | None] = {}

    def time(self, stage: str, call: Callable[[], Any]) -> Any:
        """Time calls; what the last of them found."""
        taken: list[tuple[float, float]] = []
        found: Any = None

        def timed() -> None:
            nonlocal found
            began, busy = time.perf_counter(), time.process_time()
            found = call()
            taken.append((time.perf_counter() - began, time.process_time() - busy))

        self.memory_mb[stage] = peak_mb(timed)
        if taken[0][0] < self.patience:
            taken.clear()
            while len(taken) < self.runs and sum(seconds for seconds, _ in taken) < self.patience:
                timed()
        self.seconds[stage] = [seconds for seconds, _ in taken]
        self.processor_seconds[stage] = [busy for _, busy in taken]
        return found

    def record(self) -> dict[str, Any]:
        """All of it."""
        return {"seconds": self.seconds, "processor_seconds": self.processor_seconds, "memory_mb": self.memory_mb}


ENGINES = {"survey_sem": survey_sem_native, "semopy": semopy_alone}

if __name__ == "__main__":
    main()
