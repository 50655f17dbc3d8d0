"""What a reader must know about an imputation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.errors import Warned
from survey_sem.linalg import Indices
from survey_sem.sample.imputation.chains import Chain, Equations, name_of_row
from survey_sem.sample.imputation.columns import Column, Table

MOSTLY_MISSING = 0.5
"""Share of missing cells above which a variable deserves a warning."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows that are imputed together."""

    rows: Indices
    equations: Equations
    label: str
    number: int


def data_warnings(columns: Mapping[str, Column], table: Table) -> Iterator[Warned]:
    """What the data make doubtful, before anything is imputed."""
    unknown = {name: np.isnan(column.values) for name, column in columns.items()}
    routed = {name: int((table.not_asked[name] & unknown[name]).sum()) for name in columns if name in table.not_asked}
    told = [name for name, count in routed.items() if count]
    if told:
        yield Warned("not-asked", f"{sum(routed.values())} cells of {_some(told)} stay missing: they were not asked")
    empty = int(np.logical_and.reduce(list(unknown.values())).sum())
    if empty:
        yield Warned(
            "empty-rows", f"{empty} rows have no answer at all, and are imputed from nothing",
            hint="drop them, or add auxiliary variables that they have",
        )  # fmt: skip
    shares = {name: float(rows.mean()) for name, rows in unknown.items() if name not in told}
    mostly = [f"{name} ({share:.0%})" for name, share in shares.items() if share > MOSTLY_MISSING]
    if mostly:
        yield Warned(
            "mostly-missing", f"more than half of the answers are missing: {_some(mostly)}",
            hint="results for them rest on the imputation model; look at .draw() and use more cycles",
        )  # fmt: skip


def fit_warnings(
    names: Sequence[str], n_own: int, parts: Sequence[Part], chains: Sequence[Sequence[Chain]]
) -> Iterator[Warned]:
    """What the chains came across; only the first `n_own` names are the user's, the design made the others."""
    made = set(names[n_own:])
    constant = {
        variable.name
        for part in parts for variable in part.equations.variables
        if len(variable.missing) and len(variable.table) == 1
    }  # fmt: skip
    if constant:
        what = f"everyone gave the same answer: {_some(sorted(constant))}; it was imputed everywhere"
        yield Warned("constant-item", what)
    found: dict[str, list[str]] = {}
    for chain in chains:
        for part, ended in zip(parts, chain, strict=True):
            for at, rows in ended.collinear.items():
                told = [name_of_row(part.equations, row, names) for row in rows]
                if made.intersection(told):  # weights that follow from other predictors, a stratum that does
                    continue
                found.setdefault(names[at], list(dict.fromkeys(told)))
    if found:
        those = sorted({name for told in found.values() for name in told if name != "the constant"})
        yield Warned(
            "collinear-predictors",
            f"a combination of {_some(those)} hardly varies, in predicting {_some(list(found))}",
            hint="a small ridge kept their imputation going; leave out copies and sums of other variables",
        )  # fmt: skip


def _some(names: Sequence[str], most: int = 10) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
