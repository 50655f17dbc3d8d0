"""Median wall time of fresh processes: what a user waits for before anything is computed.

    python benchmarks/startup.py [--runs 15]

Budget: `import survey_sem` under 0.4 s, `survey-sem --help` under 0.5 s. Not a unit test: a loaded machine is slower.
What the budget rests on (no heavy import at the start) is tested in tests/packaging/test_lazy_import.py.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = str(Path(sys.executable).with_name("survey-sem"))
COMMANDS = {
    "python -c pass": ([sys.executable, "-c", "pass"], None),
    "import survey_sem": ([sys.executable, "-c", "import survey_sem"], 0.4),
    "survey-sem --help": ([SCRIPT, "--help"], 0.5),
    "survey-sem fit --help": ([SCRIPT, "fit", "--help"], 0.5),
}


def median_seconds(command: list[str], runs: int) -> float:
    """Median of `runs` fresh processes, after one that fills the file cache."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def main() -> int:
    """Print one line per command; return 1 where a budget is exceeded."""
    parser = argparse.ArgumentParser(description="Startup times.")
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    over = 0
    for name, (command, budget) in COMMANDS.items():
        seconds = median_seconds(command, runs)
        verdict = "" if budget is None else f"  budget {budget:.1f} s  {'ok' if seconds < budget else 'OVER'}"
        over += verdict.endswith("OVER")
        print(f"{name:<24}{seconds * 1000:7.0f} ms{verdict}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
