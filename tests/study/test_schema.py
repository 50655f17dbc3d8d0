"""The JSON Schema of study files says what the loader says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from survey_sem.errors import StudyError
from survey_sem.exports import DIALECTS
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.strict_yaml import node_from_plain, read_yaml
from survey_sem.sample.sample import RELATIONS
from survey_sem.sample.treatment import TREATMENTS
from survey_sem.study import keys
from survey_sem.study.load import FORMATS, FUNCTIONS, LANGUAGES, MISSING, SCHEMA, study_from
from survey_sem.study.schema import study_schema

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = study_schema()
VALIDATOR = jsonschema.Draft202012Validator(DOCUMENT)
SHIPPED = sorted([*ROOT.glob("examples/*/study.yaml"), *ROOT.glob("survey_sem/study/template/*/study.yaml")])

FULL: dict[str, Any] = {
    "schema": SCHEMA,
    "id": "full",
    "title": {"zh": "全", "en": "Full"},
    "instrument": "instrument.yaml",
    "simulation": "population.yaml",
    "data": {
        "file": "data.csv",
        "dialect": "generic",
        "encoding": "utf-8",
        "origin": "made up",
        "citation": "none",
        "license": "free",
        "key_file": "secret.key",
        "truth": "truth.json",
    },
    "metadata": {key: {"en": "told"} for key in keys.METADATA},
    "seed": 1,
    "sample": {
        "reverse": True,
        "distributed": 300,
        "probability": True,
        "dispositions": {"I": 200, "R": 50, "UO": 50, "e": 0.5, "e_source": "a pilot"},
        "keep": [
            {"item": "x", "relation": ">=", "value": 2, "reason": "low"},
            {"item": "x", "relation": "in", "value": [1, 2], "reason": "few"},
            {"item": "x", "relation": "answered", "reason": "none"},
        ],
        "broken": {"illegal-code": "missing", "duplicate-id": "first"},
    },
    "missing": "listwise",
    "model": {"measurement": "f =~ x + y + z", "structural": "w ~ b*f", "function": "sem"},
    "fit": {"estimator": "ML", "std_lv": True, "test": ["standard"]},
    "effects": [{"name": "twice", "definition": "2*b", "label": {"en": "twice"}}],
    "comparisons": [{"of": ["x", "F"], "by": "y", "test": "welch", "pairs": "tukey"}],
    "report": {"languages": ["zh", "en"], "formats": ["html", "docx"]},
}


def refusal(document: Any) -> str | None:
    """Codes of what the loader refuses, or None."""
    try:
        study_from(node_from_plain(document, "s.yaml"), Path("s.yaml"))
    except SeveralProblemsError as error:
        return " ".join(problem.code for problem in error.problems)
    except StudyError as error:
        return error.code
    return None


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)


def test_keys_and_words_are_those_of_the_loader() -> None:
    top, places = DOCUMENT["properties"], DOCUMENT["$defs"]
    for section, known in (
        (DOCUMENT, keys.TOP),
        (top["data"], keys.DATA),
        (top["metadata"], keys.METADATA),
        (top["sample"], keys.SAMPLE),
        (top["sample"]["properties"]["dispositions"], keys.DISPOSITIONS),
        (places["condition"], keys.CONDITION),
        (top["model"], keys.MODEL),
        (top["fit"], keys.FIT),
        (places["effect"], keys.EFFECT),
        (top["report"], keys.REPORT),
    ):
        assert set(section["properties"]) == set(known)
        assert section["additionalProperties"] is False
    assert tuple(top["metadata"]["required"]) == keys.REQUIRED_METADATA
    assert top["schema"]["const"] == SCHEMA
    assert top["missing"]["enum"] == list(MISSING)
    assert top["model"]["properties"]["function"]["enum"] == list(FUNCTIONS)
    assert set(top["data"]["properties"]["dialect"]["enum"]) == set(DIALECTS)
    assert places["condition"]["properties"]["relation"]["enum"] == list(RELATIONS)
    assert top["report"]["properties"]["languages"]["items"]["enum"] == list(LANGUAGES)
    assert top["report"]["properties"]["formats"]["items"]["enum"] == list(FORMATS)
    treatments = top["sample"]["properties"]["broken"]["properties"]
    assert {rule: tuple(each["enum"]) for rule, each in treatments.items()} == dict(TREATMENTS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_studies_pass(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read_yaml(path).plain())] == []


def test_a_full_study_passes_both() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(FULL)] == []
    assert refusal(FULL) is None


def mutations() -> Iterator[tuple[str, dict[str, Any]]]:
    """The full study with one thing wrong: every key of every section in turn."""
    for path in sections(FULL, ()):
        document = copy.deepcopy(FULL)
        at(document, path)["zzz"] = 1
        yield f"{path}: unknown key", document
        for key in at(FULL, path):
            document = copy.deepcopy(FULL)
            del at(document, path)[key]
            yield f"{path}: without {key}", document
            for wrong in ([[1]], {"a": {"b": [1]}}, "zzz zzz", True, -1):
                document = copy.deepcopy(FULL)
                at(document, path)[key] = wrong
                yield f"{path}.{key} = {wrong}", document


def sections(document: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(document, dict) and set(document) - {"zh", "en"}:
        yield path
        for key, inner in document.items():
            yield from sections(inner, (*path, key))
    elif isinstance(document, list):
        for position, inner in enumerate(document):
            yield from sections(inner, (*path, position))


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


NEEDS_THE_LOADER = {"bad-definition", "bad-name", "wrong-value", "no-probability-sample"}


def test_what_one_refuses_the_other_refuses() -> None:
    told_apart = []
    n_refused = 0
    for name, document in mutations():
        by_schema, by_loader = not VALIDATOR.is_valid(document), refusal(document)
        n_refused += by_schema
        if by_schema and by_loader is None:
            told_apart.append(f"{name}: the loader accepts it")
        if by_loader is not None and not by_schema and not NEEDS_THE_LOADER & set(by_loader.split()):
            told_apart.append(f"{name}: the schema accepts it ({by_loader})")
    assert told_apart == []
    assert n_refused > 100
