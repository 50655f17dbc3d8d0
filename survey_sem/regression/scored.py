"""Constructs in a formula: columns with the mean of their items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from survey_sem.sample import Sample, scale_scores
from survey_sem.sample.design import SurveyDesign

if TYPE_CHECKING:
    import pandas as pd

_WORD = re.compile(r"[^\W\d][\w.]*")


def with_constructs(sample: Sample, formula: str) -> pd.DataFrame | SurveyDesign:
    """The rows of a sample, with its design where it has one, and with the constructs that a formula names."""
    return add_constructs(sample.data if sample.design is None else sample.design, sample.constructs, formula)


def add_constructs(
    rows: pd.DataFrame | SurveyDesign, constructs: Mapping[str, Sequence[str]], formula: str
) -> pd.DataFrame | SurveyDesign:
    """The rows with the constructs that a formula names, each the mean of its items.

    A variable goes before a construct of the same name.
    """
    frame = rows.data if isinstance(rows, SurveyDesign) else rows
    words = dict.fromkeys(_WORD.findall(str(formula)))
    named = [word for word in words if word in constructs and word not in frame.columns]
    if not named:
        return rows
    scores = scale_scores(frame, constructs, names=named)
    return rows.assign(**{str(name): scores[name] for name in scores.columns})
