"""What a statistic is computed of: columns as values, missing values treated as declared, groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError
from survey_sem.linalg import Array, Indices
from survey_sem.sample.design.columns import Coded, coded, column, is_numeric, names_of, numbers, refuse_many_classes
from survey_sem.sample.design.results import label_name
from survey_sem.sample.design.statistics import Groups
from survey_sem.sample.design.survey_design import SurveyDesign

if TYPE_CHECKING:
    import pandas as pd

Names = str | Sequence[str] | None
MAX_GROUPS = 20_000
"""More combinations of groups and variables than this are an oversight: their covariance would not fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a design.

    Parameters
    ----------
    design : SurveyDesign
        With rows dropped as declared.
    values : array (k, n)
        One row per variable or level; zero outside the domain.
    labels : DataFrame, shape (n_groups k, any)
        Groups outermost.
    groups : Groups
        Groups of the rows.
    n : array of int (n_groups,)
        Rows with a weight in each group.
    """

    design: SurveyDesign
    values: Array
    labels: pd.DataFrame
    groups: Groups
    n: Indices

    def own_df(self, per_group: int) -> Array:
        """Degrees of freedom of each group as a domain of its own, `per_group` times (n_groups per_group,)."""
        inside = self.design.inside
        found = [
            self.design.degrees_of_freedom_among(inside & (self.groups.code == group))
            for group in range(self.groups.n_groups)
        ]
        return np.repeat(np.array(found, dtype=np.float64), per_group)


def question(
    design: SurveyDesign,
    variables: Names,
    by: Names,
    missing: str | None,
    *,
    levels: bool = True,
    what: str = "variables",
) -> Question:
    """Columns as values, groups, and the domain of the rows that have them.

    Parameters
    ----------
    design : SurveyDesign
        The sample.
    variables, by : str or list of str
        Columns of values and of groups.
    missing : {"drop"} or None
        What is done with rows that have missing values.
    levels : bool
        Whether columns that are no numbers become one row per level; otherwise they are an error.
    what : str
        Name of the argument, for errors.
    """
    names = names_of(variables if variables is not None else [], what)
    found = [_values(design, name, what, levels=levels) for name in names]
    grouping = [] if by is None else [coded(design.data, name, "by") for name in names_of(by, "by")]
    gaps = [each[1] for each in found if each[1] is not None] + [group.codes >= 0 for group in grouping]
    complete = np.logical_and.reduce(gaps) if gaps else np.ones(design.n_rows, dtype=bool)
    design = complete_domain(design, complete, [*names, *(group.name for group in grouping)], missing)
    inside = design.inside
    code, cells = group_codes(grouping, inside)
    values = np.concatenate([each[0] for each in found])
    if not inside.all():
        values[:, ~inside] = 0.0
    if len(values) * max(len(cells), 1) > MAX_GROUPS:
        raise DataError("too-many-groups", f"{len(cells)} groups of {len(values)} variables are too many", where="by")
    groups = Groups(code, max(len(cells), 1))
    n = np.bincount(code[inside], minlength=groups.n_groups)[: groups.n_groups]
    return Question(design, values, _labels(found, names, grouping, cells), groups, n)


def complete_domain(design: SurveyDesign, complete: Any, names: list[str], missing: str | None) -> SurveyDesign:
    """The domain of complete rows, where dropping the others was declared."""
    if missing not in (None, "drop"):
        raise OptionError("unknown-option", f"missing does not know '{missing}'", where="missing", expected="drop")
    gaps = int((~complete & design.inside).sum())
    if not gaps:
        return design
    if missing is None:
        raise MissingChoiceError(
            "missing-not-chosen",
            f"{gaps} of {int(design.inside.sum())} rows have missing values",
            where=", ".join(names[:12]),
            expected="missing='drop'",
            hint="'drop' estimates for those who answered (the other rows are outside the domain); where answers are "
            "missing for a reason, impute or adjust the weights before",
        )
    return design.subset(complete)


def group_codes(grouping: list[Coded], inside: Any) -> tuple[Indices, list[tuple[int, ...]]]:
    """Group of each row, the last code for rows outside, and the levels of each group that occurs (first by first)."""
    n = len(inside)
    if not grouping:
        return np.zeros(n, dtype=np.intp), []
    code = np.zeros(n, dtype=np.intp)
    for group in grouping:
        code = code * len(group.levels) + np.maximum(group.codes, 0)
    present = np.unique(code[inside])
    cells = [tuple(int(k) for k in np.unravel_index(one, [len(group.levels) for group in grouping])) for one in present]
    return np.where(inside, np.searchsorted(present, code), len(present)), cells


def _values(design: SurveyDesign, name: str, what: str, *, levels: bool) -> tuple[Array, Any, tuple[Any, ...]]:
    """A column as values (k, n), which of its rows are complete (None: all), and its levels (none: a number)."""
    if is_numeric(column(design.data, name, what)) or not levels:
        values = numbers(design.data, name, what)
        if np.isfinite(values.sum()):
            return values[None], None, ()
        complete = ~np.isnan(values)
        if np.isinf(values[design.inside]).any():
            raise DataError("infinite-value", f"column '{name}' has infinite values", where=what)
        return values[None], complete, ()
    factor = coded(design.data, name, what)
    if not factor.levels:
        raise DataError("no-values", f"column '{name}' has no values", where=what)
    refuse_many_classes(len(factor.levels), name, what)
    return (factor.codes == np.arange(len(factor.levels))[:, None]).astype(np.float64), factor.codes >= 0, factor.levels


def _labels(
    found: list[tuple[Array, Any, tuple[Any, ...]]],
    names: list[str],
    grouping: list[Coded],
    cells: list[tuple[int, ...]],
) -> pd.DataFrame:
    import pandas as pd

    rows = [(name, level) for name, each in zip(names, found, strict=True) for level in (each[2] or ("",))]
    n_cells = max(len(cells), 1)
    columns: dict[str, Any] = {}
    for k, group in enumerate(grouping):
        columns[label_name(group.name)] = [group.levels[cell[k]] for cell in cells for _ in rows]
    columns["variable"] = [name for name, _ in rows] * n_cells
    if any(each[2] for each in found):
        columns["level"] = [level for _, level in rows] * n_cells
    return pd.DataFrame(columns)
