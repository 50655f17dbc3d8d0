"""What is fitted: a textbook model, and a survey of 80,000 respondents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260101
N_ROWS, N_FACTORS, ITEMS_EACH = 80_000, 8, 3
CUTS = (-1.5, -0.9, -0.3, 0.3, 0.9, 1.5)

HOLZINGER = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"

# Three exogenous factors; f1 -> f4 -> f5 -> f6 is a mediation in three steps; f7 and f8 are outcomes.
PATHS = {
    "f4": {"f1": 0.4, "f2": 0.3, "f3": 0.1},
    "f5": {"f4": 0.5, "f1": 0.1},
    "f6": {"f5": 0.4, "f4": 0.2, "f1": 0.1},
    "f7": {"f6": 0.4, "f2": 0.2},
    "f8": {"f6": 0.3, "f7": 0.3},
}
LABELS = {("f4", "f1"): "a", ("f5", "f4"): "b", ("f6", "f5"): "c", ("f6", "f1"): "direct"}


@dataclass(frozen=True, slots=True)
class Workload:
    """One task for every engine: a model text, the function that fits it, and a csv file of rows."""

    name: str
    function: str
    model: str
    csv: Path


def holzinger() -> Workload:
    """The model of nine tests on three factors (Holzinger & Swineford 1939)."""
    data = ROOT / "tests" / "reference" / "data" / "HolzingerSwineford1939.csv"
    return Workload("holzinger", "cfa", HOLZINGER, data)


def survey(folder: Path, n_rows: int = N_ROWS) -> Workload:
    """A simulated survey: seven-point items, eight factors, a structural part; its rows are written to `folder`."""
    path = folder / "survey.csv"
    survey_rows(n_rows).to_csv(path, index=False)
    return Workload("survey", "sem", survey_model(), path)


def survey_model() -> str:
    """The model of the survey, with its indirect and total effect."""
    lines = [f"f{k} =~ " + " + ".join(f"q{k}_{i}" for i in range(1, ITEMS_EACH + 1)) for k in range(1, N_FACTORS + 1)]
    for target, sources in PATHS.items():
        terms = [f"{LABELS[target, s]}*{s}" if (target, s) in LABELS else s for s in sources]
        lines.append(f"{target} ~ " + " + ".join(terms))
    return "\n".join([*lines, "indirect := a*b*c", "total := a*b*c + direct"]) + "\n"


def survey_rows(n_rows: int = N_ROWS, seed: int = SEED) -> pd.DataFrame:
    """Answers of `n_rows` respondents as int8: normal items of correlated factors, cut at six points."""
    rng = np.random.default_rng(seed)
    names = [f"f{k}" for k in range(1, N_FACTORS + 1)]
    factors = {name: rng.standard_normal(n_rows) for name in names}
    common = rng.standard_normal(n_rows)
    for name in ("f1", "f2", "f3"):
        factors[name] = 0.6 * common + 0.8 * factors[name]
    for target, sources in PATHS.items():
        factors[target] = 0.7 * factors[target] + sum(weight * factors[s] for s, weight in sources.items())
    columns = {}
    for k, name in enumerate(names, start=1):
        for i in range(1, ITEMS_EACH + 1):
            loading = 0.85 - 0.1 * i
            item = loading * factors[name] + np.sqrt(1.0 - loading**2) * rng.standard_normal(n_rows)
            columns[f"q{k}_{i}"] = (np.digitize(item, CUTS) + 1).astype(np.int8)
    return pd.DataFrame(columns)
