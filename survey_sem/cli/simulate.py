"""``survey-sem simulate``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from survey_sem.cli.boundary import DONE


def simulate(
    study: Annotated[Path, typer.Argument(help="A study file that names its population (simulation: FILE).")],
    n: Annotated[int, typer.Option("-n", "--n", help="Number of answer sheets.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="A folder (raw/), or one file: .csv .parquet .sav .xlsx .zip.")
    ],
    seed: Annotated[int | None, typer.Option(help="Of the draws (default: the study's).")] = None,
    dialect: Annotated[
        str | None, typer.Option(help="Whose export a folder is to hold (default: that of the instrument).")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--format", help="Format of the files in a folder, where the dialect has several.")
    ] = None,
) -> int:
    """Write answers from a population with known truth, and the truth beside them."""
    from survey_sem import workflow
    from survey_sem.simulation import simulate_answers, target_of, write_simulation
    from survey_sem.study import load_study

    loaded = load_study(study)
    population, instrument = workflow.population_of(loaded)
    chosen = target_of(out, instrument, dialect, output)
    with _progress(f"drawing {n} answer sheets"):
        made = simulate_answers(population, instrument, n, loaded.seed if seed is None else seed)
    with _progress(f"writing {out}"):
        files = write_simulation(made, out, *chosen)
    for path in files:
        print(path)
    print(f"\n{_told(made.truth)}")
    return DONE


def _told(truth: dict[str, Any]) -> str:
    """How many answered, and how often each fault was planted."""
    n_items = len({row["lhs"] for row in truth["parameters"] if row["op"] == "|"})
    sheets, people = _many(truth["n"], "answer sheet"), _many(truth["respondents"], "respondent")
    lines = [f"{sheets} of {people}, seed {truth['seed']}"]
    moments = f"moments of {len(truth['moments']['names'])} items" if truth["moments"] else "no exact moments"
    because = f" ({truth['moments_reason']})" if truth["moments_reason"] else ""
    lines.append(f"truth: {len(truth['parameters'])} parameters of {n_items} items, {moments}{because}")
    faults = truth["faults"]
    width = max(map(len, faults), default=0)
    lines += ["planted faults", *(f"  {kind:<{width}}  {record['n']}" for kind, record in faults.items())]
    return "\n".join(lines if faults else lines[:-1])


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Say on a terminal what is going on, and take it away afterwards; silent elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
