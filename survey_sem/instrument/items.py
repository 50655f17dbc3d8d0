"""Items and the matrices that they are rows of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from survey_sem.errors import StudyError
from survey_sem.instrument import keys
from survey_sem.instrument.date_format import date_format
from survey_sem.instrument.model import ITEM_TYPES, ColumnsBy, Item, ItemType, Matrix, Scale
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.route_checks import check_route
from survey_sem.instrument.routing import Code, Route, items_of, parse_route
from survey_sem.instrument.scales import code_among, key_code
from survey_sem.instrument.section import (
    Section,
    fail,
    integer,
    is_blank,
    iso_date,
    kind_of,
    mapping,
    model_name,
    number,
    one_of,
    reference,
    restated,
    text,
    written_names,
)
from survey_sem.instrument.strict_yaml import Node, shortened

Limit = float | date | None

_KEYS_OF_TYPES: Mapping[str, tuple[ItemType, ...]] = {
    "min": ("number", "date", "multi", "rank"),
    "max": ("number", "date", "multi", "rank"),
    "whole": ("number",),
    "format": ("date",),
    "columns": ("multi", "rank"),
    "exclusive": ("multi",),
}
_QUESTION_NUMBER = re.compile(r"[1-9][0-9]{0,5}(?:\.[1-9][0-9]{0,5})?")


@dataclass(frozen=True, slots=True)
class Row:
    """An item's place in a matrix: the matrix's entry, its id and column, and the row's number, from 1."""

    node: Node
    matrix: str
    column: str | None
    number: int


def read_matrices(
    nodes: tuple[Node, ...], items: Mapping[str, Node], scales: Mapping[str, Node], by: ColumnsBy, problems: Problems
) -> tuple[Matrix, ...]:
    """Matrices, with rows that are among `items` and in no other matrix; `items` and `scales`: name -> entry."""
    taken: dict[str, str] = {}
    seen: set[str] = set()

    def matrix(node: Node) -> Matrix:
        entry = Section(node, keys.MATRIX, problems)
        _check_shared(entry, scales, by)
        rows = entry.each("items", lambda row: reference(row, items, "item"))
        name = entry.read("id", model_name, "")
        if entry.is_sound:
            _refuse_taken(entry, name, rows, taken, seen)
        return Matrix(name, entry.texts("text"), rows)

    return problems.each(nodes, matrix)


def _check_shared(entry: Section, scales: Mapping[str, Node], by: ColumnsBy) -> None:
    """What rows take from a matrix is right even where every row has its own."""
    entry.optional("column", question_number if by == "number" else text, "")
    entry.optional("scale", lambda node: reference(node, scales, "scale"), "")
    entry.optional("type", lambda node: one_of(node, ITEM_TYPES), "")
    entry.optional("relevant", _parsed, None)
    entry.flag("required", False)
    entry.optional_text("source")


def _parsed(node: Node) -> Route | None:
    try:
        return parse_route(text(node))
    except StudyError as problem:
        raise restated(problem, node) from None


def _refuse_taken(entry: Section, name: str, rows: tuple[str, ...], taken: dict[str, str], seen: set[str]) -> None:
    if name in seen:
        fail(entry["id"], "duplicate-id", f"matrix '{name}' is there twice")
    seen.add(name)
    if not rows:
        fail(entry.node, "no-items", f"matrix '{name}' has no items")
    for row, node in zip(rows, entry.entries("items"), strict=True):
        if row in taken:
            fail(node, "two-matrices", f"item '{row}' is a row of matrix '{taken[row]}' already")
        taken[row] = name


def matrix_rows(nodes: tuple[Node, ...]) -> dict[str, Row]:
    """Item -> its row, from the entries as written: a matrix with a problem still tells its rows their scale."""
    rows: dict[str, Row] = {}
    for name, node in written_names(nodes).items():
        silent = Section(node, keys.MATRIX, Problems(node.file))
        column = silent.optional_text("column") or None
        for position, row in enumerate(silent.entries("items"), start=1):
            rows.setdefault(str(row.value), Row(node, name, column, position))
    return rows


class ItemReader:
    """Reads items in the order of the questionnaire: who is asked an item depends on earlier ones.

    Parameters
    ----------
    scales : mapping
        Scale id -> Scale, those that could be read.
    scale_names : collection of str
        All that the file names.
    rows : mapping
        Item -> its row of a matrix.
    columns_by : str
        As `Source.columns`.
    problems : Problems
        Where problems are noted.
    """

    def __init__(
        self,
        scales: Mapping[str, Scale],
        scale_names: Mapping[str, Node],
        rows: Mapping[str, Row],
        columns_by: ColumnsBy,
        problems: Problems,
    ) -> None:
        self._scales = scales
        self._scale_names = scale_names
        self._rows = rows
        self._by = columns_by
        self._problems = problems
        self._before: dict[str, Item] = {}
        self._unread: set[str] = set()
        self._later: dict[str, None] = {}

    def read(self, nodes: tuple[Node, ...]) -> tuple[Item, ...]:
        """Every item that has no problem."""
        self._later = dict.fromkeys(written_names(nodes))
        return tuple(item for item in self._problems.each(nodes, self._item) if item.id not in self._unread)

    def _item(self, node: Node) -> Item:
        name = _written_id(node)
        row = self._rows.get(name)
        entry = Section(_completed(node, row), keys.ITEM, self._problems)
        made = self._make(entry, row)
        self._later.pop(name, None)
        if entry.is_sound and ("scale" not in entry or made.scale is not None):
            self._before.setdefault(made.id, made)
        else:
            self._unread.add(name)
        return made

    def _make(self, entry: Section, row: Row | None) -> Item:
        scale = entry.optional("scale", self._scale, None)
        kind = self._kind(entry, scale)
        if entry.is_sound and (scale is not None or "scale" not in entry):
            self._check_type(entry, kind, scale)
        name = entry.read("id", model_name, "")
        low, high = self._limits(entry, kind, scale)
        return Item(
            id=name,
            column=self._column(entry, row, name),
            type=kind,
            scale=scale,
            reverse=entry.flag("reverse", False),
            text=entry.texts("text"),
            source=entry.optional_text("source") or "",
            min=low,
            max=high,
            whole=entry.flag("whole", False),
            format=entry.optional("format", date_format, None),
            relevant=entry.optional("relevant", self._route, None),
            required=entry.flag("required", False),
            columns=entry.optional("columns", lambda node: _columns(node, scale, self._problems), {}),
            exclusive=self._exclusive(entry, scale),
            matrix=row.matrix if row else None,
        )

    def _scale(self, node: Node) -> Scale | None:
        """The scale of that name; None, silently, where the scale itself has a problem."""
        return self._scales.get(reference(node, self._scale_names, "scale"))

    def _kind(self, entry: Section, scale: Scale | None) -> ItemType:
        default: ItemType | None = ("ordinal" if scale.ordinal else "nominal") if scale else None
        if default is None and "type" not in entry:
            if "scale" not in entry and entry.is_mapping:
                expected = "a scale, or a type: number, text or date"
                self._problems.note(entry.node, "missing-key", "what an answer may be is not said", expected=expected)
            return "text"  # a stand-in: a problem has been noted
        return cast("ItemType", entry.choice("type", ITEM_TYPES, default))

    def _check_type(self, entry: Section, kind: ItemType, scale: Scale | None) -> None:
        needs_scale = kind in ("ordinal", "nominal", "multi", "rank")
        if needs_scale and scale is None:
            fail(entry.node, "no-scale", f"an item of type {kind} needs a scale")
        if not needs_scale and scale is not None:
            fail(entry["scale"], "needless-scale", f"an item of type {kind} has no scale")
        if kind == "ordinal" and scale is not None and not scale.ordinal:
            fail(entry["type"], "wrong-scale", f"scale '{scale.id}' is not ordinal")
        reverses = kind == "ordinal" and scale is not None and scale.min is not None
        if entry.flag("reverse", False) and not reverses:
            what = "only an ordinal item on a scale with min and max can be reversed"
            self._problems.note(entry["reverse"], "irreversible", what)
        for key, kinds in _KEYS_OF_TYPES.items():
            if key in entry and kind not in kinds:
                what = f"'{key}' is for items of type {' or '.join(kinds)}, and this one is of type {kind}"
                hint = "the scale says which answers there are" if key in ("min", "max") and scale else None
                self._problems.note(entry[key], "needless-key", what, hint=hint)
        if kind in ("multi", "rank") and scale is not None:
            _check_variables(entry, scale)

    def _limits(self, entry: Section, kind: ItemType, scale: Scale | None) -> tuple[Limit, Limit]:
        reader = _limit_reader(kind, scale, entry.flag("whole", False))
        low, high = (entry.optional(key, reader, None) for key in ("min", "max"))
        if entry.is_sound and low is not None and high is not None and low > high:  # type: ignore[operator]
            self._problems.note(entry["max"], "empty-range", f"'max' ({high}) is below 'min' ({low})")
        return low, high

    def _route(self, node: Node) -> Route | None:
        route = _parsed(node)
        if route is not None and self._unread.isdisjoint(items_of(route)):
            try:
                check_route(route, self._before, self._later)
            except StudyError as problem:
                raise restated(problem, node) from None
        return route

    def _column(self, entry: Section, row: Row | None, name: str) -> str:
        if "columns" in entry:
            if "column" in entry:
                what = "both 'column' and 'columns' are given"
                self._problems.note(entry["column"], "given-twice", what, expected="one of them")
            return name
        if "column" in entry:
            return entry.read("column", question_number if self._by == "number" else text, "")
        if row is not None and row.column is not None and self._by != "header":
            return f"{row.column}{'.' if self._by == 'number' else '_R'}{row.number}"
        if self._by != "name" and entry.is_mapping:
            what = f"the item does not say its column, and columns are found by {self._by} here"
            expected = "the number of the question" if self._by == "number" else "the header of its column in the file"
            self._problems.note(entry.node, "missing-key", what, expected=f"column: {expected}")
        return name

    def _exclusive(self, entry: Section, scale: Scale | None) -> tuple[Code, ...]:
        if scale is None:
            return ()
        codes = entry.each("exclusive", lambda node: code_among(node, scale))
        if entry.is_sound and codes and len(set(codes)) == len(scale.codes):
            self._problems.note(entry["exclusive"], "only-exclusive", "every option excludes all others")
        return codes


def question_number(node: Node) -> str:
    """The number of a question: ``6``, of a row of a matrix ``6.2``."""
    number_of = text(node)
    if not _QUESTION_NUMBER.fullmatch(number_of):
        what = f"{kind_of(node)} is not the number of a question, and columns are found by number here"
        fail(node, "bad-number", what, expected="such as 6, or 6.2 for the second row of a matrix")
    return number_of


def _completed(node: Node, row: Row | None) -> Node:
    """An item with what it takes from its matrix."""
    if row is None or not isinstance(node.value, dict) or not isinstance(row.node.value, dict):
        return node
    own = {key: value for key, value in node.value.items() if not (key in keys.INHERITED and is_blank(value))}
    taken = {key: value for key, value in row.node.value.items() if key in keys.INHERITED and not is_blank(value)}
    return replace(node, value=taken | own)


def _written_id(node: Node) -> str:
    return next(iter(written_names([node])), "")


def _check_variables(entry: Section, scale: Scale) -> None:
    """Every option becomes a variable ``id_code``, which models must be able to name."""
    for code in scale.codes:
        if not f"a{code}".isidentifier():
            what = f"scale '{scale.id}' has the code {shortened(str(code))!r}, and option {shortened(str(code))!r}"
            fail(
                entry["scale"],
                "bad-name",
                f"{what} of this item cannot become a variable '{entry.text('id')}_{shortened(str(code))}'",
                expected="codes of letters and digits",
            )


def _limit_reader(kind: ItemType, scale: Scale | None, whole: bool) -> Callable[[Node], Limit]:
    if kind == "date":
        return iso_date
    if scale is not None and kind in ("multi", "rank"):
        return _count_up_to(len(scale.codes))
    return integer if kind == "number" and whole else number


def _count_up_to(n_options: int) -> Callable[[Node], Limit]:
    def count(node: Node) -> Limit:
        if not 0 <= integer(node) <= n_options:
            fail(node, "out-of-range", f"{kind_of(node)} options, of {n_options}", expected=f"0 to {n_options}")
        return integer(node)

    return count


def _columns(node: Node, scale: Scale | None, problems: Problems) -> dict[Code, str]:
    """Code -> column; every code of the scale has one, and no other has."""
    nodes = mapping(node)
    columns: dict[Code, str] = {}
    for key, entry in nodes.items():
        with problems.kept():
            columns[key_code(key)] = text(entry)
            if scale is not None and key_code(key) not in scale.codes:
                what = f"{shortened(key)} is not a code of scale '{scale.id}'"
                fail(entry, "unknown-code", what, expected=shortened(scale.describe()))
    absent = [str(code) for code in scale.codes if str(code) not in nodes] if scale is not None else []
    if absent:
        what = f"no column is given for the code{'s' if len(absent) > 1 else ''} {shortened(', '.join(absent))}"
        fail(node, "missing-code", what, expected="a column for every code of the scale")
    return columns
