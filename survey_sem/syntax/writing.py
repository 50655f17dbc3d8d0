"""Parameter table -> model text that says everything: it gives an equal table with no defaults at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from survey_sem.syntax.expressions import number_text
from survey_sem.syntax.tokens import tokenize

if TYPE_CHECKING:
    from survey_sem.syntax.table import Parameter, ParameterTable


def table_text(table: ParameterTable) -> str:
    """The model text of a table.

    Read again with function="lavaan" and the table's own fixed_x, conditional_x, meanstructure and groups it gives the
    same parameters, free, fixed and tied in the same way. Moments of fixed exogenous variables are left out, because
    fixed_x brings them back; labels that the builder made (".p2.") become "tie2" or "par2".
    """
    labels = _labels(table)
    lines = [*_parameter_lines(table, labels), *_constraint_lines(table, labels)]
    return "\n".join(lines) + "\n"


def _labels(table: ParameterTable) -> dict[int, str]:
    """The label of each parameter (by id) in the text: the user's, else a fresh one where a constraint needs it."""
    ids = {row.plabel: row.id for row in table.parameters}
    taken = {row.label for row in table.rows}
    labels = {row.id: row.label for row in table.parameters if _is_plain(row.label)}
    for first, other in _ties(table, ids):
        labels.setdefault(first, _fresh("tie", first, taken))
        labels.setdefault(other, labels[first])
    for constraint in table.rows:
        if not constraint.is_parameter:
            for name in _names(constraint):
                if name in ids:
                    labels.setdefault(ids[name], _fresh("par", ids[name], taken))
    return labels


def _ties(table: ParameterTable, ids: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    for row in table.rows:
        if row.op == "==" and row.user == 2 and row.lhs in ids and row.rhs in ids:
            yield ids[row.lhs], ids[row.rhs]


def _is_plain(label: str) -> bool:
    return label.replace(".", "_").isidentifier() and not label.startswith(".p")


def _fresh(stem: str, number: int, taken: set[str]) -> str:
    label = f"{stem}{number}"
    while label in taken:
        label += "_"
    return label


def _names(row: Parameter) -> list[str]:
    return [token.text for side in (row.lhs, row.rhs) for token in tokenize(side) if token.kind == "name"]


def _parameter_lines(table: ParameterTable, labels: Mapping[int, str]) -> Iterator[str]:
    blocks = table.n_blocks
    group = level = None
    for row in table.parameters:
        if blocks > 1 and table.n_groups > 1 and row.group != group:
            yield f"group: {row.group}"
            level = None
        if blocks > 1 and row.level and row.level != level:
            yield f"level: {row.level}"
        group, level = row.group, row.level
        if row.exo and row.op in ("~~", "~1"):
            continue
        yield _line(row, labels.get(row.id, ""))


def _line(row: Parameter, label: str) -> str:
    left = f'efa("{row.efa}")*{row.lhs}' if row.efa else row.lhs
    op, right = ("~", "1") if row.op == "~1" else (row.op, row.rhs)
    return f"{left} {op} {''.join(f'{modifier}*' for modifier in _modifiers(row, label))}{right}"


def _modifiers(row: Parameter, label: str) -> Iterator[str]:
    if not row.free:
        yield "NA" if row.ustart is None else number_text(row.ustart)
    elif row.ustart is not None:
        yield f"start({number_text(row.ustart)})"
    if label:
        yield label
    if row.free and row.lower > -math.inf:
        yield f"lower({number_text(row.lower)})"
    if row.free and row.upper < math.inf:
        yield f"upper({number_text(row.upper)})"
    if row.rv:
        yield f'rv("{row.rv}")'


def _constraint_lines(table: ParameterTable, labels: Mapping[int, str]) -> Iterator[str]:
    ids = {row.plabel: row.id for row in table.parameters}
    names = {plabel: labels[number] for plabel, number in ids.items() if number in labels}
    for row in table.rows:
        if row.is_parameter:
            continue
        tied = row.user == 2 and row.lhs in ids and row.rhs in ids
        if not (tied and names[row.lhs] == names[row.rhs]):
            yield f"{_renamed(row.lhs, names)} {row.op} {_renamed(row.rhs, names)}"


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return "".join(names.get(token.text, token.text) for token in tokenize(text))
