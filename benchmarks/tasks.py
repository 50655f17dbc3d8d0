"""What is timed: each task with its floor and goal, and the series along which tasks grow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from benchmarks.workloads import (
    GROUP,
    HOLZINGER,
    N_ROWS,
    holzinger_rows,
    scales_model,
    scales_rows,
    survey_model,
    survey_rows,
    with_gaps,
    with_groups,
)

FEW_PATTERNS = 39
DRAWS = 1_000
SCALAR = ("loadings", "intercepts")


@dataclass(frozen=True, slots=True)
class Task:
    """One fit, for every engine that can make it.

    Parameters
    ----------
    name, title : str
    rows : str
        Which rows: a key of `ROWS`.
    function, model : str
        What is fitted.
    options : mapping
        Ours.
    lavaan : str
        Arguments of the same fit in R; ``DRAWS`` stands for the number of draws.
    floor : float or None
        Seconds of a throw-away prototype in numpy, hard-wired to this model, for fit, standard errors and chi-square.
    floor_note : str
        What the floor is of, where it is not of this very task.
    goal, goal_measures : float or None
        Seconds that we set ourselves for the fit, and for the fit with all measures.
    semopy : bool
        Whether semopy can make it.
    has_slow_measures : bool
        Whether lavaan's measures take so long that they are made on request only.
    """

    name: str
    title: str
    rows: str
    function: str = "sem"
    model: str = field(default_factory=survey_model)
    options: Mapping[str, Any] = field(default_factory=dict)
    lavaan: str = ""
    floor: float | None = None
    floor_note: str = ""
    goal: float | None = None
    goal_measures: float | None = None
    semopy: bool = False
    has_slow_measures: bool = False


def tasks(n_draws: int = DRAWS) -> tuple[Task, ...]:
    """All tasks, in the order of the page."""
    scalar = {"group": GROUP, "group_equal": list(SCALAR)}
    gaps = {"missing": "fiml"}
    draws = {"se": "bootstrap", "bootstrap": n_draws, "seed": 1}
    return (
        Task("holzinger", "Holzinger: 301 x 9, 3 factors", "holzinger", "cfa", HOLZINGER, semopy=True,
             goal_measures=0.03),
        Task("ml", "ML", "complete", floor=0.005, goal=0.02, semopy=True, floor_note="3 ms of it one pass"),
        Task("mlm", "MLM", "complete", options={"estimator": "MLM"}, lavaan='estimator = "MLM"', floor=0.058,
             floor_note="that of MLR", goal=0.2),
        Task("mlr", "MLR", "complete", options={"estimator": "MLR"}, lavaan='estimator = "MLR"', floor=0.058, goal=0.2),
        Task("mlmv", "MLMV", "complete", options={"estimator": "MLMV"}, lavaan='estimator = "MLMV"', floor=0.15,
             floor_note="one full Gamma"),
        Task("fiml_few", f"FIML, {FEW_PATTERNS} patterns", "few", options=gaps, lavaan='missing = "ml"', floor=0.09,
             goal=0.3, goal_measures=0.6),
        Task("fiml_many", "FIML, one tenth missing at random", "many", options=gaps, lavaan='missing = "ml"', floor=1.1,
             floor_note="15,416 patterns", goal=3.0, goal_measures=6.0, has_slow_measures=True),
        Task("bootstrap", f"{n_draws:,} bootstrap draws", "complete", options=draws,
             lavaan='se = "bootstrap", bootstrap = DRAWS', floor=1.05, goal=3.5),
        Task("scalar", "4 groups, equal loadings and intercepts", "groups", options=scalar, floor=0.022, goal=0.1,
             lavaan='group = "g", group.equal = c("loadings", "intercepts")'),
    )  # fmt: skip


def task_rows(n_rows: int = N_ROWS, few: int = FEW_PATTERNS) -> dict[str, Callable[[], pd.DataFrame]]:
    """The rows that tasks speak of, made when they are asked for."""
    return {
        "holzinger": holzinger_rows,
        "complete": lambda: survey_rows(n_rows),
        "few": lambda: with_gaps(survey_rows(n_rows), few),
        "many": lambda: with_gaps(survey_rows(n_rows)),
        "groups": lambda: with_groups(survey_rows(n_rows), 4),
    }


@dataclass(frozen=True, slots=True)
class Series:
    """Fits of growing size.

    Parameters
    ----------
    name, axis : str
        File name and what grows.
    sizes : tuple of int
    lines : mapping of str to (options, arguments in R)
        The estimators, each a line in the plot.
    rows : callable
        Rows of one size.
    model : callable
        Model of one size.
    fixed : str
        What does not grow, in words.
    """

    name: str
    axis: str
    sizes: tuple[int, ...]
    lines: Mapping[str, tuple[Mapping[str, Any], str]]
    rows: Callable[[int], pd.DataFrame]
    model: Callable[[int], str]
    fixed: str


def growth(*, is_small: bool = False, n_draws: int = DRAWS) -> tuple[Series, ...]:
    """The series of the page; tiny ones to try the machinery."""
    base = 400 if is_small else 20_000
    top = 400 if is_small else N_ROWS
    robust = {
        "ML": ({}, ""),
        "MLR": ({"estimator": "MLR"}, 'estimator = "MLR"'),
        "MLMV": ({"estimator": "MLMV"}, 'estimator = "MLMV"'),
    }
    drawn = {f"{n_draws:,} draws": ({"se": "bootstrap", "bootstrap": n_draws, "seed": 1}, "")}
    fiml = {"FIML": ({"missing": "fiml"}, 'missing = "ml"')}
    fiml_robust = {"FIML, MLR": ({"missing": "fiml", "estimator": "MLR"}, 'missing = "ml", estimator = "MLR"')}
    equal = 'group = "g", group.equal = c("loadings", "intercepts")'
    scalar = {"group": GROUP, "group_equal": list(SCALAR)}
    groups = {"ML": (scalar, equal), "MLR": ({**scalar, "estimator": "MLR"}, f'{equal}, estimator = "MLR"')}
    return (
        Series("rows", "rows", (300, 600) if is_small else (1_000, 10_000, 100_000, 1_000_000), robust | drawn,
               survey_rows, lambda _: survey_model(), "24 items, 8 factors, structural part"),
        Series("items", "items", (10, 15) if is_small else (10, 25, 50, 100), robust | drawn,
               lambda size: scales_rows(size, base), scales_model, f"{base:,} rows, factors of five items"),
        Series("patterns", "patterns of missing values", (1, 5) if is_small else (2, 10, 100, 1_000, 16_000),
               fiml | fiml_robust, lambda size: with_gaps(survey_rows(top), size), lambda _: survey_model(),
               f"{top:,} rows, 24 items, 8 factors, structural part; a tenth missing"),
        Series("items_fiml", "items", (10, 15) if is_small else (10, 25, 50, 75), fiml,
               lambda size: with_gaps(scales_rows(size, base), 5 if is_small else FEW_PATTERNS), scales_model,
               f"{base:,} rows, {5 if is_small else FEW_PATTERNS} patterns, factors of five items"),
        Series("groups", "groups, equal loadings and intercepts", (2, 3) if is_small else (2, 4, 8, 16), groups,
               lambda size: with_groups(survey_rows(3 * top if is_small else top), size), lambda _: survey_model(),
               f"{top:,} rows in all, 24 items, 8 factors, structural part"),
    )  # fmt: skip
