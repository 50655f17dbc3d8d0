"""What is fitted: the answers of a survey, whole or with gaps, and the models. Every engine reads the same file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260101
N_ROWS, N_FACTORS, ITEMS_EACH = 80_000, 8, 3
CUTS = (-1.5, -0.9, -0.3, 0.3, 0.9, 1.5)
MISSING = -128
"""A missing answer in a file of small integers."""
SHARE_MISSING = 0.1
GROUP = "g"

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
            columns[f"q{k}_{i}"] = _answers(loading, factors[name], rng)
    return pd.DataFrame(columns)


def _answers(loading: float, factor: np.ndarray[Any, Any], rng: np.random.Generator) -> np.ndarray[Any, Any]:
    item = loading * factor + np.sqrt(1.0 - loading**2) * rng.standard_normal(len(factor))
    return np.asarray(np.digitize(item, CUTS) + 1, dtype=np.int8)


def scales_model(n_items: int) -> str:
    """Correlated factors of five items each."""
    return "\n".join(f"s{k} =~ " + " + ".join(f"s{k}_{i}" for i in range(5)) for k in range(n_items // 5)) + "\n"


def scales_rows(n_items: int, n_rows: int, seed: int = SEED) -> pd.DataFrame:
    """Answers to the items of `scales_model`."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(n_rows)
    columns = {}
    for k in range(n_items // 5):
        factor = 0.6 * common + 0.8 * rng.standard_normal(n_rows)
        columns |= {f"s{k}_{i}": _answers(0.75, factor, rng) for i in range(5)}
    return pd.DataFrame(columns)


def with_gaps(rows: pd.DataFrame, n_patterns: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """Rows with a tenth of the answers missing at random, or in exactly so many patterns, the complete one first.

    Every pattern has at least one row; the others fall on the patterns at random.
    """
    rng = np.random.default_rng(seed + 1)
    if n_patterns is None:
        gaps = rng.random(rows.shape) < SHARE_MISSING
    else:
        known = {(False,) * rows.shape[1]: None}
        while len(known) < n_patterns:
            known[tuple((rng.random(rows.shape[1]) < SHARE_MISSING).tolist())] = None
        of_row = np.concatenate([np.arange(n_patterns), rng.integers(0, n_patterns, len(rows) - n_patterns)])
        gaps = np.array(list(known))[rng.permutation(of_row)]
    return rows.astype(np.float64).mask(gaps)


def with_groups(rows: pd.DataFrame, n_groups: int) -> pd.DataFrame:
    """Rows with a column that deals them out to so many groups."""
    return rows.assign(**{GROUP: (np.arange(len(rows)) % n_groups + 1).astype(np.int8)})


def holzinger_rows() -> pd.DataFrame:
    """Nine tests of 301 children (Holzinger & Swineford 1939)."""
    file = ROOT / "tests" / "reference" / "data" / "HolzingerSwineford1939.csv"
    return pd.read_csv(file)[[f"x{k}" for k in range(1, 10)]]


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows in a file, column after column: small integers (missing: -128), or doubles."""

    file: str
    columns: tuple[str, ...]
    n_rows: int
    kind: str

    def read(self) -> pd.DataFrame:
        """The rows: int8 where they are complete answers, else float64."""
        values = np.fromfile(self.file, dtype=self.kind).reshape(len(self.columns), self.n_rows).T
        frame = pd.DataFrame(values, columns=list(self.columns))
        is_missing = frame == MISSING if self.kind == "int8" else frame.isna()
        return frame.astype(np.float64).mask(is_missing) if is_missing.to_numpy().any() else frame


def stored(rows: pd.DataFrame, folder: Path, name: str) -> Stored:
    """Write rows where every engine can read them."""
    values = rows.to_numpy(dtype=np.float64)
    are_answers = bool((np.isnan(values) | (values == np.round(values))).all())
    kind = "int8" if are_answers else "float64"
    if are_answers:
        values = np.where(np.isnan(values), MISSING, values)
    file = folder / f"{name}.bin"
    np.ascontiguousarray(values.T.astype(kind)).tofile(file)
    return Stored(str(file), tuple(map(str, rows.columns)), len(rows), kind)
