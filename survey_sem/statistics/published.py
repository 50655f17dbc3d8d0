"""Moments from a printed covariance or correlation matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array
from survey_sem.statistics.continuous import Moments


def moments(
    cov: Any,
    n_obs: int,
    mean: Any = None,
    sd: Any = None,
    names: Sequence[str] | None = None,
    label: str = "",
) -> Moments:
    """Moments of one group from a published matrix.

    Parameters
    ----------
    cov : DataFrame or square array-like
        Covariance matrix with the N-1 divisor, as software prints it; or, together with `sd`, a correlation
        matrix. Full, or its lower triangle only (the upper one zero or missing).
    n_obs : int
        Number of observations behind the matrix.
    mean, sd : dict, Series or sequence, optional
        Means and standard deviations (N-1), by name or in the order of the matrix.
    names : sequence of str, optional
        Variable names; taken from the DataFrame where there is one.
    label : str
        Group label.

    Returns
    -------
    Moments
        With ``divisor="n-1"``: under ``likelihood="normal"`` fitting rescales by (N-1)/N.

    Raises
    ------
    DataError
        The matrix is not square, not symmetric, has missing elements, a non-positive diagonal, or correlations
        outside [-1, 1].

    Examples
    --------
    >>> import survey_sem as ss
    >>> m = ss.moments(cov=[[1.0, 0.0], [0.5, 1.0]], sd=[2.0, 3.0], n_obs=100, names=["x", "y"])
    >>> float(m.cov[1, 0])
    3.0
    """
    matrix, found = _matrix_and_names(cov)
    labels = tuple(str(name) for name in (names if names is not None else found))
    if len(labels) != len(matrix) or len(set(labels)) != len(labels):
        raise DataError(
            "matrix-names",
            "the variable names do not fit the matrix",
            expected=f"{len(matrix)} different names",
            got=", ".join(labels) or "no names",
            hint="pass a DataFrame whose index and columns name the variables, or names=[...]",
        )
    full = _completed(matrix, labels)
    if sd is not None:
        scale = _by_name(sd, labels, "sd")
        full = _rescaled_correlations(full, scale, labels)
    _check_diagonal(full, labels)
    count = _count(n_obs)
    return Moments(
        names=labels,
        n_obs=count,
        cov=full,
        mean=None if mean is None else _by_name(mean, labels, "mean"),
        divisor="n-1",
        label=label,
        n_total=count,
    )


def _matrix_and_names(cov: Any) -> tuple[Array, Sequence[Any]]:
    columns = getattr(cov, "columns", None)
    index = getattr(cov, "index", None)
    if columns is not None and index is not None and set(index) == set(columns):
        cov = cov.loc[list(columns)]
    try:
        matrix = np.array(cov, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("matrix-not-numeric", f"the matrix has elements that are not numbers: {error}") from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise DataError("matrix-not-square", "the matrix is not square", got=f"shape {matrix.shape}")
    return matrix, list(columns) if columns is not None else []


def _completed(matrix: Array, labels: Sequence[str]) -> Array:
    """The full symmetric matrix from a full one or from its lower triangle."""
    full: Array = matrix
    upper = np.triu(matrix, 1)
    if not np.any(np.nan_to_num(upper)):
        lower = np.tril(matrix)
        full = lower + np.tril(matrix, -1).T
    if not np.isfinite(full).all():
        i, j = (int(k) for k in np.argwhere(~np.isfinite(full))[0])
        raise DataError("matrix-missing", "the matrix has a missing element", where=f"{labels[i]}, {labels[j]}")
    gap = np.abs(full - full.T)
    if gap.max() > 1e-8 * max(1.0, np.abs(full).max()):
        i, j = (int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
        raise DataError(
            "matrix-not-symmetric",
            "the matrix is not symmetric",
            where=f"{labels[i]}, {labels[j]}",
            got=f"{full[i, j]:.10g} and {full[j, i]:.10g}",
            hint="give the full matrix or only its lower triangle",
        )
    return (full + full.T) / 2.0


def _rescaled_correlations(full: Array, sd: Array, labels: Sequence[str]) -> Array:
    if np.abs(np.diag(full) - 1.0).max() > 1e-6:
        raise DataError(
            "matrix-not-correlations",
            "sd was given, but the matrix is not a correlation matrix",
            expected="a diagonal of ones",
            got=f"{np.diag(full)[np.abs(np.diag(full) - 1.0).argmax()]:.6g}",
            hint="leave sd out for a covariance matrix",
        )
    if np.abs(full).max() > 1.0 + 1e-9:
        off = full - np.diag(np.diag(full))
        i, j = (int(k) for k in np.unravel_index(int(np.abs(off).argmax()), full.shape))
        raise DataError(
            "correlation-out-of-range",
            "a correlation is outside [-1, 1]",
            where=f"{labels[i]}, {labels[j]}",
            got=f"{full[i, j]:.6g}",
        )
    return full * np.outer(sd, sd)


def _by_name(values: Any, labels: Sequence[str], what: str) -> Array:
    if isinstance(values, Mapping) or (hasattr(values, "index") and hasattr(values, "loc")):
        keyed = {str(key): value for key, value in dict(values).items()}
        lacking = [name for name in labels if name not in keyed]
        if lacking:
            raise DataError("matrix-names", f"{what} lacks {', '.join(lacking)}", expected=", ".join(labels))
        values = [keyed[name] for name in labels]
    try:
        result = np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise DataError("matrix-names", f"{what} is not numeric", expected=f"{len(labels)} numbers") from None
    if len(result) != len(labels) or not np.isfinite(result).all():
        raise DataError("matrix-names", f"{what} does not fit the matrix", expected=f"{len(labels)} finite numbers")
    if what == "sd" and (result <= 0).any():
        raise DataError("constant-variable", f"a standard deviation is not positive: {labels[int(result.argmin())]}")
    return result


def _check_diagonal(full: Array, labels: Sequence[str]) -> None:
    if (np.diag(full) <= 0).any():
        worst = int(np.diag(full).argmin())
        raise DataError(
            "constant-variable",
            f"the variance of {labels[worst]} is not positive",
            got=f"{full[worst, worst]:.6g}",
            hint="leave the variable out or correct the matrix",
        )


def _count(n_obs: Any) -> int:
    is_number = isinstance(n_obs, int | float | np.integer) and not isinstance(n_obs, bool)
    if not is_number or not np.isfinite(n_obs) or int(n_obs) != n_obs or n_obs < 2:
        raise OptionError("n-obs", "n_obs must be a whole number of at least 2", got=repr(n_obs))
    return int(n_obs)
