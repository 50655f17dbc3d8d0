"""Maximum likelihood on complete data: survey_sem, and lavaan beside it where Rscript and lavaan are installed.

    python benchmarks/ml.py [--rows 80000] [--repeat 5]

Two jobs. *small*: the three-factor model of Holzinger and Swineford (301 x 9), second call in a process, everything
that a summary shows: goal under 30 ms. *large*: eight factors of three seven-point items with a structural part, made
from a seed; both programs read the same rows, each in a process of its own; timed is the call of `sem()` alone, without
reading. Goal: at least ten times less than lavaan. Peak memory is what the call adds to the resident set at most.

Compare on an idle machine, both programs in one run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import survey_sem as ss

HOLZINGER = Path(__file__).resolve().parents[1] / "tests" / "reference" / "data" / "HolzingerSwineford1939.csv"
SMALL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
N_FACTORS, PER_FACTOR = 8, 3
STRUCTURE = "f7 ~ f1 + f2 + f3 + f4\nf8 ~ f5 + f6 + f7"

IN_PYTHON = """
import json, sys, time
import numpy as np, pandas as pd
import survey_sem as ss
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
items = np.load(sys.argv[1])
data = pd.DataFrame(items.astype("int64"), columns=[f"y{i + 1}" for i in range(items.shape[1])])
model = open(sys.argv[2]).read()
ss.sem(model, data.iloc[:500])
times, before = [], peak()
for _ in range(int(sys.argv[3])):
    began = time.perf_counter()
    fit = ss.sem(model, data)
    times.append(time.perf_counter() - began)
print(json.dumps({"times": times, "chisq": fit.fit_measures["chisq"], "added": peak() - before}))
"""

IN_R = """
suppressMessages(library(lavaan))
args <- commandArgs(trailingOnly = TRUE)
peak <- function() as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
items <- matrix(readBin(args[1], "integer", n = file.size(args[1]), size = 1), ncol = as.integer(args[4]), byrow = TRUE)
data <- as.data.frame(items); names(data) <- paste0("y", seq_len(ncol(data)))
model <- paste(readLines(args[2]), collapse = "\\n")
invisible(sem(model, data[1:500, ])); invisible(gc())
before <- peak(); times <- c()
for (i in seq_len(as.integer(args[3]))) times <- c(times, system.time(fit <- sem(model, data))[["elapsed"]])
cat(sprintf('{"times": [%s], "chisq": %.6f, "added": %.1f}\\n', paste(times, collapse = ", "),
            fitMeasures(fit, "chisq"), peak() - before))
"""


def large_model() -> str:
    """Model text: every factor with its items, and the structural part."""
    items = [f"y{i + 1}" for i in range(N_FACTORS * PER_FACTOR)]
    blocks = [items[k : k + PER_FACTOR] for k in range(0, len(items), PER_FACTOR)]
    measurement = [f"f{k + 1} =~ {' + '.join(block)}" for k, block in enumerate(blocks)]
    return "\n".join([*measurement, STRUCTURE])


def large_items(n_rows: int) -> np.ndarray:
    """Seven-point answers (int8) with known structure, the same for every call."""
    random = np.random.default_rng(20240501)
    factors = random.standard_normal((n_rows, N_FACTORS)) + 0.6 * random.standard_normal((n_rows, 1))
    factors[:, 6] += factors[:, :4] @ np.array([0.3, 0.2, 0.2, 0.1])
    factors[:, 7] += factors[:, 4:7] @ np.array([0.2, 0.2, 0.4])
    latent = np.repeat(factors, PER_FACTOR, axis=1) + random.standard_normal((n_rows, N_FACTORS * PER_FACTOR))
    return np.clip(np.rint(4 + 1.1 * latent), 1, 7).astype(np.int8)


def small_seconds(repeat: int) -> float:
    """Median of fits with their measures, estimates and residuals, after a first one."""
    data = pd.read_csv(HOLZINGER)
    times = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        fit = ss.cfa(SMALL, data)
        _ = fit.estimates, fit.fit_measures, fit.standardized(), fit.r_squared(), fit.residuals()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def answer_of(command: list[str]) -> dict[str, float | list[float]]:
    """The JSON line that a benchmark process prints last."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float | list[float]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def large_answers(n_rows: int, repeat: int) -> dict[str, dict[str, float | list[float]]]:
    """Program -> its times, chi-square and added memory."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        items = large_items(n_rows)
        np.save(folder / "items.npy", items)
        (folder / "items.bin").write_bytes(items.tobytes())
        (folder / "model.txt").write_text(large_model() + "\n")
        (folder / "fit.R").write_text(IN_R)
        model, times = str(folder / "model.txt"), str(repeat)
        answers = {"survey_sem": answer_of([sys.executable, "-c", IN_PYTHON, str(folder / "items.npy"), model, times])}
        if shutil.which("Rscript"):
            script = ["Rscript", str(folder / "fit.R"), str(folder / "items.bin"), model, times, str(items.shape[1])]
            answers["lavaan"] = answer_of(script)
    return answers


def main() -> None:
    """Print one line per program and job."""
    parser = argparse.ArgumentParser(description="Maximum likelihood, timed.")
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    print(f"small: Holzinger, 301 x 9, all measures     {small_seconds(arguments.repeat) * 1000:8.1f} ms   goal 30 ms")
    answers = large_answers(arguments.rows, arguments.repeat)
    medians = {name: statistics.median(answer["times"]) for name, answer in answers.items()}
    for name, answer in answers.items():
        size = f"{arguments.rows} x {N_FACTORS * PER_FACTOR}"
        memory, chisq = f"{answer['added']:.0f} MB more at the peak", f"chisq {answer['chisq']:.3f}"
        print(f"large: {name:<12}{size:<24}{medians[name] * 1000:8.1f} ms   {memory}, {chisq}")
    if "lavaan" in medians:
        print(f"large: lavaan takes {medians['lavaan'] / medians['survey_sem']:.1f} times as long   goal 10")


if __name__ == "__main__":
    main()
