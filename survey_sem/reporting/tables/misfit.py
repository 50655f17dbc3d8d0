"""Where the model does not fit: residual correlations and modification indices."""

from __future__ import annotations

from itertools import combinations

from survey_sem.reporting.contents import Amount, Cell, Name, Said, said
from survey_sem.reporting.table import Column, Table
from survey_sem.results import SemResult
from survey_sem.results.pooled import PooledResult

SHOWN = 10
WORTH_A_LOOK = 0.1
_KIND = {"=~": "loading", "~": "path", "~~": "covariance", "~1": "intercept"}


def residuals_table(result: SemResult, count: int = SHOWN) -> Table:
    """The largest residual correlations, with their z values where these exist."""
    cor = result.residuals("cor_bentler")["cov"]
    z = None if isinstance(result, PooledResult) else result.residuals("standardized")["cov"]
    pairs = sorted(combinations(cor.columns, 2), key=lambda pair: -abs(float(cor.loc[pair])))[:count]
    rows: list[tuple[Cell, ...]] = [
        (Name(first), Name(second), float(cor.loc[first, second]))
        + (() if z is None else (float(z.loc[first, second]),))
        for first, second in pairs
    ]
    columns: tuple[Column, ...] = (Column("first", is_code=True), Column("second", is_code=True))
    columns = (*columns, Column("residual", "bounded"))
    if z is not None:
        columns = (*columns, Column("residual_z", "statistic"))
    return Table(
        "residuals", columns, tuple(rows), (said("note.residuals", limit=Amount(WORTH_A_LOOK, "correlation")),)
    )


def modifications_table(result: SemResult, count: int = SHOWN) -> Table:
    """The largest modification indices.

    Raises
    ------
    DataError
        The information matrix has no inverse.
    """
    columns = (
        Column("parameter", is_code=True),
        Column("kind"),
        Column("mi", "statistic"),
        Column("epc", "estimate"),
        Column("sepc", "bounded"),
    )
    found = result.modification_indices().head(count).to_dict("records")
    rows = tuple(
        (
            Name(f"{row['lhs']} {row['op']} {row['rhs']}".strip()),
            _kind(row["op"]),
            float(row["mi"]),
            float(row["epc"]),
            float(row["sepc_all"]),
        )
        for row in found
    )
    return Table("modifications", columns, rows, (said("note.modifications"),))


def _kind(op: str) -> Said:
    name = _KIND.get(op, "other")
    return Said(f"kind.{name}", code=name)
