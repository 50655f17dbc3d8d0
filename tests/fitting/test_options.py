"""Every option that decides standard errors and tests, against lavaan."""

from __future__ import annotations

import json
from typing import Any

import pytest

import survey_sem as ss
from survey_sem.errors import OptionError
from tests.reference_cases import FOLDER, rows

CASES: list[dict[str, Any]] = json.loads((FOLDER / "options" / "options.json").read_text("utf-8"))["cases"]
# lavaan stops up to 1e-5 from the optimum; its scaled statistics carry that over
TOLERANCE = 2e-4


def keywords(case: dict[str, Any]) -> dict[str, Any]:
    given = {name.replace(".", "_"): value for name, value in case["options"].items()}
    return {"missing": "listwise", **given}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(f"{k}={v}" for k, v in case["options"].items()))
def test_standard_errors_and_tests_follow_the_options(case: dict[str, Any]) -> None:
    fit = ss.sem(case["model"], rows(case["data"]), **keywords(case))
    frame = fit.estimates
    own = dict(zip(frame.lhs + " " + frame.op + " " + frame.rhs, frame.se, strict=True))
    for name, se in zip(case["names"], case["se"], strict=True):
        assert own[name] == pytest.approx(se, rel=TOLERANCE, abs=1e-6), name
    for name, value in case["fit"].items():
        assert fit.fit_measures[name.replace(".", "_")] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE), name


@pytest.mark.parametrize(
    "options",
    [
        {"information": "first.order", "se": "robust.sem"},
        {"information": "first.order", "test": "satorra.bentler"},
        {"estimator": "MLR", "information": "first.order"},
        {"estimator": "GLS", "se": "robust.sem"},
        {"estimator": "GLS", "test": "scaled.shifted"},
        {"estimator": "WLS", "test": "satorra.bentler"},
        {"estimator": "WLSMV", "se": "robust.huber.white"},
        {"estimator": "ULSMV", "test": "yuan.bentler"},
        {"estimator": "ULS", "information": "first.order"},
        {"estimator": "WLSMV", "likelihood": "wishart"},
    ],
)
def test_what_an_estimator_does_not_have_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(OptionError):
        ss.cfa("f =~ x1 + x2 + x3 + x4", rows("HolzingerSwineford1939.csv"), missing="listwise", **options)
