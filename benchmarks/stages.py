"""Where the time of a fit goes, stage by stage, and how far the row pass is from what the machine allows."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss

# Stage -> functions as the calling module knows them. A name that has moved is reported as not found.
STAGES = {
    "model text to table": ["survey_sem.fitting.fit._table"],
    "rows to moments": ["survey_sem.fitting.fit.model_moments"],
    "build model": ["survey_sem.fitting.fit.build_model"],
    "start values": ["survey_sem.estimation.estimate.starting_values"],
    "identification": [
        "survey_sem.estimation.estimate._check_identified",
        "survey_sem.estimation.estimate.unidentified_directions",
    ],
    "iterations": ["survey_sem.estimation.estimate.minimise"],
    "information and its inverse": ["survey_sem.fitting.fit.solve"],
    "findings": ["survey_sem.fitting.fit.examine"],
    "fit measures": ["survey_sem.results.make.fit_measures"],
    "standardised solution": ["survey_sem.results.sem_result.standardise"],
    "modification indices": ["survey_sem.results.sem_result.modification_indices"],
    "residuals": ["survey_sem.results.sem_result.residuals"],
}


def stage_seconds(function: str, model: str, data: pd.DataFrame, runs: int) -> dict[str, float | str]:
    """Median processor seconds of every stage of a fit with everything, and of the whole."""
    spent: dict[str, list[float]] = {}
    undo, absent = _install(spent)
    try:
        whole = []
        for _ in range(runs + 1):
            for durations in spent.values():
                durations.append(0.0)
            began = time.process_time()
            fit = getattr(ss, function)(model, data, missing="listwise")
            _ = fit.estimates, fit.standardized(), fit.modification_indices(), fit.residuals()
            whole.append(time.process_time() - began)
    finally:
        for restore in undo:
            restore()
    medians: dict[str, float | str] = {
        name: statistics.median(spent[name][1:]) for name in STAGES if name not in absent
    }
    total = statistics.median(whole[1:])
    accounted = sum(value for value in medians.values() if isinstance(value, float))
    return {**medians, **absent, "all the rest": total - accounted, "whole": total}


def _install(spent: dict[str, list[float]]) -> tuple[list[Callable[[], None]], dict[str, str]]:
    """Put a stop-watch around every stage's functions."""
    undo: list[Callable[[], None]] = []
    absent: dict[str, str] = {}
    for stage, functions in STAGES.items():
        for dotted in functions:
            module_name, name = dotted.rsplit(".", 1)
            module = importlib.import_module(module_name)
            original = getattr(module, name, None)
            if original is None:
                absent[stage] = f"{dotted} not found"
                continue
            setattr(module, name, _watched(original, spent.setdefault(stage, [])))
            undo.append(lambda module=module, name=name, original=original: setattr(module, name, original))
    return undo, absent


def _watched(original: Callable[..., Any], durations: list[float]) -> Callable[..., Any]:
    def watched(*args: Any, **keywords: Any) -> Any:
        began = time.process_time()
        try:
            return original(*args, **keywords)
        finally:
            durations[-1] += time.process_time() - began

    return watched


def floors(data: pd.DataFrame, runs: int) -> dict[str, float]:
    """What the machine needs at least: one pass over the numbers, one product of them with themselves."""
    matrix = np.ascontiguousarray(data.to_numpy(dtype=np.float64).T)
    small = [np.ascontiguousarray(data[name].to_numpy(dtype=np.int8)) for name in data.columns]
    return {
        "sum of all float64 values": _median(matrix.sum, runs),
        "one product X'X of float64": _median(lambda: matrix @ matrix.T, runs),
        "sum of all int8 values": _median(lambda: [column.sum(dtype=np.int64) for column in small], runs),
    }


def _median(call: Callable[[], Any], runs: int) -> float:
    found = []
    for _ in range(runs + 1):
        began = time.process_time()
        call()
        found.append(time.process_time() - began)
    return statistics.median(found[1:])
