"""XLSForm workbooks (ODK, KoboToolbox and others): sheets ``survey``, ``choices`` and ``settings``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from survey_sem.errors import StudyError
from survey_sem.exports.sheets import named_sheets
from survey_sem.instrument.importing.draft import Draft, DraftMatrix, LeftOut, Question
from survey_sem.instrument.importing.routes import InexpressibleError, all_of
from survey_sem.instrument.importing.wording import (
    code_of,
    filled,
    is_ordinal,
    language_code,
    one_line,
    scale_of,
    without_markup,
)
from survey_sem.instrument.importing.xlsform_expression import constraint_limits, relevant_route
from survey_sem.instrument.model import ItemType
from survey_sem.instrument.routing import Code, Route
from survey_sem.instrument.section import ANY_LANGUAGE

Row = Mapping[str, str]
MAX_NESTING = 50
_PLAIN: dict[str, ItemType] = {
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "range": "number",
    "text": "text",
    "string": "text",
    "date": "date",
}
_SELECTS: dict[str, ItemType] = {"select_one": "nominal", "select_multiple": "multi", "rank": "rank"}
_ROLES = {"start": "started", "end": "submitted", "deviceid": "device", "username": "user"}
_PERSONAL = ("phonenumber", "email", "subscriberid", "simserial")
_PLACES = ("geopoint", "geotrace", "geoshape")
_REASONS = {
    "note": "a note, nothing to answer",
    "calculate": "a calculation: computed from answers, not asked",
    "hidden": "a hidden value, not asked",
    "today": "the day of the interview: name it under paradata if it is needed",
    "audit": "a log of the interview",
    "acknowledge": "an acknowledgement, no answer",
    "trigger": "an acknowledgement, no answer",
    "time": "a time of day: no type of item; use text",
    "datetime": "a moment: no type of item; use date or text",
    "geopoint": "a place: coordinates are personal data",
    "geotrace": "places: coordinates are personal data",
    "geoshape": "places: coordinates are personal data",
    "barcode": "a barcode",
    "image": "a file, no answer",
    "audio": "a file, no answer",
    "video": "a file, no answer",
    "file": "a file, no answer",
}
_TRUE = ("yes", "true", "true()", "1", "y", "是", "required")
_MATRIX_LOOKS = ("likert", "table-list", "list-nolabel", "label", "matrix")
_NOTES = (
    "Columns are taken to be the names of the form; where the export writes group/name, export without groups. Several "
    "choices are taken to be split into columns name/code.",
)


def read_xlsform(content: bytes, path: Path, language: str | None = None) -> Draft:
    """The questionnaire of an XLSForm.

    Parameters
    ----------
    content : bytes
        Of the workbook.
    path : Path
        Its name, for errors.
    language : str, optional
        Of the texts in columns without a language (``label``), where the settings name none.

    Raises
    ------
    FileError
        No workbook, a damaged one, one that is too large.
    StudyError
        A workbook without a survey sheet or its columns.
    """
    sheets = {name.strip().lower(): rows for name, rows in named_sheets(content, path).items()}
    survey = _table(sheets.get("survey", []))
    settings = next(iter(_table(sheets.get("settings", []))), {})
    if not survey or not {"type", "name"} <= set(survey[0]):
        raise StudyError(
            "not-an-xlsform",
            f"{path.name} is a workbook, but no XLSForm",
            where=str(path),
            expected="a sheet 'survey' with columns type and name, and a sheet 'choices'",
            hint="a workbook of answers is data: use survey-sem validate",
        )
    stated = _language_of(settings.get("default_language", ""))
    base = stated if stated != ANY_LANGUAGE else (language or ANY_LANGUAGE)
    form = _Form(base, _choices(_table(sheets.get("choices", []))))
    for row in survey:
        form.add(row)
    return form.draft(settings, path)


def _table(rows: list[list[str]]) -> list[dict[str, str]]:
    """Rows of a sheet by its header (lower case but for languages); blank rows left out."""
    if not rows:
        return []
    header = [_heading(cell) for cell in rows[0]]
    found = []
    for row in rows[1:]:
        entry: dict[str, str] = {}
        for name, cell in zip(header, row, strict=False):
            if name and not entry.get(name):
                entry[name] = cell.strip()
        if any(entry.values()):
            found.append({name: entry.get(name, "") for name in header if name})
    return found


def _heading(cell: str) -> str:
    """``Label :: English (en)`` -> ``label::English (en)``, ``list name`` -> ``list_name``."""
    name, mark, language = cell.strip().partition("::")
    if not mark:
        name, mark, language = cell.strip().partition(":")
    plain = name.strip().lower().replace(" ", "_")
    return f"{plain}::{language.strip()}" if mark else plain


def _language_of(name: str) -> str:
    """``中文 (zh)`` -> ``zh``; ``English`` -> ``en``."""
    match = re.search(r"\(([^()]*)\)\s*$", name)
    spoken = {"english": "en", "chinese": "zh", "中文": "zh", "français": "fr", "french": "fr", "español": "es"}
    spoken |= {"spanish": "es", "deutsch": "de", "german": "de", "português": "pt", "arabic": "ar", "русский": "ru"}
    return language_code(match[1] if match else spoken.get(name.strip().lower(), name))


def _texts(row: Row, column: str, base: str) -> dict[str, str]:
    """The texts of one column in all its languages; Markdown and HTML off."""
    texts: dict[str, str] = {}
    for name, cell in row.items():
        head, mark, language = name.partition("::")
        if head == column and cell:
            code = _language_of(language) if mark else base
            texts.setdefault(code, re.sub(r"\*\*|__|^#+ ", "", without_markup(cell)))
    if len(texts) > 1 and ANY_LANGUAGE in texts and base == ANY_LANGUAGE:
        del texts[ANY_LANGUAGE]
    return texts


def _choices(rows: list[dict[str, str]]) -> dict[str, list[Row]]:
    """List name -> its rows."""
    lists: dict[str, list[Row]] = {}
    for row in rows:
        lists.setdefault(row.get("list_name", ""), []).append(row)
    return lists


@dataclass(frozen=True, slots=True)
class _Group:
    """A group that is open: its condition, and whether it is a matrix."""

    name: str
    relevant: Route | None
    note: str = ""
    matrix: str | None = None
    repeated: bool = False


@dataclass(slots=True)
class _Form:
    """Collects questions from top to bottom."""

    language: str
    lists: Mapping[str, list[Row]]
    questions: list[Question] = field(default_factory=list)
    matrices: list[DraftMatrix] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=list)
    asked: dict[str, Question] = field(default_factory=dict)
    paradata: dict[str, str] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """One row of the survey sheet."""
        words = row["type"].replace("begin ", "begin_").replace("end ", "end_").split()
        kind, name = (words[0].lower() if words else ""), one_line(row["name"])
        if kind in ("begin_group", "begin_repeat", "begin_kobomatrix", "begin_score", "begin_rank"):
            self._open(kind, name, row)
        elif kind.startswith("end_"):
            self.groups[-1:] = []
        elif kind in _ROLES:
            self.paradata.setdefault(_ROLES[kind], name or kind)
        elif kind in _PERSONAL:
            self.personal.append(name or kind)
        elif kind or name:
            self._question(kind, words[1:], name, row)

    def _open(self, kind: str, name: str, row: Row) -> None:
        relevant, note = self._routing(row, name)
        looks = row.get("appearance", "").split()
        is_matrix = kind == "begin_group" and bool(set(looks) & set(_MATRIX_LOOKS))
        repeated = kind != "begin_group"
        if repeated:
            reason = "questions asked several times, or several in one, have columns of their own kind"
            self.left_out.append(LeftOut(f"{kind} {name}", reason))
        if is_matrix:
            text = filled(_texts(row, "label", self.language), name)
            self.matrices.append(DraftMatrix(f"{name}#{len(self.matrices)}", name, text))
        matrix = self.matrices[-1].key if is_matrix else None
        if len(self.groups) < MAX_NESTING:
            self.groups.append(_Group(name, relevant, note, matrix, repeated))

    def _question(self, kind: str, words: list[str], name: str, row: Row) -> None:
        if any(group.repeated for group in self.groups):
            return
        reason = self._no_question(kind, words, name)
        if reason:
            self.left_out.append(LeftOut(name or kind, reason))
            self.personal += [name] if kind in _PLACES and name else []
            return
        relevant, note = self._routing(row, name)
        routes = [each for each in (*(group.relevant for group in self.groups), relevant) if each is not None]
        notes = [*(group.note for group in self.groups), note]
        made = self._made(kind, words, name, row)
        limits = self._limited(made, row)
        matrix = self.groups[-1].matrix if self.groups else None
        lost = any(notes)
        done = replace(
            limits,
            relevant=all_of(routes) if routes and not lost else None,
            matrix=matrix if kind != "text" else None,
            notes=(*limits.notes, *filter(None, notes)),
        )
        self.questions.append(done)
        # A route that was lost makes nobody certain to have answered.
        self.asked[name] = replace(done, required=done.required and not lost)

    def _no_question(self, kind: str, words: list[str], name: str) -> str:
        if kind in _REASONS:
            return _REASONS[kind]
        if kind not in _PLAIN and kind not in _SELECTS:
            return f"the type '{one_line(kind)[:40]}' is not known here"
        if not name:
            return "a question without a name"
        if name in self.asked:
            return "a second question of that name"
        if kind in _SELECTS and (not words or words[0] not in self.lists):
            return f"its list of choices '{one_line(' '.join(words))[:40]}' is not in the sheet 'choices'"
        return ""

    def _made(self, kind: str, words: list[str], name: str, row: Row) -> Question:
        texts = filled(_texts(row, "label", self.language), name)
        required = row.get("required", "").lower() in _TRUE
        if kind in _SELECTS:
            return self._select(kind, words, name, row, Question(name, name, _SELECTS[kind], texts, required=required))
        low, high = _range(row) if kind == "range" else (None, None)
        whole = kind in ("integer", "int") or (kind == "range" and _step(row).is_integer())
        return Question(name, name, _PLAIN[kind], texts, min=low, max=high, whole=whole, required=required)

    def _select(self, kind: str, words: list[str], name: str, row: Row, question: Question) -> Question:
        labels: dict[str, dict[Code, str]] = {}
        notes: tuple[str, ...] = ()
        for choice in self.lists[words[0]]:
            code = code_of(choice.get("name", ""))
            for language, text in filled(_texts(choice, "label", self.language), str(code)).items():
                if code != "":
                    labels.setdefault(language, {}).setdefault(code, one_line(text))
        if "or_other" in words:
            notes = ("TODO: or_other: the form adds a choice 'other' and a text column",)
        if row.get("choice_filter"):
            notes = (*notes, f"choice_filter not taken over: {one_line(row['choice_filter'])[:200]}")
        first = next(iter(labels.values()), {})
        in_matrix = bool(self.groups and self.groups[-1].matrix)
        ordinal = kind == "select_one" and is_ordinal(
            first, in_matrix=in_matrix or "likert" in row.get("appearance", "")
        )
        scale = scale_of(labels, ordinal=ordinal, name=words[0])
        codes = scale.codes if scale else ()
        if kind == "rank":
            notes = (*notes, "TODO: the export joins the ranked codes by blanks: write commas between them")
        if any(isinstance(code, str) for code in codes):
            notes = (*notes, "its codes are texts, as the form writes them")
        columns: dict[Code, str] = {code: f"{name}/{code}" for code in codes} if kind == "select_multiple" else {}
        kind_here: ItemType = "ordinal" if scale and scale.ordinal and kind == "select_one" else question.type
        return replace(question, type=kind_here, scale=scale, columns=columns, notes=notes)

    def _routing(self, row: Row, name: str) -> tuple[Route | None, str]:
        written = row.get("relevant", "") or row.get("relevance", "")
        if not written:
            return None, ""
        try:
            return relevant_route(written, self.asked), ""
        except InexpressibleError as problem:
            self.left_out.append(LeftOut(f"routing of {name}", str(problem)))
            return None, f"routing not taken over: {one_line(written)[:300]} ({problem})"

    def _limited(self, question: Question, row: Row) -> Question:
        written = row.get("constraint", "")
        if not written:
            return question
        try:
            limits = constraint_limits(written, question)
        except InexpressibleError as problem:
            self.left_out.append(LeftOut(f"constraint of {question.column}", str(problem)))
            return replace(question, notes=(*question.notes, f"constraint not taken over: {one_line(written)[:300]}"))
        low = question.min if limits.min is None else limits.min
        high = question.max if limits.max is None else limits.max
        return replace(question, min=low, max=high, notes=(*question.notes, *limits.notes))

    def draft(self, settings: Row, path: Path) -> Draft:
        """What was collected."""
        title = _texts(settings, "form_title", self.language)
        return Draft(
            origin="XLSForm",
            id=one_line(settings.get("form_id", "")) or path.stem,
            version=one_line(settings.get("version", "")) or "1",
            title=filled(title, path.stem),
            questions=tuple(self.questions),
            matrices=tuple(self.matrices),
            paradata={role: name for role, name in self.paradata.items() if name not in self.asked},
            drop=tuple(dict.fromkeys(self.personal)),
            notes=_NOTES,
            left_out=tuple(self.left_out),
        )


def _parameters(row: Row) -> Iterator[tuple[str, float]]:
    for name, number in re.findall(
        r"(start|end|step)\s*=\s*(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)", row.get("parameters", "")
    ):
        yield name, float(number)


def _range(row: Row) -> tuple[float | None, float | None]:
    """Limits of a range question: 0 to 10 where it does not say."""
    named = dict(_parameters(row))
    low, high = named.get("start", 0.0), named.get("end", 10.0)
    return min(low, high), max(low, high)


def _step(row: Row) -> float:
    return dict(_parameters(row)).get("step", 1.0)
