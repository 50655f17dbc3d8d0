"""Screening of 80,000 x 24 answers: processor time of all indices on one thread, and of each.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.screening [--rows 80000]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from survey_sem.sample.screening.consistency import (
    correlated_pairs,
    even_odd,
    mahalanobis,
    pair_correlation,
    person_total,
)
from survey_sem.sample.screening.resemblance import near_duplicates
from survey_sem.sample.screening.strings import flat_pages, long_pattern, long_string, response_variability

N_FACTORS, ITEMS_EACH = 8, 3
NAMES = [f"x{at}" for at in range(1, N_FACTORS * ITEMS_EACH + 1)]
SCALES = {f"f{k}": NAMES[ITEMS_EACH * k : ITEMS_EACH * (k + 1)] for k in range(N_FACTORS)}


def answers(n: int, missing: float = 0.0) -> pd.DataFrame:
    """Seven-point answers to 24 items of 8 factors, with time, address, device and clock."""
    rng = np.random.default_rng(20260501)
    factors = np.repeat(rng.standard_normal((n, N_FACTORS)), ITEMS_EACH, axis=1)
    latent = 0.8 * factors + 0.6 * rng.standard_normal(factors.shape)
    codes = np.clip(np.round(4 + 1.3 * latent), 1, 7)
    codes[rng.random(codes.shape) < missing] = np.nan
    frame = pd.DataFrame(codes, columns=NAMES)
    clock = pd.Timestamp("2026-05-01") + pd.to_timedelta(rng.uniform(0, 3e6, n), unit="s")
    return frame.assign(
        seconds=rng.lognormal(4.5, 0.4, n),
        ip=rng.integers(0, n, n),
        device=rng.integers(0, n, n),
        clock=clock,
        check=rng.integers(1, 3, n),
    )


def screened(frame: pd.DataFrame) -> Any:
    """Every index but those of free texts."""
    return ss.screen(
        frame,
        NAMES,
        {"long_string": {"above": 8}, "mahalanobis": {"p": 0.001}, "near_duplicate": {"above": 0.9}},
        {"at_least": 2},
        scales=SCALES,
        pages=list(SCALES.values()),
        duration="seconds",
        ip="ip",
        device="device",
        submitted="clock",
        attention={"check": 2},
        synonyms_from=0.5,
    )


def median_seconds(call: Callable[[], Any], runs: int) -> float:
    """Median processor time; the first call is not counted."""
    call()
    times = []
    for _ in range(runs):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return statistics.median(times)


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=80_000)
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args(given)
    for missing in (0.0, 0.02):
        frame = answers(wanted.rows, missing)
        values = frame[NAMES].to_numpy(dtype=np.float64)
        places = [np.arange(ITEMS_EACH * k, ITEMS_EACH * (k + 1)) for k in range(N_FACTORS)]
        found = screened(frame)
        print(f"\n{wanted.rows:,} x {len(NAMES)}, {missing:.0%} missing: {found.indices.shape[1] - 1} indices")
        print(f"  {'ss.screen, everything':<28} {median_seconds(lambda f=frame: screened(f), wanted.runs):.3f} s")
        parts: dict[str, Callable[[], Any]] = {
            "long_string": lambda v=values: long_string(v),
            "pattern": lambda v=values: long_pattern(v),
            "flat_pages": lambda v=values, p=places: flat_pages(v, p),
            "irv": lambda v=values: response_variability(v),
            "mahalanobis": lambda v=values: mahalanobis(v),
            "person_total": lambda v=values: person_total(v),
            "synonyms": lambda v=values: pair_correlation(v, correlated_pairs(v, 0.5)),
            "even_odd": lambda v=values, p=places: even_odd(v, p),
            "near_duplicate (0.9)": lambda v=values: near_duplicates(v, 0.9),
        }
        for name, call in parts.items():
            print(f"  {name:<28} {median_seconds(call, wanted.runs):.3f} s")


if __name__ == "__main__":
    main()
