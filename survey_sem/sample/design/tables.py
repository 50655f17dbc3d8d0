"""Cross-tables of a designed sample, and tests of independence that know the design.

Rao & Scott (1984), doi:10.1214/aos/1176346391; Thomas & Rao (1987), doi:10.1080/01621459.1987.10478476 (F); Koch,
Freeman & Freeman (1975), doi:10.2307/1402660 (Wald).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import special

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array
from survey_sem.sample.design.columns import coded, refuse_many_classes
from survey_sem.sample.design.means import answer
from survey_sem.sample.design.results import Estimates, label_name
from survey_sem.sample.design.statistics import Groups, Ratios, Totals
from survey_sem.sample.design.survey_design import SurveyDesign
from survey_sem.sample.design.variables import Question, complete_domain
from survey_sem.sampling.chi_squares import saddlepoint_f_tail

if TYPE_CHECKING:
    import pandas as pd

TableOf = Literal["total", "share", "row", "column"]
TABLES_OF: tuple[TableOf, ...] = get_args(TableOf)
Independence = Literal["F", "Chisq", "Wald", "adjWald", "saddlepoint"]
INDEPENDENCE: tuple[Independence, ...] = get_args(Independence)
KNOWN = 1e-12
"""A design effect below this is the rounding of 0."""

MOST_CELLS = 1_000
"""Of a table: each has an indicator over all rows."""


@dataclass(frozen=True, slots=True, eq=False)
class CrossTable:
    """A cross-table with the sampling covariance of its cells.

    Parameters
    ----------
    cells : Estimates
        One estimate per cell, rows outermost.
    of : str
        What a cell holds: ``total``, ``share`` of all, of the ``row``, of the ``column``.
    """

    cells: Estimates
    of: TableOf

    def to_frame(self) -> pd.DataFrame:
        """One row per cell, as `Estimates.to_frame`."""
        return self.cells.to_frame()

    def wide(self, value: str = "estimate") -> pd.DataFrame:
        """One row per level of the first variable: estimates, or another column of `to_frame`."""
        frame = self.to_frame()
        first, second = frame.columns[:2]
        known = [str(name) for name in frame.columns[2:]]
        if value not in known:
            raise OptionError("unknown-option", f"a cell has no '{value}'", where="wide", expected=", ".join(known))
        found = frame.pivot(index=first, columns=second, values=value)
        return found.reindex(index=frame[first].unique(), columns=frame[second].unique())

    def __repr__(self) -> str:
        return str(self.cells)

    def _repr_html_(self) -> str:
        return self.cells._repr_html_()


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """A test of independence of two variables.

    Parameters
    ----------
    rows, columns : str
        The variables.
    name : str
        Which test.
    statistic : float
        Its statistic: of ``F``, ``Wald`` and ``adjWald`` an F, of the others Pearson's chi-square.
    df : float
        Degrees of freedom (of the numerator).
    df_denominator : float or None
        Degrees of freedom of the denominator: of an F, or of the variances behind the weighted sum.
    p_value : float
        Its tail.
    chisq : float
        Pearson's chi-square of the shares, times the rows.
    design_effects : tuple of float
        Of the contrasts that are tested, largest first: 1 in a simple random sample.
    notes : tuple of str
        What a reader should know.
    """

    rows: str
    columns: str
    name: Independence
    statistic: float
    df: float
    df_denominator: float | None
    p_value: float
    chisq: float
    design_effects: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        letter = "F" if self.name in ("F", "Wald", "adjWald") else "chi-square"
        dfs = f"{self.df:.4g}" + ("" if self.df_denominator is None else f", {self.df_denominator:.4g}")
        p = "< 0.001" if self.p_value < 0.001 else f"{self.p_value:.3f}"
        head = f"{self.rows} and {self.columns} independent? {_TITLES[self.name]}: "
        head += f"{letter} {self.statistic:.3f}, df {dfs}, p {p}"
        return "\n".join([head, *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in str(self).splitlines())


_TITLES: dict[str, str] = {
    "F": "Pearson, Rao-Scott F",
    "Chisq": "Pearson, Rao-Scott first order",
    "Wald": "Wald",
    "adjWald": "adjusted Wald",
    "saddlepoint": "Pearson, saddlepoint approximation",
}


def cross_table(
    design: SurveyDesign, rows: str, columns: str, *, of: TableOf, missing: str | None, level: float
) -> CrossTable:
    """A cross-table, see `SurveyDesign.table`."""
    if of not in TABLES_OF:
        raise OptionError("unknown-option", f"of does not know '{of}'", where="of", expected=", ".join(TABLES_OF))
    asked, _ = _cells(design, rows, columns, missing)
    values, groups = asked.values, asked.groups
    if of == "total":
        return CrossTable(answer(asked, Totals(values, groups), level, True, of_totals=True), of)
    shape = (asked.labels.iloc[:, 0].nunique(), asked.labels.iloc[:, 1].nunique())
    below = np.ones((1, values.shape[1]))
    if of == "row":
        below = np.repeat(values.reshape(*shape, -1).sum(axis=1), shape[1], axis=0)
    if of == "column":
        below = np.tile(values.reshape(*shape, -1).sum(axis=0), (shape[0], 1))
    return CrossTable(answer(asked, Ratios(values, below, groups), level, of == "share"), of)


def independence_test(
    design: SurveyDesign, rows: str, columns: str, *, statistic: Independence, missing: str | None
) -> IndependenceTest:
    """A test of independence, see `SurveyDesign.chisq`."""
    if statistic not in INDEPENDENCE:
        raise OptionError(
            "unknown-option",
            f"statistic does not know '{statistic}'",
            where="statistic",
            expected=", ".join(INDEPENDENCE),
        )
    asked, dropped = _cells(design, rows, columns, missing)
    shape = (asked.labels.iloc[:, 0].nunique(), asked.labels.iloc[:, 1].nunique())
    if min(shape) < 2:
        raise DataError(
            "one-level", "a variable has a single level", where=f"{rows}, {columns}", expected="two or more"
        )
    share, cov = asked.design.evaluate(Ratios(asked.values, np.ones((1, asked.values.shape[1])), asked.groups))
    n, df = int(asked.n[0]), asked.design.degrees_of_freedom
    if df < 1:
        raise DataError("no-degrees-of-freedom", "the design leaves no degrees of freedom", where="chisq")
    chisq = pearson(share.reshape(shape), n)
    effects = contrast_design_effects(share.reshape(shape), cov, n)
    if effects[0] <= KNOWN:
        raise DataError(
            "no-variance",
            "the cells have no sampling variance: their sizes are known, and there is nothing to test",
            where=f"{rows}, {columns}",
            hint="the weights were calibrated to these cells, or the whole population was asked",
        )
    if statistic in ("Wald", "adjWald"):
        found, df_above, df_below, p = _wald(asked, shape, df, adjusted=statistic == "adjWald")
    else:
        found, df_above, df_below, p = _corrected(statistic, chisq, effects, df)
    notes = (f"levels without a row: {', '.join(dropped)}",) if dropped else ()
    return IndependenceTest(
        rows, columns, statistic, found, df_above, df_below, p, chisq, tuple(effects.tolist()), notes
    )


def _wald(
    asked: Question, shape: tuple[int, int], df: int, *, adjusted: bool
) -> tuple[float, float, float | None, float]:
    """Statistic, degrees of freedom, p-value of Wald's test."""
    totals, cov = asked.design.evaluate(Totals(asked.values, asked.groups))
    k = (shape[0] - 1) * (shape[1] - 1)
    below = df - k + 1 if adjusted else df
    if below < 1:
        raise DataError(
            "no-degrees-of-freedom", f"{k} contrasts are tested with {df} degrees of freedom", where="chisq"
        )
    wald = wald_statistic(totals.reshape(shape), cov) / k * below / df
    return wald, k, below, float(special.fdtrc(k, below, wald))


def _corrected(
    statistic: Independence, chisq: float, effects: Array, df: int
) -> tuple[float, float, float | None, float]:
    """Statistic, degrees of freedom, p-value of Pearson's chi-square, corrected for the design."""
    k, total = len(effects), float(effects.sum())
    if statistic == "F":
        df_above = total**2 / float((effects**2).sum())
        return chisq / total, df_above, df_above * df, float(special.fdtrc(df_above, df_above * df, chisq / total))
    if statistic == "Chisq":
        return chisq, k, None, float(special.chdtrc(k, chisq * k / total))
    positive = effects[effects > 1e-12 * effects.max()]
    below = df * total**2 / float((effects**2).sum())
    return chisq, k, below, saddlepoint_f_tail(chisq, positive, below)


def pearson(share: Array, n: int) -> float:
    """Pearson's chi-square of cell shares (r, c) from n rows."""
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    return float(n * ((share - expected) ** 2 / expected).sum())


def contrast_design_effects(share: Array, cov: Array, n: int) -> Array:
    """Design effects ((r-1)(c-1),) of the log-linear interaction of cell shares, largest first.

    `share` (r, c), `cov` (rc, rc): sampling covariance of the shares, `n`: rows.
    """
    contrasts = np.kron(_contrasts(share.shape[0]), _contrasts(share.shape[1]))
    cells = share.ravel()
    inverse = np.divide(1.0, cells, out=np.zeros_like(cells), where=cells > 0)
    scaled = contrasts * inverse
    simple = scaled @ contrasts.T / n
    if np.linalg.matrix_rank(simple) < len(simple):
        raise DataError("empty-cells", "too many cells are empty for a test of independence", where="chisq")
    found = np.linalg.eigvals(np.linalg.solve(simple, scaled @ cov @ scaled.T))
    return np.asarray(np.sort(found.real)[::-1])


def wald_statistic(totals: Array, cov: Array) -> float:
    """Wald statistic of the differences N_ij - N_i N_j / N of cell totals (r, c), `cov` (rc, rc) their covariance."""
    r, c = totals.shape
    share = totals / totals.sum()
    cov = cov / totals.sum() ** 2
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    in_row = np.kron(np.eye(r), np.ones((1, c)))
    in_column = np.kron(np.ones((1, r)), np.eye(c))
    at, to = (k.ravel() for k in np.meshgrid(np.arange(r - 1), np.arange(c - 1), indexing="ij"))
    difference = share[at, to] - rows[at] * columns[to]
    slope = np.eye(r * c)[at * c + to] - in_row[at] * columns[to][:, None] - in_column[to] * rows[at][:, None]
    slope += (rows[at] * columns[to])[:, None]
    spread = slope @ cov @ slope.T
    if np.linalg.matrix_rank(spread) < len(spread):
        raise DataError(
            "singular-covariance", "the covariance of the contrasts is singular", where="chisq", hint="statistic='F'"
        )
    return float(difference @ np.linalg.solve(spread, difference))


def _contrasts(levels: int) -> Array:
    """Orthonormal contrasts (levels - 1, levels)."""
    return np.asarray(np.linalg.qr(np.column_stack([np.ones(levels), np.eye(levels)[:, 1:]]))[0].T[1:])


def _cells(design: SurveyDesign, rows: str, columns: str, missing: str | None) -> tuple[Question, list[str]]:
    """Indicators of the cells (rc, n), and the levels that no row of the domain has."""
    import pandas as pd

    if rows == columns:
        raise OptionError("named-twice", "rows and columns are the same variable", where="table", got=rows)
    first, second = coded(design.data, rows, "rows"), coded(design.data, columns, "columns")
    refuse_many_classes(len(first.levels) * len(second.levels), f"{rows} by {columns}", "table", MOST_CELLS)
    complete = (first.codes >= 0) & (second.codes >= 0)
    design = complete_domain(design, complete, [rows, columns], missing)
    inside = design.inside
    used = [np.unique(factor.codes[inside]) for factor in (first, second)]
    dropped = [
        f"{factor.name} = {level}"
        for factor, present in zip((first, second), used, strict=True)
        for code, level in enumerate(factor.levels)
        if code not in present
    ]
    values = np.array(
        [(first.codes == i) & (second.codes == j) & inside for i in used[0] for j in used[1]], dtype=np.float64
    )
    labels = pd.DataFrame(
        [(first.levels[i], second.levels[j]) for i in used[0] for j in used[1]],
        columns=[label_name(rows), label_name(columns)],
    )
    groups = Groups(np.zeros(design.n_rows, dtype=np.intp), 1)
    return Question(design, values, labels, groups, np.array([inside.sum()])), dropped
