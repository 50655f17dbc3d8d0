"""Run simulation checks: ``python -m tests.monte_carlo [STUDY ...] [--replications N] [--out FOLDER]``.

Without names every study runs, which takes more than an hour of one processor; conditions that are stored with as many
replications are left out. Seeds are fixed: the same command gives the same files, ``STUDY-estimates.csv`` and
``STUDY-tests.csv``, from which ``docs/generate_simulation.py`` makes the page. With ``--state FOLDER`` replications are
kept there: a run that was stopped goes on, and a longer one begins where the shorter one ended.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

from tests.monte_carlo.studies import STUDIES, Condition, Recorder, Study

RESULTS = Path(__file__).resolve().parent / "results"
TOLD_EVERY = 50


def main(arguments: list[str] | None = None) -> None:
    """Run studies; their tables grow after every condition."""
    parser = argparse.ArgumentParser(prog="python -m tests.monte_carlo", description=__doc__)
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=f"of {', '.join(STUDIES)}; all without a name")
    parser.add_argument("--replications", type=int, help="instead of the study's own number")
    parser.add_argument("--state", type=Path, help="folder of unfinished work")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the tables")
    asked = parser.parse_args(arguments)
    if asked.replications is not None and asked.replications < 2:
        parser.error("a standard deviation needs at least two replications")
    unknown = set(asked.studies) - set(STUDIES)
    if unknown:
        parser.error(f"no study {', '.join(unknown)}; there are {', '.join(STUDIES)}")
    asked.out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("error")
    for name in asked.studies or STUDIES:
        run(name, asked.replications or STUDIES[name].replications, asked.out, asked.state)


def run(name: str, replications: int, out: Path, state: Path | None = None) -> None:
    """One study; conditions that its tables hold with at least as many replications are not run again."""
    study = STUDIES[name]
    for at, condition in enumerate(study.conditions):
        if n_done(name, condition, out) >= replications:
            continue
        kept = None if state is None else state / f"{name}-{at}.pickle"
        began, (first, recorder) = time.process_time(), begun(kept, study)
        for number in range(first, replications):
            study.run(condition, number, recorder)
            if (number + 1) % TOLD_EVERY == 0 or number + 1 == replications:
                seconds = time.process_time() - began
                print(f"{name} {condition}: {number + 1} of {replications}, {seconds:.0f} s", flush=True)
                if kept is not None:
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(pickle.dumps((number + 1, recorder)))
        write(name, condition, recorder, out)


def begun(kept: Path | None, study: Study) -> tuple[int, Recorder]:
    """How many replications there are already, and what they said."""
    if kept is None or not kept.exists():
        return 0, Recorder(study.truth())
    number, recorder = pickle.loads(kept.read_bytes())
    return number, recorder


def place(condition: Condition) -> dict[str, str | int]:
    """A condition as columns of a table."""
    return {"distribution": condition.distribution, "missing": condition.missing or "none", "n": condition.n}


def n_done(name: str, condition: Condition, out: Path) -> int:
    """Replications that the stored tables have of this condition."""
    stored = read(name, "tests", out)
    return 0 if stored.empty else int(max(stored.loc[of_condition(stored, condition), "fits"], default=0))


def of_condition(stored: pd.DataFrame, condition: Condition) -> pd.Series:
    """Which rows of a table belong to a condition."""
    return (stored[list(place(condition))] == pd.Series(place(condition))).all(axis=1)


def read(name: str, kind: str, out: Path) -> pd.DataFrame:
    """A stored table, empty where there is none."""
    path = out / f"{name}-{kind}.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


def write(name: str, condition: Condition, recorder: Recorder, out: Path) -> None:
    """Put a condition into the tables of its study, numbers with five significant digits."""
    tables: dict[str, list[dict[str, object]]] = {"estimates": [], "tests": []}
    for estimator, cell in recorder.cells.items():
        head = {**place(condition), "estimator": estimator}
        counts = {"fits": cell.n_fits, "not_converged": cell.n_failed, "inadmissible": cell.n_inadmissible}
        tables["estimates"] += [{**head, **row} for row in cell.estimate_rows()]
        tables["tests"] += [{**head, **counts, **row} for row in cell.test_rows()]
    for kind, rows in tables.items():
        if not rows:  # a study of tests alone
            continue
        stored = read(name, kind, out)
        kept = stored if stored.empty else stored[~of_condition(stored, condition)]
        whole = pd.concat([kept, pd.DataFrame(rows)], ignore_index=True) if len(kept) else pd.DataFrame(rows)
        whole.to_csv(out / f"{name}-{kind}.csv", index=False, float_format="%.5g", lineterminator="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
