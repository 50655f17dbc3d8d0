"""The weighting of a study, declared before the data are seen: base weights, non-response, calibration, trimming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from survey_sem.errors import OptionError, StudyError
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import Section, fail, integer, kind_of, number
from survey_sem.instrument.strict_yaml import Node
from survey_sem.sample.weighting.building import Bounds, Method
from survey_sem.sample.weighting.nonresponse import FORMS, NonresponsePlan, check_plan
from survey_sem.sample.weighting.targets import PopulationMargin
from survey_sem.sample.weighting.trimming import UNITS, Unit, trim_limits
from survey_sem.sampling.response_cells import COLLAPSE_RULES

METHODS = ("rake", "poststratify", "linear", "raking", "logit")
KEYS = ("weight", "nonresponse", "calibration", "trim")
NONRESPONSE_KEYS = (
    "responded", "cells", "propensity", "form", "n_classes", "weighted", "penalty", "least_respondents",
    "greatest_factor", "collapse",
)  # fmt: skip
CALIBRATION_KEYS = ("method", "bounds", "targets", "total")
TRIM_KEYS = ("lower", "upper", "unit", "strict")


@dataclass(frozen=True, slots=True)
class TrimPlan:
    """Limits of the weights; see :func:`survey_sem.trim_weights`."""

    lower: float | None = None
    upper: float | None = None
    unit: Unit = "weight"
    strict: bool = True


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """Population margins and how they are met; see :func:`survey_sem.rake`.

    Parameters
    ----------
    method : str
        ``rake poststratify linear raking logit``.
    targets : path or tuple of PopulationMargin
        A csv or xlsx file of targets, or the targets.
    bounds : pair of float, optional
        Least and greatest ratio of a weight to its base weight.
    total : float, optional
        What the weights sum to.
    """

    method: Method
    targets: Path | tuple[PopulationMargin, ...]
    bounds: Bounds | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class WeightingPlan:
    """What is done to the weights of a sample, in this order.

    Parameters
    ----------
    weight : str or None
        Variable of the base weights; None: the instrument's, else all are 1.
    nonresponse : NonresponsePlan or None
        Respondents stand for non-respondents.
    calibration : CalibrationPlan, "instrument" or None
        Population margins: those of this plan, of the instrument, or none.
    trim : TrimPlan or None
        Limits.
    """

    weight: str | None = None
    nonresponse: NonresponsePlan | None = None
    calibration: CalibrationPlan | Literal["instrument"] | None = "instrument"
    trim: TrimPlan | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reading a plan needs to know of where it stands."""

    folder: Path
    problems: Problems | None = field(default=None)


def read_weighting_plan(node: Node, folder: Path, problems: Problems | None = None) -> WeightingPlan:
    """The plan of a study file's section ``weighting``; files are relative to `folder` and not opened.

    Raises
    ------
    StudyError
        Unknown keys, wrong values, contradictions, with file, line and key; given `problems`, noted there.
    """
    section, reader = Section(node, KEYS, problems), _Reader(folder, problems)
    return WeightingPlan(
        weight=section.optional_text("weight"),
        nonresponse=section.optional("nonresponse", lambda entry: _nonresponse(entry, reader), None),
        calibration=section.optional("calibration", lambda entry: _calibration(entry, reader), "instrument"),
        trim=section.optional("trim", lambda entry: _trim(entry, reader), None),
    )


def _nonresponse(node: Node, reader: _Reader) -> NonresponsePlan:
    section = Section(node, NONRESPONSE_KEYS, reader.problems)
    plan = NonresponsePlan(
        responded=section.text("responded"),
        cells=section.words("cells"),
        propensity=section.words("propensity"),
        form=cast("Any", section.choice("form", FORMS, "classes")),
        n_classes=section.optional("n_classes", integer, 5),
        weighted=section.flag("weighted", True),
        penalty=section.optional("penalty", number, 0.0),
        least_respondents=section.optional("least_respondents", integer, 1),
        greatest_factor=section.optional("greatest_factor", number, None),
        collapse=cast("Any", section.choice("collapse", COLLAPSE_RULES)) if "collapse" in section else None,
    )
    if section.is_sound:
        _checked(node, lambda: check_plan(plan))
    return plan


def _calibration(node: Node, reader: _Reader) -> CalibrationPlan | Literal["instrument"] | None:
    if node.value in ("instrument", "none"):
        return "instrument" if node.value == "instrument" else None
    if not isinstance(node.value, dict):
        expected = "instrument, none, or {method: ..., targets: ...}"
        fail(node, "wrong-type", f"calibration cannot be {kind_of(node)}", expected=expected)
    section = Section(node, CALIBRATION_KEYS, reader.problems)
    method = cast("Method", section.choice("method", METHODS, "rake"))
    bounds = section.optional("bounds", _bounds, None)
    if method == "logit" and bounds is None and section.is_sound:
        fail(node, "missing-key", "logit calibration needs bounds", expected="bounds: such as [0.3, 3]")
    return CalibrationPlan(
        method=method,
        targets=reader.folder / section.text("targets"),
        bounds=bounds,
        total=section.optional("total", _positive, None),
    )


def _trim(node: Node, reader: _Reader) -> TrimPlan:
    section = Section(node, TRIM_KEYS, reader.problems)
    plan = TrimPlan(
        lower=section.optional("lower", number, None),
        upper=section.optional("upper", number, None),
        unit=cast("Unit", section.choice("unit", UNITS, "weight")),
        strict=section.flag("strict", True),
    )
    if section.is_sound:
        _checked(node, lambda: trim_limits(np.ones(1), plan.lower, plan.upper, plan.unit))
    return plan


def _checked(node: Node, check: Any) -> None:
    """What a check of options refuses, at its place in the file."""
    try:
        check()
    except OptionError as problem:
        raise StudyError(
            problem.code, problem.what, where=node.where, expected=problem.expected, hint=problem.hint
        ) from None


def _bounds(node: Node) -> Bounds:
    values = node.value if isinstance(node.value, list) else []
    if len(values) != 2 or not 0 <= number(values[0]) < 1 < number(values[1]):
        what = "bounds are the least and the greatest ratio of a weight to its base weight"
        fail(node, "bad-bounds", what, expected="two numbers on both sides of 1, such as [0.3, 3]")
    return number(values[0]), number(values[1])


def _positive(node: Node) -> float:
    if not number(node) > 0:
        fail(node, "wrong-value", f"a total cannot be {kind_of(node)}", expected="a positive number")
    return number(node)


def plan_variables(plan: WeightingPlan) -> Sequence[str]:
    """Variables that a plan names itself, for checks against an instrument."""
    response = plan.nonresponse
    named = () if response is None else (response.responded, *response.cells, *response.propensity)
    return tuple(dict.fromkeys(([plan.weight] if plan.weight else []) + list(named)))
