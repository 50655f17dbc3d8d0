"""What a model text may not say although each line can be read: roles that clash, labels that nothing carries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from survey_sem.errors import ModelSyntaxError, nearest
from survey_sem.syntax.places import syntax_error
from survey_sem.syntax.statements import ConstraintStatement, FlatRow, ModelSyntax

_THRESHOLD = re.compile(r"t[1-9][0-9]*")
_MAX_THRESHOLDS = 99


def check_rows(syntax: ModelSyntax) -> None:
    """Refuse variables that explain or measure themselves, misnamed thresholds, scales of pairs.

    Raises
    ------
    ModelSyntaxError
    """
    for row in syntax.rows:
        if row.op in ("=~", "<~", "~") and row.lhs == row.rhs:
            verb = {"=~": "measured by", "<~": "made of", "~": "regressed on"}[row.op]
            raise syntax_error(
                "self-reference", f"'{row.lhs}' is {verb} itself", row.place, expected="another variable"
            )
        if row.op == "~*~" and row.lhs != row.rhs:
            raise syntax_error(
                "bad-scale",
                f"the scale of '{row.lhs}' is written with '{row.rhs}'",
                row.place,
                expected=f"{row.lhs} ~*~ {row.lhs}",
            )
        if row.op == "|":
            _check_threshold(row)
    if not any(row.op != ":" for row in syntax.rows):
        place = syntax.constraints[0].place if syntax.constraints else syntax.rows[0].place
        raise syntax_error("empty-model", "the model text has no formula", place, expected="a formula with =~, ~ or ~~")


def _check_threshold(row: FlatRow) -> None:
    if not _THRESHOLD.fullmatch(row.rhs) or int(row.rhs[1:]) > _MAX_THRESHOLDS:
        raise syntax_error(
            "bad-threshold",
            f"'{row.rhs}' is no threshold",
            row.place,
            expected=f"t1, t2, ... up to t{_MAX_THRESHOLDS}: {row.lhs} | t1 + t2",
        )


def check_labels(syntax: ModelSyntax, labels: Iterable[str]) -> None:
    """Refuse constraints and definitions that use what no parameter carries and no earlier line defines.

    Raises
    ------
    ModelSyntaxError
        An unknown label (the nearest one is suggested), a definition used before its line or in a circle, a name
        defined twice or carried by a parameter, a constraint without any label.
    """
    carried = set(labels)
    definitions = {item.lhs_text: item for item in syntax.constraints if item.op == ":="}
    defined: set[str] = set()
    for item in syntax.constraints:
        if item.op == ":=":
            _check_defined_name(item, carried, defined, definitions)
        elif not item.names:
            raise syntax_error(
                "constant-constraint",
                f"the constraint '{item.lhs_text} {item.op} {item.rhs_text}' holds no label",
                item.place,
                expected="a label of a parameter, e.g. a == 0",
            )
        available = carried | (defined if item.op == ":=" else set(definitions))
        for name in item.names:
            if name not in available:
                raise _unknown_label(item, name, carried, definitions)
        defined.add(item.lhs_text)


def _check_defined_name(
    item: ConstraintStatement, carried: set[str], defined: set[str], definitions: dict[str, ConstraintStatement]
) -> None:
    name = item.lhs_text
    if name in carried:
        raise syntax_error(
            "name-in-use",
            f"'{name}' is defined here and is also the label of a parameter",
            item.place,
            expected="a new name",
        )
    if name in defined:
        raise syntax_error(
            "duplicate-definition",
            f"'{name}' is defined twice, last on line {definitions[name].place.line}",
            item.place,
            expected="each name once",
        )


def _unknown_label(
    item: ConstraintStatement, name: str, carried: set[str], definitions: dict[str, ConstraintStatement]
) -> ModelSyntaxError:
    place = item.names[name]
    if name in definitions:
        later = definitions[name]
        circle = _circle(name, definitions)
        if circle:
            what = f"the definitions {' -> '.join(circle)} go round in a circle"
            return syntax_error("circular-definition", what, place, expected="definitions that end in labels")
        return syntax_error(
            "used-before-definition",
            f"'{name}' is used before it is defined on line {later.place.line}",
            place,
            expected="its definition on an earlier line",
        )
    found = nearest(name, [*carried, *definitions])
    hint = f"did you mean '{found[0]}'?" if found else "give a parameter this label, e.g. y ~ " + name + "*x"
    return syntax_error(
        "unknown-label", f"no parameter carries the label '{name}'", place, expected=_listed(carried), hint=hint
    )


def _circle(start: str, definitions: dict[str, ConstraintStatement]) -> list[str]:
    """A way through definitions from `start` back to itself, or nothing."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for used in definitions[name].names:
            if used == start:
                way = [name]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return [*reversed(way), start]
            if used in definitions and used not in came_from:
                came_from[used] = name
                waiting.append(used)
    return []


def _listed(labels: set[str], most: int = 12) -> str | None:
    shown = sorted(label for label in labels if not label.startswith(".p"))
    if not shown:
        return None
    return "one of " + " ".join(shown[:most]) + (" ..." if len(shown) > most else "")
