"""Screening of 24 answers a row: all indices at once, and each alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.beside import Line, Part, peak_mb, processor_seconds
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
ASKED = 1.0
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


def part(n_rows: int, runs: int) -> Part:
    """All indices together, complete and incomplete, and the longer ones alone."""
    lines = []
    for missing in (0.0, 0.02):
        frame = answers(n_rows, missing)
        everything = partial(screened, frame)
        count = everything().indices.shape[1] - 1
        seconds = processor_seconds(everything, runs)
        lines.append(
            Line(f"ss.screen, {count} indices, {missing:.0%} missing", seconds, peak_mb(everything), limit=ASKED)
        )
        for name, call in alone(frame[NAMES].to_numpy(dtype=np.float64)).items():
            lines.append(Line(f"{name}, {missing:.0%} missing", processor_seconds(call, runs), None))
    return Part("Screening", f"{len(NAMES)} seven-point items of {N_FACTORS} factors", "", tuple(lines))


def alone(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> dict[str, Callable[[], Any]]:
    """Indices one at a time."""
    places = [np.arange(ITEMS_EACH * k, ITEMS_EACH * (k + 1)) for k in range(N_FACTORS)]
    return {
        "long string": partial(long_string, values),
        "pattern": partial(long_pattern, values),
        "flat pages": partial(flat_pages, values, places),
        "IRV": partial(response_variability, values),
        "Mahalanobis": partial(mahalanobis, values),
        "person-total": partial(person_total, values),
        "synonyms": lambda: pair_correlation(values, correlated_pairs(values, 0.5)),
        "even-odd": partial(even_odd, values, places),
        "near-duplicates (0.9)": partial(near_duplicates, values, 0.9),
    }
