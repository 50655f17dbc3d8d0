"""Where each parameter lives: the table's rows as elements of the model matrices.

The all-y representation of structural equation models (Joreskog & Sorbom; Bollen 1989) is used: for the p observed
variables y and the m variables eta,

    y = nu + Lambda eta + epsilon,   cov(epsilon) = Theta
    eta = alpha + Beta eta + zeta,   cov(zeta) = Psi

eta holds the latent variables and, with a loading fixed to one and no residual, every observed variable that takes
part in a regression or covaries with a latent variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.errors import ModelError
from survey_sem.linalg import Array, Indices
from survey_sem.syntax import Parameter, ParameterTable

MATRICES = ("Lambda", "Beta", "Psi", "Theta", "nu", "alpha")
SYMMETRIC = frozenset({"Psi", "Theta"})


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The free elements of one model matrix.

    `row` and `column` are positions in the matrix (`column` is 0 for nu and alpha; row >= column for symmetric
    matrices), `theta` positions in the parameter vector of the whole model.
    """

    row: Indices
    column: Indices
    theta: Indices

    def __len__(self) -> int:
        return len(self.theta)


@dataclass(frozen=True, slots=True, eq=False)
class Representation:
    """One group's model matrices: fixed values, and which elements are free.

    Parameters
    ----------
    observed, latent : tuples of str
        Names of y (p) and eta (m).
    fixed : dict
        Matrix name -> array with the fixed values (0 where free).
    places : dict
        Matrix name -> `Places` of its free elements.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    fixed: dict[str, Array]
    places: dict[str, Places]

    @property
    def theta(self) -> Indices:
        """Positions of this group's free parameters in the parameter vector, matrix by matrix."""
        return np.concatenate([self.places[name].theta for name in MATRICES])

    def matrices(self, theta: Array) -> dict[str, Array]:
        """The model matrices filled with the parameter vector (q,)."""
        filled = {}
        for name, fixed in self.fixed.items():
            at = self.places[name]
            matrix = fixed.copy()
            matrix[at.row, at.column] = theta[at.theta]
            if name in SYMMETRIC:
                matrix[at.column, at.row] = theta[at.theta]
            filled[name] = matrix
        return filled

    def place(self, row: Parameter) -> tuple[str, int, int]:
        """Matrix, row and column in which a parameter of this group stands."""
        y_at = {name: i for i, name in enumerate(self.observed)}
        return _place(row, y_at, {name: i for i, name in enumerate(self.latent)})


def represent(table: ParameterTable, block: int, observed: Sequence[str]) -> Representation:
    """The representation of one block of a parameter table whose fixed values are known.

    Parameters
    ----------
    table : ParameterTable
        Free parameters carry ``free > 0``; fixed ones a value in ``ustart``.
    block : int
        1-based block (group).
    observed : sequence of str
        Order of the observed variables in the moments.
    """
    rows = [row for row in table.parameters if row.block == block]
    latent = _eta_names(rows, table.names("lv", block), observed)
    size = len(observed), len(latent)
    fixed = _blank_matrices(*size)
    y_at = {name: i for i, name in enumerate(observed)}
    eta_at = {name: i for i, name in enumerate(latent)}
    for name in latent:
        if name in y_at:
            fixed["Lambda"][y_at[name], eta_at[name]] = 1.0
    found: dict[str, list[tuple[int, int, int]]] = {name: [] for name in MATRICES}
    taken: dict[tuple[str, int, int], Parameter] = {}
    for row in rows:
        matrix, i, j = _place(row, y_at, eta_at)
        _check_new(row, taken.setdefault((matrix, i, j), row))
        if row.free:
            found[matrix].append((i, j, row.free - 1))
        else:
            value = _fixed_value(row)
            fixed[matrix][i, j] = value
            if matrix in SYMMETRIC:
                fixed[matrix][j, i] = value
    places = {name: _places(entries) for name, entries in found.items()}
    return Representation(tuple(observed), latent, fixed, places)


def _check_new(row: Parameter, first: Parameter) -> None:
    if first is not row:
        raise ModelError(
            "parameter-twice",
            f"'{first.shown}' and '{row.shown}' are the same parameter",
            where=f"{first.source} and {row.source}",
            hint="keep one of them: a loading is the regression of the indicator on its factor",
        )


def _eta_names(rows: Sequence[Parameter], latent: Sequence[str], observed: Sequence[str]) -> tuple[str, ...]:
    """Latent variables, then the observed ones that must stand among them."""
    is_eta = set(latent)
    for row in rows:
        if row.op in ("~", "<~"):
            is_eta |= {row.lhs, row.rhs}
    pairs = [(row.lhs, row.rhs) for row in rows if row.op == "~~" and row.lhs != row.rhs]
    grew = True
    while grew:  # a covariance needs both of its ends among eta, or both among epsilon
        grew = False
        for one, other in pairs:
            if (one in is_eta) != (other in is_eta):
                is_eta |= {one, other}
                grew = True
    return tuple(latent) + tuple(name for name in observed if name in is_eta)


def _blank_matrices(n_observed: int, n_latent: int) -> dict[str, Array]:
    shapes = {
        "Lambda": (n_observed, n_latent),
        "Beta": (n_latent, n_latent),
        "Psi": (n_latent, n_latent),
        "Theta": (n_observed, n_observed),
        "nu": (n_observed, 1),
        "alpha": (n_latent, 1),
    }
    return {name: np.zeros(shape) for name, shape in shapes.items()}


def _place(row: Parameter, y_at: dict[str, int], eta_at: dict[str, int]) -> tuple[str, int, int]:
    """Matrix, row and column of one parameter."""
    if row.op == "=~":
        if row.rhs in eta_at:
            return "Beta", eta_at[row.rhs], eta_at[row.lhs]
        return "Lambda", y_at[row.rhs], eta_at[row.lhs]
    if row.op in ("~", "<~"):
        return "Beta", eta_at[row.lhs], eta_at[row.rhs]
    if row.op == "~1":
        return ("alpha", eta_at[row.lhs], 0) if row.lhs in eta_at else ("nu", y_at[row.lhs], 0)
    if row.op == "~~":
        name, at = ("Psi", eta_at) if row.lhs in eta_at else ("Theta", y_at)
        i, j = at[row.lhs], at[row.rhs]
        return name, max(i, j), min(i, j)
    raise ModelError(
        "operator-not-supported",
        f"'{row.lhs} {row.op} {row.rhs}' cannot be estimated with continuous data",
        hint="thresholds and scaling factors belong to ordinal models",
    )


def _fixed_value(row: Parameter) -> float:
    if row.ustart is None:
        raise ModelError("fixed-without-value", f"'{row.lhs} {row.op} {row.rhs}' is fixed, but to no value")
    return row.ustart


def _places(entries: list[tuple[int, int, int]]) -> Places:
    array = np.array(entries, dtype=np.intp).reshape(-1, 3)
    return Places(array[:, 0], array[:, 1], array[:, 2])
