"""Auxiliary variables: correlates that make what is missing more plausible, without changing the model.

Source: Graham (2003), doi:10.1207/S15328007SEM1001_4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey_sem.errors import OptionError
from survey_sem.syntax import AUXILIARY, Parameter, ParameterTable


def with_auxiliary(table: ParameterTable, names: Sequence[str]) -> ParameterTable:
    """The table with saturated correlates: each auxiliary variable covaries with the others and with (the residuals of)
    all observed variables of the model.

    Raises
    ------
    OptionError
        An auxiliary variable is part of the model.
    """
    if not names:
        return table
    known = {*table.names("ov"), *table.names("lv")}
    inside = [name for name in names if name in known]
    if inside:
        raise OptionError(
            "auxiliary-in-model",
            f"{', '.join(inside)}: a variable of the model cannot be auxiliary",
            where="auxiliary",
            hint="leave it out of auxiliary=[...]; what it tells about missing values is used anyhow",
        )
    number, free = max(row.id for row in table.rows), table.n_free
    rows: list[Parameter] = []
    for block in range(1, table.n_blocks + 1):
        rows += table.block(block)
        template = table.block(block)[0]
        for lhs, op, rhs in _elements(names, table.names("ov", block)):
            number, free = number + 1, free + 1
            rows.append(
                Parameter(
                    id=number,
                    lhs=lhs,
                    op=op,
                    rhs=rhs,
                    user=0,
                    block=block,
                    group=template.group,
                    level=template.level,
                    free=free,
                    plabel=f".p{number}.",
                    source=AUXILIARY,
                )
            )
    return table.replace_rows((*rows, *(row for row in table.rows if not row.is_parameter)))


def _elements(names: Sequence[str], observed: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for at, name in enumerate(names):
        yield from ((name, "~~", other) for other in names[at:])
    yield from ((name, "~~", other) for other in observed for name in names)
    yield from ((name, "~1", "") for name in names)
