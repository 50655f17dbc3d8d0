"""Equal labels and `equal("...")`: which parameters are one, and the `==` rows that say so."""

from __future__ import annotations

from collections.abc import Sequence

from survey_sem.errors import ModelError, nearest
from survey_sem.syntax.drafts import Draft
from survey_sem.syntax.formulas import FORMULA_OPERATORS
from survey_sem.syntax.places import syntax_error

Reference = tuple[str, str, str]


def tie_parameters(rows: Sequence[Draft]) -> list[tuple[int, int]]:
    """Tie rows that share a label or that refer to each other by `equal()`.

    Rows tied to a fixed one are fixed at its value. The others are returned as pairs (index of the first row, index of
    another row), ordered by the second row of each tie.

    Raises
    ------
    ModelSyntaxError
        equal() refers to nothing.
    ModelError
        One label on two rows that are fixed at different values.
    """
    tie_of = list(range(len(rows)))
    carriers: dict[str, int] = {}
    references = [(index, _referent(rows, index)) for index, row in enumerate(rows) if row.equal]
    for index, row in enumerate(rows):
        if row.label:
            _union(tie_of, carriers.setdefault(row.label, index), index)
    for index, target in references:
        _union(tie_of, target, index)
        _label_reference(rows, index, target)
    ties: dict[int, list[int]] = {}
    for index in range(len(rows)):
        ties.setdefault(_root(tie_of, index), []).append(index)
    free = [tie for tie in ties.values() if len(tie) > 1 and not _spread_fixed_value([rows[index] for index in tie])]
    return [(tie[0], other) for tie in sorted(free, key=lambda tie: tie[1]) for other in tie[1:]]


def _root(tie_of: list[int], index: int) -> int:
    while tie_of[index] != index:
        tie_of[index] = tie_of[tie_of[index]]
        index = tie_of[index]
    return index


def _union(tie_of: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(tie_of, one), _root(tie_of, other)))
    tie_of[second] = first


def _spread_fixed_value(tie: Sequence[Draft]) -> bool:
    """Fix all rows of a tie when one of them is fixed; whether that was so."""
    fixed = [row for row in tie if not row.free]
    if not fixed:
        return False
    values = {row.ustart for row in fixed}
    if len(values) > 1 and len(fixed) == len(tie) and all(is_plabel(row.label) for row in tie):
        return True
    if len(values) > 1:
        shown = ", ".join(f"{row.shown} at {row.ustart}" for row in fixed)
        raise ModelError(
            "conflicting-fixed-values",
            f"parameters with the label '{fixed[0].label}' are fixed at different values: {shown}",
            where=fixed[0].source,
            hint="give them different labels, or one value",
        )
    for row in tie:
        if row.free:
            row.fix(fixed[0].ustart, f"equal to {fixed[0].shown}")
    return True


def is_plabel(label: str) -> bool:
    """Whether a label was made by the builder (".p2."), not by the user."""
    return label.startswith(".p") and label.endswith(".")


def drop_labels_of_fixed(rows: Sequence[Draft]) -> None:
    """Take the labels that the builder made from rows that are fixed."""
    for row in rows:
        if not row.free and is_plabel(row.label):
            row.label = ""


def _label_reference(rows: Sequence[Draft], index: int, target: int) -> None:
    """lavaan's labels: the referring row carries the reference, its target the plabel of the earlier of both."""
    rows[index].label = rows[index].label or rows[index].equal
    rows[target].label = rows[target].label or f".p{min(index, target) + 1}."


def _referent(rows: Sequence[Draft], index: int) -> int:
    """The first row that equal("...") means: by label, or by element such as "f=~x2"."""
    row = rows[index]
    text = "".join(row.equal.split())
    for position, other in enumerate(rows):
        if position != index and other.label == text:
            return position
    wanted = _element(text)
    for position, other in enumerate(rows):
        if position != index and wanted in _readings(other):
            return position
    known = [other.shown.replace(" ", "") for other in rows] + [other.label for other in rows if other.label]
    found = nearest(text, known)
    raise syntax_error(
        "unknown-element",
        f"equal('{row.equal}') refers to nothing in the model",
        row.place,
        expected="a label, or an element of the model such as equal('f=~x2')",
        hint=f"did you mean '{found[0]}'?" if found else None,
    )


def _element(text: str) -> Reference:
    for operator in sorted(FORMULA_OPERATORS, key=len, reverse=True):
        lhs, found, rhs = text.partition(operator)
        if found:
            return (lhs, "~1", "") if operator == "~" and rhs == "1" else (lhs, operator, rhs)
    return (text, "", "")


def _readings(row: Draft) -> tuple[Reference, Reference]:
    straight = (row.lhs, row.op, row.rhs)
    return straight, (row.rhs, row.op, row.lhs) if row.op == "~~" else straight
