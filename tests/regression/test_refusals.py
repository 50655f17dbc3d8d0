"""What a regression cannot use is refused in words, and never becomes a number."""

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

ROWS = pd.DataFrame(
    {
        "y": np.arange(20.0) % 7,
        "x": np.arange(20.0) % 3,
        "same": 1,
        "day": pd.Timestamp("2020-01-01"),
        "lists": [[1]] * 20,
        "imaginary": [1j, 2j] * 10,
        "endless": [np.inf] + [1.0] * 19,
    }
)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("y ~ day", "not-numeric"),
        ("y ~ lists", "no-classes"),
        ("y ~ imaginary", "not-numeric"),
        ("same ~ x", "constant-variable"),
        ("y ~ 0", "bad-formula"),
        ("y ~ -1", "bad-formula"),
        ("y ~ __import__('os').getcwd()", "bad-formula"),
        ("y ~ I(x.__class__)", "bad-formula"),
    ],
)
def test_formula(formula: str, code: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.regress(formula, ROWS)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"offset": "endless"}, "not-finite"),
        ({"offset": 3}, "wrong-type"),
        ({"offset": ["x"]}, "wrong-type"),
        ({"link": ROWS["x"]}, "bad-option"),
        ({"missing": ROWS["x"]}, "bad-option"),
        ({"ci_level": "0.95"}, "wrong-level"),
        ({"ci_level": 95}, "wrong-level"),
        ({"ci_level": np.nan}, "wrong-level"),
        ({"quantile": 1.5}, "bad-option"),
        ({"quantile": "median"}, "bad-option"),
    ],
)
def test_options(options: dict[str, object], code: str) -> None:
    with pytest.raises(ss.SurveySemError) as caught:
        ss.regress("y ~ x", ROWS, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("fit", [lambda design: ss.regress("y ~ x", design), lambda design: ss.sem("y ~ x", design)])
def test_negative_weights_of_linear_calibration(fit) -> None:
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"x": random.normal(size=200), "y": random.normal(size=200), "w": 1.0})
    design = ss.design(rows, weights="w").calibrate({"x": 400.0}, method="linear")
    assert design.weights.min() < 0
    with pytest.raises(ss.SurveySemError, match="weights are negative"):
        fit(design)
