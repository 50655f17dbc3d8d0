"""Timings as a page to read."""

from __future__ import annotations

import statistics
from typing import Any

STAGE_NAMES = {
    "fit": "fit: estimates, standard errors, tests",
    "measures": "+ table with intervals, all fit measures, standardised solution",
    "everything": "+ residuals, modification indices, explained variance",
}
PEERS = ("lavaan", "semopy")
KINDS = {"seconds": "", "processor_seconds": "processor time, "}
MEMORY_GOAL = 200.0
IMPORT_GOAL = 0.4
LEAST_MB = 1.0  # growth of the resident set below this is the allocator's, not the fit's
Task = dict[str, Any]


def page(record: dict[str, Any], name: str) -> str:
    """The record of one run as Markdown; `name` is that of its files."""
    tasks = record["tasks"]
    lines = [f"# The engine beside others, {record['date']}", "", *_machine(record), ""]
    lines += ["## Goals", "", *_goals(record), "", "## Time", "", *_overview(tasks), "", *_told(tasks), ""]
    lines += ["## Memory", "", *_memory(tasks), ""]
    for task in tasks:
        lines += [f"## {task['title']}", "", *_details(task), ""]
    if record["growth"]:
        lines += ["## Growth", ""]
    for series in record["growth"]:
        lines += [*_growth(series, name), ""]
    return "\n".join(lines)


def _machine(record: dict[str, Any]) -> list[str]:
    m = record["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    peers = next((t["engines"]["lavaan"]["versions"] for t in record["tasks"] if _has(t, "lavaan")), None)
    others = ", ".join(f"{name} {value}" for name, value in peers.items()) if peers else "lavaan took no part"
    return [
        f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}; Python {m['python']}, {m['blas']}; "
        f"{packages}; {others}.",
        "",
        f"Load average before {_load(record['load_before'])}, after {_load(record['load_after'])} (the benchmark "
        f"itself adds about 1); the run took {record['minutes']:.1f} minutes. BLAS threads: {record['threads']}; "
        "our own fits "
        f"use one. {record['rows']:,} rows of 24 seven-point items, 8 factors, 13 paths with a mediation in three "
        "steps, where nothing else is said. Every engine fits a task in a process of its own, from the same file; "
        "reading is not counted. Medians by the clock, of several calls where a call is short. Peak memory is the "
        "growth of the resident set during the first call, rows and imports excluded. semopy stops at a wider "
        "tolerance, and has no standard errors for standardised values.",
    ]


def _goals(record: dict[str, Any]) -> list[str]:
    """Whether each goal is met, and how far the fit is from its floor."""
    lines = []
    for task in record["tasks"]:
        ours = task["engines"]["survey_sem"]
        for stage, key in (("fit", "goal"), ("measures", "goal_measures")):
            if task[key] is None:
                continue
            clock, busy = (_median(ours[kind].get(stage)) for kind in KINDS)
            told = f"{_seconds(clock)} by the clock, {_seconds(busy)} of processor time"
            what = "" if stage == "fit" else " with all measures"
            is_met = clock is not None and clock <= task[key]
            lines.append(f"* {task['title']}{what}, {_seconds(task[key])}: {told}; {_met(is_met)}.")
    seconds = record["import_seconds"]
    lines.append(
        f"* `import survey_sem`, {_seconds(IMPORT_GOAL)}: {_seconds(seconds)}; {_met(seconds <= IMPORT_GOAL)}."
    )
    most = max((value for task in record["tasks"] for value in _memories(task, "survey_sem")), default=None)
    if most is not None:
        lines.append(f"* Memory of any task, {MEMORY_GOAL:.0f} MB: {_megabytes(most)}; {_met(most <= MEMORY_GOAL)}.")
    return lines


def _overview(tasks: list[Task]) -> list[str]:
    peers = [peer for peer in PEERS if any(_has(task, peer) for task in tasks)]
    header = ["task", "fit", "with measures", "floor", "fit / floor"]
    for peer in peers:
        header += [f"{peer}: fit", "/ ours", "with measures", "/ ours"]
    rows = []
    for task in tasks:
        own = {stage: _clock(task, "survey_sem", stage) for stage in ("fit", "measures")}
        note = f" ({task['floor_note']})" if task["floor_note"] else ""
        floor = "" if task["floor"] is None else _seconds(task["floor"]) + note
        row = [task["title"], _seconds(own["fit"]), _seconds(own["measures"]), floor, _ratio(own["fit"], task["floor"])]
        for peer in peers:
            for stage in ("fit", "measures"):
                found = _clock(task, peer, stage)
                row += [_absent(task, peer, stage) if found is None else _seconds(found), _ratio(found, own[stage])]
        rows.append(row)
    return _table(header, rows)


def _told(tasks: list[Task]) -> list[str]:
    return [
        "The floor is a throw-away prototype in numpy, hard-wired to this one model, for fit, standard errors and "
        "chi-square. Ratios are those of medians by the clock: fit against fit, whole against whole."
    ] + [
        f"\n{task['title']}, lavaan: {task['engines']['lavaan']['absent']}."
        for task in tasks
        if "absent" in task["engines"].get("lavaan", {})
    ]


def _absent(task: Task, peer: str, stage: str) -> str:
    record = task["engines"].get(peer)
    if record is None or "absent" in record:
        return ""
    if "stopped_after" in record:
        return f"stopped after {record['stopped_after']:.0f} s"
    return "not asked for" if task["has_slow_measures"] and stage == "measures" else ""


def _memory(tasks: list[Task]) -> list[str]:
    peers = [peer for peer in PEERS if any(_has(task, peer) for task in tasks)]
    header = ["task", "rows", "fit", "with measures"]
    for peer in peers:
        header += [f"{peer}: fit", "/ ours", "with measures", "/ ours"]
    rows = []
    for task in tasks:
        ours = task["engines"]["survey_sem"]
        own = {stage: ours["memory_mb"].get(stage) for stage in ("fit", "measures")}
        row = [task["title"], f"{ours['rows_mb']:.1f} MB", *(_megabytes(value) for value in own.values())]
        for peer in peers:
            for stage in ("fit", "measures"):
                value = task["engines"].get(peer, {}).get("memory_mb", {}).get(stage)
                row += [_megabytes(value), _memory_ratio(value, own[stage])]
        rows.append(row)
    return _table(header, rows)


def _memory_ratio(value: float | None, ours: float | None) -> str:
    if value is None or ours is None:
        return ""
    return ("> " if ours < LEAST_MB else "") + _ratio(value, max(ours, LEAST_MB))


def _details(task: Task) -> list[str]:
    present = ["survey_sem", *(peer for peer in PEERS if _has(task, peer))]
    header = ["", *(f"{name} {task['engines'][name]['version']}" for name in present)]
    header += [f"{name} / ours" for name in present[1:]]
    rows = []
    for kind, prefix in KINDS.items():
        for stage, told in STAGE_NAMES.items():
            medians = [_median(task["engines"][name][kind].get(stage)) for name in present]
            if medians[0] is None:
                continue
            cells = [prefix + (stage if prefix else told), *map(_seconds, medians)]
            rows.append([*cells, *(_ratio(value, medians[0]) for value in medians[1:])])
    return [*_table(header, rows), "", *_agreement(task), "", *_where(task)]


def _agreement(task: Task) -> list[str]:
    """Chi-squares and estimates: did all fit the same model?"""
    ours = task["engines"]["survey_sem"]
    told = [f"Our search: {ours['n_iterations']} iterations."]
    for name in PEERS:
        record = task["engines"].get(name, {})
        if "chisq" not in record:
            continue
        line = f"Chi-square: ours {ours['chisq']:.6f}, {name} {record['chisq']:.6f}"
        if ours.get("chisq_scaled") and record.get("chisq_scaled"):
            line += f"; scaled: ours {ours['chisq_scaled']:.6f}, {name} {record['chisq_scaled']:.6f}"
        shared = set(ours["estimates"]) & set(record.get("estimates", {}))
        if shared:
            pairs = [(ours["estimates"][key], record["estimates"][key]) for key in shared]
            gap = max(abs(one[0] - two[0]) / one[1] for one, two in pairs)
            errors = max(abs(one[1] / two[1] - 1.0) for one, two in pairs)
            line += f". {len(shared)} estimates differ by at most {gap:.1e} of a standard error, "
            line += f"standard errors by at most {errors:.1e} of themselves"
        told.append(line + ".")
    return [" ".join(told)]


def _where(task: Task) -> list[str]:
    where = task["engines"]["survey_sem"].get("where")
    if not where:
        return []
    whole = where["whole"]
    rows = [[name, _seconds(value), f"{value / whole:.0%}"] for name, value in where.items() if value > 0.0005 * whole]
    return _table(["where our time goes, with measures (processor time)", "median", "share"], rows)


def _growth(series: dict[str, Any], name: str) -> list[str]:
    lines = [f"### {series['axis']}", "", f"{series['fixed']}. Seconds of one fit, by the clock; peak memory.", ""]
    lines += [f"![Growth with {series['axis']}]({name}-{series['name']}.svg)", ""]
    header = [series["axis"], *(f"{size:,}" for size in series["sizes"])]
    rows = []
    for engine, own in series["points"].items():
        for line, points in own.items():
            at = {point["size"]: point for point in points}
            shown = [at.get(size, {"seconds": None, "memory_mb": None}) for size in series["sizes"]]
            who = "ours" if engine == "survey_sem" else engine
            rows.append([f"{line}, {who}", *(_point(point) for point in shown)])
    return [*lines, *_table(header, rows)]


def _point(point: dict[str, Any]) -> str:
    return "" if point["seconds"] is None else f"{_seconds(point['seconds'])}, {_megabytes(point['memory_mb'])}"


def _has(task: Task, engine: str) -> bool:
    return bool(task["engines"].get(engine, {}).get("seconds"))


def _clock(task: Task, engine: str, stage: str) -> float | None:
    return _median(task["engines"].get(engine, {}).get("seconds", {}).get(stage))


def _memories(task: Task, engine: str) -> list[float]:
    found = task["engines"][engine]["memory_mb"]
    return [value for stage, value in found.items() if value is not None and stage in ("fit", "measures")]


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"


def _load(averages: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in averages)


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] + ["---:"] * (len(header) - 1)) + " |"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _median(values: list[float] | None) -> float | None:
    return statistics.median(values) if values else None


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 1000:.3g} ms" if value < 0.9995 else f"{value:.2f} s"


def _megabytes(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f} MB" if value >= LEAST_MB else "under 1 MB"


def _ratio(value: float | None, ours: float | None) -> str:
    if value is None or ours is None or ours <= 0.0:
        return ""
    return f"{value / ours:.1f}"
