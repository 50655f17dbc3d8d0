"""Imputation beside mice: seven-point items of four factors, 8% of the answers missing.

Predictive mean matching from all other items, five donors, one chain. A cycle's time is what further cycles add; the
rest (reading out patterns, first draws) has a line of its own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.beside import Line, Part, medians, peak_mb, processor_seconds, rscript, version

N_ITEMS, SHARE = 24, 0.08
OWN_CYCLES, PEER_CYCLES = (1, 6), (1, 3)
CHAINS = 2
ASKED = 20.0


def part(n_rows: int, runs: int) -> Part:
    """A cycle, and the rest, timed."""
    rows = answers(n_rows, N_ITEMS)
    ours = _cycle_and_rest({cycles: _seconds(rows, cycles, runs) for cycles in OWN_CYCLES})
    printed = beside(rows, runs)
    theirs = medians(printed or [])
    peer = _cycle_and_rest({cycles: theirs[str(cycles)] for cycles in PEER_CYCLES}) if theirs else (None, None)
    kept = ss.impute(rows, m=CHAINS, cycles=3, seed=1)
    cells = sum(each.values.nbytes + each.rows.nbytes for each in kept.cells.values())
    about = (
        f"{N_ITEMS} items, {SHARE:.0%} missing; memory of a cycle is that of {CHAINS} chains at once; {CHAINS} "
        f"imputations are kept in {cells / 1e6:.1f} MB beside {rows.memory_usage().sum() / 1e6:.1f} MB of data; "
        "agreement: mean and mean correlation of completed data, ours and theirs"
    )
    memory = peak_mb(lambda: ss.impute(rows, m=CHAINS, cycles=1, seed=1))
    agreement = _summed(kept.data(0).to_numpy()) + "".join(
        f"; {float(mean):.4f}, {float(r):.4f}" for kind, mean, r in printed or [] if kind == "result"
    )
    lines = (
        Line("one cycle of one chain", ours[0], memory, peer[0], agreement, ASKED),
        Line("the rest", ours[1], None, peer[1]),
    )
    return Part("Imputation", about, version(printed), lines)


def answers(n_rows: int, n_items: int) -> pd.DataFrame:
    """Seven-point items of four factors, missing completely at random."""
    random = np.random.default_rng(1)
    loadings = random.uniform(0.5, 0.9, (4, n_items))
    latent = random.standard_normal((n_rows, 4)) @ loadings + random.standard_normal((n_rows, n_items))
    values = np.clip(np.round(1.1 * latent + 4), 1, 7)
    values[random.random(values.shape) < SHARE] = np.nan
    return pd.DataFrame(values, columns=[f"q{k + 1}" for k in range(n_items)])


def _seconds(rows: pd.DataFrame, cycles: int, runs: int) -> float:
    """Of one chain."""
    return processor_seconds(lambda: ss.impute(rows, m=CHAINS, cycles=cycles, seed=1), runs) / CHAINS


def _cycle_and_rest(seconds: dict[int, float]) -> tuple[float, float]:
    few, many = sorted(seconds)
    cycle = (seconds[many] - seconds[few]) / (many - few)
    return cycle, seconds[few] - few * cycle


def _summed(whole: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    correlations = np.corrcoef(whole.T)
    return f"{whole.mean():.4f}, {correlations[np.tril_indices(len(correlations), -1)].mean():.4f}"


def beside(rows: pd.DataFrame, runs: int) -> list[list[str]] | None:
    """The same by mice."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.csv"
        rows.to_csv(file, index=False)
        return rscript("imputation.R", str(file), runs)
