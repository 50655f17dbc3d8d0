"""Tokens -> expression, with R's precedence: ^ before unary minus before * / before + -; ^ is right associative."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey_sem.errors import ModelSyntaxError, did_you_mean
from survey_sem.syntax.expressions import Binary, Call, Expr, Name, Negate, Number
from survey_sem.syntax.functions import MANY_ARGUMENTS, MATH_FUNCTIONS
from survey_sem.syntax.places import syntax_error
from survey_sem.syntax.tokens import Token, tokenize

MAX_NESTING = 60
MAX_HEIGHT = 200

_INFIX = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 40, "**": 40}
_NEGATION_BINDING = 30


def parse_expression(text: str) -> Expr:
    """Read one expression from text, e.g. the right-hand side of a table row."""
    return parse_tokens([token for token in tokenize(text) if token.kind != "newline"])


def parse_tokens(tokens: Sequence[Token]) -> Expr:
    """Read one expression that uses all tokens; the last of them is the end marker or what follows the expression.

    Raises
    ------
    ModelSyntaxError
        Nothing where an operand must stand, unbalanced parentheses, an unknown function, nesting beyond `MAX_NESTING`,
        more than `MAX_HEIGHT` operators in a chain.
    """
    parser = _Parser(tokens)
    expression = parser.expression(0, 0)
    left_over = parser.current
    if parser.position < len(tokens) - 1:
        raise parser.error("unexpected-token", f"{left_over.shown} is not expected here", _expectation(left_over))
    return expression


def _expectation(token: Token) -> str:
    return "an opening parenthesis before it" if token.is_operator(")") else "an operator (+ - * / ^) or the end"


class _Parser:
    """Operator-precedence parser over a list of tokens that ends in a marker."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.heights: dict[int, int] = {}

    @property
    def current(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def error(self, code: str, what: str, expected: str | None = None, hint: str | None = None) -> ModelSyntaxError:
        return syntax_error(code, what, self.current.place, expected=expected, hint=hint)

    def expression(self, binding: int, nesting: int) -> Expr:
        if nesting > MAX_NESTING:
            raise self.error(
                "nested-too-deeply", "this expression is nested too deeply", f"at most {MAX_NESTING} levels"
            )
        left = self.prefix(nesting)
        while self.current.kind == "operator" and _INFIX.get(self.current.text, -1) > binding:
            token = self.advance()
            own = _INFIX[token.text]
            right_associative = own == _INFIX["^"]
            right = self.expression(own - 1 if right_associative else own, nesting + right_associative)
            left = self.built(Binary("^" if right_associative else token.text, left, right))
        return left

    def prefix(self, nesting: int) -> Expr:
        token = self.current
        if token.is_operator("-"):
            self.advance()
            return self.built(Negate(self.expression(_NEGATION_BINDING, nesting + 1)))
        if token.is_operator("+"):
            self.advance()
            return self.expression(_NEGATION_BINDING, nesting + 1)
        if token.is_operator("("):
            self.advance()
            inner = self.expression(0, nesting + 1)
            self.close(token)
            return inner
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            self.advance()
            return self.call(token, nesting) if self.current.is_operator("(") else Name(token.text)
        raise self.error(
            "missing-operand", f"{token.shown} stands where a value must be", "a label, a number, a function or '('"
        )

    def number(self) -> Expr:
        value = float(self.current.text)
        if not math.isfinite(value):
            raise self.error("number-too-large", f"{self.current.text} is too large for a number")
        return Number(value, self.advance().text)

    def call(self, name: Token, nesting: int) -> Expr:
        if name.text not in MATH_FUNCTIONS:
            raise syntax_error(
                "unknown-function",
                f"there is no function '{name.text}'",
                name.place,
                expected="one of " + " ".join(sorted(MATH_FUNCTIONS)),
                hint=did_you_mean(name.text, MATH_FUNCTIONS),
            )
        opening = self.advance()
        arguments = [self.expression(0, nesting + 1)]
        while self.current.is_operator(","):
            self.advance()
            arguments.append(self.expression(0, nesting + 1))
        self.close(opening)
        if len(arguments) > 1 and name.text not in MANY_ARGUMENTS:
            raise syntax_error(
                "too-many-arguments", f"{name.text}() takes one argument", name.place, got=f"{len(arguments)} arguments"
            )
        return self.built(Call(name.text, tuple(arguments)))

    def close(self, opening: Token) -> None:
        if not self.current.is_operator(")"):
            raise self.error(
                "unbalanced-parenthesis",
                f"{self.current.shown} stands where the parenthesis of column {opening.place.column} must close",
                "')'",
            )
        self.advance()

    def built(self, node: Expr) -> Expr:
        """Register a node and its height; refuse trees that are too high to walk by recursion."""
        height = 1 + max((self.heights.get(id(part), 0) for part in node.parts), default=0)
        self.heights[id(node)] = height
        if height > MAX_HEIGHT:
            raise self.error(
                "expression-too-long", "this expression is too long", f"at most {MAX_HEIGHT} terms in a row"
            )
        return node
