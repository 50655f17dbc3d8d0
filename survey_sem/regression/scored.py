"""Constructs in a formula: columns with the mean of their items."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign

if TYPE_CHECKING:
    import pandas as pd

_WORD = re.compile(r"[^\W\d][\w.]*")


def with_constructs(sample: Sample, formula: str) -> pd.DataFrame | SurveyDesign:
    """The rows of a sample, with its design where it has one, and with the constructs that a formula names.

    A variable goes before a construct of the same name.
    """
    words = dict.fromkeys(_WORD.findall(formula))
    named = [word for word in words if word in sample.constructs and word not in sample.data.columns]
    scores = sample.scores(*named) if named else sample.data[[]]
    rows = sample.data if sample.design is None else sample.design
    return rows.assign(**{str(name): scores[name] for name in scores.columns})
