"""``ss.adjust_nonresponse`` and ``ss.trim_weights``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, OptionError


def asked(n: int = 2000, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "region": random.integers(1, 5, n),
            "age": random.choice(["young", "middle", "old"], n),
            "score": random.normal(size=n),
            "w": random.uniform(1, 3, n),
        }
    )
    chance = 1 / (1 + np.exp(-(0.3 + 0.6 * rows["score"] - 0.5 * (rows["age"] == "old"))))
    return rows.assign(answered=(random.random(n) < chance).astype(int))


def test_cells_carry_the_weight_of_all() -> None:
    data = asked()
    found = ss.adjust_nonresponse(data, "answered", "w", cells=["region", "age"])
    groups = [data["region"], data["age"]]
    np.testing.assert_allclose(found.weights.groupby(groups).sum(), data["w"].groupby(groups).sum())
    assert (found.weights[data["answered"] == 0] == 0).all()
    assert found.steps[0].name == "adjust-nonresponse" and found.steps[0].details["n_asked"] == 2000


@pytest.mark.parametrize("form", ["classes", "inverse"])
def test_propensity_takes_out_the_bias(form: str) -> None:
    data = asked(20_000)
    found = ss.adjust_nonresponse(data, "answered", "w", propensity=["score", "age"], form=form)
    assert found.weights.sum() == pytest.approx(data["w"].sum())
    truth = np.average(data["score"], weights=data["w"])
    naive = np.average(data["score"], weights=data["w"] * data["answered"])
    adjusted = np.average(data["score"], weights=found.weights)
    assert abs(naive - truth) > 0.2
    assert abs(adjusted - truth) < {"classes": 0.04, "inverse": 0.015}[form]  # five classes take out most of it


def test_propensity_is_maximum_likelihood() -> None:
    from survey_sem.sample.weighting.propensity import response_propensity

    data = asked(500)
    columns = np.column_stack([np.ones(500), data["score"], data["age"] == "old", data["age"] == "middle"]).astype(
        float
    )
    answered = data["answered"].to_numpy() == 1
    chance = response_propensity(data, ["score", "age"], answered, data["w"].to_numpy(), 0.0)
    score_equations = columns.T @ (data["w"] * (answered - chance))
    np.testing.assert_allclose(score_equations, 0.0, atol=1e-6)
    shrunk = response_propensity(data, ["score", "age"], answered, None, 50.0)
    assert shrunk.std() < chance.std()


def test_joined_cells_are_said() -> None:
    data = asked(300)
    data.loc[(data["region"] == 2) & (data["age"] == "old"), "answered"] = 0
    with pytest.raises(DataError) as problem:
        ss.adjust_nonresponse(data, "answered", cells=["region", "age"])
    assert problem.value.code == "small-cells" and "region = 2, age = old (0 respondents" in str(problem.value.got)
    ages = pd.CategoricalDtype(["young", "middle", "old"], ordered=True)
    found = ss.adjust_nonresponse(
        data.astype({"age": ages}), "answered", cells=["region", "age"], collapse="adjacent", least_respondents=5
    )
    assert found.notes[0].what == "region = 2, age = old (0 respondents) joined with region = 2, age = middle"
    assert found.weights.sum() == pytest.approx(300)
    assert "joined with" in str(found)


@pytest.mark.parametrize(
    ("error", "code", "options"),
    [
        (OptionError, "missing-option", {}),
        (OptionError, "missing-option", {"cells": "age", "propensity": "score"}),
        (OptionError, "unknown-option", {"cells": "age", "collapse": "next"}),
        (OptionError, "unknown-option", {"propensity": "score", "form": "class"}),
        (OptionError, "wrong-value", {"propensity": "score", "n_classes": 1}),
        (OptionError, "wrong-value", {"propensity": "score", "penalty": -1}),
        (OptionError, "wrong-value", {"cells": "age", "greatest_factor": 0.5}),
        (DataError, "unknown-variable", {"cells": "ages"}),
        (DataError, "wrong-codes", {"cells": "age", "responded": "region"}),
        (DataError, "nobody-left", {"cells": "age", "responded": "nobody"}),
        (DataError, "separated-response", {"propensity": "answered"}),
        (DataError, "missing-class", {"propensity": "gap"}),
        (DataError, "small-cells", {"cells": "age", "greatest_factor": 1.01}),
    ],
)
def test_refusals(error: type[Exception], code: str, options: dict[str, Any]) -> None:
    data = asked(200).assign(nobody=0, gap=lambda rows: rows["score"].where(rows.index != 3))
    with pytest.raises(error) as problem:
        ss.adjust_nonresponse(data, options.pop("responded", "answered"), **options)
    assert problem.value.code == code  # type: ignore[attr-defined]


def test_trimming_reports_what_it_did() -> None:
    data = asked()
    raked = ss.rake(data, {"region": {1: 0.7, 2: 0.1, 3: 0.1, 4: 0.1}}, "w")
    trimmed = ss.trim_weights(raked, upper=1.5, unit="mean", strict=True)
    assert trimmed.weights.max() <= 1.5 * raked.weights.mean() * (1 + 1e-12)
    assert trimmed.weights.sum() == pytest.approx(raked.weights.sum())
    assert trimmed.method == "rake+trim" and [step.name for step in trimmed.steps] == [
        "calibrate-weights",
        "trim-weights",
    ]
    assert trimmed.base.equals(raked.base) and trimmed.deff < raked.deff
    once = ss.trim_weights(raked, upper=1.05, unit="mean")
    assert once.notes[0].code == "limits-exceeded"
    assert ss.trim_weights(data, "w", upper=9).weights.to_numpy() == pytest.approx(data["w"].to_numpy())


@pytest.mark.parametrize(
    ("error", "code", "options"),
    [
        (OptionError, "missing-option", {}),
        (OptionError, "bad-bounds", {"lower": 3, "upper": 2}),
        (OptionError, "bad-bounds", {"upper": 0}),
        (OptionError, "unknown-option", {"upper": 3, "unit": "sd"}),
        (OptionError, "wrong-value", {"upper": "3"}),
        (DataError, "impossible-limits", {"upper": 0.9, "unit": "mean", "strict": True}),
    ],
)
def test_limits_are_refused(error: type[Exception], code: str, options: dict[str, Any]) -> None:
    with pytest.raises(error) as problem:
        ss.trim_weights(asked(100), "w", **options)
    assert problem.value.code == code  # type: ignore[attr-defined]


def test_a_weighting_brings_its_weights() -> None:
    data = asked(100)
    weighting = ss.adjust_nonresponse(data, "answered", cells="age")
    with pytest.raises(OptionError):
        ss.trim_weights(weighting, "w", upper=2)
    with pytest.raises(OptionError):
        ss.trim_weights(data, upper=2)
