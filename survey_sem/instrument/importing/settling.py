"""From a draft to what can be written: names, shared scales, missing codes, routes that hold, personal data."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from survey_sem.errors import StudyError
from survey_sem.instrument.importing.draft import Draft, LeftOut, Question
from survey_sem.instrument.importing.naming import Names, model_word
from survey_sem.instrument.importing.routes import InexpressibleError, renamed
from survey_sem.instrument.importing.wording import is_attention_check, is_personal, one_line
from survey_sem.instrument.model import Item, Matrix, MissingCode, Scale
from survey_sem.instrument.route_checks import check_route
from survey_sem.instrument.routing import Route, parse_route
from survey_sem.instrument.scales import MAX_CODES

ScaleKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is written: items with final names, and the comments that belong to them.

    Parameters
    ----------
    draft : Draft
        What it was made of.
    scales : mapping
        Id -> scale.
    items, matrices, missing
        As in an instrument.
    comments : mapping
        Item id -> lines above it; a line that begins with ``TODO: `` is work for the reader.
    paradata : mapping
        Role -> column, those that are no item's.
    drop, pseudonymise, free_text : tuple of str
        Items and columns with personal data, and other items that are answered in words; each name once.
    left_out : tuple of LeftOut
        Of the draft, and what could not stand.
    """

    draft: Draft
    scales: Mapping[str, Scale]
    items: tuple[Item, ...]
    matrices: tuple[Matrix, ...]
    missing: tuple[MissingCode, ...]
    comments: Mapping[str, tuple[str, ...]]
    paradata: Mapping[str, str]
    drop: tuple[str, ...]
    pseudonymise: tuple[str, ...]
    free_text: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def settled(draft: Draft) -> Settled:
    """Give names, share scales, keep what the loader would take and note the rest."""
    left_out = list(draft.left_out)
    questions = tuple(_with_options(question) for question in draft.questions)
    missing, clashes = _apart(draft.missing, questions)
    left_out += clashes
    questions = _one_column_each(questions, left_out)
    names = _item_names(questions)
    scales, scale_ids = _shared_scales(questions)
    items = tuple(_item(question, names, scales, scale_ids) for question in questions)
    matrices, items = _matrices(draft, questions, items)
    items, lost = _routed(questions, items, names)
    left_out += lost.values()
    columns = {column for item in items for column in item.columns.values() or (item.column,)}
    beside = columns | {item.id for item in items}
    asked = [names[each.key] for each in questions if _asks_personal(each)]
    drop = (*asked, *(name for name in dict.fromkeys(draft.drop) if name not in beside))
    return Settled(
        draft=draft,
        scales=scales,
        items=items,
        matrices=matrices,
        missing=missing,
        comments={names[each.key]: _comments(each, lost.get(each.key)) for each in questions},
        paradata={role: column for role, column in draft.paradata.items() if column not in columns},
        drop=drop,
        pseudonymise=tuple(name for name in dict.fromkeys(draft.pseudonymise) if name not in beside),
        free_text=tuple(item.id for item in items if item.type == "text" and item.id not in drop),
        left_out=tuple(left_out),
    )


def _with_options(question: Question) -> Question:
    """Without usable options, a question of options is kept as text."""
    if question.type in ("number", "text", "date"):
        return question
    if question.scale is None or len(question.scale.codes) > MAX_CODES:
        note = "TODO: its options could not be taken over: give it a scale and its type"
    elif question.type in ("multi", "rank") and not all(f"a{code}".isidentifier() for code in question.scale.codes):
        note = f"TODO: type: {question.type} needs codes of letters and digits: recode its options"
    else:
        return question
    return replace(
        question,
        type="text",
        scale=None,
        columns={},
        exclusive=(),
        min=None,
        max=None,
        notes=(*question.notes, note),
    )


def _apart(
    missing: Iterable[MissingCode], questions: tuple[Question, ...]
) -> tuple[tuple[MissingCode, ...], list[LeftOut]]:
    """Missing codes that are an answer nowhere; the others with the reason."""
    answers = {str(code): each.column for each in questions if each.scale for code in each.scale.codes}
    kept: list[MissingCode] = []
    left_out: list[LeftOut] = []
    for code in missing:
        if str(code.code) in answers:
            where = one_line(answers[str(code.code)])
            reason = f"it is an answer to '{where}', and a missing code must be an answer nowhere: recode it"
            left_out.append(LeftOut(f"missing code {code.code}", reason))
        elif code.code not in [each.code for each in kept]:
            kept.append(code)
    return tuple(kept), left_out


def _one_column_each(questions: tuple[Question, ...], left_out: list[LeftOut]) -> tuple[Question, ...]:
    """A column belongs to one item: the second claim of it is left out."""
    seen: set[str] = set()
    kept = []
    for question in questions:
        columns = {one_line(column) for column in question.columns.values()} or {one_line(question.column)}
        if len(columns) < len(question.columns) or columns & seen:
            reason = "another question has the same column"
            left_out.append(LeftOut(one_line(question.column) or "a question without a name", reason))
            continue
        seen |= columns
        kept.append(question)
    return tuple(kept)


def _item_names(questions: tuple[Question, ...]) -> dict[str, str]:
    """Key -> id; ids and the variables of spread items clash nowhere."""
    names = Names()
    given = {}
    for question in questions:
        spread = question.type in ("multi", "rank") and question.scale is not None
        endings = [str(code) for code in question.scale.codes] if spread and question.scale else []
        given[question.key] = names.claim(model_word(question.column), endings)
    return given


def _key(scale: Scale) -> ScaleKey:
    labels = tuple((language, tuple(by_code.items())) for language, by_code in scale.labels.items())
    return (scale.ordinal, scale.min, scale.max, labels)


def _shared_scales(questions: tuple[Question, ...]) -> tuple[dict[str, Scale], dict[ScaleKey, str]]:
    """One scale per set of options; one that several questions share is named after its width."""
    found: dict[ScaleKey, list[Question]] = {}
    for question in questions:
        if question.scale is not None:
            found.setdefault(_key(question.scale), []).append(question)
    names = Names()
    scales, ids = {}, {}
    for key, users in found.items():
        scale = users[0].scale
        assert scale is not None
        name = names.claim(model_word(scale.id or _scale_name(scale, users), "scale"))
        scales[name], ids[key] = replace(scale, id=name), name
    return scales, ids


def _scale_name(scale: Scale, users: list[Question]) -> str:
    if len(users) == 1:
        return f"{users[0].column}_options"
    return f"{'steps' if scale.ordinal else 'options'}{len(scale.codes)}"


def _item(
    question: Question, names: Mapping[str, str], scales: Mapping[str, Scale], ids: Mapping[ScaleKey, str]
) -> Item:
    scale = None if question.scale is None else scales[ids[_key(question.scale)]]
    return Item(
        id=names[question.key],
        column=names[question.key] if question.columns else one_line(question.column) or names[question.key],
        type=question.type,
        scale=scale,
        reverse=False,
        text=question.text,
        source="",
        min=_whole_limit(question.min, math.ceil) if question.whole else question.min,
        max=_whole_limit(question.max, math.floor) if question.whole else question.max,
        whole=question.whole,
        required=question.required,
        columns={code: one_line(column) for code, column in question.columns.items()},
        exclusive=question.exclusive,
        matrix=question.matrix,
    )


def _whole_limit(limit: float | date | None, rounded: Callable[[float], int]) -> float | date | None:
    return rounded(limit) if isinstance(limit, float) else limit


def _routed(
    questions: tuple[Question, ...], items: tuple[Item, ...], names: Mapping[str, str]
) -> tuple[tuple[Item, ...], dict[str, LeftOut]]:
    """Items with those routes that the loader would take; key -> why a route was lost."""
    before: dict[str, Item] = {}
    later = dict.fromkeys(item.id for item in items)
    lost = {}
    for question, item in zip(questions, items, strict=True):
        now = item
        if question.relevant is not None:
            try:
                now = replace(item, relevant=_checked(renamed(question.relevant, names), before, later))
            except (InexpressibleError, StudyError) as problem:
                reason = problem.what if isinstance(problem, StudyError) else str(problem)
                lost[question.key] = LeftOut(f"routing of {item.id}", one_line(reason))
        before[item.id] = now
        del later[item.id]
    return tuple(before.values()), lost


def _checked(route: Route, before: Mapping[str, Item], later: Collection[str]) -> Route:
    """The route, as it will be read from the file."""
    read = parse_route(str(route))
    check_route(read, before, later)
    return read


def _matrices(
    draft: Draft, questions: tuple[Question, ...], items: tuple[Item, ...]
) -> tuple[tuple[Matrix, ...], tuple[Item, ...]]:
    """Matrices of at least two rows; items know the id of theirs."""
    names = Names(item.id for item in items)
    ids: dict[str, str] = {}
    matrices = []
    for matrix in draft.matrices:
        rows = tuple(item.id for item, each in zip(items, questions, strict=True) if each.matrix == matrix.key)
        if len(rows) > 1:
            ids[matrix.key] = names.claim(model_word(matrix.name, "matrix"))
            matrices.append(Matrix(ids[matrix.key], matrix.text, rows))
    return tuple(matrices), tuple(replace(item, matrix=ids.get(item.matrix or "")) for item in items)


def _asks_personal(question: Question) -> bool:
    in_words = question.type in ("text", "number")
    return question.personal or (in_words and is_personal(question.column, question.text.values()))


def _comments(question: Question, lost: LeftOut | None) -> tuple[str, ...]:
    notes = [one_line(note) for note in question.notes]
    if lost is not None:
        notes.append(f"routing not taken over: {lost.reason}")
    if question.scale is not None and is_attention_check(question.text.values()):
        notes.append("TODO: an attention check? then under quality: attention: [{item: ..., answer: ...}]")
    if _asks_personal(question):
        notes.append("TODO: personal data? it is proposed under pii: drop")
    return tuple(notes)
