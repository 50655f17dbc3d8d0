"""Expressions of constraints and definitions: a small immutable tree.

`evaluate` uses Python's operators and the functions it is given, so floats, complex numbers and numpy arrays all work.
The height of a tree is limited by the parser (`MAX_HEIGHT`), so that recursion over it is safe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_sem.errors import ModelError, did_you_mean

Functions = Mapping[str, Callable[..., Any]]
Values = Mapping[str, Any]

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
_NEGATION = 3
_ATOM = 5


@dataclass(frozen=True, slots=True)
class Expr:
    """A node; see the subclasses."""

    def evaluate(self, env: Values, functions: Functions) -> Any:
        """The value, with labels from `env` and functions from `functions`."""
        raise NotImplementedError

    def derivative(self, name: str) -> Expr:
        """The symbolic derivative with respect to the label `name`, lightly simplified.

        Raises
        ------
        ModelError
            Where `name` is inside min() or max().
        """
        from survey_sem.syntax.derivatives import derivative  # the rules need the node types

        return derivative(self, name)

    @property
    def names(self) -> frozenset[str]:
        """The labels that the expression uses."""
        return frozenset().union(*(part.names for part in self.parts))

    @property
    def parts(self) -> tuple[Expr, ...]:
        """The direct operands."""
        return ()

    @property
    def precedence(self) -> int:
        """How tightly the outermost operator binds; operands that bind less need parentheses."""
        return _ATOM


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A literal number; `text` is how it was written."""

    value: float
    text: str = ""

    def evaluate(self, env: Values, functions: Functions) -> Any:
        return self.value

    @property
    def precedence(self) -> int:
        return _NEGATION if str(self).startswith("-") else _ATOM

    def __str__(self) -> str:
        return self.text or number_text(self.value)


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """A label of a parameter or a definition."""

    name: str

    def evaluate(self, env: Values, functions: Functions) -> Any:
        if self.name in env:
            return env[self.name]
        raise ModelError(
            "unknown-label", f"no value for the label '{self.name}'", hint=did_you_mean(self.name, list(env))
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset((self.name,))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Negate(Expr):
    """Unary minus."""

    operand: Expr

    def evaluate(self, env: Values, functions: Functions) -> Any:
        return -self.operand.evaluate(env, functions)

    @property
    def parts(self) -> tuple[Expr, ...]:
        return (self.operand,)

    @property
    def precedence(self) -> int:
        return _NEGATION

    def __str__(self) -> str:
        return "-" + _wrapped(self.operand, _NEGATION)


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """`left operator right`, the operator one of + - * / ^."""

    operator: str
    left: Expr
    right: Expr

    def evaluate(self, env: Values, functions: Functions) -> Any:
        left, right = self.left.evaluate(env, functions), self.right.evaluate(env, functions)
        match self.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case _:
                return left**right

    @property
    def parts(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    @property
    def precedence(self) -> int:
        return _PRECEDENCE[self.operator]

    def __str__(self) -> str:
        own = self.precedence
        if self.operator == "^":  # right associative; the exponent may carry a sign
            return f"{_wrapped(self.left, own + 1)}^{_wrapped(self.right, _NEGATION)}"
        return f"{_wrapped(self.left, own)}{self.operator}{_wrapped(self.right, own + 1)}"


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function of the language applied to its arguments."""

    function: str
    arguments: tuple[Expr, ...]

    def evaluate(self, env: Values, functions: Functions) -> Any:
        values = [argument.evaluate(env, functions) for argument in self.arguments]
        return functions[self.function](*values)

    @property
    def parts(self) -> tuple[Expr, ...]:
        return self.arguments

    def __str__(self) -> str:
        return f"{self.function}({','.join(str(argument) for argument in self.arguments)})"


def number_text(value: float) -> str:
    """A number as short as it reads back: 2.0 -> '2', 0.1 -> '0.1', 1e-05 -> '1e-05'."""
    if value == int(value) and abs(value) < 1e15 if math.isfinite(value) else False:
        return str(int(value))
    return repr(float(value))


def _wrapped(expression: Expr, minimum: int) -> str:
    text = str(expression)
    return text if expression.precedence >= minimum else f"({text})"
