"""The rows of a sample with their final weights, as a run writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survey_sem.sample import Sample

if TYPE_CHECKING:
    import pandas as pd


def weight_name(sample: Sample) -> str | None:
    """``weight``, or ``final_weight`` where the questionnaire has a variable of that name; None where all are equal."""
    if sample.design is None or not np.ptp(sample.design.weights):
        return None
    return "weight" if "weight" not in sample.data.columns else "final_weight"


def with_weights(sample: Sample) -> pd.DataFrame:
    """The rows with their final weights beside them, where weights differ."""
    name = weight_name(sample)
    if name is None or sample.design is None:
        return sample.data
    return sample.data.assign(**{name: sample.design.weights})
