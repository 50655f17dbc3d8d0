"""YAML -> Study, strictly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from survey_sem.errors import ModelSyntaxError
from survey_sem.exports.read import DIALECTS, file_content
from survey_sem.instrument import Texts
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.section import (
    Section,
    check_schema,
    fail,
    integer,
    kind_of,
    one_of,
    text,
    written_names,
)
from survey_sem.instrument.strict_yaml import Node, node_from_plain, read_yaml, refuse_data
from survey_sem.provenance import sha256_data
from survey_sem.sample import SamplePlan
from survey_sem.sample.screening import read_screening_plan
from survey_sem.sample.weighting import read_weighting_plan
from survey_sem.study import keys
from survey_sem.study.load_analyses import read_comparisons, read_groups, read_regressions, read_robustness
from survey_sem.study.load_sample import read_sample
from survey_sem.study.study import DataSource, Effect, Function, Option, ReportPlan, Study
from survey_sem.syntax.expression_parser import parse_tokens
from survey_sem.syntax.tokens import Token, tokenize

SCHEMA = "survey-sem/study/1"
LANGUAGES = ("zh", "en")
FUNCTIONS = ("sem", "cfa", "growth")
FORMATS = ("html", "docx", "xlsx", "csv", "latex")
MISSING = ("listwise", "fiml", "mi")

_LATER_MISSING = ("pairwise", "two_stage", "robust_two_stage")
_MOST_FILES = 2
_EXPRESSION = "an expression of labels, such as a*b + c"


def load_study(path: str | os.PathLike[str]) -> Study:
    """Read and check a study file (schema ``survey-sem/study/1``); paths in it are relative to it.

    The instrument and the data are not opened.

    Raises
    ------
    FileError
        The study file, or a model file that it names, cannot be read.
    StudyError
        What breaks the schema, with file, line and key; of several problems each (`SeveralProblemsError`).
    """
    file = Path(path)
    return study_from(read_yaml(file), file)


def study_from_plan(plan: Mapping[str, Any], path: Path) -> Study:
    """A study from the plan that a manifest keeps, as if its file still were at `path`."""
    return study_from(node_from_plain(plan, f"{path} (plan in the manifest)"), path)


def study_from(node: Node, path: Path) -> Study:
    """A study from a parsed document; see :func:`load_study`."""
    check_schema(node, SCHEMA)
    problems = Problems(node.file)
    top = Section(node, keys.TOP, problems)
    folder = path.parent
    measurement, structural, function = _models(top.section("model", keys.MODEL), folder, problems)
    study = Study(
        path=path,
        id=top.text("id"),
        title=top.texts("title"),
        instrument=folder / top.text("instrument"),
        data=_data(top.section("data", keys.DATA), folder, problems),
        metadata=_metadata(top.section("metadata", keys.METADATA)),
        seed=top.read("seed", _seed, 0),
        sample=_weighted(read_sample(top.optional_section("sample", keys.SAMPLE), problems), top, folder, problems),
        missing=top.read("missing", _missing, ""),
        measurement=measurement,
        structural=structural,
        function=function,
        options=_options(top.optional_section("fit", keys.FIT)),
        effects=_effects(top, problems),
        report=_report(top.section("report", keys.REPORT)),
        plan={},
        sha256="",
        simulation=_optional_path(top, "simulation", folder),
        groups=read_groups(top.optional_section("groups", keys.GROUPS)),
        regressions=read_regressions(top, problems),
        comparisons=read_comparisons(top, problems),
        robustness=read_robustness(top),
    )
    problems.raise_all()
    plan = _plan(node.plain(), measurement, structural)
    return replace(study, plan=plan, sha256=sha256_data(plan))


def _plan(plain: dict[str, Any], measurement: str, structural: str) -> dict[str, Any]:
    """The document with the models written out in place of their files."""
    model = {key: value for key, value in plain["model"].items() if not key.endswith("_file")}
    return {**plain, "model": {**model, "measurement": measurement, "structural": structural}}


def _models(section: Section, folder: Path, problems: Problems) -> tuple[str, str, Function]:
    function = cast("Function", section.choice("function", FUNCTIONS, "sem"))
    measurement = _model_text(section, "measurement", folder, problems)
    if section.is_sound and not measurement.strip():
        what = "a measurement model is required"
        problems.note(section.node, "missing-key", what, hint="give `measurement: |` and its lines")
    return measurement, _model_text(section, "structural", folder, problems), function


def _model_text(section: Section, key: str, folder: Path, problems: Problems) -> str:
    file_key = f"{key}_file"
    if file_key not in section:
        return section.optional_text(key) or ""
    if key in section:
        what = f"both '{key}' and '{file_key}' are given"
        problems.note(section[file_key], "given-twice", what, expected="one of them")
        return section.text(key)
    name = section.text(file_key)
    return read_model(folder / name) if name else ""


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


def _data(section: Section, folder: Path, problems: Problems) -> DataSource:
    return DataSource(
        files=_data_files(section, folder, problems),
        dialect=section.choice("dialect", DIALECTS) if "dialect" in section else None,
        encoding=section.optional_text("encoding"),
        origin=section.texts("origin"),
        citation=section.texts("citation"),
        license=section.optional_texts("license"),
        key_file=_optional_path(section, "key_file", folder),
        truth=_optional_path(section, "truth", folder),
    )


def _data_files(section: Section, folder: Path, problems: Problems) -> tuple[Path, ...]:
    if not section.entries("files"):
        return (folder / section.text("file"),)
    if "file" in section:
        what = "both 'file' and 'files' are given"
        problems.note(section["files"], "given-twice", what, expected="one of them")
    names = section.words("files")
    if len(names) > _MOST_FILES or len(set(names)) < len(names):
        what = f"'files' lists {len(names)} files" if len(names) > _MOST_FILES else "'files' names one file twice"
        expected = "one file, or two: the texts and the codes of the same answers"
        problems.note(section["files"], "wrong-value", what, expected=expected)
    return tuple(folder / name for name in names)


def _optional_path(section: Section, key: str, folder: Path) -> Path | None:
    name = section.optional_text(key)
    return None if name is None else folder / name


def _metadata(section: Section) -> dict[str, Texts]:
    required = {key: section.texts(key) for key in keys.REQUIRED_METADATA}
    return required | {key: section.texts(key) for key in keys.OTHER_METADATA if key in section}


def _seed(node: Node) -> int:
    seed = integer(node)
    if not 0 <= seed < 2**32:
        fail(node, "wrong-value", "'seed' must be from 0 to 4294967295")
    return seed


def _missing(node: Node) -> str:
    if node.value in _LATER_MISSING:
        fail(node, "unsupported-value", f"missing: {node.value} is not supported yet", expected=" or ".join(MISSING))
    return one_of(node, MISSING)


def _weighted(plan: SamplePlan, top: Section, folder: Path, problems: Problems) -> SamplePlan:
    """The plan with what the study says of the instrument's design, of weights, and of careless answers."""
    weighting = screening = None
    if "screening" in top:
        screening = top.read("screening", lambda node: read_screening_plan(node, problems), None)
    if "weighting" in top:
        weighting = top.read("weighting", lambda node: read_weighting_plan(node, folder, problems), None)
    return replace(plan, design=top.flag("design", True), weighting=weighting, screening=screening)


def _options(section: Section | None) -> dict[str, Option]:
    if section is None:
        return {}
    options: dict[str, Option] = {key: section.flag(key, False) for key in keys.FLAGS if key in section}
    options |= {key: section.integer(key) for key in keys.NUMBERS if key in section}
    for key in keys.TEXT_OPTIONS:
        if key in section:
            is_list = isinstance(section[key].value, list)
            options[key] = section.words(key) if is_list else section.text(key)
    return options


def _effects(top: Section, problems: Problems) -> tuple[Effect, ...]:
    nodes = top.entries("effects")
    first = written_names(nodes, "name")
    for node in nodes:
        (name,) = written_names((node,), "name") or ("",)
        if name and first[name] is not node:
            problems.note(node, "duplicate-id", f"the effect '{name}' is defined twice")
    return problems.each(nodes, lambda node: _effect(node, problems))


def _effect(node: Node, problems: Problems) -> Effect:
    section = Section(node, keys.EFFECT, problems)
    name = section.read("name", _effect_name, "")
    return Effect(name, section.read("definition", _definition, ""), section.optional_texts("label"))


def _effect_name(node: Node) -> str:
    tokens = _tokens(node)
    if [token.kind for token in tokens] != ["name", "end"] or tokens[0].text != text(node):
        what = f"an effect cannot be called {kind_of(node)}"
        fail(node, "bad-name", what, expected="one name of letters, digits, _ and ., which starts with a letter")
    return text(node)


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
    section.read(key, lambda node: node, section.node)
    found = tuple(dict.fromkeys(section.each(key, lambda node: _one_listed(node, key, known))))
    if section.is_sound and not found and not default:
        section.read(key, lambda node: fail(node, "empty-list", f"'{key}' names none", expected=", ".join(known)), None)
    return found


def _one_listed(node: Node, key: str, known: tuple[str, ...]) -> str:
    if node.value not in known:
        fail(node, "unknown-value", f"{kind_of(node)} is not one of the {key}", expected=", ".join(known))
    return text(node)
