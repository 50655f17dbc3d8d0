"""Statistics and regressions of a designed sample beside R's survey.

24 seven-point items, 40 strata, 1,600 sampling units, unequal weights. The design is made once; each call ends with
estimates, covariance and (ours) intervals; design effects are asked for where the line says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey_sem as ss
from benchmarks.beside import Line, Part, medians, peak_mb, processor_seconds, rscript, version

N_ITEMS, N_UNITS, N_STRATA, N_GROUPS = 24, 1_600, 40, 5
ITEMS = [f"x{k}" for k in range(N_ITEMS)]
ASKED = {"mean": 5.0, "regression": 5.0, "logit": 5.0}


def part(n_rows: int, runs: int) -> Part:
    """Every statistic, timed."""
    rows = sample(n_rows)
    printed = beside(rows, runs)
    theirs = medians(printed or [])
    spreads = {name: float(value) for kind, name, value in printed or [] if kind == "spread"}
    lines = []
    for name, call in calls(rows).items():
        found = call()
        difference = "" if name not in spreads else f"{abs(_spread(found) / spreads[name] - 1):.0e}"
        seconds = processor_seconds(call, runs)
        lines.append(Line(name, seconds, peak_mb(call), theirs.get(name), difference, ASKED.get(name)))
    about = f"{N_ITEMS} items, {N_STRATA} strata, {N_UNITS:,} units, unequal weights; agreement of the standard errors"
    return Part("Statistics and regressions of a designed sample", about, version(printed), tuple(lines))


def sample(n_rows: int) -> pd.DataFrame:
    """Seven-point answers of rows in units, in any order."""
    random = np.random.default_rng(1)
    rows = pd.DataFrame(random.integers(1, 8, (n_rows, N_ITEMS)).astype("int8")).add_prefix("x")
    rows["psu"] = random.integers(0, N_UNITS, n_rows)
    rows["stratum"] = rows["psu"] % N_STRATA
    rows["high"] = (rows["x0"] > 4).astype("int8")
    return rows.assign(weight=random.uniform(0.5, 3, n_rows), group=random.integers(0, N_GROUPS, n_rows))


def calls(rows: pd.DataFrame) -> dict[str, Callable[[], Any]]:
    """What is timed."""

    def made() -> ss.SurveyDesign:
        return ss.design(rows, weights="weight", strata="stratum", psu="psu")

    design, right = made(), " + ".join(ITEMS[1:])
    return {
        "design": made,
        "mean": lambda: design.mean(ITEMS, deff=False),
        "mean, deff": lambda: design.mean(ITEMS),
        "total": lambda: design.total(ITEMS, deff=False),
        "groups": lambda: design.mean(ITEMS, by="group", deff=False),
        "median": lambda: design.quantile(ITEMS, 0.5),
        "chi-square": lambda: design.chisq("x0", "group"),
        "regression": lambda: ss.regress(f"x0 ~ {right}", design),
        "logit": lambda: ss.regress(f"high ~ {right}", design, family="binomial"),
    }


def _spread(result: Any) -> float:
    """Sum of the standard errors."""
    return float((result.estimates["se"] if isinstance(result, ss.Regression) else result.se).sum())


def beside(rows: pd.DataFrame, runs: int) -> list[list[str]] | None:
    """The same by R's survey."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "rows.csv"
        rows.to_csv(file, index=False)
        return rscript("surveys.R", str(file), runs)
