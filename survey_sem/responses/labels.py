"""Do the labels that a file carries agree with those of the instrument?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.instrument import Item, Scale
from survey_sem.responses.cells import folded, written
from survey_sem.responses.damage import damaged
from survey_sem.responses.report import Finding
from survey_sem.responses.shown import shortened

_SHOWN = 3


def label_findings(item: Item, labels: Mapping[Any, str]) -> list[Finding]:
    """What is wrong with the labels of one column.

    Compared are codes that both label, without regard to width, case, blanks and punctuation, and only where the
    instrument has a label in the same script (Latin or not): a translated file does not disagree. Labels that say
    no more than their code are left out.

    Parameters
    ----------
    item : Item
        An item with a scale.
    labels : mapping
        Code -> label, as the file has it.
    """
    assert item.scale is not None
    texts = {_code_of(code): str(label).strip() for code, label in labels.items()}
    hurt = [code for code, label in texts.items() if damaged(label)]
    if hurt:
        return [_damage(item, hurt)]
    ours = _our_labels(item.scale)
    compared = {
        code: label
        for code, label in texts.items()
        if code in ours and folded(label) not in ("", folded(code)) and _same_script(label, ours[code])
    }
    differing = {code: label for code, label in compared.items() if not _agrees(label, ours[code])}
    if not differing:
        return []
    if _is_mirrored(compared, item.scale, ours):
        return [_reversed(item, compared)]
    return [_mismatch(item, differing, ours)]


def _code_of(code: object) -> str:
    return written(code) if isinstance(code, (int, float, str)) else str(code)


def _our_labels(scale: Scale) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for labels in scale.labels.values():
        for code, label in labels.items():
            found.setdefault(written(code), []).append(label)
    return found


def _same_script(label: str, ours: list[str]) -> bool:
    return any(one.isascii() == label.isascii() for one in ours)


def _agrees(label: str, ours: list[str]) -> bool:
    return folded(label) in {folded(one) for one in ours}


def _is_mirrored(compared: Mapping[str, str], scale: Scale, ours: Mapping[str, list[str]]) -> bool:
    """Whether every label stands at the other end of the scale."""
    codes = [written(code) for code in scale.codes]
    mirror = dict(zip(codes, reversed(codes), strict=True))
    return scale.ordinal and all(_agrees(label, ours.get(mirror[code], [])) for code, label in compared.items())


def _reversed(item: Item, compared: Mapping[str, str]) -> Finding:
    ours = _our_labels(_scale(item))
    code = min(compared, key=lambda one: (len(one), one))
    turned = " (its `reverse: true` must then go)" if item.reverse else ""
    return Finding(
        "reversed-labels",
        item.id,
        "error",
        f"{code} = {shortened(ours[code][0])}",
        f"the scale turned round: {code} = {shortened(compared[code])}",
        hint=f"the platform has turned the codes: export them as asked, or turn the labels of the scale{turned}",
    )


def _mismatch(item: Item, differing: Mapping[str, str], ours: Mapping[str, list[str]]) -> Finding:
    some = list(differing.items())[:_SHOWN]
    more = f" and {len(differing) - len(some)} more" if len(differing) > len(some) else ""
    return Finding(
        "label-mismatch",
        item.id,
        "error",
        ", ".join(f"{code} = {' or '.join(map(shortened, ours[code]))}" for code, _ in some) + more,
        ", ".join(f"{code} = {shortened(label)}" for code, label in some) + more,
        hint="the file is of another version of the questionnaire, or the labels of the scale are wrong",
    )


def _damage(item: Item, codes: list[str]) -> Finding:
    return Finding(
        "encoding-damage",
        item.id,
        "error",
        "readable labels",
        f"destroyed characters in the label{'s' if len(codes) > 1 else ''} of {', '.join(codes[:5])}",
        hint="read the file with its own encoding (`source: {encoding: gb18030}`), or export it again",
    )


def _scale(item: Item) -> Scale:
    assert item.scale is not None
    return item.scale
