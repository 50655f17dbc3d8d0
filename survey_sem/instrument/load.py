"""YAML -> Instrument, strictly."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from survey_sem.errors import StudyError, did_you_mean
from survey_sem.instrument.model import Construct, Instrument, Item, ItemType, MissingCode, MissingKind, Scale
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import Section, check_schema, fail, kind_of, mapping, model_name, number, text
from survey_sem.instrument.strict_yaml import Node, read_yaml
from survey_sem.provenance import sha256_data

SCHEMA = "survey-sem/instrument/1"
_TOP = ("schema", "instrument", "missing", "scales", "items", "constructs")
_HEAD = ("id", "version", "title", "population", "mode", "dates", "consent", "ethics")
_MISSING = ("code", "kind", "text")
_SCALE = ("ordinal", "min", "max", "labels")
_ITEM = ("id", "column", "type", "scale", "reverse", "text", "source", "min", "max")
_CONSTRUCT = ("id", "label", "items", "source")
_ITEM_TYPES = ("ordinal", "nominal", "number", "text")
_MISSING_KINDS = ("routed", "nonresponse", "dontknow", "refused")


def load_instrument(path: str | os.PathLike[str]) -> Instrument:
    """Read and check an instrument (schema ``survey-sem/instrument/1``).

    Raises
    ------
    FileError
        The file cannot be read.
    StudyError
        The first thing that breaks the schema, with file, line and key.
    """
    return instrument_from(read_yaml(Path(path)))


def instrument_from(node: Node) -> Instrument:
    """An instrument from a parsed document; see :func:`load_instrument`."""
    check_schema(node, SCHEMA)
    top = Section(node, _TOP)
    head = top.section("instrument", _HEAD)
    missing = tuple(_missing_code(entry) for entry in top.entries("missing"))
    scales = {key: _scale(key, entry) for key, entry in top.mapping("scales").items()}
    _check_missing_codes(missing, top.entries("missing"), scales)
    items = _items(top, scales)
    return Instrument(
        id=head.text("id"),
        version=head.text("version"),
        title=head.texts("title"),
        population=head.optional_texts("population"),
        mode=head.optional_texts("mode"),
        dates=head.optional_texts("dates"),
        consent=head.optional_texts("consent"),
        ethics=head.optional_texts("ethics"),
        missing=missing,
        scales=scales,
        items=items,
        constructs=_constructs(top, [item.id for item in items]),
        sha256=sha256_data(node.plain()),
    )


def _missing_code(node: Node) -> MissingCode:
    entry = Section(node, _MISSING)
    kind = cast("MissingKind", entry.choice("kind", _MISSING_KINDS))
    return MissingCode(_code(entry["code"]), kind, entry.optional_texts("text"))


def _check_missing_codes(
    missing: tuple[MissingCode, ...], nodes: tuple[Node, ...], scales: Mapping[str, Scale]
) -> None:
    """A code that stands for no answer must not be an answer as well: it would be deleted wherever it was given."""
    _refuse_repeats("missing code", [_written(code.code) for code in missing], nodes)
    for code, node in zip(missing, nodes, strict=True):
        for scale in scales.values():
            if _written(code.code) in map(_written, scale.codes):
                what = f"the missing code {code.code} is an answer of scale '{scale.id}' ({scale.describe()})"
                fail(node, "missing-code-is-answer", what, hint="give the missing answer a code outside every scale")


def _written(code: Code) -> str:
    """A code as a file would show it: 9, 9.0 and "9" are the same."""
    return format(code, ".17g") if isinstance(code, (int, float)) else code.strip()


def _code(node: Node) -> Code:
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float, str)):
        fail(node, "wrong-type", f"a code must be a number or a text, not {kind_of(node)}")
    return node.value


def _scale(name: str, node: Node) -> Scale:
    entry = Section(node, _SCALE)
    labels = {language: _labels(inner) for language, inner in entry.mapping("labels").items()}
    if ("min" in entry) != ("max" in entry):
        fail(node, "incomplete-scale", f"scale '{name}' has one end only", expected="both min and max, or neither")
    if "min" not in entry:
        return Scale(name, entry.flag("ordinal", False), None, None, _listed(name, node, labels))
    low, high = entry.integer("min"), entry.integer("max")
    if high <= low:
        fail(entry["max"], "empty-scale", f"scale '{name}' ends at {high}, before it begins at {low}")
    if high - low > 1000:
        fail(
            entry["max"], "wide-scale", f"scale '{name}' has {high - low + 1} codes", hint="use an item of type number"
        )
    _labels_within(entry.mapping("labels"), low, high)
    return Scale(name, entry.flag("ordinal", True), low, high, labels)


def _listed(name: str, node: Node, labels: dict[str, dict[Code, str]]) -> dict[str, dict[Code, str]]:
    """Labels of a scale whose codes are those labelled: every language must list the same ones."""
    if not labels:
        fail(node, "empty-scale", f"scale '{name}' has neither min and max nor labels")
    first, *others = labels.items()
    for language, other in others:
        different = set(other) ^ set(first[1])
        if different:
            codes = ", ".join(sorted(str(code) for code in different))
            fail(node, "unequal-labels", f"languages '{first[0]}' and '{language}' label different codes: {codes}")
    return labels


def _labels(node: Node) -> dict[Code, str]:
    return {_label_code(key): text(entry) for key, entry in mapping(node).items()}


def _label_code(key: str) -> Code:
    return int(key) if re.fullmatch("-?[0-9]{1,9}", key) else key


def _labels_within(labels: Mapping[str, Node], low: int, high: int) -> None:
    for by_code in labels.values():
        for key, entry in mapping(by_code).items():
            code = _label_code(key)
            if not isinstance(code, int) or not low <= code <= high:
                fail(entry, "label-outside-scale", f"the label of code {key} is outside the scale {low}-{high}")


def _items(top: Section, scales: Mapping[str, Scale]) -> tuple[Item, ...]:
    nodes = top.entries("items")
    if not nodes:
        fail(top["items"], "no-items", "an instrument needs at least one item")
    items = tuple(_item(node, scales) for node in nodes)
    _refuse_repeats("id", [item.id for item in items], nodes)
    _refuse_repeats("column", [item.column for item in items], nodes)
    return items


def _item(node: Node, scales: Mapping[str, Scale]) -> Item:
    entry = Section(node, _ITEM)
    scale = _item_scale(entry, scales)
    default = ("ordinal" if scale.ordinal else "nominal") if scale else None
    kind = cast("ItemType", entry.choice("type", _ITEM_TYPES, default))
    _check_item(entry, kind, scale)
    return Item(
        id=model_name(entry["id"]),
        column=entry.optional_text("column") or entry.text("id"),
        type=kind,
        scale=scale,
        reverse=entry.flag("reverse", False),
        text=entry.texts("text"),
        source=entry.optional_text("source") or "",
        min=number(entry["min"]) if "min" in entry else None,
        max=number(entry["max"]) if "max" in entry else None,
    )


def _item_scale(entry: Section, scales: Mapping[str, Scale]) -> Scale | None:
    name = entry.optional_text("scale")
    if name is None:
        return None
    if name not in scales:
        hint = did_you_mean(name, scales) or f"scales here: {', '.join(scales) or 'none'}"
        fail(entry["scale"], "unknown-scale", f"there is no scale {kind_of(entry['scale'])}", hint=hint)
    return scales[name]


def _check_item(entry: Section, kind: ItemType, scale: Scale | None) -> None:
    needs_scale = kind in ("ordinal", "nominal")
    if needs_scale and scale is None:
        fail(entry.node, "no-scale", f"an item of type {kind} needs a scale")
    if not needs_scale and scale is not None:
        fail(entry["scale"], "needless-scale", f"an item of type {kind} has no scale")
    if kind == "ordinal" and scale is not None and not scale.ordinal:
        fail(entry["type"], "wrong-scale", f"scale '{scale.id}' is not ordinal")
    if entry.flag("reverse", False) and (scale is None or scale.min is None):
        fail(entry["reverse"], "irreversible", "only an item on a scale with min and max can be reversed")
    for limit in ("min", "max"):
        if limit in entry and kind != "number":
            fail(entry[limit], "needless-limit", f"'{limit}' is for items of type number; a scale has its own")


def _constructs(top: Section, known: list[str]) -> tuple[Construct, ...]:
    nodes = top.entries("constructs")
    constructs = tuple(_construct(node, known) for node in nodes)
    _refuse_repeats("id", [construct.id for construct in constructs], nodes)
    return constructs


def _construct(node: Node, known: list[str]) -> Construct:
    entry = Section(node, _CONSTRUCT)
    for item in entry.entries("items"):
        if item.value not in known:
            hint = did_you_mean(str(item.value), known)
            fail(item, "unknown-item", f"there is no item {kind_of(item)}", hint=hint)
    items = entry.words("items")
    if not items:
        fail(entry.node, "no-items", "a construct needs at least one item")
    return Construct(model_name(entry["id"]), entry.texts("label"), items, entry.text("source"))


def _refuse_repeats(key: str, values: list[str], nodes: Iterable[Node]) -> None:
    seen: dict[str, Node] = {}
    for value, node in zip(values, nodes, strict=True):
        if value in seen:
            raise StudyError(
                "duplicate-id",
                f"{key} '{value}' is used twice (first in line {seen[value].line})",
                where=node.where,
            )
        seen[value] = node
