"""Questions of Qualtrics, one kind after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_sem.instrument.importing.draft import DraftMatrix, Question
from survey_sem.instrument.importing.qsf_logic import Asked
from survey_sem.instrument.importing.qsf_values import (
    entries,
    is_on,
    mapping,
    number_of,
    ordered,
    settings_of,
    text_of,
)
from survey_sem.instrument.importing.wording import (
    code_of,
    filled,
    is_ordinal,
    language_code,
    one_line,
    scale_of,
    without_markup,
)
from survey_sem.instrument.model import ItemType, Scale
from survey_sem.instrument.routing import Code, Comparison
from survey_sem.instrument.section import ANY_LANGUAGE, Texts

_ONE = ("SAVR", "SAHR", "SACOL", "DL", "SB", "NPS")
_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_REASONS = {
    "DB": "text on the page, nothing to answer",
    "Timing": "a page timer, no question",
    "Meta": "facts about the browser, no question",
    "Captcha": "a captcha, no question",
    "SBS": "side by side: several questions in one; write them as items of their own",
    "CS": "constant sum: write its rows as items of type number",
    "PGR": "pick, group and rank has no counterpart",
    "DD": "a drill-down has no counterpart; write its last level as a nominal item",
    "HL": "highlighting a text has no counterpart",
    "HotSpot": "a hot spot has no counterpart",
    "HeatMap": "a heat map has no counterpart",
    "GAP": "a gap analysis has no counterpart",
    "FileUpload": "files are not answers",
    "Draw": "a signature is no answer",
}


@dataclass(frozen=True, slots=True)
class Translated:
    """What became of a question: its items and what logic may say of them, or the reason why it was left out."""

    asked: Asked
    questions: tuple[Question, ...] = ()
    matrix: DraftMatrix | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Payload:
    """A question as Qualtrics has it."""

    id: str
    raw: Mapping[str, Any]
    language: str

    @property
    def tag(self) -> str:
        """Name of its column, or the beginning of its columns' names."""
        return one_line(text_of(self.raw.get("DataExportTag"))) or self.id

    @property
    def selector(self) -> str:
        return text_of(self.raw.get("Selector"))

    @property
    def required(self) -> bool:
        settings = settings_of(self.raw)
        kind = text_of(settings.get("ForceResponseType")) or "ON"
        return is_on(settings.get("ForceResponse")) and is_on(kind)

    @property
    def translations(self) -> dict[str, dict[str, Any]]:
        """Language -> the parts of the question in it, beside the language of the survey."""
        found = mapping(self.raw.get("Language"))
        named = {language_code(name): mapping(parts) for name, parts in found.items() if mapping(parts)}
        return {name: parts for name, parts in named.items() if name not in (ANY_LANGUAGE, self.language)}

    def text(self) -> Texts:
        """The wording."""
        texts = {self.language: without_markup(text_of(self.raw.get("QuestionText")))}
        others = self.translations.items()
        texts |= {name: without_markup(text_of(parts.get("QuestionText"))) for name, parts in others}
        return filled(texts, text_of(self.raw.get("QuestionDescription")) or self.tag)

    def options(self, kind: str = "Choices", order: str = "ChoiceOrder") -> dict[str, dict[str, Any]]:
        """Options (or rows, or columns) in their order."""
        return {key: mapping(each) for key, each in ordered(self.raw.get(kind), self.raw.get(order)).items()}

    def shown(self, key: str, kind: str = "Choices") -> dict[str, str]:
        """Text of one option by language, blank where it has none."""
        here = mapping(entries(self.raw.get(kind)).get(key))
        texts = {self.language: without_markup(text_of(here.get("Display")))}
        for name, parts in self.translations.items():
            texts[name] = without_markup(text_of(mapping(entries(parts.get(kind)).get(key)).get("Display")))
        return texts

    def codes(self, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Code]:
        """Option -> code in the data."""
        recoded = entries(self.raw.get("RecodeValues"))
        return {key: code_of(text_of(recoded.get(key)) or key) for key in options}

    def scale(
        self, codes: Mapping[str, Code], kind: str, *, in_matrix: bool = False, ordered: bool = True
    ) -> Scale | None:
        """The options as a scale; two options of one code share it."""
        labels: dict[str, dict[Code, str]] = {}
        for key, code in codes.items():
            for language, text in self.shown(key, kind).items():
                if text or language == self.language:
                    by_code = labels.setdefault(language, {})
                    by_code[code] = f"{by_code[code]} / {one_line(text)}" if code in by_code else one_line(text)
        first = labels.get(self.language, {})
        in_order = dict(sorted(first.items(), key=lambda pair: (isinstance(pair[0], str), pair[0])))
        return scale_of(labels, ordinal=ordered and is_ordinal(in_order, in_matrix=in_matrix))

    def notes(self, codes: Mapping[str, Code]) -> tuple[str, ...]:
        """What a reader should know of the options."""
        found = []
        if len(set(codes.values())) < len(codes):
            found.append("TODO: two options have the same recode value: the data cannot tell them apart")
        named = entries(self.raw.get("VariableNaming"))
        names = [f"{codes[key]} {one_line(text_of(named[key]))}" for key in codes if text_of(named.get(key))]
        if names:
            found.append(f"variable names in Qualtrics: {', '.join(names)[:300]}")
        excluded = [str(codes[key]) for key in entries(self.raw.get("AnalyzeChoices")) if key in codes]
        if excluded:
            found.append(f"TODO: left out of analyses in Qualtrics: {', '.join(excluded)}; recode and declare missing")
        return tuple(found)


def translated(name: str, raw: Mapping[str, Any], language: str) -> Translated:
    """The items of one question, or the reason why there are none."""
    payload = _Payload(name, raw, language)
    kind = text_of(raw.get("QuestionType"))
    makers: dict[str, Callable[[_Payload], Translated]] = {
        "MC": _choice,
        "Matrix": _matrix,
        "TE": _entry,
        "RO": _ranking,
        "Slider": _slider,
    }
    if kind in makers:
        return makers[kind](payload)
    return _left_out(_REASONS.get(kind, f"questions of the kind '{one_line(kind)[:40] or 'none'}' are not known here"))


def _left_out(reason: str) -> Translated:
    return Translated(Asked("text"), reason=reason)


def _choice(payload: _Payload) -> Translated:
    if payload.selector in _SEVERAL:
        return _several(payload)
    if payload.selector not in _ONE:
        return _left_out(f"multiple choice in the form '{one_line(payload.selector)[:40]}' is not known here")
    options = payload.options()
    codes = payload.codes(options)
    scale = payload.scale(codes, "Choices", in_matrix=payload.selector == "NPS")
    kind: ItemType = "ordinal" if scale and scale.ordinal else "nominal"
    question = Question(
        payload.id,
        payload.tag,
        kind,
        payload.text(),
        scale,
        required=payload.required,
        notes=payload.notes(codes),
    )
    asked = Asked(kind, payload.id, codes=codes, is_certain=False)
    return Translated(asked, (question, *_beside(payload, payload.id, payload.tag, "=", options, codes)))


def _several(payload: _Payload) -> Translated:
    options = payload.options()
    codes = payload.codes(options)
    low, high = _how_many(payload)
    question = Question(
        payload.id,
        payload.tag,
        "multi",
        payload.text(),
        payload.scale(codes, "Choices", ordered=False),
        min=low,
        max=high,
        required=payload.required,
        columns={code: f"{payload.tag}_{code}" for code in codes.values()},
        exclusive=tuple(
            dict.fromkeys(codes[key] for key, each in options.items() if is_on(each.get("ExclusiveAnswer")))
        ),
        notes=payload.notes(codes),
    )
    asked = Asked("multi", payload.id, codes=codes)
    return Translated(asked, (question, *_beside(payload, payload.id, payload.tag, "has", options, codes)))


def _how_many(payload: _Payload) -> tuple[float | None, float | None]:
    settings = settings_of(payload.raw)
    if text_of(settings.get("Type")) not in ("ChoiceRange", "MinChoices"):
        return None, None
    low, high = number_of(settings.get("MinChoices")), number_of(settings.get("MaxChoices"))
    n_options = len(payload.options())
    whole = [limit if isinstance(limit, int) and 0 < limit <= n_options else None for limit in (low, high)]
    return (None, None) if None not in whole and whole[0] > whole[1] else (whole[0], whole[1])  # type: ignore[operator]


def _beside(
    payload: _Payload,
    key: str,
    column: str,
    relation: str,
    options: Mapping[str, Mapping[str, Any]],
    codes: Mapping[str, Code],
) -> tuple[Question, ...]:
    """What is written beside an option ("other: ...")."""
    return tuple(
        Question(
            f"{key}#text{option}",
            f"{column}_{codes[option]}_TEXT",
            "text",
            filled(payload.shown(option), f"{column} {codes[option]}"),
            relevant=Comparison(key, "has" if relation == "has" else "=", (codes[option],)),
        )
        for option, each in options.items()
        if is_on(each.get("TextEntry")) or text_of(each.get("TextEntry")).lower() == "on"
    )


def _row_column(payload: _Payload, row: str) -> str:
    """Export tag of a row, where it has one of its own."""
    return one_line(text_of(entries(payload.raw.get("ChoiceDataExportTags")).get(row))) or f"{payload.tag}_{row}"


def _matrix(payload: _Payload) -> Translated:
    if payload.selector not in ("Likert", "Bipolar"):
        return _left_out(
            f"a matrix in the form '{one_line(payload.selector)[:40]}' is not known here; write its rows as items"
        )
    rows, answers = payload.options(), payload.options("Answers", "AnswerOrder")
    codes = payload.codes(answers)
    several = text_of(payload.raw.get("SubSelector")) == "MultipleAnswer"
    scale = payload.scale(codes, "Answers", in_matrix=True, ordered=not several)
    kind: ItemType = "multi" if several else "ordinal" if scale and scale.ordinal else "nominal"
    questions: list[Question] = []
    for row, each in rows.items():
        column = _row_column(payload, row)
        question = Question(
            f"{payload.id}#{row}",
            column,
            kind,
            filled(payload.shown(row), column),
            scale,
            required=payload.required,
            columns={code: f"{payload.tag}_{row}_{code}" for code in codes.values()} if several else {},
            matrix=payload.id,
            notes=() if questions else payload.notes(codes),
        )
        questions.append(question)
        if is_on(each.get("TextEntry")):
            text = filled(payload.shown(row), column)
            questions.append(Question(f"{question.key}#text", f"{payload.tag}_{row}_TEXT", "text", text))
    matrix = DraftMatrix(payload.id, f"{payload.tag}_matrix", payload.text())
    asked = Asked(kind, rows={row: f"{payload.id}#{row}" for row in rows}, codes=codes)
    return Translated(asked, tuple(questions), matrix)


def _joined(stem: Texts, row: Mapping[str, str], fallback: str) -> Texts:
    """Stem and row as one text: in languages that have both."""
    both = {name: f"{stem[name]} {row[name]}".strip() for name in stem if row.get(name)}
    return filled(both, fallback) if both else stem


def _entry(payload: _Payload) -> Translated:
    if payload.selector == "FORM":
        rows = payload.options()
        made = [_entered(payload, f"{payload.id}#{row}", f"{payload.tag}_{row}", row) for row in rows]
        kind: ItemType = made[0].type if made else "text"
        return Translated(Asked(kind, rows={row: f"{payload.id}#{row}" for row in rows}), tuple(made))
    question = _entered(payload, payload.id, payload.tag, None)
    return Translated(Asked(question.type, payload.id), (question,))


def _entered(payload: _Payload, key: str, column: str, row: str | None) -> Question:
    """A text or a number that is typed in."""
    settings = settings_of(payload.raw)
    content = text_of(settings.get("ContentType")) if text_of(settings.get("Type")) == "ContentType" else ""
    limits = mapping(settings.get("ValidNumber")) if content == "ValidNumber" else {}
    low, high = number_of(limits.get("Min")), number_of(limits.get("Max"))
    if low is not None and high is not None and low > high:
        low = high = None
    notes = (
        ("TODO: Qualtrics asks for a date here: give it type: date and its format",) if content == "ValidDate" else ()
    )
    return Question(
        key,
        column,
        "number" if content == "ValidNumber" else "text",
        payload.text() if row is None else _joined(payload.text(), payload.shown(row), column),
        min=low,
        max=high,
        whole=content == "ValidNumber" and text_of(limits.get("NumDecimals")) == "0",
        required=payload.required,
        notes=notes,
        personal=content in ("ValidEmail", "ValidPhone"),
    )


def _ranking(payload: _Payload) -> Translated:
    options = payload.options()
    codes = payload.codes(options)
    question = Question(
        payload.id,
        payload.tag,
        "rank",
        payload.text(),
        payload.scale(codes, "Choices", ordered=False),
        required=payload.required,
        columns={code: f"{payload.tag}_{code}" for code in codes.values()},
        notes=payload.notes(codes),
    )
    return Translated(Asked("rank", payload.id, codes=codes), (question,))


def _slider(payload: _Payload) -> Translated:
    settings = mapping(payload.raw.get("Configuration"))
    is_stars = payload.selector == "STAR"
    low = 0.0 if is_stars else number_of(settings.get("CSSliderMin"))
    high = number_of(settings.get("StarCount" if is_stars else "CSSliderMax"))
    if low is not None and high is not None and low > high:
        low = high = None
    rows = payload.options() or {"1": {}}
    in_matrix = len(rows) > 1
    made = tuple(
        Question(
            f"{payload.id}#{row}",
            _row_column(payload, row),
            "number",
            filled(payload.shown(row), f"{payload.tag} {row}") if in_matrix else payload.text(),
            min=low,
            max=high,
            whole=text_of(settings.get("NumDecimals")) == "0",
            required=payload.required,
            matrix=payload.id if in_matrix else None,
        )
        for row in rows
    )
    matrix = DraftMatrix(payload.id, f"{payload.tag}_matrix", payload.text()) if in_matrix else None
    return Translated(Asked("number", rows={row: f"{payload.id}#{row}" for row in rows}), made, matrix)
