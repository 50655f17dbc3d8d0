"""The pictures of a weighting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import OptionError

ROWS = pd.DataFrame({"性别": ["女"] * 6 + ["男"] * 4, "w": np.linspace(1, 3, 10)})


def test_pictures_are_the_same_each_time() -> None:
    weighting = ss.rake(ROWS, {"性别": {"女": 0.5, "男": 0.5}}, "w")
    picture = weighting.draw(lang="zh")
    assert picture.startswith("<svg") and picture == weighting.draw(lang="zh")
    assert picture.to_png(dpi=50).startswith(b"\x89PNG")
    assert weighting.draw(what="weights").startswith("<svg")


def test_equal_weights_and_no_margins() -> None:
    equal = ss.trim_weights(ROWS, np.full(10, 2.0), upper=3)
    assert equal.draw(what="weights").startswith("<svg")
    with pytest.raises(OptionError) as problem:
        equal.draw()
    assert problem.value.code == "no-margins"
    for options in ({"what": "bars"}, {"lang": "de", "what": "weights"}):
        with pytest.raises(OptionError):
            equal.draw(**options)
