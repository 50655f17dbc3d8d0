"""The population's model in numbers: every parameter has its value, or gets it by the standardised convention.

Factors and latent responses have variance 1 unless their variance is written: a residual variance that is not written
is 1 less what the model explains. What else is not written is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey_sem.errors import ModelError, did_you_mean
from survey_sem.estimation.implied import ImpliedMoments, implied
from survey_sem.estimation.representation import represent
from survey_sem.linalg import Array, Indices, cholesky_or_none
from survey_sem.syntax import MATH_FUNCTIONS, Parameter, ParameterTable, parse_model

_OPERATORS = ("=~", "~", "~~", "~1")
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """The model of one group, complete.

    Parameters
    ----------
    parameters : tuple of Parameter
        Those written, then the variances that were completed; `ustart` is the value.
    definitions : tuple of Parameter
        Those of the text (``:=``), with their values.
    observed, latent : tuples of str
        Names of the p observed variables y and of the m variables eta (see `survey_sem.estimation.representation`).
    matrices : mapping
        ``Lambda Beta Psi Theta nu alpha``.
    moments : ImpliedMoments
        Covariances and means of y and eta.
    """

    parameters: tuple[Parameter, ...]
    definitions: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    matrices: Mapping[str, Array]
    moments: ImpliedMoments

    @property
    def factors(self) -> tuple[str, ...]:
        """The latent variables among eta."""
        return tuple(name for name in self.latent if name not in self.observed)

    def predictor_variance(self, effects: Mapping[str, float]) -> float:
        """Variance of ``sum of effect * factor``."""
        weights = np.array([effects.get(name, 0.0) for name in self.latent])
        return float(weights @ self.moments.cov_eta @ weights)


def read_population_model(text: str) -> ParameterTable:
    """The table of a population model: what is written, without anything added.

    Raises
    ------
    ModelSyntaxError
        The text cannot be read.
    ModelError
        It holds what has no place in a population: constraints, levels, composites, products, free parameters.
    """
    table = parse_model(text, function="lavaan", fixed_x=False)
    if table.n_groups > 1 or table.level_labels or any(row.level for row in table.rows):
        what = "the model text has group or level blocks"
        raise ModelError("blocks-in-population", what, hint="write one block; see 'groups' of a population file")
    written = tuple(row for row in table.rows if row.user == 1)
    for row in written:
        _check_row(row)
    _check_values(written)
    return table.replace_rows(written)


def _check_row(row: Parameter) -> None:
    if row.op in ("==", "<", ">"):
        what = f"the constraint '{row.shown}' has no place in a population"
        raise ModelError("constraint-in-population", what, where=row.source, hint="write the values themselves")
    if row.op not in (*_OPERATORS, "|", ":="):
        what = f"'{row.shown}' cannot be simulated"
        raise ModelError("operator-not-supported", what, where=row.source, expected="=~ ~ ~~ ~1 | :=")
    if row.op != ":=" and (":" in row.lhs or ":" in row.rhs):
        what = f"'{row.shown}': products of variables cannot be simulated"
        raise ModelError("operator-not-supported", what, where=row.source, hint="write main effects only")


def _check_values(rows: Sequence[Parameter]) -> None:
    """Every parameter that is written needs a value."""
    blank = [row for row in rows if row.is_parameter and row.ustart is None]
    if not blank:
        return
    named = ", ".join(f"'{row.shown}'" for row in blank[:10]) + (", ..." if len(blank) > 10 else "")
    many = len(blank) > 1
    raise ModelError(
        "parameter-without-value",
        f"{len(blank)} parameter{'s' if many else ''} of the population {'have' if many else 'has'} no value: {named}",
        where=blank[0].source,
        expected=f"a value with each, e.g. {_with_value(blank[0])}",
        hint="only variances may be left out: they follow from total variances of 1",
    )


def _with_value(row: Parameter) -> str:
    return f"{row.lhs} ~ 0.5*1" if row.op == "~1" else f"{row.lhs} {row.op} 0.5*{row.rhs}"


def override(table: ParameterTable, text: str) -> ParameterTable:
    """A group's table: the population's, with the parameters of `text` in place of its own.

    Raises
    ------
    ModelSyntaxError, ModelError
        As :func:`read_population_model`; a variable that the model does not have.
    """
    changes = read_population_model(text).rows
    known = {name for row in table.parameters for name in (row.lhs, row.rhs) if name}
    for row in changes:
        for name in (row.lhs, row.rhs) if row.is_parameter else ():
            if name and name not in known and row.op != "|":
                raise ModelError(
                    "unknown-variable",
                    f"'{row.shown}': the population's model has no variable '{name}'",
                    where=row.source,
                    hint=did_you_mean(name, known),
                )
    rows = {_key(row): row for row in table.rows}
    for row in changes:
        kept = rows.get(_key(row))
        rows[_key(row)] = replace(row, label=row.label or (kept.label if kept else ""))
    return table.replace_rows(rows.values())


def _key(row: Parameter) -> _Key:
    left, right = sorted((row.lhs, row.rhs)) if row.op == "~~" else (row.lhs, row.rhs)
    return left, row.op, right


def complete(table: ParameterTable, means: Mapping[str, float] | None = None) -> Structure:
    """The structure of a table whose written parameters all have values.

    Parameters
    ----------
    table : ParameterTable
        See :func:`read_population_model`.
    means : mapping
        Added to the intercepts of factors, by name.

    Raises
    ------
    ModelError
        A variable is explained to 100% or more; the regressions have no solution; the (co)variances written are
        none that variables can have.
    """
    rows = _with_means([row for row in table.parameters if row.op != "|"], means or {})
    base = table.replace_rows(rows)
    observed, factors = base.names("ov", 1), base.names("lv", 1)
    given = {row.lhs for row in rows if row.op == "~~" and row.lhs == row.rhs}
    lacking = [name for name in (*factors, *observed) if name not in given]
    for kind in ("eta", "epsilon"):  # residuals of indicators depend on what the factors' variances are
        rows = _completed(table, rows, observed, lacking, kind)
    made = _representation(table, rows, observed)
    structure = Structure(
        tuple(replace(row, free=0) for row in rows), _definitions(table), observed, made[0], made[1], made[2]
    )
    _check_admissible(structure)
    return structure


def _with_means(rows: list[Parameter], means: Mapping[str, float]) -> list[Parameter]:
    added = []
    for name, value in means.items():
        at = next((i for i, row in enumerate(rows) if row.op == "~1" and row.lhs == name), None)
        if at is None:
            added.append(Parameter(0, name, "~1", "", user=0, ustart=value, source="means"))
        else:
            rows[at] = replace(rows[at], ustart=(rows[at].ustart or 0.0) + value)
    return rows + added


def _representation(
    table: ParameterTable, rows: Iterable[Parameter], observed: Sequence[str]
) -> tuple[tuple[str, ...], Mapping[str, Array], ImpliedMoments]:
    """Names of eta, the filled matrices and the implied moments of fixed rows."""
    rep = represent(table.replace_rows(replace(row, free=0) for row in rows), 1, observed)
    theta = np.zeros(0)
    moments = implied(rep, theta)
    if moments is None or not np.isfinite(moments.sigma).all() or not np.isfinite(moments.mu).all():
        what = "the regressions of the population's model have no solution: a variable feeds back on itself"
        raise ModelError("no-solution", what, hint="look for loops such as a ~ 1*b and b ~ 1*a")
    return rep.latent, rep.matrices(theta), moments


def _completed(
    table: ParameterTable, rows: list[Parameter], observed: Sequence[str], lacking: Sequence[str], kind: str
) -> list[Parameter]:
    """The rows with the lacking variances of eta, or of the observed variables outside eta."""
    blanks = [_variance(name, 0.0) for name in lacking if name not in {row.lhs for row in rows if _is_variance(row)}]
    latent, _, moments = _representation(table, [*rows, *blanks], observed)
    names = [row.lhs for row in blanks if (row.lhs in latent) == (kind == "eta")]
    if kind == "eta":
        at = np.array([latent.index(name) for name in names], dtype=np.intp)
        explained = np.diag(moments.cov_eta)[at]
        values = _solved(moments.total_effect, at, 1.0 - explained)
    else:
        explained = np.array([moments.sigma[i, i] for i in (observed.index(name) for name in names)])
        values = 1.0 - explained
    for name, value in zip(names, values, strict=True):
        if not value > 1e-12:
            what = f"the model explains {1.0 - value:.4g} of the variance of '{name}', which is 1"
            hint = f"lower the loadings or paths that lead to it, or write its residual variance ({name} ~~ 0.5*{name})"
            raise ModelError("explained-too-much", what, where=name, expected="less than 1", hint=hint)
    return rows + [_variance(name, float(value)) for name, value in zip(names, values, strict=True)]


def _solved(total_effect: Array, at: Indices, lacking: Array) -> Array:
    """Variances of disturbances that bring the variances of eta to 1: (A * A) psi = what is lacking."""
    try:
        return np.linalg.solve(total_effect[np.ix_(at, at)] ** 2, lacking)
    except np.linalg.LinAlgError:
        what = "no residual variances give these variables a variance of 1"
        raise ModelError("no-solution", what, hint="write their variances") from None


def _is_variance(row: Parameter) -> bool:
    return row.op == "~~" and row.lhs == row.rhs


def _variance(name: str, value: float) -> Parameter:
    return Parameter(0, name, "~~", name, user=0, ustart=value, source="standardised")


def _definitions(table: ParameterTable) -> tuple[Parameter, ...]:
    """The definitions with their values; a later one may use earlier ones."""
    env = {row.label: row.ustart for row in table.parameters if row.label and row.ustart is not None}
    found = []
    for definition in table.definitions:
        lacking = sorted(definition.rhs.names - set(env))
        if lacking:
            what = f"the definition '{definition.row.shown}' uses '{lacking[0]}', which is the label of no value"
            raise ModelError("unknown-label", what, where=definition.row.source, hint=did_you_mean(lacking[0], env))
        try:
            value = float(definition.rhs.evaluate(env, MATH_FUNCTIONS))
        except (ArithmeticError, ValueError):
            what = f"the definition '{definition.row.shown}' has no value"
            raise ModelError("bad-definition", what, where=definition.row.source) from None
        env[definition.row.lhs] = value
        found.append(replace(definition.row, ustart=value))
    return tuple(found)


def _check_admissible(structure: Structure) -> None:
    """Disturbances and residuals must have a covariance matrix that variables can have."""
    named = (("Psi", structure.latent), ("Theta", structure.observed))
    for matrix, names in named:
        cov = structure.matrices[matrix]
        if factor_of(cov) is None:
            values, vectors = np.linalg.eigh(cov)
            involved = [name for name, weight in zip(names, np.abs(vectors[:, 0]), strict=True) if weight > 0.1]
            what = f"no variables can have the variances and covariances written for {', '.join(involved)}"
            got = f"smallest eigenvalue {values[0]:.4g}"
            raise ModelError("inadmissible-population", what, got=got, hint="lower the covariances, or raise variances")


def factor_of(cov: Array) -> Array | None:
    """A lower triangular root of a positive semi-definite matrix (zero variances allowed), or None."""
    diagonal = np.diag(cov)
    used = np.flatnonzero(np.abs(cov).sum(axis=1) > 0.0)
    if (diagonal[used] <= 0.0).any():
        return None
    root = np.zeros_like(cov)
    block = cholesky_or_none(cov[np.ix_(used, used)]) if len(used) else None
    if len(used) and block is None:
        return None
    if block is not None:
        root[np.ix_(used, used)] = block
    return root
