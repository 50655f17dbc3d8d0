"""Where the time of a fit goes: processor seconds of every stage, less those of the stages inside it."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

# Stage -> functions as the calling module knows them.
STAGES = {
    "model text to table": ["survey_sem.fitting.fit._table"],
    "rows to moments or patterns": ["survey_sem.fitting.fit.model_moments"],
    "unrestricted model of incomplete rows": ["survey_sem.fitting.incomplete.saturated_moments"],
    "build model": ["survey_sem.fitting.fit.build_model"],
    "start values": ["survey_sem.estimation.estimate.starting_values"],
    "identification": [
        "survey_sem.estimation.estimate._check_identified",
        "survey_sem.estimation.estimate.unidentified_directions",
    ],
    "iterations": ["survey_sem.estimation.estimate.minimise"],
    "information and its inverse": ["survey_sem.fitting.fit.solve"],
    "casewise scores": [
        "survey_sem.inference.solution.first_order_information",
        "survey_sem.inference.solution.gamma_information",
        "survey_sem.inference.adjusted.first_order_information",
        "survey_sem.inference.adjusted.gamma_information",
    ],
    "Gamma and traces with it": [
        "survey_sem.inference.adjusted._traces",
        "survey_sem.inference.adjusted._trace_less_exogenous",
        "survey_sem.inference.adjusted._moment_trace",
    ],
    "moments of draws": ["survey_sem.inference.bootstrap.resampled_moments"],
    "refits of draws": ["survey_sem.inference.bootstrap.refit"],
    "findings": ["survey_sem.fitting.fit.examine"],
    "baseline model": ["survey_sem.inference.fit.baseline_estimates"],
    "corrected indices of incomplete rows": ["survey_sem.inference.scaled.corrected"],
    "fit measures": ["survey_sem.results.make.fit_measures"],
    "standardised solution": ["survey_sem.results.sem_result.standardise"],
}
REST = "all the rest"


def stage_seconds(call: Callable[[], Any], runs: int) -> dict[str, float]:
    """Median processor seconds of every stage of a call that takes part in it, of the rest and of the whole."""
    watch = Watch()
    undo = [restore for stage, names in STAGES.items() for restore in _install(watch, stage, names)]
    found = []
    try:
        for _ in range(runs):
            watch.spent = {}
            began = time.process_time()
            call()
            whole = time.process_time() - began
            found.append({**watch.spent, REST: whole - sum(watch.spent.values()), "whole": whole})
    finally:
        for restore in undo:
            restore()
    seen = [stage for stage in (*STAGES, REST, "whole") if any(stage in each for each in found)]
    return {stage: statistics.median(each.get(stage, 0.0) for each in found) for stage in seen}


class Watch:
    """Processor seconds by stage; what runs inside another stage is its own, not the other's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inner: list[float] = [0.0]

    def around(self, stage: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """The function with a stop-watch around it."""

        def watched(*args: Any, **keywords: Any) -> Any:
            began = time.process_time()
            self._inner.append(0.0)
            try:
                return original(*args, **keywords)
            finally:
                taken = time.process_time() - began
                self.spent[stage] = self.spent.get(stage, 0.0) + taken - self._inner.pop()
                self._inner[-1] += taken

        return watched


def _install(watch: Watch, stage: str, names: list[str]) -> list[Callable[[], None]]:
    """Put the stop-watch around a stage's functions; how to take it off again."""
    undo: list[Callable[[], None]] = []
    for dotted in names:
        module_name, name = dotted.rsplit(".", 1)
        module = importlib.import_module(module_name)
        original = getattr(module, name)
        setattr(module, name, watch.around(stage, original))
        undo.append(lambda module=module, name=name, original=original: setattr(module, name, original))
    return undo
