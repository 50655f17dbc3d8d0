"""Timings as a page to read."""

from __future__ import annotations

import statistics
from typing import Any

STAGE_NAMES = {
    "fit": "fit: estimates, standard errors, chi-square",
    "measures": "+ all fit measures, standardised solution with standard errors",
    "everything": "+ residuals, modification indices, explained variance",
}
ENGINES = ("survey_sem", "lavaan", "semopy")
KINDS = ("seconds", "processor_seconds")
HOLZINGER_GOAL = 0.030
SURVEY_GOAL = 10.0
LEAST_MB = 1.0  # growth of the resident set below this is the allocator's, not the fit's


def page(record: dict[str, Any]) -> str:
    """The record of one run as Markdown."""
    lines = [f"# Timings, {record['date']}", "", *_machine(record), "", *_goals(record["workloads"]), ""]
    for workload in record["workloads"]:
        lines += [*_workload(workload), ""]
    return "\n".join(lines)


def _machine(record: dict[str, Any]) -> list[str]:
    m = record["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    return [
        f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}; Python {m['python']}, {m['blas']}; "
        f"{packages}; {record['peers']}.",
        "",
        f"Load average before {_load(record['load_before'])}, after {_load(record['load_after'])} "
        "(the benchmark itself adds about 1). Medians of several calls in one warm process per engine; reading of the "
        "file is not counted; all engines in one run. semopy stops at a wider tolerance than the others, and has no "
        "standard errors for standardised values.",
    ]


def _goals(workloads: list[dict[str, Any]]) -> list[str]:
    """Whether the two goals are met, by the clock and in processor time."""
    lines = []
    for workload in workloads:
        ours, lavaan = workload["engines"]["survey_sem"], workload["engines"]["lavaan"]
        if workload["name"] == "holzinger":
            values = [statistics.median(ours[kind]["measures"]) for kind in KINDS]
            told = f"{_seconds(values[0])} by the clock, {_seconds(values[1])} of processor time"
            lines.append(
                f"* Goal: Holzinger with all measures under 30 ms: {told}; {_met(max(values) < HOLZINGER_GOAL)}."
            )
        elif "seconds" in lavaan:
            for stage in ("fit", "measures"):
                ratios = [statistics.median(lavaan[k][stage]) / statistics.median(ours[k][stage]) for k in KINDS]
                told = f"{ratios[0]:.1f} times by the clock, {ratios[1]:.1f} times in processor time"
                goal = f"* Goal: survey at least 10 times less than lavaan ({stage})"
                lines.append(f"{goal}: {told}; {_met(min(ratios) >= SURVEY_GOAL)}.")
    return lines


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"


def _load(averages: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in averages)


def _workload(workload: dict[str, Any]) -> list[str]:
    engines = workload["engines"]
    present = [name for name in ENGINES if "seconds" in engines.get(name, {})]
    header = ["", *(f"{name} {engines[name]['version']}" for name in present)]
    header += [f"{name} / ours" for name in present if name != "survey_sem"]
    lines = [
        f"## {workload['title']}",
        "",
        *_table(header, [*_time_rows(engines, present), _memory_row(engines, present)]),
    ]
    for name, record in engines.items():
        if "absent" in record:
            lines += ["", f"{name}: {record['absent']}."]
    return [*lines, "", *_agreement(workload), "", *_stages(workload)]


def _time_rows(engines: dict[str, Any], present: list[str]) -> list[list[str]]:
    """Wall time, then processor time (which neighbours on the machine inflate less), then our own variants."""
    rows = []
    for kind, prefix in zip(KINDS, ("", "processor time, "), strict=True):
        for stage, told in STAGE_NAMES.items():
            medians = {name: _median(engines[name][kind].get(stage)) for name in present}
            cells = [prefix + (told if not prefix else stage), *(_seconds(medians[name]) for name in present)]
            cells += [_ratio(medians[name], medians["survey_sem"]) for name in present if name != "survey_sem"]
            rows.append(cells)
    own = engines["survey_sem"]["seconds"]
    blanks = [""] * (2 * len(present) - 2)
    rows += [[f"ours, {stage}", _seconds(_median(own[stage])), *blanks] for stage in own if stage not in STAGE_NAMES]
    return rows


def _memory_row(engines: dict[str, Any], present: list[str]) -> list[str]:
    memory = {name: engines[name].get("memory_mb") for name in present}
    least = None if memory["survey_sem"] is None else max(memory["survey_sem"], LEAST_MB)
    ratios = [_ratio(memory[name], least) for name in present if name != "survey_sem"]
    shown = [("> " if least == LEAST_MB else "") + ratio if ratio else "" for ratio in ratios]
    return ["peak memory of one fit beyond the rows", *(_megabytes(memory[name]) for name in present), *shown]


def _stages(workload: dict[str, Any]) -> list[str]:
    whole = workload["stages"]["whole"]
    rows = [
        [name, value, ""] if isinstance(value, str) else [name, _seconds(value), f"{value / whole:.0%}"]
        for name, value in workload["stages"].items()
    ]
    floors = "; ".join(f"{name} {_seconds(value)}" for name, value in workload["floors"].items())
    title = "### Where our time goes (everything; processor time of one thread)"
    return [title, "", *_table(["stage", "median", "share"], rows), "", f"Floors of this machine: {floors}."]


def _agreement(workload: dict[str, Any]) -> list[str]:
    told = []
    ours = workload["engines"]["survey_sem"]
    for name, record in workload["engines"].items():
        if name == "survey_sem" or "chisq" not in record:
            continue
        line = f"Chi-square: ours {ours['chisq']:.6f}, {name} {record['chisq']:.6f}."
        if "estimates" in record:
            shared = set(ours["estimates"]) & set(record["estimates"])
            gaps = [abs(ours["estimates"][k][0] - record["estimates"][k][0]) / ours["estimates"][k][1] for k in shared]
            line += f" {len(shared)} estimates differ by at most {max(gaps):.1e} of a standard error."
        told.append(line)
    return told


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] + ["---:"] * (len(header) - 1)) + " |"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _median(values: list[float] | None) -> float | None:
    return statistics.median(values) if values else None


def _seconds(value: float | None) -> str:
    if value is None:
        return "not offered"
    return f"{value * 1000:.3g} ms" if value < 1.0 else f"{value:.2f} s"


def _megabytes(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:.1f} MB" if value >= LEAST_MB else "under 1 MB"


def _ratio(value: float | None, ours: float | None) -> str:
    if value is None or ours is None or ours <= 0.0:
        return ""
    return f"{value / ours:.1f}"
