"""The JSON Schema of population files says what the loader says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from small_population import FAULTS, GROUPS, POPULATION

from survey_sem.errors import StudyError
from survey_sem.instrument import Instrument
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.strict_yaml import node_from_plain, parse_yaml, read_yaml
from survey_sem.simulation import keys
from survey_sem.simulation.load import population_from
from survey_sem.simulation.load_values import SCHEMA
from survey_sem.simulation.schema import population_schema

DOCUMENT = population_schema()
VALIDATOR = jsonschema.Draft202012Validator(DOCUMENT)
FULL: dict[str, Any] = parse_yaml(POPULATION + GROUPS + "times: {seconds_per_item: 4, sd_log: .3}\n" + FAULTS).plain()
FULL["response"].append({"on": {"F": 0.1}, "rate": 0.9})
Path_ = tuple[str | int, ...]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA


def test_keys_are_those_of_the_loader() -> None:
    top, places = DOCUMENT["properties"], DOCUMENT["$defs"]
    background, faults = places["background"]["properties"], top["faults"]["properties"]
    for section, known in (
        (DOCUMENT, keys.TOP),
        (places["answers"], keys.ANSWERS),
        (places["background"], keys.BACKGROUND),
        (background["classes"]["items"], keys.CLASS),
        (background["lognormal"], keys.LOGNORMAL),
        (background["poisson"], keys.POISSON),
        (background["logistic"], keys.LOGISTIC),
        (background["dates"], keys.DATES),
        (top["groups"], keys.GROUPS),
        (places["group"], keys.GROUP),
        (top["clusters"], keys.CLUSTERS),
        (places["response"], keys.RESPONSE),
        (top["times"], keys.TIMES),
        (top["faults"], keys.FAULTS),
        (faults["careless"], keys.CARELESS),
        (faults["attention_pass"], keys.ATTENTION_PASS),
        (places["missing"], keys.MISSING),
    ):
        assert set(section["properties"]) == set(known)
        assert section["additionalProperties"] is False


def test_shipped_and_full_populations_pass(project_root: Path) -> None:
    for path in project_root.glob("examples/*/population.yaml"):
        assert [error.message for error in VALIDATOR.iter_errors(read_yaml(path).plain())] == []
    assert [error.message for error in VALIDATOR.iter_errors(FULL)] == []


def refusal(document: Any, instrument: Instrument) -> set[str]:
    """Codes of what the loader refuses."""
    try:
        population_from(node_from_plain(document, "p.yaml"), instrument)
    except SeveralProblemsError as error:
        return {problem.code for problem in error.problems}
    except StudyError as error:
        return {error.code}
    return set()


def sections(document: Any, path: Path_ = ()) -> Iterator[Path_]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    if isinstance(document, dict):
        yield path
    for key, each in inner:
        yield from sections(each, (*path, key))


def at(document: Any, path: Path_) -> Any:
    for step in path:
        document = document[step]
    return document


def mutations() -> Iterator[tuple[str, dict[str, Any]]]:
    """The full population with one thing wrong: every key of every section in turn."""
    wrongs = cycle(([["x"]], {"a": {"b": [1]}}, True, -200, "zz zz"))
    for path in sections(FULL):
        document = copy.deepcopy(FULL)
        at(document, path)["zzz"] = {"q": [1]}
        yield f"{path}: unknown key", document
        for key in at(FULL, path):
            document = copy.deepcopy(FULL)
            del at(document, path)[key]
            yield f"{path}: without {key}", document
            wrong = next(wrongs)
            document = copy.deepcopy(FULL)
            at(document, path)[key] = wrong
            yield f"{path}.{key} = {wrong}", document


NEEDS_THE_LOADER = {
    "unknown-item", "unknown-factor", "unknown-code", "missing-code", "shares-not-one", "not-drawn-yet", "wrong-count",
    "item-without-population", "no-answers", "unknown-part", "unknown-nominal item or partition", "out-of-range",
    "empty-class", "not-in-background", "unknown-item with an order", "unknown-scale or item of the model",
    "wrong-distribution", "parameter-without-value", "unexpected-character", "model-without-formula",
}  # fmt: skip


@pytest.mark.slow
def test_what_one_refuses_the_other_refuses(instrument: Instrument) -> None:
    told_apart = []
    n_refused = 0
    for name, document in mutations():
        by_schema, by_loader = not VALIDATOR.is_valid(document), refusal(document, instrument)
        n_refused += by_schema
        if by_schema and not by_loader:
            told_apart.append(f"{name}: the loader accepts it")
        if by_loader - NEEDS_THE_LOADER and not by_schema:
            told_apart.append(f"{name}: the schema accepts it ({by_loader})")
    assert "\n".join(told_apart) == ""
    assert n_refused > 200
