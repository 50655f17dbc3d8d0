"""Does a column ask what its item asks? Columns that are found by number hold something else once a question moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_sem.instrument import Item
from survey_sem.responses.cells import folded
from survey_sem.responses.report import Finding
from survey_sem.responses.shown import shortened

_AFTER_STEM = ("—", " - ", ":", "：")


def moved_questions(items: Sequence[Item], columns: Mapping[str, str], headings: Mapping[str, str]) -> list[Finding]:
    """Columns that are headed with the text of another item.

    A question that was added, taken out or moved shifts the numbers of those behind it; on one scale no answer would
    tell. Only a certain case is a finding: the column has the text of another item and not its own, and the column
    of that other item has not got it. A text that was merely rephrased is none.

    Parameters
    ----------
    items : sequence of Item
        The items of the instrument.
    columns : mapping
        Item id -> column.
    headings : mapping
        Column -> question text, as the file has it; with or without the stem of its matrix in front.
    """
    texts = {item.id: {folded(text) for text in item.text.values()} - {""} for item in items}
    seen = {name: _tails(headings[column]) for name, column in columns.items() if column in headings}
    by_text: dict[str, list[str]] = {}
    for name, own in texts.items():
        for text in own:
            by_text.setdefault(text, []).append(name)
    findings = []
    for item in items:
        found = seen.get(item.id, set())
        if not texts[item.id] or not found or texts[item.id] & found:
            continue
        others = {name for tail in found for name in by_text.get(tail, ())}
        away = sorted(name for name in others if not texts[name] & seen.get(name, set()))
        if away:
            findings.append(_finding(item, columns[item.id], away))
    return findings


def _tails(heading: str) -> set[str]:
    """A heading, and what stands in it after each sign that may end the stem of a matrix."""
    cuts = [0]
    for sign in _AFTER_STEM:
        at = heading.find(sign)
        while at >= 0:
            cuts.append(at + len(sign))
            at = heading.find(sign, at + len(sign))
    return {folded(heading[cut:]) for cut in cuts} - {""}


def _finding(item: Item, column: str, away: Sequence[str]) -> Finding:
    return Finding(
        "label-mismatch",
        item.id,
        "error",
        f"the question “{shortened(next(iter(item.text.values())))}” in column '{column}'",
        f"the question of {' or '.join(away)}",
        hint="a question was added, taken out or moved: correct `column:` of the items from here on",
    )
