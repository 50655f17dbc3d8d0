"""Symbolic derivatives of expressions, simplified where that is free (0 + x, 1 * x, x^1)."""

from __future__ import annotations

import math
from collections.abc import Callable

from survey_sem.errors import ModelError
from survey_sem.syntax.expressions import Binary, Call, Expr, Name, Negate, Number

ZERO, ONE, TWO = Number(0.0), Number(1.0), Number(2.0)

_OUTER: dict[str, Callable[[Expr], Expr]] = {
    "exp": lambda u: Call("exp", (u,)),
    "log": lambda u: _divide(ONE, u),
    "log10": lambda u: _divide(ONE, _times(u, Number(math.log(10.0)))),
    "log2": lambda u: _divide(ONE, _times(u, Number(math.log(2.0)))),
    "log1p": lambda u: _divide(ONE, _plus(ONE, u)),
    "expm1": lambda u: Call("exp", (u,)),
    "sqrt": lambda u: _divide(ONE, _times(TWO, Call("sqrt", (u,)))),
    "abs": lambda u: Call("sign", (u,)),
    "sign": lambda u: ZERO,
    "sin": lambda u: Call("cos", (u,)),
    "cos": lambda u: _negative(Call("sin", (u,))),
    "tan": lambda u: _divide(ONE, _power(Call("cos", (u,)), TWO)),
    "asin": lambda u: _divide(ONE, Call("sqrt", (_minus(ONE, _power(u, TWO)),))),
    "acos": lambda u: _negative(_divide(ONE, Call("sqrt", (_minus(ONE, _power(u, TWO)),)))),
    "atan": lambda u: _divide(ONE, _plus(ONE, _power(u, TWO))),
    "sinh": lambda u: Call("cosh", (u,)),
    "cosh": lambda u: Call("sinh", (u,)),
    "tanh": lambda u: _minus(ONE, _power(Call("tanh", (u,)), TWO)),
    "pnorm": lambda u: Call("dnorm", (u,)),
    "qnorm": lambda u: _divide(ONE, Call("dnorm", (Call("qnorm", (u,)),))),
    "dnorm": lambda u: _negative(_times(u, Call("dnorm", (u,)))),
}


def derivative(expression: Expr, name: str) -> Expr:
    """d expression / d name.

    Raises
    ------
    ModelError
        When `name` is inside min() or max(), which have kinks.
    """
    match expression:
        case Name(name=own):
            return ONE if own == name else ZERO
        case Negate(operand=operand):
            return _negative(derivative(operand, name))
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, left, right, derivative(left, name), derivative(right, name))
        case Call(function=function, arguments=arguments):
            inner = [derivative(argument, name) for argument in arguments]
            if all(_is(part, 0.0) for part in inner):
                return ZERO
            if function not in _OUTER:
                raise ModelError(
                    "not-differentiable",
                    f"{expression} has no derivative with respect to '{name}': {function}() has kinks",
                    hint="use bootstrap intervals, or define it without min() and max()",
                )
            return _times(inner[0], _OUTER[function](arguments[0]))
        case _:
            return ZERO


def _binary(operator: str, u: Expr, v: Expr, du: Expr, dv: Expr) -> Expr:
    match operator:
        case "+":
            return _plus(du, dv)
        case "-":
            return _minus(du, dv)
        case "*":
            return _plus(_times(du, v), _times(u, dv))
        case "/":
            return _minus(_divide(du, v), _divide(_times(u, dv), _power(v, TWO)))
        case _:
            return _power_rule(u, v, du, dv)


def _power_rule(u: Expr, v: Expr, du: Expr, dv: Expr) -> Expr:
    base = _times(_times(v, _power(u, _minus(v, ONE))), du)
    if _is(dv, 0.0):
        return base
    return _plus(base, _times(_times(_power(u, v), Call("log", (u,))), dv))


def _is(expression: Expr, value: float) -> bool:
    return isinstance(expression, Number) and expression.value == value


def _plus(left: Expr, right: Expr) -> Expr:
    if _is(left, 0.0):
        return right
    return left if _is(right, 0.0) else Binary("+", left, right)


def _minus(left: Expr, right: Expr) -> Expr:
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(left.value - right.value)
    if _is(left, 0.0):
        return _negative(right)
    return left if _is(right, 0.0) else Binary("-", left, right)


def _times(left: Expr, right: Expr) -> Expr:
    if _is(left, 0.0) or _is(right, 0.0):
        return ZERO
    if _is(left, 1.0):
        return right
    return left if _is(right, 1.0) else Binary("*", left, right)


def _divide(left: Expr, right: Expr) -> Expr:
    if _is(left, 0.0):
        return ZERO
    return left if _is(right, 1.0) else Binary("/", left, right)


def _power(base: Expr, exponent: Expr) -> Expr:
    if _is(exponent, 0.0):
        return ONE
    return base if _is(exponent, 1.0) else Binary("^", base, exponent)


def _negative(operand: Expr) -> Expr:
    match operand:
        case Number(value=value):
            return Number(-value) if value else operand
        case Negate(operand=inner):
            return inner
        case _:
            return Negate(operand)
