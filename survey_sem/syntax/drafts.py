"""Rows in the making: what the builder changes until a table is complete."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from survey_sem.syntax.modifiers import NO_MODIFIERS, Modifiers
from survey_sem.syntax.names import Variables
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.places import Place
from survey_sem.syntax.statements import FlatRow

NOWHERE = Place(0, 0)


@dataclass(slots=True)
class Draft:
    """A row of one block before ids, free numbers and plabels are given."""

    lhs: str
    op: str
    rhs: str
    user: int
    source: str
    place: Place = NOWHERE
    modifiers: Modifiers = NO_MODIFIERS
    free: bool = True
    ustart: float | None = None
    exo: int = 0
    label: str = ""
    lower: float = -math.inf
    upper: float = math.inf
    efa: str = ""
    rv: str = ""
    equal: str = ""

    @property
    def shown(self) -> str:
        """The element as a message names it."""
        return f"{self.lhs} {self.op}" + (f" {self.rhs}" if self.rhs else "")

    def fix(self, value: float | None, source: str) -> None:
        """Fix the row by a default, named in `source`."""
        self.free, self.ustart = False, value
        self.source = source if self.user == 0 else f"{self.source}, {source}"


@dataclass(slots=True)
class Block:
    """The rows of one group and level.

    split : variables of a first level whose means belong to a higher level
    is_group_block : the text gives this group's rows in a block of their own
    coded : factors whose means effect coding identifies
    """

    number: int
    group: int
    level: str
    options: TableOptions
    rows: list[Draft] = field(default_factory=list)
    split: frozenset[str] = frozenset()
    is_group_block: bool = False
    coded: set[str] = field(default_factory=set)

    def variables(self) -> Variables:
        """The variables by role, as the rows stand now."""
        return Variables(self.rows)

    def where(self, op: str) -> Iterator[Draft]:
        """Rows with this operator."""
        return (row for row in self.rows if row.op == op)

    def index(self) -> dict[tuple[str, str, str], Draft]:
        """(lhs, op, rhs) -> row."""
        return {(row.lhs, row.op, row.rhs): row for row in self.rows}


def user_rows(flat: Sequence[FlatRow]) -> list[Draft]:
    """Drafts of the rows that the text gives; covariances are turned so that the earlier variable stands left.

    Earlier: latent variables in their order, then observed ones in theirs.
    """
    drafts = [
        Draft(row.lhs, row.op, row.rhs, 1, f"line {row.place.line}", row.place, row.modifiers, efa=row.modifiers.efa)
        for row in flat
        if row.op != ":"
    ]
    variables = Variables(drafts)
    order = {name: position for position, name in enumerate([*variables.lv(), *variables.ov()])}
    for draft in drafts:
        if draft.op == "~~" and order[draft.lhs] > order[draft.rhs]:
            draft.lhs, draft.rhs = draft.rhs, draft.lhs
    return drafts
