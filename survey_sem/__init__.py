"""Structural equation models for survey research.

Everything public is reachable from here: ``import survey_sem as ss``. Names are imported on first use, so that the
import itself is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Condition": "survey_sem.sample",
    "Dispositions": "survey_sem.sample",
    "GroupComparison": "survey_sem.measurement.groups",
    "Imputed": "survey_sem.sample.imputation",
    "Instrument": "survey_sem.instrument",
    "Moments": "survey_sem.statistics",
    "ParameterTable": "survey_sem.syntax",
    "RawTable": "survey_sem.exports",
    "PooledRegression": "survey_sem.regression",
    "Regression": "survey_sem.regression",
    "SamplePlan": "survey_sem.sample",
    "Screening": "survey_sem.sample.screening",
    "ScreeningPlan": "survey_sem.sample.screening",
    "SemResult": "survey_sem.results",
    "SurveyDesign": "survey_sem.sample.design",
    "SurveySemError": "survey_sem.errors",
    "Weighting": "survey_sem.sample.weighting",
    "WeightingPlan": "survey_sem.sample.weighting",
    "adjust_nonresponse": "survey_sem.sample.weighting",
    "calibrate": "survey_sem.sample.weighting",
    "cfa": "survey_sem.workflow",
    "compare": "survey_sem.measurement",
    "compare_groups": "survey_sem.measurement.groups",
    "crosscheck": "survey_sem.workflow",
    "design": "survey_sem.sample.design",
    "growth": "survey_sem.workflow",
    "import_instrument": "survey_sem.instrument.importing",
    "impute": "survey_sem.sample.imputation",
    "invariance": "survey_sem.measurement",
    "lavaan": "survey_sem.workflow",
    "little_test": "survey_sem.measurement",
    "load_instrument": "survey_sem.instrument",
    "load_study": "survey_sem.study",
    "missing": "survey_sem.sample.missingness",
    "moments": "survey_sem.statistics",
    "outcome_rates": "survey_sem.sample",
    "parse_model": "survey_sem.syntax",
    "poststratify": "survey_sem.sample.weighting",
    "pool": "survey_sem.fitting.pool",
    "path_differences": "survey_sem.measurement",
    "predictive_power": "survey_sem.regression.prediction",
    "prepare": "survey_sem.workflow",
    "rake": "survey_sem.sample.weighting",
    "read_export": "survey_sem.exports",
    "regress": "survey_sem.regression",
    "reliability": "survey_sem.workflow",
    "replicate_design": "survey_sem.sample.design",
    "run": "survey_sem.workflow",
    "score_test": "survey_sem.measurement",
    "screen": "survey_sem.sample.screening",
    "sem": "survey_sem.workflow",
    "simulate": "survey_sem.workflow",
    "trim_weights": "survey_sem.sample.weighting",
    "validate": "survey_sem.workflow",
    "verify": "survey_sem.workflow",
    "wald_test": "survey_sem.measurement",
    "with_and_without": "survey_sem.measurement",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("survey-sem")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
