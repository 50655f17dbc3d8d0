"""Tests of restrictions of one fitted model: score tests of those that it has, Wald tests of those that it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, ModelError, OptionError, Warned, did_you_mean
from survey_sem.estimation.functions import bound_functions
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.modification import element_key, zero_row
from survey_sem.inference.restrictions import Score, ScoreMaterial, score_material, wald
from survey_sem.inference.rules import Rules
from survey_sem.linalg import Array, one_blas_thread
from survey_sem.results import SemResult
from survey_sem.shown import fixed, html_table, p_text, text_table, warning_lines
from survey_sem.syntax import Constraint, Parameter, ParameterTable, parse_statements
from survey_sem.syntax.expressions import Binary, Expr

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class WaldTest:
    """A Wald test: `statistic` on `df` degrees of freedom; `values` are left minus right sides at the estimates."""

    statistic: float
    df: int
    p_value: float
    constraints: tuple[str, ...]
    values: tuple[float, ...]

    def __str__(self) -> str:
        tested = "; ".join(self.constraints)
        return f"Wald test of {tested}: chi-square {self.statistic:.3f}, df {self.df}, p {p_text(self.p_value)}"

    def __repr__(self) -> str:
        return str(self)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "constraints": list(self.constraints), "values": list(self.values)}


@dataclass(frozen=True, slots=True, repr=False)
class ScoreTest:
    """Score tests: each restriction released alone (`table`), and all of them together.

    statistic, df, p_value : all together; `df` counts what the released model still identifies
    tests : the records of `table`
    parameters : the records of `changes`
    """

    statistic: float
    df: int
    p_value: float
    tests: tuple[Mapping[str, Any], ...]
    parameters: tuple[Mapping[str, Any], ...]
    warnings: tuple[Warned, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row per restriction: ``lhs op rhs``, ``chisq df p_value``, and the expected parameter change.

        Of a constraint, `restriction` says it in the model's elements, and `epc_lhs`, `epc_rhs` are the changes of its
        two sides. Of an added parameter, `group` is 1-based and `epc` is its change.
        """
        import pandas as pd

        return pd.DataFrame(list(self.tests))

    @property
    def changes(self) -> pd.DataFrame:
        """All parameters when everything is released together: ``lhs op rhs group label est epc epv``."""
        import pandas as pd

        return pd.DataFrame(list(self.parameters))

    def __str__(self) -> str:
        heads, rows = self._cells()
        total = f"All together: chi-square {self.statistic:.3f}, df {self.df}, p {p_text(self.p_value)}"
        lines = ["Score tests, each alone", *text_table(heads, rows), "", total, *warning_lines(self.warnings)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        total = f"<p>All together: chi-square {self.statistic:.3f}, df {self.df}, p {p_text(self.p_value)}</p>"
        return html_table(*self._cells()) + total.replace("< 0", "&lt; 0")

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        changes = [name for name in ("epc", "epc_lhs", "epc_rhs") if name in self.tests[0]]
        rows = [
            [test["restriction"], fixed(test["chisq"]), str(test["df"]), p_text(test["p_value"])]
            + [fixed(test[name]) for name in changes]
            for test in self.tests
        ]
        return ["restriction", "chi-square", "df", "p", *changes], rows


def wald_test(fit: SemResult, constraints: str) -> WaldTest:
    """Wald test of equality constraints: h' (J V J')^-1 h at the estimates, V their sampling covariance.

    Parameters
    ----------
    fit : SemResult
        A fitted model with standard errors. Robust ones give the robust test.
    constraints : str
        Equalities in the model language, e.g. ``"a == b; c == 0"``: labels, definitions and functions of them.

    Raises
    ------
    ModelSyntaxError, ModelError
        The text is no equality, or uses an unknown label.
    DataError
        The fit has no standard errors, or the constraints cannot be tested.

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]], n_obs=200, names=["x", "m", "y"])
    >>> fit = ss.sem("m ~ a*x; y ~ b*m + c*x", m)
    >>> ss.wald_test(fit, "b == c")
    Wald test of b == c: chi-square 2.419, df 1, p 0.120
    """
    table = fit.table
    equalities = _equalities(constraints)
    _check_labels(table, [expression for pair in equalities for expression in pair])
    functions = bound_functions(table, tuple(Binary("-", lhs, rhs) for lhs, rhs in equalities))
    vcov = fit.vcov().to_numpy()
    theta = fit.solution.estimates.theta
    statistic, df = wald(functions, theta, vcov)
    texts = tuple(f"{lhs} == {rhs}" for lhs, rhs in equalities)
    if not df:
        raise DataError(
            "constraint-fixed",
            "the constraints have no sampling variation to test them with",
            where="; ".join(texts),
            hint="they hold only fixed parameters, already hold in the model, or have no value at the estimates",
        )
    values = tuple(float(value) for value in functions.values(theta))
    return WaldTest(statistic, df, chi_square_tail(statistic, df), texts, values)


def _equalities(text: str) -> list[tuple[Expr, Expr]]:
    if not isinstance(text, str):
        raise OptionError("bad-option", "constraints are a text", where="constraints", got=repr(text)[:80])
    statements = parse_statements(text)
    if statements.rows or not statements.constraints or any(each.op != "==" for each in statements.constraints):
        raise ModelError(
            "not-an-equality",
            "a Wald test takes equality constraints only",
            expected='such as "a == b; c == 0"',
            got=text.strip()[:80],
        )
    return [(each.lhs, each.rhs) for each in statements.constraints if isinstance(each.lhs, Expr)]


def _check_labels(table: ParameterTable, expressions: Sequence[Expr]) -> None:
    known = {*table.symbols, *(row.row.lhs for row in table.definitions)}
    for name in sorted({name for expression in expressions for name in expression.names}):
        if name not in known:
            labels = sorted(label for label in known if not label.startswith(".p"))
            raise ModelError(
                "unknown-label",
                f"the model has no label '{name}'",
                expected=", ".join(labels) or "a model with labels, such as y ~ a*x",
                hint=did_you_mean(name, labels),
            )


def score_test(fit: SemResult, release: Any = None, add: str | None = None) -> ScoreTest:
    """Score tests of equality constraints, or of parameters that the model leaves out.

    Parameters
    ----------
    fit : SemResult
        A converged fit.
    release : int, str or a list of them, optional
        Which equality constraints: their numbers from 1 in the table's order, their text (``"a == b"``), a label, or
        an element (``"visual=~x2"``: all constraints on it). Default: all.
    add : str, optional
        Instead: parameters in the model language (``"visual =~ x9; x7 ~~ x8"``), each in every group.

    Returns
    -------
    ScoreTest
        ``.table`` (each alone), the test of all together, and ``.changes`` of all parameters.

    Notes
    -----
    Statistics rest on the expected information of normal theory, also where standard errors are robust (a warning says
    so). Where releasing everything leaves parameters unidentified, only identified directions count as degrees of
    freedom; lavaan counts the constraints.

    Raises
    ------
    OptionError
        Both `release` and `add`; a constraint that the model does not have.
    DataError
        There is nothing to release.
    """
    if release is not None and add is not None:
        raise OptionError("options-contradict", "release and add are two tests", hint="call score_test twice")
    if not fit.converged:
        raise DataError("not-converged", "score tests need a converged fit")
    with one_blas_thread():
        tested = _release(fit, release) if add is None else _add(fit, add)
    return tested


def _release(fit: SemResult, release: Any) -> ScoreTest:
    equalities = fit.table.equalities
    if not equalities:
        raise DataError(
            "no-constraints", "the model has no equality constraints to release", hint='test parameters: add="f =~ x"'
        )
    chosen = range(len(equalities)) if release is None else _chosen(fit.table, release)
    theta = fit.solution.estimates.theta
    lhs = bound_functions(fit.table, tuple(row.lhs for row in equalities)).jacobian(theta)
    rhs = bound_functions(fit.table, tuple(row.rhs for row in equalities)).jacobian(theta)
    material = score_material(fit.solution)
    records = []
    for at in chosen:
        found = material.test(_all_but(material, [at]))
        row = equalities[at].row
        records.append(
            {
                "restriction": readable_constraint(fit, equalities[at]),
                "lhs": row.lhs, "op": row.op, "rhs": row.rhs,
                **_score_record(found),
                "epc_lhs": float(lhs[at] @ found.change), "epc_rhs": float(rhs[at] @ found.change),
            }
        )  # fmt: skip
    total = material.test(_all_but(material, chosen))
    return _score_test(fit, total, records, ())


def _chosen(table: ParameterTable, release: Any) -> list[int]:
    given = release if isinstance(release, list | tuple | set | range) else [release]
    found: list[int] = []
    for each in given:
        found += [at for at in _matching(table, each) if at not in found]
    return sorted(found)


def _matching(table: ParameterTable, wanted: Any) -> list[int]:
    """Positions of the equality constraints that one entry of `release` means."""
    count = len(table.equalities)
    if isinstance(wanted, int | np.integer) and not isinstance(wanted, bool) and 1 <= wanted <= count:
        return [int(wanted) - 1]
    text = "".join(wanted.split()) if isinstance(wanted, str) else ""
    found = [at for at, row in enumerate(table.equalities) if text in _spellings(table, row)]
    if not found:
        raise OptionError(
            "unknown-constraint",
            f"the model has no equality constraint {wanted!r}",
            where="release",
            expected=f'a number from 1 to {count}, or a text such as "a == b", "a" or "f=~x2"',
        )
    return found


def _spellings(table: ParameterTable, constraint: Constraint) -> set[str]:
    """The texts that mean a constraint: itself, its labels, the elements that it is about."""
    rows = [table.rows[table.symbols[name]] for name in constraint_names(constraint) if name in table.symbols]
    elements = {f"{row.lhs}{row.op}{row.rhs}" for row in rows}
    labels = {label for row in rows for label in (row.label, row.plabel) if label}
    whole = f"{constraint.row.lhs}=={constraint.row.rhs}"
    return {"".join(whole.split()), *elements, *labels}


def constraint_names(constraint: Constraint) -> frozenset[str]:
    """Labels that a constraint uses."""
    return constraint.lhs.names | constraint.rhs.names


def readable_constraint(fit: SemResult, constraint: Constraint) -> str:
    """A constraint in the model's elements where its labels were made by the options, e.g. of equal groups."""
    sides = []
    for text, expression in ((constraint.row.lhs, constraint.lhs), (constraint.row.rhs, constraint.rhs)):
        at = fit.table.symbols.get(text)
        if at is None or expression.names != {text} or not text.startswith(".p"):
            sides.append(text)
            continue
        row = fit.table.rows[at]
        place = f" [{fit.group_labels[row.group - 1]}]" if fit.n_groups > 1 else ""
        sides.append(f"{row.shown}{place}")
    return " == ".join(sides)


def _add(fit: SemResult, add: str) -> ScoreTest:
    rows = _added_rows(fit, add)
    material = score_material(fit.solution, rows)
    first = len(material.constraints) - len(rows)
    size = fit.table.n_free
    records = []
    for k, row in enumerate(rows):
        found = material.test(_all_but(material, [first + k]))
        place = f" [{fit.group_labels[row.group - 1]}]" if fit.n_groups > 1 else ""
        names = {"lhs": row.lhs, "op": row.op, "rhs": row.rhs, "group": row.group}
        epc = {"epc": float(found.change[size + k])}
        records.append({"restriction": f"{row.shown}{place}", **names, **_score_record(found), **epc})
    total = material.test(_all_but(material, range(first, first + len(rows))))
    return _score_test(fit, total, records, rows)


def _added_rows(fit: SemResult, add: str) -> list[Parameter]:
    """The parameters to add, of every group: fixed ones of the table, or new ones at zero."""
    table = fit.table
    statements = parse_statements(add)
    if statements.constraints or not statements.rows:
        raise ModelError("not-parameters", "add takes parameters only", expected='such as "f =~ x9; x7 ~~ x8"')
    rows = []
    for block in range(1, fit.n_groups + 1):
        present = {element_key(row.block, row.lhs, row.op, row.rhs): row for row in table.parameters}
        names = {*table.names("ov", block), *table.names("lv", block)}
        for each in statements.rows:
            unknown = [name for name in (each.lhs, each.rhs) if name and name not in names]
            if unknown:
                hint = did_you_mean(unknown[0], names)
                raise ModelError("unknown-variable", f"the model has no variable '{unknown[0]}'", hint=hint)
            own = present.get(element_key(block, each.lhs, each.op, each.rhs))
            if own is not None and own.free:
                raise ModelError("already-free", f"'{own.shown}' is a free parameter already", hint="leave it out")
            rows.append(own or zero_row(table, block, each.lhs, each.op, each.rhs))
    return rows


def _all_but(material: ScoreMaterial, released: Sequence[int]) -> Any:
    kept = np.ones(len(material.constraints), dtype=bool)
    kept[list(released)] = False
    return kept


def _score_record(found: Score) -> dict[str, Any]:
    return {"chisq": found.statistic, "df": found.df, "p_value": found.p_value}


def _score_test(fit: SemResult, total: Score, records: list[dict[str, Any]], added: Sequence[Parameter]) -> ScoreTest:
    rows = [*fit.solution.rows, *added]
    values = np.concatenate([fit.solution.row_values(), [row.ustart or 0.0 for row in added]])
    at = [row.free - 1 for row in fit.solution.rows]
    at += [fit.table.n_free + k for k in range(len(added))]
    parameters = [
        _change(row, float(value), total.change, place)
        for row, value, place in zip(rows, values, at, strict=True)
        if place >= 0
    ]
    warnings = normal_theory_warning(fit.solution.rules)
    return ScoreTest(total.statistic, total.df, total.p_value, tuple(records), tuple(parameters), warnings)


def _change(row: Parameter, value: float, change: Array, at: int) -> dict[str, Any]:
    epc = float(change[at])
    names = {"lhs": row.lhs, "op": row.op, "rhs": row.rhs, "group": row.group, "label": row.label}
    return {**names, "est": value, "epc": epc, "epv": value + epc}


def normal_theory_warning(rules: Rules) -> tuple[Warned, ...]:
    """A warning where the fit is robust and its score tests are not."""
    if rules.se in ("standard", "none") and rules.adjusted_test is None:
        return ()
    return (
        Warned(
            "score-test-not-robust",
            "score tests and expected changes rest on normal theory, though this fit's tests are robust",
            hint="take them as a guide to which restriction strains most, not as tests",
        ),
    )
