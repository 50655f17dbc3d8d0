"""Model text -> `ModelSyntax`: the formulas term by term, and the constraints, each with its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_sem.errors import ModelSyntaxError, nearest
from survey_sem.syntax.expression_parser import parse_tokens
from survey_sem.syntax.expressions import Expr, Name
from survey_sem.syntax.formulas import Term, parse_left, parse_right
from survey_sem.syntax.modifiers import NO_MODIFIERS, Modifiers
from survey_sem.syntax.places import Place, syntax_error
from survey_sem.syntax.splitting import Statement, split_statements
from survey_sem.syntax.tokens import Token, tokenize

CONSTRAINT_OPERATORS = (":=", "==", "<", ">")
BLOCKS = ("group", "level")


@dataclass(frozen=True, slots=True)
class FlatRow:
    """One element of the model as written: `lhs op rhs` in a block (from 1), with its modifiers and its place.

    A block line (`group: 1`) is a row with op ":"; `block` counts those from 1.
    """

    lhs: str
    op: str
    rhs: str
    block: int
    modifiers: Modifiers
    place: Place

    @property
    def shown(self) -> str:
        """The element as an error message names it."""
        return f"{self.lhs} {self.op}{' ' + self.rhs if self.rhs else ''}"


@dataclass(frozen=True, slots=True)
class ConstraintStatement:
    """A constraint or definition as written.

    `lhs_text` and `rhs_text` are its sides without blanks; `names` holds where the labels that it uses stand (the name
    that a definition defines is not among them).
    """

    op: str
    lhs: Expr
    rhs: Expr
    lhs_text: str
    rhs_text: str
    names: Mapping[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class ModelSyntax:
    """A parsed model: formulas (with block lines) and constraints, both in the order of the text."""

    text: str
    rows: tuple[FlatRow, ...]
    constraints: tuple[ConstraintStatement, ...]

    @property
    def n_groups(self) -> int:
        """The number of groups that the text itself speaks of: group blocks, or the longest c()."""
        groups = {row.rhs for row in self.rows if row.op == ":" and row.lhs == "group"}
        return len(groups) or max((row.modifiers.n_groups for row in self.rows), default=1) or 1


def parse_statements(text: str) -> ModelSyntax:
    """Read a model text.

    Raises
    ------
    ModelSyntaxError
        Whatever the language does not know, with line, column and caret; elements given twice, with both lines.
    """
    if not isinstance(text, str):
        raise ModelSyntaxError(
            "not-a-text",
            f"the model is a {type(text).__name__}, not a text",
            expected="a model text such as 'f =~ x1 + x2 + x3'",
            hint="the model comes first, then the data: sem(model, data)",
        )
    rows: list[FlatRow] = []
    constraints: list[ConstraintStatement] = []
    block = 0
    statements = split_statements(tokenize(text))
    if not statements:
        raise syntax_error("empty-model", "the model text has no formula", Place(1, 1, 1, text.split("\n")[0]))
    for statement in statements:
        operator = statement.operator
        if operator.text == ":":
            block += 1
            rows.append(_block_row(statement, block))
        elif operator.text in CONSTRAINT_OPERATORS:
            constraints.append(_constraint(statement))
        else:
            rows += _formula(statement, max(block, 1))
    _refuse_duplicates(rows)
    return ModelSyntax(text, tuple(rows), tuple(constraints))


def _formula(statement: Statement, block: int) -> list[FlatRow]:
    left = parse_left(statement.left, statement.operator)
    right = parse_right(statement.right, statement.operator, statement.end)
    rows: list[FlatRow] = []
    for subject in left:
        for term in right:
            rows.append(_row(subject, statement.operator, term, block))
    return rows


def _row(subject: Term, operator: Token, term: Term, block: int) -> FlatRow:
    op, rhs, modifiers = operator.text, term.variable, term.modifiers
    if op == "~" and term.is_intercept:
        op, rhs = "~1", ""
    if subject.modifiers is not NO_MODIFIERS:
        modifiers = modifiers.merged(subject.modifiers, term.token)
    return FlatRow(subject.variable, op, rhs, block, modifiers, term.place)


def _constraint(statement: Statement) -> ConstraintStatement:
    operator = statement.operator
    for side, name in ((statement.left, "left"), (statement.right, "right")):
        if not side:
            raise syntax_error(
                "empty-constraint",
                f"nothing stands {name} of '{operator.text}'",
                operator.place,
                expected="an expression",
            )
    left = parse_tokens([*statement.left, operator])
    right = parse_tokens([*statement.right, statement.end])
    if operator.text == ":=" and not isinstance(left, Name):
        raise syntax_error(
            "bad-definition", "left of ':=' stands no name", statement.left[0].place, expected="name := expression"
        )
    used = left.names | right.names if operator.text != ":=" else right.names
    tokens = statement.right if operator.text == ":=" else (*statement.left, *statement.right)
    names = {token.text: token.place for token in reversed(tokens) if token.kind == "name" and token.text in used}
    return ConstraintStatement(
        operator.text,
        left,
        right,
        _joined(statement.left),
        _joined(statement.right),
        names,
        statement.left[0].place,
    )


def _joined(tokens: tuple[Token, ...]) -> str:
    return "".join("^" if token.text == "**" else token.text for token in tokens)


def _block_row(statement: Statement, block: int) -> FlatRow:
    keyword, value = statement.left[0], statement.right[0]
    name = keyword.text.lower()
    if name not in BLOCKS:
        found = nearest(name, BLOCKS)
        raise syntax_error(
            "unknown-block",
            f"there is no block '{keyword.text}:'",
            keyword.place,
            expected="group: or level:",
            hint=f"did you mean '{found[0]}:'?" if found else "a definition is written with ':='",
        )
    return FlatRow(name, ":", value.value, block, NO_MODIFIERS, keyword.place)


def _refuse_duplicates(rows: list[FlatRow]) -> None:
    """An element that two formulas give is an error; x ~~ y and y ~~ x are the same element."""
    first: dict[tuple[str, str, str, int], FlatRow] = {}
    for row in rows:
        sides = sorted((row.lhs, row.rhs)) if row.op == "~~" else [row.lhs, row.rhs]
        key = (sides[0], row.op, sides[1], row.block)
        earlier = first.setdefault(key, row)
        if earlier is not row and row.op != ":":
            raise syntax_error(
                "duplicate-element",
                f"'{row.shown}' is given twice, on line {earlier.place.line} and on line {row.place.line}",
                row.place,
                expected="each element once",
                hint=f"delete one of them, or give all modifiers in one formula (first at {earlier.place})",
            )
