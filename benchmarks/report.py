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
    """Whether the two goals are met."""
    lines = []
    for workload in workloads:
        engines = workload["engines"]
        seconds = engines["survey_sem"]["seconds"]
        if workload["name"] == "holzinger":
            value = statistics.median(seconds["measures"])
            lines.append(
                f"* Goal: Holzinger with all measures under 30 ms: {_seconds(value)}, {_met(value < HOLZINGER_GOAL)}."
            )
        elif "seconds" in engines["lavaan"]:
            for stage in ("fit", "measures"):
                ratio = statistics.median(engines["lavaan"]["seconds"][stage]) / statistics.median(seconds[stage])
                goal = f"* Goal: survey at least 10 times less than lavaan ({stage})"
                lines.append(f"{goal}: {ratio:.1f} times, {_met(ratio >= SURVEY_GOAL)}.")
    return lines


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"


def _load(averages: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in averages)


def _workload(workload: dict[str, Any]) -> list[str]:
    engines = workload["engines"]
    ours = engines["survey_sem"]
    present = [name for name in ENGINES if "seconds" in engines.get(name, {})]
    lines = [f"## {workload['title']}", ""]
    header = ["", *(f"{name} {engines[name]['version']}" for name in present)]
    header += [f"{name} / ours" for name in present if name != "survey_sem"]
    rows = []
    for stage, told in STAGE_NAMES.items():
        medians = {name: _median(engines[name]["seconds"].get(stage)) for name in present}
        cells = [told, *(_seconds(medians[name]) for name in present)]
        cells += [_ratio(medians[name], medians["survey_sem"]) for name in present if name != "survey_sem"]
        rows.append(cells)
    for stage in ours["seconds"]:
        if stage not in STAGE_NAMES:
            blanks = [""] * (len(header) - 2)
            rows.append([f"ours, {stage}", _seconds(_median(ours["seconds"][stage])), *blanks])
    memory = {name: engines[name].get("memory_mb") for name in present}
    cells = ["peak memory of one fit beyond the rows", *(_megabytes(memory[name]) for name in present)]
    counted = [memory[name] for name in present if name != "survey_sem"]
    least = None if memory["survey_sem"] is None else max(memory["survey_sem"], LEAST_MB)
    cells += [("> " if least == LEAST_MB else "") + _ratio(value, least) for value in counted]
    rows.append(cells)
    lines += _table(header, rows)
    for name, record in engines.items():
        if "absent" in record:
            lines += ["", f"{name}: {record['absent']}."]
    lines += ["", *_agreement(workload), "", "### Where our time goes (everything)", ""]
    whole = workload["stages"]["whole"]
    rows = [
        [
            name,
            value if isinstance(value, str) else _seconds(value),
            "" if isinstance(value, str) else f"{value / whole:.0%}",
        ]
        for name, value in workload["stages"].items()
    ]
    lines += _table(["stage", "median", "share"], rows)
    lines += [
        "",
        "Floors of this machine: " + "; ".join(f"{n} {_seconds(v)}" for n, v in workload["floors"].items()) + ".",
    ]
    return lines


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
    return f"{value * 1000:.1f} ms" if value < 1.0 else f"{value:.2f} s"


def _megabytes(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:.1f} MB" if value >= LEAST_MB else "under 1 MB"


def _ratio(value: float | None, ours: float | None) -> str:
    if value is None or ours is None or ours <= 0.0:
        return ""
    return f"{value / ours:.1f}"
