"""Functions of the parameter vector that the user wrote: definitions, equalities, inequalities.

Each is a small expression tree over labels. Values work on arrays of draws as well as on one parameter vector;
gradients and Hessians are symbolic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array
from survey_sem.syntax import Expr, ParameterTable
from survey_sem.syntax.expressions import Binary


def _normal_cdf(x: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(x)


def _normal_quantile(p: Any) -> Any:
    from scipy.special import ndtri

    return ndtri(p)


def _normal_density(x: Any) -> Any:
    return np.exp(-0.5 * np.square(x)) / np.sqrt(2.0 * np.pi)


NUMPY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "min": lambda *values: np.minimum.reduce(values),
    "max": lambda *values: np.maximum.reduce(values),
    "pnorm": _normal_cdf,
    "qnorm": _normal_quantile,
    "dnorm": _normal_density,
}


@dataclass(frozen=True, slots=True)
class ParameterFunctions:
    """Expressions over labels, bound to a parameter vector.

    Parameters
    ----------
    expressions : tuple of Expr
        The r functions.
    position : mapping of str to int
        Label that the functions use -> position in the parameter vector.
    constant : mapping of str to float
        Label of a fixed parameter -> its value.
    definitions : mapping of str to Expr
        Names that expressions may use, each over labels and earlier names.
    """

    expressions: tuple[Expr, ...]
    position: Mapping[str, int]
    constant: Mapping[str, float]
    definitions: Mapping[str, Expr]

    def __len__(self) -> int:
        return len(self.expressions)

    def values(self, theta: Array) -> Array:
        """Values (..., r) at parameter vectors (..., q); NaN where an expression is undefined."""
        environment: dict[str, Any] = {name: theta[..., at] for name, at in self.position.items()}
        return self.values_in({**environment, **self.constant}, theta.shape[:-1])

    def values_in(self, environment: Mapping[str, Any], shape: tuple[int, ...] = ()) -> Array:
        """Values (..., r) with every label's value given, e.g. standardised ones."""
        known = dict(environment)
        with np.errstate(all="ignore"):
            for name, expression in self.definitions.items():
                known[name] = _value(expression, known)
            found = [_value(expression, known) for expression in self.expressions]
        return (
            np.stack([np.broadcast_to(np.asarray(value, float), shape) for value in found], -1)
            if found
            else (np.zeros((*shape, 0)))
        )

    def jacobian(self, theta: Array) -> Array:
        """First derivatives (r, q) at one parameter vector."""
        slopes = {name: _unit(len(theta), at) for name, at in self.position.items()}
        environment = {name: np.float64(theta[at]) for name, at in self.position.items()}
        return self.jacobian_in({**environment, **self.constant}, slopes, len(theta))

    def jacobian_in(self, environment: Mapping[str, float], slopes: Mapping[str, Array], size: int) -> Array:
        """First derivatives (r, size) by the chain rule, with every label's value and derivative (size,) given."""
        known, known_slopes = dict(environment), dict(slopes)
        with np.errstate(all="ignore"):
            for name, expression in self.definitions.items():
                known_slopes[name] = _slope(expression, known, known_slopes, size)
                known[name] = np.float64(_value(expression, known))
            rows = [_slope(expression, known, known_slopes, size) for expression in self.expressions]
        return np.array(rows).reshape(len(rows), size)

    def weighted_hessian(self, theta: Array, weights: Array) -> Array:
        """sum_i weights_i * Hessian of function i, shape (q, q), by central differences of the exact Jacobian.

        Only the speed of the optimiser depends on it, never a reported number.
        """
        size = len(theta)
        used = sorted(set(self.position.values()))
        result = np.zeros((size, size))
        for at in used:
            step = 1e-6 * max(1.0, abs(theta[at]))
            shift = _unit(size, at) * step
            change = weights @ (self.jacobian(theta + shift) - self.jacobian(theta - shift))
            result[at] = change / (2.0 * step)
        return (result + result.T) / 2.0

    def is_linear(self) -> NDArray[np.bool_]:
        """For each function (r,): are all its first derivatives constant in the parameters?"""
        return np.array([self._derivatives_are_constant(expression) for expression in self.expressions], dtype=bool)

    def subset(self, chosen: NDArray[np.bool_]) -> ParameterFunctions:
        """The functions at the positions that are True."""
        kept = tuple(e for e, keep in zip(self.expressions, chosen, strict=True) if keep)
        return ParameterFunctions(kept, self.position, self.constant, _needed(kept, self.definitions))

    def _derivatives_are_constant(self, expression: Expr) -> bool:
        for name in expression.names:
            if name in self.constant:
                continue
            if name in self.definitions and not self._derivatives_are_constant(self.definitions[name]):
                return False
            varying = expression.derivative(name).names - set(self.constant)
            if varying:
                return False
        return True


def _value(expression: Expr, environment: Mapping[str, Any]) -> Any:
    """The value of an expression; NaN where its constants have none (9^9^9^9, 1/0)."""
    try:
        return expression.evaluate(environment, NUMPY_FUNCTIONS)
    except (OverflowError, ZeroDivisionError):
        return np.float64(np.nan)


def _unit(size: int, at: int) -> Array:
    unit = np.zeros(size)
    unit[at] = 1.0
    return unit


def _slope(expression: Expr, environment: Mapping[str, float], slopes: Mapping[str, Array], size: int) -> Array:
    total = np.zeros(size)
    for name in sorted(expression.names):
        if name in slopes:
            total = total + float(_value(expression.derivative(name), environment)) * slopes[name]
    return total


def definition_functions(table: ParameterTable) -> ParameterFunctions:
    """The table's ``:=`` rows, in its order."""
    return bound_functions(table, tuple(row.rhs for row in table.definitions))


def equality_functions(table: ParameterTable) -> ParameterFunctions:
    """The table's ``==`` rows as functions that must be zero (left minus right)."""
    return bound_functions(table, tuple(Binary("-", row.lhs, row.rhs) for row in table.equalities))


def inequality_functions(table: ParameterTable) -> ParameterFunctions:
    """The table's ``<`` and ``>`` rows as functions that must not be negative."""
    ordered = [(row.lhs, row.rhs) if row.row.op == ">" else (row.rhs, row.lhs) for row in table.inequalities]
    return bound_functions(table, tuple(Binary("-", more, less) for more, less in ordered))


def bound_functions(table: ParameterTable, expressions: tuple[Expr, ...]) -> ParameterFunctions:
    """Expressions over the labels and definitions of a table, bound to its parameter vector."""
    definitions = _needed(expressions, {row.row.lhs: row.rhs for row in table.definitions})
    used = set[str]().union(*(expression.names for expression in (*expressions, *definitions.values())))
    position, constant = {}, {}
    for name in sorted(used & set(table.symbols)):
        row = table.rows[table.symbols[name]]
        if row.free:
            position[name] = row.free - 1
        elif row.ustart is not None and row.op not in (":=", "==", "<", ">"):
            constant[name] = np.float64(row.ustart)
    return ParameterFunctions(expressions, position, constant, definitions)


def _needed(expressions: Sequence[Expr], definitions: Mapping[str, Expr]) -> dict[str, Expr]:
    """The definitions that the expressions use, directly or through others, in an order that can be evaluated."""
    ordered: dict[str, Expr] = {}

    def visit(expression: Expr) -> None:
        for name in sorted(expression.names):
            if name in definitions and name not in ordered:
                visit(definitions[name])
                ordered[name] = definitions[name]

    for expression in expressions:
        visit(expression)
    return ordered
