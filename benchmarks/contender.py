"""One engine on one workload in a process of its own: ``python -m benchmarks.contender ENGINE WORKLOAD.json``.

Prints one JSON record: wall and processor seconds of every run by stage, memory of the first fit, the numbers found.

Stages: "fit" is what the engine's fitting function does; "measures" adds every fit measure and the standardised
solution; "everything" adds residuals, modification indices and explained variance.
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

import pandas as pd

from benchmarks.memory import peak_mb


def main() -> None:
    engine, file = sys.argv[1:]
    task = json.loads(Path(file).read_text("utf-8"))
    print(json.dumps(ENGINES[engine](task)))


def survey_sem_native(task: dict[str, Any]) -> dict[str, Any]:
    """Ours, for the column types that a user may bring: what the csv reader gives, floats, small integers."""
    import survey_sem as ss

    data = pd.read_csv(task["csv"])
    fit = getattr(ss, task["function"])
    model = task["model"]
    _ = fit(model, data.head(2000), missing="listwise")  # imports are paid here
    variants = {"as read": data, "float64": data, "int8": data} if task["variants"] else {"as read": data}
    frames = {name: frame if name == "as read" else frame.astype(name) for name, frame in variants.items()}

    def measures(frame: pd.DataFrame) -> Any:
        result = fit(model, frame, missing="listwise")
        return result, result.fit_measures, result.estimates, result.standardized()

    def everything(frame: pd.DataFrame) -> Any:
        result = measures(frame)[0]
        return result.residuals(), result.modification_indices(), result.r_squared()

    as_read = frames["as read"]
    memory = peak_mb(lambda: fit(model, as_read, missing="listwise"))
    clock = Clock(task["runs"])
    clock.time("fit", lambda: fit(model, as_read, missing="listwise"))
    clock.time("measures", lambda: measures(as_read))
    clock.time("everything", lambda: everything(as_read))
    for name, frame in frames.items():
        if name != "as read":
            clock.time(f"fit, {name}", lambda frame=frame: fit(model, frame, missing="listwise"))
    result = fit(model, as_read, missing="listwise")
    rows = result.estimates.query("se > 0")
    return {
        "version": ss.__version__,
        **clock.record(),
        "memory_mb": memory,
        "rows_mb": as_read.memory_usage(index=False).sum() / 2**20,
        "chisq": result.fit_measures["chisq"],
        "estimates": {f"{r.lhs} {r.op} {r.rhs}": [r.est, r.se] for r in rows.itertuples()},
    }


def semopy_alone(task: dict[str, Any]) -> dict[str, Any]:
    """semopy as its users call it. Its default tolerance is wider than ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import semopy

        logging.disable(logging.CRITICAL)
        data = pd.read_csv(task["csv"])
        model = "\n".join(line for line in task["model"].splitlines() if ":=" not in line)

        def fit() -> Any:
            found = semopy.Model(model)
            found.fit(data)
            found.inspect()  # standard errors
            return found

        def measures() -> Any:
            found = semopy.Model(model)
            found.fit(data)
            return semopy.calc_stats(found), found.inspect(std_est=True)

        memory = peak_mb(fit)
        clock = Clock(task["runs"])
        clock.time("fit", fit)
        clock.time("measures", measures)
        return {
            "version": semopy.__version__,
            **clock.record(),
            "memory_mb": memory,
            "chisq": float(semopy.calc_stats(fit())["chi2"].iloc[0]),
        }


class Clock:
    """Wall and processor seconds of every run, by stage."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.seconds: dict[str, list[float]] = {}
        self.processor_seconds: dict[str, list[float]] = {}

    def time(self, stage: str, call: Callable[[], Any]) -> None:
        """Time `runs` calls."""
        for _ in range(self.runs):
            began, busy = time.perf_counter(), time.process_time()
            call()
            self.processor_seconds.setdefault(stage, []).append(time.process_time() - busy)
            self.seconds.setdefault(stage, []).append(time.perf_counter() - began)

    def record(self) -> dict[str, Any]:
        """Both kinds of seconds."""
        return {"seconds": self.seconds, "processor_seconds": self.processor_seconds}


ENGINES = {"survey_sem": survey_sem_native, "semopy": semopy_alone}

if __name__ == "__main__":
    main()
