"""The JSON Schema says what the loader says: same keys, same words, and what one refuses the other refuses."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import StudyError
from survey_sem.exports.dialects.choice import DIALECTS
from survey_sem.instrument import keys
from survey_sem.instrument.load import SCHEMA, instrument_from
from survey_sem.instrument.model import ITEM_TYPES, MISSING_KINDS
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.sampling import LONELY_PSU, METHODS
from survey_sem.instrument.schema import instrument_schema
from survey_sem.instrument.strict_yaml import node_from_plain, read_yaml

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = instrument_schema()
VALIDATOR = jsonschema.Draft202012Validator(DOCUMENT)
FULL = read_yaml(Path(__file__).parent / "full.yaml").plain()
SHIPPED = sorted((ROOT / "instruments").glob("*.yaml"))

Path_ = tuple[str | int, ...]


def refusal(document: Any) -> str | None:
    """Codes of what the loader refuses, or None."""
    try:
        instrument_from(node_from_plain(document, "i.yaml"))
    except SeveralProblemsError as error:
        return " ".join(problem.code for problem in error.problems)
    except StudyError as error:
        return error.code
    return None


def schema_at(*path: str) -> dict[str, Any]:
    found: Any = DOCUMENT
    for step in path:
        found = found["properties"][step] if step != "[]" else found["items"]
        found = resolved(found)
    assert isinstance(found, dict)
    return found


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return DOCUMENT["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


SECTIONS = [
    ((), keys.TOP),
    (("instrument",), keys.HEAD),
    (("source",), keys.SOURCE),
    (("missing", "[]"), keys.MISSING),
    (("items", "[]"), keys.ITEM),
    (("matrices", "[]"), keys.MATRIX),
    (("constructs", "[]"), keys.CONSTRUCT),
    (("partitions", "[]"), keys.PARTITION),
    (("partitions", "[]", "parts", "[]"), keys.PART),
    (("quality",), keys.QUALITY),
    (("quality", "attention", "[]"), keys.ATTENTION),
    (("paradata",), keys.PARADATA),
    (("paradata", "field_period"), keys.FIELD_PERIOD),
    (("pii",), keys.PII),
    (("pii", "generalise", "[]"), keys.GENERALISE),
    (("quotas", "[]"), keys.QUOTA),
    (("design",), keys.DESIGN),
    (("weighting",), keys.WEIGHTING),
    (("weighting", "targets", "[]"), keys.TARGET),
]


@pytest.mark.parametrize(("path", "known"), SECTIONS, ids=lambda value: ".".join(value) or "top")
def test_keys_are_those_of_the_loader(path: tuple[str, ...], known: tuple[str, ...]) -> None:
    section = schema_at(*path)
    assert tuple(section["properties"]) == known
    assert section["additionalProperties"] is False


def test_keys_of_sections_with_free_names() -> None:
    scale = resolved(schema_at("scales")["additionalProperties"])
    assert tuple(scale["properties"]) == keys.SCALE
    cell = schema_at("quotas", "[]", "cells")["additionalProperties"]
    assert tuple(cell["properties"]) == keys.CELL


def test_every_section_of_keys_is_compared() -> None:
    tables = {name for name in vars(keys) if name.isupper()}
    assert len(tables) == len(SECTIONS) + len({"SCALE", "CELL", "INHERITED", "LISTED"})


def test_words_are_those_of_the_loader() -> None:
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA
    assert tuple(schema_at("source", "platform")["enum"]) == DIALECTS
    assert tuple(schema_at("missing", "[]", "kind")["enum"]) == MISSING_KINDS
    assert tuple(schema_at("items", "[]", "type")["enum"]) == ITEM_TYPES
    assert tuple(schema_at("matrices", "[]", "type")["enum"]) == ITEM_TYPES
    assert tuple(schema_at("design", "lonely_psu")["enum"]) == LONELY_PSU
    assert tuple(schema_at("weighting", "method")["enum"]) == METHODS


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)


def test_every_key_is_described() -> None:
    def undescribed(schema: Any, path: str) -> Iterator[str]:
        if isinstance(schema, Mapping):
            for name, inner in schema.get("properties", {}).items():
                if isinstance(inner, dict) and not {"description"} & {*inner, *resolved(inner)}:
                    yield f"{path}.{name}"
            for name, inner in schema.items():
                yield from undescribed(inner, f"{path}.{name}")
        elif isinstance(schema, list):
            for inner in schema:
                yield from undescribed(inner, path)

    few = {"if", "from", "to", "min", "max"}  # of cells, and the word inside a condition
    assert {name.rpartition(".")[2] for name in undescribed(DOCUMENT, "")} <= few


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_instruments_pass(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read_yaml(path).plain())] == []


def test_the_full_instrument_passes_both() -> None:
    assert refusal(FULL) is None
    assert [error.message for error in VALIDATOR.iter_errors(FULL)] == []


def closed_objects(document: Any, schema: dict[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every mapping of a document whose keys are fixed, with its schema."""
    schema = resolved(schema)
    for branch in schema.get("oneOf", ()):
        if VALIDATOR.evolve(schema=branch | {"$defs": DOCUMENT["$defs"]}).is_valid(document):
            yield from closed_objects(document, branch, path)
    if isinstance(document, dict):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is False and properties:
            yield path, schema
        for key, inner in document.items():
            below = properties.get(key, schema.get("additionalProperties"))
            if isinstance(below, dict):
                yield from closed_objects(inner, below, (*path, key))
    elif isinstance(document, list) and isinstance(schema.get("items"), dict):
        for position, inner in enumerate(document):
            yield from closed_objects(inner, schema["items"], (*path, position))


def at(document: Any, path: Path_) -> Any:
    for step in path:
        document = document[step]
    return document


def mutations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Documents with one thing wrong: every key of every section in turn."""
    for path, schema in closed_objects(FULL, DOCUMENT):
        named = ".".join(map(str, path))

        def changed(path: Path_ = path) -> tuple[Any, Any]:
            document = copy.deepcopy(FULL)
            return document, at(document, path)

        document, place = changed()
        place["zzz"] = 1
        yield f"{named}: unknown key", document
        for key in schema.get("required", ()):
            document, place = changed()
            del place[key]
            yield f"{named}: without {key}", document
        for key in at(FULL, path):
            for wrong in ([[1]], {"a": {"b": [1]}}, "zzz zzz" if "enum" in schema["properties"][key] else True):
                document, place = changed()
                place[key] = wrong
                yield f"{named}.{key} = {wrong}", document


@pytest.mark.slow
def test_what_one_refuses_the_other_refuses() -> None:
    told_apart = []
    n_refused = 0
    for name, document in mutations():
        by_schema, by_loader = not VALIDATOR.is_valid(document), refusal(document)
        n_refused += by_schema
        if by_schema and by_loader is None:
            told_apart.append(f"{name}: the loader accepts it")
        if by_loader is not None and not by_schema and {"unknown-key", "unknown-value"} & set(by_loader.split()):
            told_apart.append(f"{name}: the schema accepts it ({by_loader})")
    assert told_apart == []
    assert n_refused > 400


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PLACES = [(*path, key) for path, schema in closed_objects(FULL, DOCUMENT) for key in schema["properties"]]


@given(st.sampled_from(PLACES), VALUES)
def test_any_value_anywhere_is_read_or_refused(place: Path_, value: Any) -> None:
    document = copy.deepcopy(FULL)
    at(document, place[:-1])[place[-1]] = value
    codes = refusal(document)
    if codes is not None and {"unknown-key", "unknown-value"} & set(codes.split()):
        assert not VALIDATOR.is_valid(document)
