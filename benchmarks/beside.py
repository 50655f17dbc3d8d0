"""Lines of a table that sets our calls beside those of a program in R."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One call.

    Parameters
    ----------
    what : str
        What is done.
    seconds : float
        Ours, processor time.
    memory : float or None
        Peak of what Python and numpy asked for during the call, MB; None where it was not counted.
    peer : float or None
        Processor seconds of the same in R; None where it took no part.
    agreement : str
        How the numbers compare.
    times, limit : float or None
        What is asked: how many times as long R is to take; seconds.
    """

    what: str
    seconds: float
    memory: float | None
    peer: float | None = None
    agreement: str = ""
    times: float | None = None
    limit: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether what is asked holds; None where nothing is, or R took no part."""
        if self.limit is not None:
            return self.seconds <= self.limit
        return None if self.times is None or self.peer is None else self.peer >= self.times * self.seconds


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one benchmark, what they stand for, and R's package (empty without R)."""

    title: str
    about: str
    peer: str
    lines: tuple[Line, ...]


def processor_seconds(call: Callable[[], Any], runs: int) -> float:
    """Median of `runs` calls."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def peak_mb(call: Callable[[], Any]) -> float:
    """Peak of what Python and numpy ask for during a call, MB."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def rscript(name: str, *arguments: str | int) -> list[list[str]] | None:
    """What a script beside this file prints, cut at tabs; None without R or one of its packages."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    done = subprocess.run(
        [program, "--vanilla", str(Path(__file__).with_name(name)), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    return None if done.returncode else [line.split("\t") for line in done.stdout.splitlines()]


def medians(printed: list[list[str]]) -> dict[str, float]:
    """Median of the processor seconds of each name: lines ``seconds NAME PROCESSOR``."""
    taken: dict[str, list[float]] = {}
    for kind, *rest in printed:
        if kind == "seconds":
            taken.setdefault(rest[0], []).append(float(rest[1]))
    return {name: statistics.median(each) for name, each in taken.items()}


def version(printed: list[list[str]] | None) -> str:
    """R's package and its version: line ``version NAME NUMBER``."""
    return next((" ".join(rest) for kind, *rest in printed or [] if kind == "version"), "")
