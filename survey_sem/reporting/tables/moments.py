"""What others need to refit: means, standard deviations, correlations, covariances."""

from __future__ import annotations

import numpy as np

from survey_sem.linalg import correlation
from survey_sem.reporting.contents import Absent, Amount, Cell, Name, said
from survey_sem.reporting.table import Column, Table
from survey_sem.statistics import Moments


def correlations_table(moments: Moments) -> Table:
    """Means, standard deviations and the lower triangle of the correlations."""
    cov = moments.rescaled("n-1").cov
    sd, cor = np.sqrt(np.diag(cov)), correlation(cov)
    columns = (
        Column("no", "count"),
        Column("variable", is_code=True),
        Column("mean", "score"),
        Column("sd", "score"),
        *(Column(name, "correlation", heading=str(at + 1)) for at, name in enumerate(moments.names)),
    )
    rows: list[tuple[Cell, ...]] = []
    for at, name in enumerate(moments.names):
        mean: Cell = Absent(said("absent.no_mean")) if moments.mean is None else float(moments.mean[at])
        triangle: list[Cell] = [float(cor[at, other]) if other < at else None for other in range(len(cor))]
        triangle[at] = Amount(1.0, "count")
        rows.append((at + 1, Name(name), mean, float(sd[at]), *triangle))
    return Table("correlations", columns, tuple(rows), (said("note.correlations", n=moments.n_rows),))


def covariance_table(moments: Moments, key: str = "covariance_matrix") -> Table:
    """The covariance matrix, every digit."""
    columns = (
        Column("variable", is_code=True),
        Column("mean", "exact"),
        *(Column(name, "exact", heading=name) for name in moments.names),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            Name(name),
            Absent(said("absent.no_mean")) if moments.mean is None else float(moments.mean[at]),
            *(float(value) for value in moments.cov[at]),
        )
        for at, name in enumerate(moments.names)
    ]
    note = said("note.covariance_matrix", n=moments.n_rows, divisor="N" if moments.divisor == "n" else "N − 1")
    return Table(key, columns, tuple(rows), (note,), heading=said("table.covariance_matrix"))
