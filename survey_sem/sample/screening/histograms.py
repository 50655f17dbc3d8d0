"""Counts of the indices in classes, from which no person can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtri

from survey_sem.linalg import Array
from survey_sem.sample.screening.plan import Rule

_CLASSES = 40
_COUNTED = (
    "long_string", "pattern", "attention", "duplicate_id", "same_ip", "same_device", "burst", "text_repeated",
    "text_gibberish",
)  # fmt: skip


def histogram(index: str, values: Array, rule: Rule | None, n_items: int) -> dict[str, Any]:
    """``index edges counts relation cut_off unknown`` of one index.

    Counted things have classes of whole numbers; others about 40 of equal width, between the 0.5th and 99.5th
    percentile, with the cut-off as a bound of two classes; whatever lies outside is in the outermost class. A p-value
    of the distance becomes the distance of a row that answered every item.
    """
    known = values[~np.isnan(values)]
    cut_off, relation = (None, None) if rule is None else (rule.value, rule.relation)
    if rule is not None and rule.relation == "p":
        cut_off = float(chdtri(n_items, rule.value))
    edges = _whole_edges(known, cut_off) if index in _COUNTED else _edges(known, cut_off)
    if index in _COUNTED and cut_off is not None and relation in ("at_least", "failed", "below"):
        cut_off -= 0.5
    elif index in _COUNTED and cut_off is not None:
        cut_off += 0.5
    counts = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0]
    return {
        "index": index,
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "relation": relation,
        "cut_off": cut_off,
        "unknown": int(np.isnan(values).sum()),
    }


def _whole_edges(known: Array, cut_off: float | None) -> Array:
    last = max(float(known.max(initial=1.0)), 0.0 if cut_off is None else np.floor(cut_off) + 1.0)
    first = float(known.min()) if len(known) else 0.0
    width = max(1, int(np.ceil((last - first + 1) / _CLASSES)))
    return np.arange(first - 0.5, last + width + 0.5, width)


def _edges(known: Array, cut_off: float | None) -> Array:
    low, high = np.percentile(known, [0.5, 99.5]) if len(known) else (0.0, 1.0)
    if cut_off is not None:
        reach = (max(high, cut_off) - min(low, cut_off)) / _CLASSES  # a class beyond the cut-off, though it be empty
        low, high = min(low, cut_off - reach), max(high, cut_off + reach)
    if high - low < 1e-9 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    width = (high - low) / _CLASSES
    start = low if cut_off is None else cut_off - width * np.ceil((cut_off - low) / width - 1e-9)
    n_classes = int(np.ceil((high - start) / width - 1e-9))
    return np.asarray(start + width * np.arange(max(n_classes, 1) + 1))
