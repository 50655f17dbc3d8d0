"""The syntax file beside a .sav file: what the file itself cannot say to SPSS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from survey_sem.sample.design import SurveyDesign

_NOTES = {
    "en": {
        "open": "Opens sample.sav, which lies beside this file.",
        "weight": "The final weights are in {weight}; the file is weighted by them when it is opened.",
        "frequencies": "SPSS takes weights for numbers of cases: estimates are right, standard errors and tests are "
        "not. For these use Complex Samples with weight {weight}{design}.",
        "strata": ", strata {names}",
        "clusters": ", clusters {names}",
        "several": "Questions with several answers, as sets.",
    },
    "zh": {
        "open": "打开与本文件位于同一文件夹的 sample.sav。",
        "weight": "最终权数为变量 {weight}；文件打开时已按其加权。",
        "frequencies": "SPSS 将权数视为个案数：估计值正确，但标准误与检验不正确。"
        "推断请使用“复杂样本”模块，权数 {weight}{design}。",
        "strata": "，分层变量 {names}",
        "clusters": "，聚类变量 {names}",
        "several": "多选题定义为多重响应集。",
    },
}


def syntax(
    weight: str | None,
    design: SurveyDesign | None,
    names: Mapping[str, str],
    sets: Mapping[str, tuple[str, Sequence[str]]],
    language: str,
) -> str:
    """Opens the file, weights it, and defines sets of multiple answers.

    Parameters
    ----------
    weight : str or None
        Variable of the weights, as SPSS has it.
    design : SurveyDesign or None
        Its columns are named in the notes.
    names : mapping
        Variable of the sample -> name in SPSS.
    sets : mapping
        Question -> its text, and the variables of its options.
    language : str
        Of the notes.
    """
    told = _NOTES.get(language, _NOTES["en"])
    lines = ["* Encoding: UTF-8.", _note(told["open"]), "GET FILE='sample.sav'."]
    if weight is not None:
        parts = _part(told["strata"], "strata", design, names) + _part(told["clusters"], "psu", design, names)
        lines += ["", _note(told["weight"].format(weight=weight))]
        lines += [_note(told["frequencies"].format(weight=weight, design=parts)), f"WEIGHT BY {weight}."]
    if sets:
        lines += ["", _note(told["several"]), "MRSETS"]
        for name, (text, variables) in sets.items():
            label = text.replace("'", "''").replace("\n", " ")
            lines += [f"  /MDGROUP NAME=${name} LABEL='{label}'", f"    VARIABLES={' '.join(variables)} VALUE=1"]
        lines[-1] += "."
    return "\n".join(lines) + "\n"


def _note(text: str) -> str:
    """A comment: a full stop of the syntax at the end of the line ends it, one of another script does not."""
    return f"* {text.rstrip('.。')}."


def _part(words: str, key: str, design: SurveyDesign | None, names: Mapping[str, str]) -> str:
    told = None if design is None else design.described.get(key)
    columns = [told] if isinstance(told, str) else [str(each) for each in told or ()]
    return words.format(names=" ".join(names.get(each, each) for each in columns)) if columns else ""


def write_syntax(path: Path, text: str) -> None:
    """Write it in utf-8 with the mark by which SPSS knows that."""
    path.write_bytes(text.encode("utf-8-sig"))
