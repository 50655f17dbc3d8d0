"""Partial invariance: which parameters, freed over the groups, would improve a level most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey_sem.inference.restrictions import score_material
from survey_sem.measurement.hypotheses import constraint_names
from survey_sem.results import SemResult
from survey_sem.syntax import Parameter

Element = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ExpectedChange:
    """What freeing one parameter over the groups promises, seen from one group.

    mi, df, p_value : score test of freeing the parameter in all groups
    epc, expected : expected change of this group's value, and the value after it
    element : how `group_partial` names the parameter
    """

    lhs: str
    op: str
    rhs: str
    group: int
    group_label: str
    label: str
    mi: float
    df: int
    p_value: float
    est: float
    epc: float
    expected: float
    element: str


def expected_changes(fit: SemResult, before: SemResult) -> tuple[ExpectedChange, ...]:
    """Score tests of every parameter that `fit` holds equal or fixed and `before` does not, the largest first."""
    tied = [element for element in _tied(fit) if element not in _tied(before)]
    free_before = {(*_element(row), before.group_labels[row.group - 1]) for row in before.solution.rows if row.free}
    pinned = [
        row
        for row in fit.solution.rows
        if not row.free and (*_element(row), fit.group_labels[row.group - 1]) in free_before
    ]
    elements = list(dict.fromkeys([*tied, *(_element(row) for row in pinned)]))
    material = score_material(fit.solution, pinned)
    found: list[list[ExpectedChange]] = []
    for element in elements:
        kept = np.ones(len(material.constraints), dtype=bool)
        kept[_released(fit, element)] = False
        first = len(material.constraints) - len(pinned)
        kept[[first + k for k, row in enumerate(pinned) if _element(row) == element]] = False
        test = material.test(kept)
        own = _own_changes(fit, element, pinned, test.change)
        found.append([_change(fit, row, value, test.statistic, test.df, test.p_value, c) for row, value, c in own])
    found.sort(key=lambda group: -group[0].mi)
    return tuple(each for group in found for each in group)


def _element(row: Parameter) -> Element:
    return row.lhs, row.op, row.rhs


def _rows_of(fit: SemResult, at: int) -> list[Parameter]:
    """The parameters that an equality constraint is about."""
    table = fit.table
    names = constraint_names(table.equalities[at])
    return [table.rows[table.symbols[name]] for name in names if name in table.symbols]


def _released(fit: SemResult, element: Element) -> list[int]:
    """Positions of the constraints that hold one element equal over groups."""
    return [
        at
        for at in range(len(fit.table.equalities))
        if {_element(row) for row in _rows_of(fit, at)} == {element}
        and len({row.group for row in _rows_of(fit, at)}) > 1
    ]


def _tied(fit: SemResult) -> list[Element]:
    """Elements that are held equal over groups, in the table's order."""
    found: dict[Element, None] = {}
    for at in range(len(fit.table.equalities)):
        rows = _rows_of(fit, at)
        elements = {_element(row) for row in rows}
        if len(elements) == 1 and len({row.group for row in rows}) > 1:
            found.update(dict.fromkeys(elements))
    return list(found)


def _own_changes(
    fit: SemResult, element: Element, pinned: Sequence[Parameter], change: Any
) -> list[tuple[Parameter, float, float]]:
    """Row, value and expected change of one element in every group."""
    added = {row.id: fit.table.n_free + k for k, row in enumerate(pinned)}
    found = []
    for row, value in zip(fit.solution.rows, fit.solution.row_values(), strict=True):
        if _element(row) == element:
            at = row.free - 1 if row.free else added.get(row.id)
            found.append((row, float(value), 0.0 if at is None else float(change[at])))
    return found


def _change(
    fit: SemResult, row: Parameter, value: float, mi: float, df: int, p_value: float, epc: float
) -> ExpectedChange:
    return ExpectedChange(
        row.lhs, row.op, row.rhs, row.group, fit.group_labels[row.group - 1], row.label,
        mi, df, p_value, value, epc, value + epc, f"{row.lhs}{row.op}{row.rhs}",
    )  # fmt: skip
