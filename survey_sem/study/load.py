"""YAML -> Study, strictly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from survey_sem.errors import ModelSyntaxError
from survey_sem.exports.read import file_content
from survey_sem.instrument import Texts
from survey_sem.instrument.section import Section, check_schema, fail, kind_of, mapping, text
from survey_sem.instrument.strict_yaml import Node, node_from_plain, read_yaml, refuse_data
from survey_sem.provenance import sha256_data
from survey_sem.sample import Condition, SamplePlan
from survey_sem.sample.sample import RELATIONS, Relation
from survey_sem.study.study import DataSource, Effect, Function, Option, ReportPlan, Study
from survey_sem.syntax.expression_parser import parse_tokens
from survey_sem.syntax.tokens import Token, tokenize

SCHEMA = "survey-sem/study/1"
LANGUAGES = ("zh", "en")
FORMATS = ("html", "docx", "xlsx", "csv", "latex")
MISSING = ("listwise",)
REQUIRED_METADATA = ("population", "mode", "dates", "sampling", "consent", "ethics", "funding")
OTHER_METADATA = ("recruitment", "incentives", "preregistration", "contact", "notes")

_TOP = (
    "schema", "id", "title", "instrument", "data", "metadata", "seed", "sample", "missing", "model", "fit", "effects",
    "report",
)  # fmt: skip
_LATER = ("groups", "weighting", "design", "screening", "regressions", "robustness")
_LATER_MISSING = ("fiml", "pairwise", "mi", "two_stage", "robust_two_stage")
_DATA = ("file", "dialect", "encoding", "origin", "citation", "license")
_SAMPLE = ("reverse", "keep", "distributed")
_CONDITION = ("item", "relation", "value", "reason")
_MODEL = ("measurement", "measurement_file", "structural", "structural_file", "function")
_EFFECT = ("name", "definition", "label")
_EXPRESSION = "an expression of labels, such as a*b + c"
_REPORT = ("languages", "formats")
_FLAGS = ("std_lv", "meanstructure", "fixed_x", "orthogonal")
_TEXT_OPTIONS = ("estimator", "likelihood", "information", "observed_information", "se", "test", "effect_coding")


def load_study(path: str | os.PathLike[str]) -> Study:
    """Read and check a study file (schema ``survey-sem/study/1``); paths in it are relative to it.

    The instrument and the data are not opened.

    Raises
    ------
    FileError
        The study file, or a model file that it names, cannot be read.
    StudyError
        The first thing that breaks the schema, with file, line and key.
    """
    file = Path(path)
    return study_from(read_yaml(file), file)


def study_from_plan(plan: Mapping[str, Any], path: Path) -> Study:
    """A study from the plan that a manifest keeps, as if its file still were at `path`."""
    return study_from(node_from_plain(plan, f"{path} (plan in the manifest)"), path)


def study_from(node: Node, path: Path) -> Study:
    """A study from a parsed document; see :func:`load_study`."""
    top = _top(node)
    folder = path.parent
    measurement, structural, function = _models(top.section("model", _MODEL), folder)
    plan = _plan(node.plain(), measurement, structural)
    return Study(
        path=path,
        id=top.text("id"),
        title=top.texts("title"),
        instrument=folder / top.text("instrument"),
        data=_data(top.section("data", _DATA), folder),
        metadata=_metadata(top.section("metadata", REQUIRED_METADATA + OTHER_METADATA)),
        seed=_seed(top),
        sample=_sample(top.optional_section("sample", _SAMPLE)),
        missing=_missing(top),
        measurement=measurement,
        structural=structural,
        function=function,
        options=_options(top.optional_section("fit", _FLAGS + _TEXT_OPTIONS)),
        effects=_effects(top),
        report=_report(top.section("report", _REPORT)),
        plan=plan,
        sha256=sha256_data(plan),
    )


def _top(node: Node) -> Section:
    check_schema(node, SCHEMA)
    for key, entry in mapping(node).items():
        if key in _LATER:
            what = f"'{key}' is not supported yet: this version fits one unweighted group with maximum likelihood"
            fail(entry, "unsupported-key", what, hint="leave it out")
    return Section(node, _TOP)


def _plan(plain: dict[str, Any], measurement: str, structural: str) -> dict[str, Any]:
    """The document with the models written out in place of their files."""
    model = {key: value for key, value in plain["model"].items() if not key.endswith("_file")}
    return {**plain, "model": {**model, "measurement": measurement, "structural": structural}}


def _models(section: Section, folder: Path) -> tuple[str, str, Function]:
    function = cast("Function", section.choice("function", ("sem", "cfa", "growth"), "sem"))
    measurement = _model_text(section, "measurement", folder)
    if not measurement.strip():
        fail(section.node, "missing-key", "a measurement model is required", hint="give `measurement: |` and its lines")
    return measurement, _model_text(section, "structural", folder), function


def _model_text(section: Section, key: str, folder: Path) -> str:
    file_key = f"{key}_file"
    if file_key not in section:
        return section.optional_text(key) or ""
    if key in section:
        fail(section[file_key], "given-twice", f"both '{key}' and '{file_key}' are given", expected="one of them")
    return read_model(folder / section.text(file_key))


def read_model(path: Path) -> str:
    """Model text of a file, utf-8, line feeds only.

    Raises
    ------
    FileError
        The file cannot be read, is no text, or is a table of data.
    """
    from survey_sem.exports.text_encoding import decode_text

    content = file_content(path)
    refuse_data(content, path, "the text of a model")
    return decode_text(content, path)[0].replace("\r\n", "\n").replace("\r", "\n")


def _data(section: Section, folder: Path) -> DataSource:
    return DataSource(
        file=folder / section.text("file"),
        dialect=section.optional_text("dialect"),
        encoding=section.optional_text("encoding"),
        origin=section.text("origin"),
        citation=section.text("citation"),
        license=section.optional_text("license") or "",
    )


def _metadata(section: Section) -> dict[str, Texts]:
    required = {key: section.texts(key) for key in REQUIRED_METADATA}
    return required | {key: section.texts(key) for key in OTHER_METADATA if key in section}


def _seed(top: Section) -> int:
    seed = top.integer("seed")
    if not 0 <= seed < 2**32:
        fail(top["seed"], "wrong-value", "'seed' must be from 0 to 4294967295")
    return seed


def _missing(top: Section) -> str:
    if top["missing"].value in _LATER_MISSING:
        what = f"missing: {top['missing'].value} is not supported yet"
        fail(top["missing"], "unsupported-value", what, expected=" or ".join(MISSING))
    return top.choice("missing", MISSING)


def _sample(section: Section | None) -> SamplePlan:
    if section is None:
        return SamplePlan()
    return SamplePlan(
        reverse=section.flag("reverse", True),
        keep=tuple(_condition(node) for node in section.entries("keep")),
        distributed=section.integer("distributed") if "distributed" in section else None,
    )


def _condition(node: Node) -> Condition:
    section = Section(node, _CONDITION)
    relation = cast("Relation", section.choice("relation", RELATIONS))
    value: Any = None
    if relation == "answered":
        if "value" in section:
            fail(section["value"], "needless-value", "'answered' compares with nothing")
    else:
        value = section["value"].plain()
        if isinstance(value, list) != (relation == "in"):
            expected = "a list" if relation == "in" else "one value"
            fail(
                section["value"],
                "wrong-type",
                f"'{relation}' does not go with {kind_of(section['value'])}",
                expected=expected,
            )
        value = tuple(value) if isinstance(value, list) else value
    return Condition(section.text("item"), relation, value, section.text("reason"))


def _options(section: Section | None) -> dict[str, Option]:
    if section is None:
        return {}
    options: dict[str, Option] = {key: section.flag(key, False) for key in _FLAGS if key in section}
    for key in _TEXT_OPTIONS:
        if key in section:
            words = section.words(key)
            options[key] = words if isinstance(section[key].value, list) else words[0]
    return options


def _effects(top: Section) -> tuple[Effect, ...]:
    effects = tuple(_effect(node) for node in top.entries("effects"))
    names = [effect.name for effect in effects]
    for position, node in enumerate(top.entries("effects")):
        if names[position] in names[:position]:
            fail(node, "duplicate-id", f"the effect '{names[position]}' is defined twice")
    return effects


def _effect(node: Node) -> Effect:
    section = Section(node, _EFFECT)
    _check_name(section["name"])
    return Effect(section.text("name"), _definition(section["definition"]), section.optional_texts("label"))


def _check_name(node: Node) -> None:
    tokens = _tokens(node)
    if [token.kind for token in tokens] != ["name", "end"] or tokens[0].text != text(node):
        what = f"an effect cannot be called {kind_of(node)}"
        fail(node, "bad-name", what, expected="one name of letters, digits, _ and ., which starts with a letter")


def _definition(node: Node) -> str:
    """One expression in one line, so that nothing but this effect enters the model."""
    definition = text(node).strip()
    tokens = _tokens(node, definition)
    if any(token.kind == "newline" for token in tokens):
        fail(node, "bad-definition", "the definition of an effect is one expression in one line", expected=_EXPRESSION)
    try:
        parse_tokens(tokens)
    except ModelSyntaxError as problem:
        fail(node, "bad-definition", f"the definition of an effect: {problem.what}", expected=_EXPRESSION)
    return definition


def _tokens(node: Node, content: str | None = None) -> tuple[Token, ...]:
    try:
        return tokenize(text(node) if content is None else content)
    except ModelSyntaxError as problem:
        fail(node, "bad-definition", f"an effect: {problem.what}", hint=problem.hint)


def _report(section: Section) -> ReportPlan:
    return ReportPlan(_listed(section, "languages", LANGUAGES), _listed(section, "formats", FORMATS, ("html",)))


def _listed(section: Section, key: str, known: tuple[str, ...], default: tuple[str, ...] = ()) -> tuple[str, ...]:
    if key not in section and default:
        return default
    section[key]
    for node in section.entries(key):
        if node.value not in known:
            fail(node, "unknown-value", f"{kind_of(node)} is not one of the {key}", expected=", ".join(known))
    return tuple(dict.fromkeys(section.words(key)))
