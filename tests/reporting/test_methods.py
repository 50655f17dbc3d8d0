"""Methods in sentences: what they say follows from the records of the run."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from reporting.studies import measurement, study

from survey_sem.reporting import ReportInputs
from survey_sem.reporting.contents import spoken
from survey_sem.reporting.document import Paragraph
from survey_sem.reporting.numbers import Language
from survey_sem.reporting.sections.methods import methods_section
from survey_sem.reporting.wording import catalogue
from survey_sem.sample.weighting.building import Method

DESIGN = {
    "columns": {"psu": ["room"]}, "n_units": 40, "n_strata": 1, "units_are_rows": False, "degrees_of_freedom": 39,
    "deff_weights": 1.25, "n_eff": 240.4,
}  # fmt: skip
WEIGHTING = {
    "method": "base+rake", "range": [0.5, 2.0],
    "margins": [{"variable": "gender", "category": "1", "source": "census 2020"}],
}  # fmt: skip
SCREENING = {
    "rules": [
        {"index": "attention", "relation": "failed", "cut_off": 1.0},
        {"index": "long_string", "relation": "above", "cut_off": 12.0},
    ],
    "plan": {"exclude": {"at_least": 2, "or": ["attention"]}},
    "n_excluded": 31,
}


def told(inputs: ReportInputs, language: Language = "en") -> str:
    section = methods_section(inputs)
    assert section is not None
    return "\n".join(spoken(block.content, language) for block in section.blocks if isinstance(block, Paragraph))


def test_without_a_design_respondents_are_taken_as_independent() -> None:
    words = told(study())
    assert "Of 300 answer sheets received, 297 were analysed." in words
    assert "independent and equally weighted" in words
    assert "maximum likelihood" in words
    assert "survey_sem 0.1 (Python 3.12, numpy 2.0)" in words
    assert methods_section(ReportInputs(title={"en": "One"}, fits={"measurement": measurement()})) is None


def test_design_weights_and_rules_are_said_with_their_numbers() -> None:
    records = {"design": DESIGN, "weighting": WEIGHTING, "screening": SCREENING}
    words = told(replace(study(), records=records))
    for part in (
        "Weights (raking) lie between 0.50 and 2.00.",
        "(source: census 2020)",
        "is 1.25 (Kish), the effective sample size 240.",
        "over 40 sampling units (room), with 39 degrees of freedom",
        "2 or more of these signs were excluded, and those with one of these: Attention checks failed: 1 or more.",
        "This excluded 31.",
        "weighted; standard errors",
    ):
        assert part in words, part
    chinese = told(replace(study(), records=records), "zh")
    assert "40 个抽样单元（room），自由度为 39" in chinese
    stratified = told(replace(study(), records={"design": {**DESIGN, "n_strata": 3, "deff_weights": 1.0}}))
    assert "in 3 strata" in stratified
    assert "unweighted" in stratified


@pytest.mark.parametrize("name", get_args(Method))
def test_every_way_of_weighting_has_words(name: str) -> None:
    assert f"methods.weights.{name}" in catalogue()
