"""Expressions: R's precedence, evaluation with any numbers, derivatives against finite differences, text and back."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import ModelError, ModelSyntaxError
from survey_sem.syntax import MATH_FUNCTIONS, Expr, parse_expression
from survey_sem.syntax.expressions import Binary, Call, Name, Negate, Number

VALUES = {"a": 0.7, "b": -1.3, "c": 2.5, ".p1.": 4.0}


def value(text: str) -> Any:
    return parse_expression(text).evaluate(VALUES, MATH_FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2^2", -4.0),
        ("(-2)^2", 4.0),
        ("2^3^2", 512.0),
        ("2**3**2", 512.0),
        ("2^-1", 0.5),
        ("2*-3", -6.0),
        ("-2*3+1", -5.0),
        ("1-2-3", -4.0),
        ("8/4/2", 1.0),
        ("1+2*3^2", 19.0),
        ("+3 - -3", 6.0),
        ("a*b + c", 0.7 * -1.3 + 2.5),
        (".p1./2", 2.0),
        ("1e-3*2", 0.002),
        (".5", 0.5),
        ("5.", 5.0),
        ("a^2 + exp(a) - log(abs(b))/sqrt(2)", 0.49 + math.exp(0.7) - math.log(1.3) / math.sqrt(2)),
        ("min(a, b, c) + max(a, b)", -1.3 + 0.7),
        ("pnorm(0) + dnorm(0) + qnorm(.975)", 0.5 + 1 / math.sqrt(2 * math.pi) + 1.9599639845400545),
    ],
)
def test_value(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-14)


def test_complex_numbers_pass_through() -> None:
    functions: dict[str, Callable[..., Any]] = {"exp": cmath.exp, "log": cmath.log, "sqrt": cmath.sqrt}
    step = 1e-30j
    expression = parse_expression("exp(a)*log(c)/sqrt(a)")
    slope = expression.evaluate({"a": 0.7 + step, "c": 2.5}, functions).imag / 1e-30
    exact = expression.derivative("a").evaluate({"a": 0.7, "c": 2.5}, MATH_FUNCTIONS)
    assert slope == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (" a + b * c ", "a+b*c"),
        ("(a+b)*c", "(a+b)*c"),
        ("a-(b-c)", "a-(b-c)"),
        ("a-(b+c)", "a-(b+c)"),
        ("a/(b*c)", "a/(b*c)"),
        ("(a^b)^c", "(a^b)^c"),
        ("a^(b^c)", "a^b^c"),
        ("(-a)^2", "(-a)^2"),
        ("-a^2", "-a^2"),
        ("a*-b", "a*-b"),
        ("2^-1", "2^-1"),
        ("min( a , b )", "min(a,b)"),
        ("1e-3", "1e-3"),
    ],
)
def test_text(text: str, printed: str) -> None:
    assert str(parse_expression(text)) == printed


def test_names() -> None:
    assert parse_expression("a + exp(b*.p1.) - 2").names == {"a", "b", ".p1."}
    assert parse_expression("1 + 2").names == frozenset()


UNARY = ["exp", "log", "log10", "log2", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh"]
DERIVATIVES = [
    *(f"{name}(a)" for name in [*UNARY, "abs", "asin", "acos", "pnorm", "qnorm", "dnorm"]),
    "abs(b*a)",
    "a^2",
    "2^a",
    "a^c",
    "c^(a*b)",
    "a*b/c",
    "c/(a+b)",
    "-a^2 + (a-b)*(a+b)",
    "sqrt(a^2 + b^2)*a",
    "log(a)/log(c) - exp(-a)",
    "min(b, c)*a",
]


@pytest.mark.parametrize("text", DERIVATIVES)
def test_derivative_is_the_slope(text: str) -> None:
    expression, step = parse_expression(text), 1e-6
    high, low = (expression.evaluate(VALUES | {"a": VALUES["a"] + shift}, MATH_FUNCTIONS) for shift in (step, -step))
    exact = expression.derivative("a").evaluate(VALUES, MATH_FUNCTIONS)
    assert exact == pytest.approx((high - low) / (2 * step), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "slope"),
    [("b + 2", "0"), ("a", "1"), ("3*a", "3"), ("a^2", "2*a"), ("a - a", "0"), ("-a", "-1"), ("a*b", "b")],
)
def test_derivative_is_simplified(text: str, slope: str) -> None:
    assert str(parse_expression(text).derivative("a")) == slope


def test_minimum_has_no_derivative_where_it_would_be_needed() -> None:
    expression = parse_expression("min(a, b)")
    assert str(expression.derivative("c")) == "0"
    with pytest.raises(ModelError, match=r"min\(a,b\) has no derivative with respect to 'a'"):
        expression.derivative("a")


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("a +", "missing-operand", 4),
        ("a * / b", "missing-operand", 5),
        ("(a + b", "unbalanced-parenthesis", 7),
        ("a + b)", "unexpected-token", 6),
        ("lgo(a)", "unknown-function", 1),
        ("log(a, 2)", "too-many-arguments", 1),
        ("a b", "unexpected-token", 3),
        ("exp()", "missing-operand", 5),
        ("1e999", "number-too-large", 1),
        ("a ? b", "unexpected-token", 3),
    ],
)
def test_errors_point_at_the_place(text: str, code: str, column: int) -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse_expression(text)
    assert caught.value.code == code
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"line 1, column {column}\n")


def test_a_function_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(ModelSyntaxError, match="did you mean 'log'"):
        parse_expression("lgo(a)")


def test_an_unknown_label_in_evaluation() -> None:
    with pytest.raises(ModelError, match="did you mean 'a'"):
        parse_expression("aa").evaluate({"a": 1.0}, MATH_FUNCTIONS)


def expressions() -> st.SearchStrategy[Expr]:
    numbers = st.floats(0, 100, allow_nan=False, width=32).map(Number)
    leaves = st.one_of(numbers, st.sampled_from(["a", "b", "x.1", ".p2."]).map(Name))

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        operators = st.sampled_from("+-*/^")
        calls = st.builds(Call, st.sampled_from(["exp", "abs", "tanh"]), st.tuples(inner))
        return st.one_of(st.builds(Binary, operators, inner, inner), st.builds(Negate, inner), calls)

    return st.recursive(leaves, grown, max_leaves=25)


@given(expressions())
def test_text_reads_back_as_the_same_tree(expression: Expr) -> None:
    again = parse_expression(str(expression))
    assert str(again) == str(expression)
    assert without_text(again) == without_text(expression)


def without_text(expression: Expr) -> Expr:
    match expression:
        case Number(value=number):
            return Number(number)
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator, without_text(left), without_text(right))
        case Negate(operand=operand):
            return Negate(without_text(operand))
        case Call(function=function, arguments=arguments):
            return Call(function, tuple(without_text(argument) for argument in arguments))
        case _:
            return expression


@given(expressions(), st.sampled_from(["a", "b"]))
def test_derivatives_can_be_printed_and_read(expression: Expr, name: str) -> None:
    slope = expression.derivative(name)
    assert parse_expression(str(slope)).names <= expression.names
