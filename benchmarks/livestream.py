"""Time and memory of every stage of the livestream study, from drawn answers to the report.

    python -m benchmarks.livestream [--rows 80000] [--name NAME]

Stages run one after the other in one process; the commands of the README then run as processes of their own. Memory of
a stage is the growth of the resident set to its peak, of a command the whole resident set.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

from benchmarks.machine import load, machine
from benchmarks.memory import peak_mb
from benchmarks.workloads import ROOT

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Timing:
    """One stage or command: seconds by the clock, seconds of processor time, MB."""

    name: str
    seconds: float
    processor_seconds: float
    memory_mb: float | None


def main() -> int:
    parser = argparse.ArgumentParser(description="Time and memory of every stage of the livestream study.")
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--name", help="name of the result files (default: livestream and today's date)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        study = _copied(Path(scratch))
        stages = _stages(study, arguments.rows)
        commands = _commands(study, arguments.rows)
    date = datetime.now(tz=UTC).date().isoformat()
    record = {
        "date": date,
        "rows": arguments.rows,
        "machine": machine(),
        "load_after": list(load()),
        "stages": [asdict(each) for each in stages],
        "commands": [asdict(each) for each in commands],
    }
    target = RESULTS / (arguments.name or f"livestream-{date}")
    target.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    target.with_suffix(".md").write_text(_page(record), "utf-8")
    print(_page(record))
    return 0


def _copied(folder: Path) -> Path:
    """The example and the questionnaires, where a run may write."""
    copytree(ROOT / "instruments", folder / "instruments")
    copytree(ROOT / "examples" / "livestream", folder / "examples" / "livestream")
    return folder / "examples" / "livestream" / "study.yaml"


def _stages(path: Path, rows: int) -> list[Timing]:
    from survey_sem import workflow
    from survey_sem.exports import read_export
    from survey_sem.responses import validate_responses
    from survey_sem.sample import prepare_sample
    from survey_sem.simulation import simulate_answers, target_of, write_simulation
    from survey_sem.study import load_study

    study = load_study(path)
    population, instrument = workflow.population_of(study)
    raw = path.parent / "raw"
    timings: list[Timing] = []
    watch = _watcher(timings)
    made = watch("draw the answers", lambda: simulate_answers(population, instrument, rows, study.seed))
    watch("write the pair of exports", lambda: write_simulation(made, raw, *target_of(raw, instrument, None, None)))
    files = [raw / "export_text.xlsx", raw / "export_codes.xlsx"]
    table = watch("read the pair of exports", lambda: read_export(files, "wjx"))
    responses = watch("validate", lambda: validate_responses(table, instrument))
    sample = watch("prepare", lambda: prepare_sample(responses, study.sample))
    for plan in study.fits():
        fit = getattr(workflow, plan.function)
        watch(f"fit: {plan.name}", lambda fit=fit, plan=plan: fit(plan.model, sample, **plan.options))
    return timings


def _watcher(timings: list[Timing]) -> Callable[[str, Callable[[], Any]], Any]:
    def watch(name: str, call: Callable[[], Any]) -> Any:
        kept: list[Any] = []
        began = time.perf_counter(), time.process_time()
        memory = peak_mb(lambda: kept.append(call()))
        timings.append(Timing(name, time.perf_counter() - began[0], time.process_time() - began[1], memory))
        return kept[0]

    return watch


def _commands(path: Path, rows: int) -> list[Timing]:
    """The commands of the example's README, each in a fresh process."""
    folder = path.parent
    raw, run = folder / "raw", folder / "run"
    data = [part for name in ("text", "codes") for part in ("--data", str(raw / f"export_{name}.xlsx"))]
    questionnaire = str(folder.parents[1] / "instruments" / "livestream_purchase_intent.yaml")
    return [
        _command("simulate", [str(path), "-n", str(rows), "--seed", "1", "-o", str(raw)]),
        _command("validate", [questionnaire, *data], passes=False),
        _command("prepare", [str(path), "--out", str(folder / "sample")]),
        _command("fit", [str(path), "--out", str(run)]),
        _command("verify", [str(run)]),
    ]


def _command(name: str, arguments: list[str], *, passes: bool = True) -> Timing:
    command = [sys.executable, "-m", "survey_sem.cli", name, *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != (0 if passes else 1):
        raise SystemExit(f"survey-sem {name} ended with {code}")
    seconds = time.perf_counter() - began
    return Timing(f"survey-sem {name}", seconds, usage.ru_utime + usage.ru_stime, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def _page(record: dict[str, Any]) -> str:
    m = record["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
    lines = [
        f"# The livestream study, {record['rows']:,} answer sheets, {record['date']}",
        "",
        f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}; Python {m['python']}; {packages}. "
        f"Load average afterwards {record['load_after'][0]:.1f}.",
        "",
        *_table("stage, in one process", "peak growth, MB", record["stages"]),
        "",
        *_table("command, a process of its own", "peak, MB", record["commands"]),
        "",
    ]
    return "\n".join(lines)


def _table(what: str, memory: str, rows: list[dict[str, Any]]) -> list[str]:
    lines = [f"| {what} | seconds | of processor | {memory} |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        size = "" if row["memory_mb"] is None else f"{row['memory_mb']:.0f}"
        lines.append(f"| {row['name']} | {row['seconds']:.2f} | {row['processor_seconds']:.2f} | {size} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
