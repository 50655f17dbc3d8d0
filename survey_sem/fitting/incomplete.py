"""Moments of rows with missing values that are used for what they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from survey_sem.errors import DataError, Warned
from survey_sem.linalg import cholesky_or_none, correlation
from survey_sem.statistics import Moments, RowBlocks
from survey_sem.statistics.patterns import Patterns, find_patterns
from survey_sem.statistics.saturated import saturated_moments

LOW_COVERAGE = 0.1
"""Share of the rows that have both of two variables, below which a warning is due."""
MOST_PAIRS = 10
"""How many pairs of variables a warning names before it counts the rest."""


def incomplete_moments(
    rows: RowBlocks, names: Sequence[str], given: Sequence[str], label: str
) -> tuple[Moments, tuple[Warned, ...]]:
    """Maximum likelihood moments of one group, with the statistics by pattern.

    Parameters
    ----------
    rows : RowBlocks
        Missing values as NaN.
    names : sequence of str
        The variables.
    given : sequence of str
        Those whose distribution is not modelled: rows without them are dropped.
    label : str
        Name of the group.

    Raises
    ------
    DataError
        A variable has no values, or always the same; no rows are left.
    """
    n_total, where = rows.n_rows, f"group {label}" if label else None
    kept, warnings = _kept(rows, names, given, where)
    patterns = find_patterns(kept)
    _check_values(patterns, names, where)
    found = saturated_moments(patterns)
    _check_spread(found.cov, names, where)
    warnings += _coverage_warnings(patterns, names, where)
    if not found.converged:
        warnings.append(
            Warned(
                "saturated-not-converged",
                f"the unrestricted model was not estimated to full precision in {found.n_steps} steps",
                where,
                "too much is missing for some variables; chi-square and fit measures are close, not exact",
            )
        )
    n_obs = patterns.n_obs if rows.weights is None else patterns.size
    moments = Moments(
        tuple(names), n_obs, found.cov, found.mean, "n", label, n_total, kept, patterns, n_analysed=patterns.n_obs
    )
    return moments, tuple(warnings)


def _kept(
    rows: RowBlocks, names: Sequence[str], given: Sequence[str], where: str | None
) -> tuple[RowBlocks, list[Warned]]:
    """The rows that take part, and what became of the others."""
    warnings: list[Warned] = []
    usable, some = np.ones(rows.n_rows, dtype=bool), np.zeros(rows.n_rows, dtype=bool)
    for name, column in zip(names, rows.columns, strict=True):
        values = column if rows.keep is None else column[rows.keep]
        seen = ~np.isnan(values) if column.dtype.kind == "f" else np.ones(len(values), dtype=bool)
        some |= seen
        if name in given:
            usable &= seen
    empty, without = int((~some).sum()), int((some & ~usable).sum())
    if without:
        warnings.append(
            Warned(
                "exogenous-missing",
                f"{without} of {rows.n_rows} rows were dropped: an exogenous variable is missing there "
                f"({', '.join(given)})",
                where,
                "fixed_x=False models these variables too, and keeps the rows",
            )
        )
    if empty:
        what = f"{empty} of {rows.n_rows} rows were dropped: none of the modelled variables has a value there"
        warnings.append(Warned("empty-rows", what, where))
    at = np.flatnonzero(usable & some)
    if len(at) < 2:
        raise DataError(
            "no-complete-rows",
            f"only {len(at)} rows have what the model needs",
            where=where,
            hint="look at the variables that are missing most often",
        )
    if len(at) == rows.n_rows:
        return rows, warnings
    return replace(rows, keep=at if rows.keep is None else rows.keep[at]), warnings


def _check_values(patterns: Patterns, names: Sequence[str], where: str | None) -> None:
    """Every variable needs two different values."""
    counts = patterns.observed @ patterns.shares
    absent = [name for name, count in zip(names, counts, strict=True) if not count]
    if absent:
        raise DataError(
            "no-values", f"no row has a value of {', '.join(absent)}", where=where, hint="leave it out of the model"
        )
    mean, variance = patterns.available_moments()
    smallest = (1e-12 * mean) ** 2
    constant = [name for name, is_constant in zip(names, variance <= smallest, strict=True) if is_constant]
    if constant:
        raise DataError(
            "constant-variable",
            f"no variance in {', '.join(constant)}: every row has the same value",
            where=where,
            hint="leave it out of the model",
        )


def _check_spread(
    cov: np.ndarray[tuple[int, ...], np.dtype[np.floating]], names: Sequence[str], where: str | None
) -> None:
    """The maximum likelihood covariance matrix must have an inverse."""
    if cholesky_or_none(correlation(cov) - 1e-10 * np.eye(len(cov))) is not None:
        return
    vectors = np.linalg.eigh(correlation(cov))[1]
    named = [name for name, weight in zip(names, np.abs(vectors[:, 0]), strict=True) if weight > 0.1]
    raise DataError(
        "covariance-singular",
        "the covariance matrix that the incomplete rows suggest has no inverse",
        where=where,
        got=f"a combination of {', '.join(named)} has no variance",
        hint="leave out a variable that is a copy or a sum of others, or that too few rows share with others",
    )


def _coverage_warnings(patterns: Patterns, names: Sequence[str], where: str | None) -> list[Warned]:
    """Pairs of variables that no row, or hardly any, has both of."""
    coverage = patterns.coverage()
    rows, columns = np.tril_indices(len(names), -1)
    shares = coverage[rows, columns]
    pairs = [f"{names[int(c)]} with {names[int(r)]}" for r, c in zip(rows, columns, strict=True)]
    never = [pair for pair, share in zip(pairs, shares, strict=True) if share == 0.0]
    found = []
    if never:
        found.append(
            Warned(
                "never-jointly-observed",
                f"no row has both: {_some(never)}",
                where,
                "only the model says how these variables are related; their residuals, SRMR and modification indices "
                "mean nothing; degrees of freedom count their covariances, which nothing tests: p-values are too large",
            )
        )
    seldom = [
        (share, f"{pair} ({share:.1%})") for pair, share in zip(pairs, shares, strict=True) if 0 < share < LOW_COVERAGE
    ]
    single = np.diag(coverage)
    rare = [f"{name} ({share:.1%})" for name, share in zip(names, single, strict=True) if share < LOW_COVERAGE]
    if rare or seldom:
        told = [*rare, *(text for _, text in sorted(seldom))]
        found.append(
            Warned(
                "low-coverage",
                f"fewer than {LOW_COVERAGE:.0%} of the rows have: {_some(told)}",
                where,
                "what the model says of them rests on few rows, and on its assumptions",
            )
        )
    return found


def _some(told: Sequence[str]) -> str:
    rest = len(told) - MOST_PAIRS
    return ", ".join(told[:MOST_PAIRS]) + (f" and {rest} more" if rest > 0 else "")
