"""Qualtrics survey files (.qsf): JSON with one element per block, per question and for the flow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from survey_sem.errors import FileError, StudyError
from survey_sem.instrument.importing.draft import Draft, DraftMatrix, LeftOut, Question
from survey_sem.instrument.importing.qsf_flow import Place, placed
from survey_sem.instrument.importing.qsf_logic import Asked, route_of
from survey_sem.instrument.importing.qsf_questions import Translated, translated
from survey_sem.instrument.importing.qsf_values import entries, mapping, text_of
from survey_sem.instrument.importing.routes import InexpressibleError, all_of, any_of
from survey_sem.instrument.importing.wording import cleaned, filled, language_code, one_line, without_markup
from survey_sem.instrument.routing import Route
from survey_sem.instrument.section import ANY_LANGUAGE

MAX_BYTES = 20_000_000
_PARADATA = {"id": "index", "started": "StartDate", "submitted": "submitted", "duration": "duration", "ip": "ip"}
_PERSONAL = ("RecipientLastName", "RecipientFirstName", "RecipientEmail", "LocationLatitude", "LocationLongitude")
_NOTES = (
    "Export from Qualtrics with 'Use numeric values' and 'Split multi-value fields into columns': columns of multiple "
    "choices are named by the recode values of their options.",
)


def read_qsf(content: bytes, path: Path, language: str | None = None) -> Draft:
    """The questionnaire of a Qualtrics survey file.

    Parameters
    ----------
    content : bytes
        Of the file.
    path : Path
        Its name, for errors.
    language : str, optional
        Of the texts, where the file does not say.

    Raises
    ------
    FileError
        Too large, not utf-8, damaged JSON (with line and column), nested too deep.
    StudyError
        JSON, but no Qualtrics survey.
    """
    document = _parsed(content, path)
    elements = [mapping(element) for element in entries(mapping(document).get("SurveyElements")).values()]
    head = mapping(mapping(document).get("SurveyEntry"))
    if not elements or not head:
        raise StudyError(
            "not-a-qsf",
            f"{path.name} is JSON, but no Qualtrics survey",
            where=str(path),
            expected="the keys SurveyEntry and SurveyElements",
            hint="in Qualtrics: Tools > Import/Export > Export survey",
        )
    base = language_code(text_of(head.get("SurveyLanguage")))
    survey = _Survey(base if base != ANY_LANGUAGE else (language or ANY_LANGUAGE))
    payloads = _payloads(elements)
    for place in placed(elements, payloads, survey.left_out):
        survey.add(place, payloads[place.question])
    return survey.draft(head)


def _parsed(content: bytes, path: Path) -> Any:
    if len(content) > MAX_BYTES:
        limit = f"at most {MAX_BYTES // 1_000_000} MB"
        raise FileError("file-too-large", f"{path.name} is too large", where=str(path), expected=limit)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        got = f"byte 0x{content[problem.start]:02x} at offset {problem.start}"
        raise FileError("undecodable-text", f"{path.name} is not utf-8 text", where=str(path), got=got) from None
    except json.JSONDecodeError as problem:
        where = f"{path}: line {problem.lineno}, column {problem.colno}"
        hint = "the file may be cut off: export it again"
        raise FileError("damaged-json", f"{path.name} is no JSON: {problem.msg}", where=where, hint=hint) from None
    except (RecursionError, ValueError):
        what = f"{path.name} is nested too deep or holds a number without end: no survey is"
        raise FileError("damaged-json", what, where=str(path)) from None


def _payloads(elements: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Question id -> what is said of it, in the file's order."""
    payloads = {}
    for element in elements:
        if element.get("Element") == "SQ" and mapping(element.get("Payload")):
            payload = mapping(element["Payload"])
            payloads[text_of(payload.get("QuestionID")) or text_of(element.get("PrimaryAttribute"))] = payload
    return payloads


@dataclass(slots=True)
class _Survey:
    """Collects questions in the order in which respondents met them."""

    language: str
    questions: list[Question] = field(default_factory=list)
    matrices: list[DraftMatrix] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)

    def add(self, place: Place, payload: Mapping[str, Any]) -> None:
        """Take over one question, or say why not."""
        name = one_line(text_of(payload.get("DataExportTag"))) or place.question
        made = translated(place.question, payload, self.language)
        if made.reason:
            self.left_out.append(LeftOut(name, made.reason))
            return
        relevant, notes = self._routing(name, place, payload)
        certain = relevant is None and not notes and all(each.required for each in made.questions[:1])
        self.asked[place.question] = replace(made.asked, is_certain=certain)
        if made.matrix is not None:
            self.matrices.append(made.matrix)
        self.questions += _with_routing(made, relevant, (*notes, *place.notes))

    def _routing(self, name: str, place: Place, payload: Mapping[str, Any]) -> tuple[Route | None, tuple[str, ...]]:
        own = mapping(payload.get("DisplayLogic"))
        notes = []
        routes = []
        for logics in (place.conditions, ((own,),) if own else ()):
            try:
                route = self._alternatives(logics)
            except InexpressibleError as problem:
                notes.append(f"routing not taken over: {problem}")
                self.left_out.append(LeftOut(f"routing of {name}", str(problem)))
            else:
                routes += [] if route is None else [route]
        # With half of its conditions a question would seem to be asked of people who never saw it.
        return (all_of(routes) if routes and not notes else None), tuple(notes)

    def _alternatives(self, ways: tuple[tuple[Mapping[str, Any], ...], ...]) -> Route | None:
        """Ways to a question: one must hold, and of each way every condition."""
        if not ways or any(not way for way in ways):
            return None
        return any_of(all_of(route_of(logic, self.asked) for logic in way) for way in ways)

    def draft(self, head: Mapping[str, Any]) -> Draft:
        """What was collected."""
        title = without_markup(text_of(head.get("SurveyName")))
        return Draft(
            origin="Qualtrics",
            id=one_line(text_of(head.get("SurveyID"))) or "survey",
            version=_day(text_of(head.get("LastModified"))),
            title=filled({self.language: title}, "Survey"),
            questions=tuple(self.questions),
            matrices=tuple(self.matrices),
            platform="qualtrics",
            paradata=_PARADATA,
            drop=_PERSONAL,
            pseudonymise=("ip",),
            notes=(*_NOTES, *_about(head)),
            left_out=tuple(self.left_out),
        )


def _with_routing(made: Translated, relevant: Route | None, notes: tuple[str, ...]) -> Iterator[Question]:
    for position, question in enumerate(made.questions):
        both = [route for route in (relevant, question.relevant) if route is not None]
        above = (*question.notes, *notes) if position == 0 or not made.matrix else question.notes
        yield replace(question, relevant=all_of(both) if both else None, notes=above)


def _about(head: Mapping[str, Any]) -> tuple[str, ...]:
    described = cleaned(text_of(head.get("SurveyDescription")))
    return (f"Description in Qualtrics: {described}",) if described else ()


def _day(moment: str) -> str:
    """The day of the last change serves as version."""
    day = one_line(moment)[:10]
    return day if day and not day.startswith("0000") else "1"
