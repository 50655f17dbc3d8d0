"""What a user says about an imputation, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.sample.imputation.variables import METHODS


@dataclass(frozen=True, slots=True)
class ImputationPlan:
    """How data are imputed; names as in `survey_sem.impute`."""

    m: int = 20
    cycles: int = 10
    seed: int = 0
    donors: int = 5
    items: tuple[str, ...] | None = None
    auxiliary: tuple[str, ...] = ()
    predictors: str | Mapping[str, tuple[str, ...]] = "auto"
    minimum_correlation: float | None = None
    methods: Mapping[str, str] = field(default_factory=dict)
    delta: Mapping[str, float] = field(default_factory=dict)
    by: str | None = None
    nominal: tuple[str, ...] = ()
    with_design: bool = True
    workers: int = 1
    progress: Callable[[int, int], None] | None = None


def checked_plan(given: Mapping[str, Any]) -> ImputationPlan:
    """The plan that keywords describe.

    Raises
    ------
    OptionError
        A value of the wrong kind.
    """
    seed = given["seed"]
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    return ImputationPlan(
        m=_whole("m", given["m"], 2),
        cycles=_whole("cycles", given["cycles"], 1),
        seed=_whole("seed", seed, 0),
        donors=_whole("donors", given["donors"], 1),
        items=None if given["items"] is None else _names("items", given["items"]),
        auxiliary=() if given["auxiliary"] is None else _names("auxiliary", given["auxiliary"]),
        predictors=_predictors(given["predictors"]),
        minimum_correlation=_correlation(given["minimum_correlation"]),
        methods=_methods(given["methods"]),
        delta=_delta(given["delta"]),
        by=_column(given["by"]),
        nominal=() if given["nominal"] is None else _names("nominal", given["nominal"]),
        with_design=_flag("with_design", given["with_design"]),
        workers=_whole("workers", given["workers"], 1),
        progress=given["progress"],
    )


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise OptionError("bad-option", f"{name} is a whole number from {least}", where=name, got=repr(value)[:80])
    return int(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise OptionError("bad-option", f"{name} is True or False", where=name, got=repr(value)[:80])
    return value


def _names(option: str, value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise OptionError("bad-option", f"{option} is a name or a list of names", where=option, got=repr(value)[:80])
    return tuple(dict.fromkeys(given))


def _predictors(value: Any) -> str | Mapping[str, tuple[str, ...]]:
    if isinstance(value, Mapping):
        return {str(name): _names("predictors", each) for name, each in value.items()}
    if value not in ("auto", "all"):
        raise OptionError(
            "bad-option", "predictors is a choice, or a mapping of item -> names", where="predictors",
            expected='"auto", "all" or {item: [names]}', got=repr(value)[:80],
        )  # fmt: skip
    return str(value)


def _correlation(value: Any) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < 1.0):
        raise OptionError(
            "bad-option", "minimum_correlation is from 0 to below 1", where="minimum_correlation", got=repr(value)[:80]
        )
    return None if value is None else float(value)


def _mapping(option: str, value: Any, example: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError("bad-option", f"{option} is a mapping", where=option, expected=example, got=repr(value)[:80])
    return {str(name): each for name, each in value.items()}


def _methods(value: Any) -> Mapping[str, str]:
    found = _mapping("methods", value, '{"item": "pmm"}')
    for name, method in found.items():
        if method not in METHODS:
            raise OptionError(
                "bad-option", f"there is no method {method!r}", where=f"methods, {name}",
                expected=", ".join(METHODS), hint=did_you_mean(str(method), METHODS),
            )  # fmt: skip
    return found


def _delta(value: Any) -> Mapping[str, float]:
    found = _mapping("delta", value, '{"item": -0.5}')
    for name, shift in found.items():
        if isinstance(shift, bool) or not isinstance(shift, int | float) or not np.isfinite(shift):
            raise OptionError("bad-option", "delta is a number", where=f"delta, {name}", got=repr(shift)[:80])
    return {name: float(shift) for name, shift in found.items()}


def _column(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise OptionError("bad-option", "by is the name of one column", where="by", got=repr(value)[:80])
    return value
