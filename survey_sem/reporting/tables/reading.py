"""The rows of a result as records, so that tables need not know data frames."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_sem.reporting.contents import Absent, Amount, Cell, Interval, Name, Said, said
from survey_sem.results import SemResult

Labels = Mapping[str, Mapping[str, str]]
"""Variable -> its label by language."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One parameter with its raw and its standardised value; NaN where there is none."""

    lhs: str
    op: str
    rhs: str
    group: int
    label: str
    est: float
    se: float
    z: float
    p_value: float
    ci: Interval
    std_lv: float
    std_all: float
    std_nox: float
    std_se: float
    std_ci: Interval
    fmi: float = math.nan

    @property
    def is_fixed(self) -> bool:
        """Whether the model fixes it."""
        return self.se == 0.0

    @property
    def is_variance(self) -> bool:
        """Whether it is a variance or residual variance."""
        return self.op == "~~" and self.lhs == self.rhs


def read_estimates(result: SemResult) -> tuple[Estimate, ...]:
    """All parameters of a result, in its order."""
    standardised = result.standardized("std_all").to_dict("records")
    return tuple(_estimate(raw, std) for raw, std in zip(result.estimate_records(), standardised, strict=True))


def _estimate(raw: Mapping[str, Any], std: Mapping[Any, Any]) -> Estimate:
    return Estimate(
        **{name: raw[name] for name in ("lhs", "op", "rhs", "group", "label", "est", "se", "z", "p_value")},
        ci=Interval(raw["ci_lower"], raw["ci_upper"]),
        **{name: raw[name] for name in ("std_lv", "std_all", "std_nox")},
        std_se=float(std["se"]),
        std_ci=Interval(float(std["ci_lower"]), float(std["ci_upper"])),
        fmi=raw.get("fmi", math.nan),
    )


def number(value: float, estimate: Estimate) -> Cell:
    """A number of an estimate, or why there is none."""
    if math.isfinite(value):
        return value
    if estimate.is_fixed:
        return Absent(said("absent.fixed"))
    if math.isfinite(estimate.se):
        return Absent(said("absent.standardised"))
    return Absent(said("absent.no_errors"))


def error(value: float, estimate: Estimate) -> Cell:
    """A standard error; a fixed parameter has none."""
    return Absent(said("absent.fixed")) if value == 0.0 else number(value, estimate)


def interval(value: Interval, estimate: Estimate) -> Cell:
    """An interval, or why there is none."""
    if value.low == value.high:
        return Absent(said("absent.fixed"))
    if math.isfinite(value.low) and math.isfinite(value.high):
        return value
    return number(value.low, estimate)


def level(result: SemResult) -> Amount:
    """Level of the confidence intervals."""
    return as_percent(float(result.options["ci_level"]))


def as_percent(share: float) -> Amount:
    """A level as a whole percentage where it is one."""
    is_whole = abs(100 * share - round(100 * share)) < 1e-9
    return Amount(share, "whole_percent" if is_whole else "percent")


def named(code: str, labels: Labels) -> Name:
    """A variable with its label; a product of variables keeps its notation."""
    return Name(code, labels.get(code, {}))


def ci_heading(result: SemResult, key: str) -> Said:
    """Heading of a column of intervals: it says their level."""
    return said(f"column.{key}", level=level(result))
