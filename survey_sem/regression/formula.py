"""A formula and data become a response and a matrix of predictors.

A formula is text of a study file: its factors are held against a short list of what may stand there before formulaic
evaluates any of them.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.linalg import Array
from survey_sem.regression.solving import NormalEquations
from survey_sem.sample.design.columns import LARGEST, column, factorized, is_numeric, refuse_many_classes, values_of

if TYPE_CHECKING:
    import pandas as pd

_COLOURS = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")  # formulaic paints the place of an error

CALLS = ("C", "I", "log", "log10", "log2", "log1p", "exp", "sqrt", "center", "scale", "poly", "bs", "cr", "contr")
"""Functions that may stand in a formula; ``contr.treatment("base")`` and its like inside ``C()``."""
MOST_POWER = 10
MANY_ROWS = 2000
_NODES = (
    ast.Expression, ast.Name, ast.Load, ast.Constant, ast.Call, ast.keyword, ast.Attribute, ast.UnaryOp, ast.USub,
    ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod, ast.FloorDiv, ast.List, ast.Tuple,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.BitAnd, ast.BitOr, ast.Invert, ast.Not,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a formula: its columns in the matrix, and the variables that it is made of."""

    name: str
    columns: tuple[int, ...]
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predictors:
    """The right-hand side over the rows that are used.

    Parameters
    ----------
    x : array (n, k)
        The matrix, an intercept first where the formula has one.
    names : tuple of str, (k,)
        Of the columns; a level of a factor is ``education[T.master]``.
    terms : tuple of Term
        Without the intercept.
    spec : formulaic.ModelSpec
        Makes the same matrix from other data.
    """

    x: Array
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    spec: Any

    @property
    def has_intercept(self) -> bool:
        """Whether there is a constant column."""
        return "Intercept" in self.names

    def anew(self, data: pd.DataFrame) -> Array:
        """The matrix (n, k) for other values of the same variables.

        Raises
        ------
        DataError
            A category that the regression was not fitted to.
        """
        from formulaic.errors import DataMismatchWarning

        with warnings.catch_warnings():
            warnings.simplefilter("error", DataMismatchWarning)
            try:
                return np.asarray(self.spec.get_model_matrix(data, na_action="ignore"), dtype=np.float64)
            except DataMismatchWarning as told:
                what = "a predictor has categories that the regression was not fitted to"
                raise DataError("unknown-category", what, got=str(told).partition("They")[0].strip()) from None


@dataclass(frozen=True, slots=True)
class Equation:
    """A formula, read and held against data: names only, nothing evaluated."""

    text: str
    response: str
    parsed: Any
    variables: tuple[str, ...]


def read_formula(text: str, data: pd.DataFrame) -> Equation:
    """The formula, with every factor held against what may stand in one.

    Raises
    ------
    OptionError
        The text cannot be read, has no left-hand side, or calls what is not among `CALLS`.
    DataError
        It names a column that the data do not have.
    """
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    if not isinstance(text, str):
        raise OptionError("bad-formula", "a formula is text", where="formula", expected='"y ~ x + z"', got=repr(text))
    try:
        parsed = Formula(text)
    except (FormulaicError, SyntaxError) as error:
        raise _unreadable(text, str(error)) from None
    left, right = getattr(parsed, "lhs", None), getattr(parsed, "rhs", None)
    if left is None or right is None or isinstance(right, tuple) or len(list(left)) != 1:
        raise _unreadable(text, "one response stands left of one ~, predictors stand right of it")
    if not len(right):
        raise _unreadable(text, "without an intercept and predictors there is nothing to estimate")
    known = [str(name) for name in data.columns]
    variables: dict[str, None] = {}
    for side in (left, right):
        for term in side:
            for factor in term.factors:
                variables |= dict.fromkeys(_variables(str(factor.expr), factor.eval_method.value, text, known))
    return Equation(text, str(next(iter(left))), parsed, tuple(variables))


def _unreadable(text: str, why: str) -> OptionError:
    return OptionError(
        "bad-formula",
        "the formula cannot be read",
        where=f"formula '{text}'",
        expected='"y ~ x + z"',
        got=_COLOURS.sub("", why).strip()[:200],
    )


def _variables(factor: str, kind: str, text: str, known: list[str]) -> Iterator[str]:
    """Names of the columns that a factor reads; an error for anything that is not arithmetic on columns."""
    if kind == "literal":
        return
    if kind == "lookup":
        yield _column(factor, text, known)
        return
    quoted = {f"__column_{at}": name for at, name in enumerate(known)}
    plain = factor
    for place, name in quoted.items():
        plain = plain.replace(f"`{name}`", place)
    try:
        tree = ast.parse(plain, mode="eval")
    except SyntaxError as error:
        raise _unreadable(text, f"{factor}: {error.msg}") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not _is_small(node.right):
            raise _not_allowed(factor, ast.unparse(node), text)
        is_contrast = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "contr"
        if not isinstance(node, _NODES) or (isinstance(node, ast.Attribute) and not is_contrast):
            raise _not_allowed(factor, ast.unparse(node), text)
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name | ast.Attribute):
            raise _not_allowed(factor, ast.unparse(node), text)
        if isinstance(node, ast.Name) and node.id not in ("contr", "True", "False"):
            if id(node) not in called:
                yield _column(quoted.get(node.id, node.id), text, known)
            elif node.id not in CALLS:
                raise _not_allowed(factor, node.id, text)


def _is_small(exponent: ast.expr) -> bool:
    """Whether an exponent is a plain number of at most 10: a tower of powers would never end."""
    if isinstance(exponent, ast.UnaryOp):
        exponent = exponent.operand
    value = exponent.value if isinstance(exponent, ast.Constant) else None
    return isinstance(value, int | float) and abs(value) <= MOST_POWER


def _not_allowed(factor: str, part: str, text: str) -> OptionError:
    return OptionError(
        "bad-formula",
        f"'{part}' has no place in a formula",
        where=f"formula '{text}'",
        expected=f"columns, numbers, + - * / ** comparisons, and {', '.join(CALLS)}",
        got=factor,
    )


def _column(name: str, text: str, known: list[str]) -> str:
    if name not in known:
        raise DataError(
            "unknown-variable",
            f"the data have no column '{name}'",
            where=f"formula '{text}'",
            hint=did_you_mean(name, known),
        )
    return name


def predictors(equation: Equation, data: pd.DataFrame) -> Predictors:
    """The matrix of the right-hand side over rows without missing values.

    Raises
    ------
    DataError
        A predictor is constant or a sum of others: the columns are named.
    """
    from formulaic.errors import FormulaicError

    for factor in {factor for term in equation.parsed.rhs for factor in term.factors}:
        if str(factor.expr).startswith("C("):
            for name in _variables(str(factor.expr), factor.eval_method.value, equation.text, list(data.columns)):
                refuse_many_classes(data[name].nunique(), name, f"formula '{equation.text}'")
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # refused below, with the term's name
            matrix = equation.parsed.rhs.get_model_matrix(data, context=_context(), na_action="ignore")
    except FormulaicError as error:
        raise DataError(
            "bad-predictor", "a predictor cannot be made", where=f"formula '{equation.text}'", got=str(error)[:200]
        ) from None
    x = np.asarray(matrix, dtype=np.float64)
    names = tuple(str(name) for name in matrix.columns)
    _refuse_not_finite(x, names, equation.text)
    spec = matrix.model_spec
    terms = tuple(
        Term(str(term), tuple(int(at) for at in columns), _of_term(term, equation))
        for term, columns in spec.term_indices.items()
        if str(term) != "1" and len(columns) > 0
    )
    _refuse_collinear(x, names, equation.text)
    return Predictors(x, names, terms, spec)


def usable_columns(equation: Equation, data: pd.DataFrame, others: Sequence[str]) -> pd.DataFrame:
    """The columns of a formula and others beside it: numbers, or categories in their order.

    Raises
    ------
    DataError
        A column that is not there, or twice; one of neither numbers nor categories: times, lists in cells.
    """
    import pandas as pd

    found = {name: usable(column(data, name, f"formula '{equation.text}'")) for name in equation.variables}
    found |= {name: column(data, name, "cluster, offset") for name in others if name not in found}
    return pd.DataFrame(found, index=data.index)


def usable(series: pd.Series[Any]) -> pd.Series[Any]:
    """A column as plain numbers or as categories; see :func:`usable_columns`."""
    import pandas as pd

    if series.dtype == np.float16:  # of which pandas makes no categories
        return series.astype(np.float64)
    if isinstance(series.dtype, pd.CategoricalDtype) or getattr(series.dtype, "kind", "O") in "iufb":
        return series
    place = f"column {series.name}"
    if is_numeric(series):
        return pd.Series(values_of(series, place), index=series.index, name=series.name)
    kind = pd.api.types.infer_dtype(series)
    if kind.startswith(("date", "time", "period", "complex")):
        raise DataError(
            "not-numeric",
            f"'{series.name}' has neither numbers nor categories",
            where=place,
            got=f"{series.dtype}, {kind}",
            hint="make a number of it first: days since a date, the year",
        )
    codes, levels = factorized(series, place, sort=True)
    refuse_many_classes(len(levels), str(series.name), place)
    return pd.Series(
        pd.Categorical.from_codes(codes, pd.Index(levels, tupleize_cols=False)), index=series.index, name=series.name
    )


def _of_term(term: Any, equation: Equation) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for factor in term.factors:
        kind, known = factor.eval_method.value, list(equation.variables)
        found |= dict.fromkeys(_variables(str(factor.expr), kind, equation.text, known))
    return tuple(found)


def _context() -> dict[str, Any]:
    """Plain functions of arrays; formulaic brings those that remember the data (C, scale, poly, bs ...)."""
    return {name: getattr(np, name) for name in ("log", "log10", "log2", "log1p", "exp", "sqrt")}


def _refuse_not_finite(x: Array, names: tuple[str, ...], text: str) -> None:
    bad = np.flatnonzero(~(np.abs(x) <= LARGEST).all(axis=0))
    if len(bad):
        count = int((~(np.abs(x[:, bad[0]]) <= LARGEST)).sum())
        raise DataError(
            "not-finite",
            f"'{names[bad[0]]}' is no number, or too large a one, in {count} rows",
            where=f"formula '{text}'",
            hint="a logarithm of 0 or of a negative number?",
        )


def _refuse_collinear(x: Array, names: tuple[str, ...], text: str) -> None:
    """Name a column that others add up to, and those others."""
    if x.shape[0] <= x.shape[1]:
        raise DataError("too-few-rows", f"{x.shape[0]} rows for {x.shape[1]} coefficients", where=f"formula '{text}'")
    some = x[:: max(len(x) // MANY_ROWS, 1)]  # columns that are apart in some rows are apart in all
    if NormalEquations.of(some, np.ones(len(some))).are_well_apart:
        return
    length = np.linalg.norm(x, axis=0)
    scaled = x / np.where(length > 0, length, 1.0)
    triangle = np.linalg.qr(scaled, mode="r")
    free = np.abs(np.diag(triangle)) > 1e-8
    for at in np.flatnonzero(~free):
        before = [j for j in range(at) if free[j]]
        share = np.linalg.lstsq(scaled[:, before], scaled[:, at], rcond=None)[0] if before else np.zeros(0)
        others = [names[j] for j, part in zip(before, share, strict=True) if abs(part) > 1e-6]
        made = f"is made of {', '.join(others)}" if others else "is 0 in every row"
        raise DataError(
            "collinear",
            f"the predictor '{names[at]}' {made}: their coefficients cannot be told apart",
            where=f"formula '{text}'",
            hint="leave one of them out",
        )


def response(equation: Equation, data: pd.DataFrame) -> pd.Series[Any]:
    """The left-hand side as a column: as it is where it is a name, evaluated where it is an expression."""
    if equation.response in data.columns:
        return data[equation.response]
    import pandas as pd

    matrix = equation.parsed.lhs.get_model_matrix(data, context=_context(), na_action="ignore")
    columns = [name for name in matrix.columns if str(name) != "Intercept"]
    if len(columns) != 1:
        raise _unreadable(equation.text, f"the response '{equation.response}' is not one column")
    return pd.Series(np.asarray(matrix[columns[0]], dtype=np.float64), index=data.index, name=equation.response)
