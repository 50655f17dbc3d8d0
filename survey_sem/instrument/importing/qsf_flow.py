"""The flow of a Qualtrics survey: which questions come in which order, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_sem.instrument.importing.draft import LeftOut
from survey_sem.instrument.importing.qsf_values import entries, mapping, text_of
from survey_sem.instrument.importing.wording import one_line

MAX_DEPTH = 50
Logic = Mapping[str, Any]
Way = tuple[Logic, ...]
_SILENT = ("Root", "Group", "Block", "Standard", "Branch", "BlockRandomizer", "EndSurvey", "EmbeddedData")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands.

    Parameters
    ----------
    question : str
        Its id in Qualtrics.
    conditions : tuple of ways
        Each way to it is a tuple of conditions that must all hold; an empty way: it is always passed.
    notes : tuple of str
        What else the flow does to it.
    """

    question: str
    conditions: tuple[Way, ...]
    notes: tuple[str, ...]


def placed(
    elements: list[dict[str, Any]], questions: Mapping[str, object], left_out: list[LeftOut]
) -> tuple[Place, ...]:
    """Every question that respondents could meet, in order; what the flow does otherwise goes to `left_out`.

    Without a flow the blocks give the order, without blocks the file. The trash is not looked at.
    """
    blocks = _blocks(elements)
    flow = _flow(elements)
    walk = _Walk(blocks, questions, left_out)
    if flow:
        walk.through(flow, (), (), 0)
    elif blocks:
        for name, block in blocks.items():
            if text_of(block.get("Type")) != "Trash":
                walk.block(name, (), ())
    else:
        for question in questions:
            walk.question(question, (), ())
    return tuple(Place(name, tuple(ways), walk.notes[name]) for name, ways in walk.ways.items())


def _blocks(elements: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Block id -> block."""
    found = {}
    for element in elements:
        if element.get("Element") == "BL":
            for key, block in entries(element.get("Payload")).items():
                found[text_of(mapping(block).get("ID")) or key] = mapping(block)
    return found


def _flow(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    payloads = (mapping(element.get("Payload")) for element in elements if element.get("Element") == "FL")
    return [mapping(step) for payload in payloads for step in entries(payload.get("Flow")).values()]


@dataclass(slots=True)
class _Walk:
    """Goes through the flow and notes the ways to each question."""

    blocks: Mapping[str, Mapping[str, Any]]
    questions: Mapping[str, object]
    left_out: list[LeftOut]
    ways: dict[str, list[Way]] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def through(self, steps: list[dict[str, Any]], way: Way, notes: tuple[str, ...], depth: int) -> None:
        """One level of the flow."""
        if depth > MAX_DEPTH:
            self.left_out.append(LeftOut("a part of the flow", f"nested deeper than {MAX_DEPTH} levels"))
            return
        for step in steps:
            kind = text_of(step.get("Type"))
            self._say(step, kind)
            if text_of(step.get("ID")) in self.blocks:
                self.block(text_of(step.get("ID")), way, notes)
            inner = [mapping(each) for each in entries(step.get("Flow")).values()]
            logic = mapping(step.get("BranchLogic"))
            further = (*way, logic) if kind == "Branch" else way
            self.through(inner, further, (*notes, *_at_random(step, kind, len(inner))), depth + 1)

    def _say(self, step: Mapping[str, Any], kind: str) -> None:
        if kind == "EmbeddedData":
            fields = [text_of(mapping(each).get("Field")) for each in entries(step.get("EmbeddedData")).values()]
            names = ", ".join(one_line(name) for name in fields if name)
            reason = "embedded data come from the platform, not from an answer"
            self.left_out += [LeftOut(f"embedded data {names}", reason)] if names else []
        elif kind == "EndSurvey":
            reason = "whoever gets there is asked nothing further: the routes of later questions do not say so"
            self.left_out.append(LeftOut("an end of the survey within the flow", reason))
        elif kind not in _SILENT:
            self.left_out.append(LeftOut(f"a step of the flow ({one_line(kind) or 'of no kind'})", "no questions"))

    def block(self, name: str, way: Way, notes: tuple[str, ...]) -> None:
        """The questions of a block."""
        block = self.blocks[name]
        if _is_looped(block):
            title = one_line(text_of(block.get("Description"))) or name
            reason = "loop and merge: its questions are asked several times, in columns 1_Q1, 2_Q1 and so on"
            self.left_out.append(LeftOut(f"block {title}", reason))
            return
        for element in map(mapping, entries(block.get("BlockElements")).values()):
            skip = ("skip logic not taken over: who skips to where is not in the routes",)
            extra = skip if entries(element.get("SkipLogic")) else ()
            question = text_of(element.get("QuestionID"))
            if question in self.questions:
                self.question(question, way, (*notes, *extra))
                self.left_out += [LeftOut(f"skip logic of {question}", "write it as routes of later items")] * len(
                    extra
                )

    def question(self, name: str, way: Way, notes: tuple[str, ...]) -> None:
        """One more way to a question."""
        self.ways.setdefault(name, []).append(way)
        self.notes[name] = tuple(dict.fromkeys((*self.notes.get(name, ()), *notes)))


def _at_random(step: Mapping[str, Any], kind: str, n_parts: int) -> tuple[str, ...]:
    shown = text_of(step.get("SubSet"))
    if kind != "BlockRandomizer" or not shown.isdigit() or int(shown[:9]) >= n_parts:
        return ()
    return (f"shown at random ({shown} of {n_parts} parts): blank does not mean refused",)


def _is_looped(block: Mapping[str, Any]) -> bool:
    looping = text_of(mapping(block.get("Options")).get("Looping"))
    return looping not in ("", "None")
