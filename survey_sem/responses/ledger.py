"""Findings as they come in, with the rows behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.responses.answers import Problem
from survey_sem.responses.report import RULES, Finding
from survey_sem.responses.responses import BrokenCells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from survey_sem.responses.cells import Positions

SHOWN_ROWS = 3


class Ledger:
    """Collects findings: one per rule and item, however many cells."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self.findings: list[Finding] = []
        self.broken: list[BrokenCells] = []
        for finding in findings:
            self.note(finding)

    def note(self, finding: Finding) -> None:
        """A finding about a whole column."""
        self.findings.append(finding)
        self.broken.append(BrokenCells(finding.rule, finding.item, np.empty(0, dtype=np.int32)))

    def whole(self, rule: str, item: str, expected: str, got: str, hint: str = "") -> None:
        """As `note`, from its parts."""
        self.note(Finding(rule, item, RULES[rule], expected, got, hint=hint))

    def problem(self, item: str, problem: Problem, expected: str, *, groups: Positions | None = None) -> None:
        """A problem of one column; `expected` where the problem itself does not say it."""
        which = groups[problem.rows] if groups is not None and problem.rule == "duplicate-id" else None
        told = problem.expected or expected
        self.rows(problem.rule, item, problem.rows, told, problem.got, problem.hint, groups=which)

    def rows(
        self,
        rule: str,
        item: str,
        rows: NDArray[Any],
        expected: str,
        got: str,
        hint: str,
        *,
        groups: Positions | None = None,
    ) -> None:
        """A finding about the rows at these positions; none when there are none."""
        if not len(rows):
            return
        first = tuple(int(row) + 1 for row in rows[:SHOWN_ROWS])
        self.findings.append(Finding(rule, item, RULES[rule], expected, got, len(rows), first, hint))
        self.broken.append(BrokenCells(rule, item, rows.astype(np.int32), groups))
