"""Writes insufficient_effort.json: indices by insufficient-effort 1.13.1 (PyPI; it pins numpy, so no dependency).

python -m venv v && v/bin/pip install insufficient-effort==1.13.1 && v/bin/python insufficient_effort.py
"""

from __future__ import annotations

import json
from pathlib import Path

import ier
import numpy as np

FACTORS, EACH, CRITICAL = 6, 4, 0.6


def answers() -> np.ndarray:
    """Seven-point answers of 160 persons to six scales of four: some by chance, some one answer throughout."""
    rng = np.random.default_rng(2)
    factors = np.repeat(rng.standard_normal((160, FACTORS)), EACH, axis=1)
    codes = np.clip(np.round(4 + 1.2 * (0.85 * factors + 0.5 * rng.standard_normal(factors.shape))), 1, 7)
    codes[:8] = rng.integers(1, 8, (8, codes.shape[1]))
    codes[8:11] = rng.integers(1, 8, (3, 1))
    return codes


def main() -> None:
    """Write answers and indices; NaN as null."""
    x = answers()
    found = {
        "long_string": ier.longstring_scores(x),
        "distance": ier.mahad(x),
        "even_odd": ier.evenodd(x, [EACH] * FACTORS, method="halves"),
        "synonyms": ier.psychsyn(x, critval=CRITICAL),
    }
    record = {
        "program": "insufficient-effort 1.13.1",
        "answers": x.astype(int).tolist(),
        "indices": {
            name: [None if np.isnan(value) else float(value) for value in np.asarray(values, dtype=float)]
            for name, values in found.items()
        },
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
