"""What a run keeps of weights: nothing that tells how large a small class is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.study.design_record import BINS, describe_weighting, round_edges, safe_counts


def test_a_small_class_is_not_found_from_its_margin() -> None:
    rows = pd.DataFrame({"sex": ["f"] * 60 + ["m"] * 45 + ["x"] * 5, "town": ["a", "b"] * 55})
    weighting = ss.rake(rows, {"sex": {"f": 0.5, "m": 0.45, "x": 0.05}, "town": {"a": 0.4, "b": 0.6}})
    record = describe_weighting(weighting)
    shown = {(row["variable"], row["category"]): row["n"] for row in record["margins"]}
    assert shown == {("sex", "f"): 60, ("sex", "m"): None, ("sex", "x"): None, ("town", "a"): 55, ("town", "b"): 55}
    hidden = [row for row in record["margins"] if row["n"] is None]
    assert all(row["before"] is None and row["before_share"] is None for row in hidden)
    assert [row["after_share"] for row in hidden] == pytest.approx([0.45, 0.05])
    known = [count for count in record["histogram"]["counts"] if count is not None]
    assert all(count == 0 or count >= 10 for count in known)
    assert len(record["histogram"]["edges"]) == len(record["histogram"]["counts"]) + 1


def test_empty_classes_stay_and_small_ones_take_another_with_them() -> None:
    assert safe_counts([0, 40, 3, 20]) == [0, 40, None, None]
    assert safe_counts([0, 40, 20]) == [0, 40, 20]


@pytest.mark.parametrize(("low", "high"), [(0.741, 2.645), (1.0, 1.0), (0.5, 4.0), (123.4, 9876.5), (1e-4, 2e-4)])
def test_classes_of_weights_are_round_and_hold_them_all(low: float, high: float) -> None:
    edges = np.array(round_edges(low, high))
    assert edges[0] <= low and edges[-1] >= high
    assert 2 <= len(edges) <= BINS + 3
    assert np.diff(edges) == pytest.approx(edges[1] - edges[0])
