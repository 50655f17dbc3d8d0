"""The parameter table: one row per parameter, constraint and definition, in lavaan's order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from survey_sem.errors import Warned
from survey_sem.syntax.expression_parser import parse_expression
from survey_sem.syntax.expressions import Expr
from survey_sem.syntax.names import Variables, variable_names
from survey_sem.syntax.writing import table_text

if TYPE_CHECKING:
    import pandas as pd

AUXILIARY = "auxiliary"
"""Where rows of auxiliary variables come from."""
CONSTRAINT_OPS = (":=", "==", "<", ">")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row.

    id : from 1
    lhs, op, rhs : the element; rhs is "" for intercepts (op "~1")
    user : 1 from the model text, 0 added by default, 2 equality implied by labels or options, 7 fixed for a rotation
    block, group : from 1 (0 for constraints); level : name of the level ("" when the model has none)
    free : number of the free parameter from 1, 0 for fixed ones
    ustart : fixed or starting value, None when neither was given
    exo : 1 for moments (and slopes under conditional_x) of fixed exogenous variables
    label : the user's label; plabel : ".p1." etc. ("" for constraints)
    lower, upper : bounds of a free parameter (-inf, inf without)
    efa : name of the rotated block; rv : label of the random slope
    source : "line 3", or the name of the default that added or fixed the row
    """

    id: int
    lhs: str
    op: str
    rhs: str
    user: int = 1
    block: int = 1
    group: int = 1
    level: str = ""
    free: int = 0
    ustart: float | None = None
    exo: int = 0
    label: str = ""
    plabel: str = ""
    lower: float = -math.inf
    upper: float = math.inf
    efa: str = ""
    rv: str = ""
    source: str = ""

    @property
    def is_parameter(self) -> bool:
        """Whether the row is a parameter of the model, not a constraint or a definition."""
        return self.op not in CONSTRAINT_OPS

    @property
    def is_sample_moment(self) -> bool:
        """Whether the row is a moment of fixed exogenous variables, which is that of the sample."""
        return bool(self.exo) and not self.free and self.op in ("~~", "~1")

    @property
    def shown(self) -> str:
        """The element as a message names it, e.g. "visual =~ x1"."""
        return f"{self.lhs} {self.op}" + (f" {self.rhs}" if self.rhs else "")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint or definition: `lhs op rhs` as expressions in labels; of a definition, lhs is its name."""

    row: Parameter
    lhs: Expr
    rhs: Expr


@dataclass(frozen=True)
class ParameterTable:
    """All rows of a model with what was decided to make them.

    rows : parameters block by block, then constraints and definitions
    group_labels, level_labels : in the order of their numbers
    options : every option of the table (see `TableOptions`), resolved
    warnings : what the model says otherwise than its author may think
    """

    rows: tuple[Parameter, ...]
    meanstructure: bool
    n_groups: int = 1
    group_labels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    function: str = "sem"
    fixed_x: bool = False
    conditional_x: bool = False
    parameterization: str = "delta"
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    warnings: tuple[Warned, ...] = ()

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Rows that are parameters of the model."""
        return tuple(row for row in self.rows if row.is_parameter)

    @cached_property
    def definitions(self) -> tuple[Constraint, ...]:
        """Definitions (:=) in the order of the text."""
        return self._constraints(":=")

    @cached_property
    def equalities(self) -> tuple[Constraint, ...]:
        """Equality constraints (==)."""
        return self._constraints("==")

    @cached_property
    def inequalities(self) -> tuple[Constraint, ...]:
        """Inequality constraints (< and >)."""
        return self._constraints("<", ">")

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Label or plabel -> index in `rows` of the first parameter that carries it."""
        index: dict[str, int] = {}
        for position, row in enumerate(self.rows):
            if row.is_parameter:
                for symbol in (row.plabel, row.label):
                    if symbol:
                        index.setdefault(symbol, position)
        return index

    @property
    def n_free(self) -> int:
        """The number of free parameters, equality constraints not counted."""
        return max((row.free for row in self.rows), default=0)

    @property
    def n_blocks(self) -> int:
        """Groups times levels."""
        return max((row.block for row in self.rows), default=0)

    def block(self, number: int) -> tuple[Parameter, ...]:
        """The parameters of one block."""
        return tuple(row for row in self.parameters if row.block == number)

    def names(self, kind: str, block: int | None = None) -> tuple[str, ...]:
        """Variables of a kind (see `survey_sem.syntax.names.KINDS`) in one block, or in all of them."""
        found = self._found_names.get((kind, block))
        if found is None:
            blocks = range(1, self.n_blocks + 1) if block is None else (block,)
            found = tuple(
                dict.fromkeys(name for number in blocks for name in variable_names(self._variables[number - 1], kind))
            )
            self._found_names[kind, block] = found
        return found

    @cached_property
    def _variables(self) -> tuple[Variables, ...]:
        return tuple(Variables(self.block(number)) for number in range(1, self.n_blocks + 1))

    @cached_property
    def _found_names(self) -> dict[tuple[str, int | None], tuple[str, ...]]:
        """Names by kind and block, as they are asked for: the rows never change."""
        return {}

    def replace_rows(self, rows: Iterable[Parameter]) -> ParameterTable:
        """The same table with other rows."""
        return replace(self, rows=tuple(rows))

    def with_ustart(self, values: Mapping[int, float | None]) -> ParameterTable:
        """The same table with new fixed or starting values, by row id."""
        return self.replace_rows(replace(row, ustart=values[row.id]) if row.id in values else row for row in self.rows)

    def to_text(self) -> str:
        """Model text that gives an equal table with function="lavaan" (see `table_text`)."""
        return table_text(self)

    def to_frame(self) -> pd.DataFrame:
        """All rows as a DataFrame; `level`, `lower`, `upper`, `efa` and `rv` only where the model uses them.

        As in lavaan, fixed parameters show their value as bounds where there are bounds.
        """
        import pandas as pd

        unused = {
            "level": not any(row.level for row in self.rows),
            "lower": all(row.lower == -math.inf for row in self.rows),
            "upper": all(row.upper == math.inf for row in self.rows),
            "efa": not any(row.efa for row in self.rows),
            "rv": not any(row.rv for row in self.rows),
        }
        columns = [column.name for column in fields(Parameter) if not unused.get(column.name, False)]
        frame = pd.DataFrame([[getattr(row, column) for column in columns] for row in self.rows], columns=columns)
        frame["ustart"] = frame["ustart"].astype(float)
        for bound in {"lower", "upper"} & set(columns):
            is_fixed = (frame["free"] == 0) & frame["ustart"].notna()
            frame.loc[is_fixed, bound] = frame.loc[is_fixed, "ustart"]
        return frame

    def _constraints(self, *ops: str) -> tuple[Constraint, ...]:
        return tuple(
            Constraint(row, parse_expression(row.lhs), parse_expression(row.rhs)) for row in self.rows if row.op in ops
        )
