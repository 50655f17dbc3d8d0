"""Two exports of the same answers, one with texts and one with codes: one table with value labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.coded import distinct_of
from survey_sem.exports.dialects.choices import RANK, split_choices, split_ranking
from survey_sem.exports.raw_table import RawTable
from survey_sem.provenance import sha256_bytes

if TYPE_CHECKING:
    import pandas as pd

KEY = "index"
"""Column that names an answer sheet in both files (序号)."""
_FILE_NAME = re.compile(r"\d+_(按序号|按文本|2|0)(?:_|\.)|.*_(codes|text)\.")
_FORMS = {"按序号": "codes", "2": "codes", "codes": "codes", "按文本": "texts", "0": "texts", "text": "texts"}
_NOT_ANSWERS = ("index", "submitted", "duration", "source", "source_detail", "ip", "ip_province", "ip_city", "total")


def join_pair(first: RawTable, second: RawTable) -> RawTable:
    """The codes of one export with the labels that the other, of the same answers as texts, gives them.

    Which is which is told by the file names (``<id>_按序号_...`` and ``<id>_按文本_...``, older ``_2_`` and ``_0_``,
    our own ``export_codes`` and ``export_text``), else by the answers: codes are numbers. Rows are joined on 序号,
    in the order of the codes; where both files have the same 序号 in the same order, row by row, so that a sheet that
    was sent twice is still there twice.
    ``sha256`` is that of the two files' digests, codes first.

    Raises
    ------
    FileError
        Not two wjx exports; different columns or answer sheets; a 序号 missing or twice; a code with two texts;
        both files hold texts, or both hold codes.
    """
    where = f"{first.source} and {second.source}"
    for raw in (first, second):
        _check_dialect(raw)
    codes, texts = _codes_and_texts(first, second, where)
    _same(where, "columns", _questions(codes), _questions(texts))
    labelled = _in_order(texts, codes, where)
    labels = {
        name: found
        for name in codes.columns
        if name in labelled.columns and name not in _NOT_ANSWERS
        if (found := _labels(name, codes, labelled[name], where))
    }
    beside = [name for name in labelled.columns if name not in codes.frame.columns]
    return replace(
        codes,
        frame=codes.frame.assign(**{str(name): labelled[name] for name in beside}),
        source=f"{codes.source} + {texts.source}",
        sha256=sha256_bytes(f"{codes.sha256}{texts.sha256}".encode("ascii")),
        value_labels=labels,
        missing_codes={**texts.missing_codes, **codes.missing_codes},
    )


def _check_dialect(raw: RawTable) -> None:
    if raw.dialect != "wjx" or KEY not in raw.frame.columns:
        raise FileError(
            "no-pair",
            f"{raw.source} has no 序号 to join on: only two wjx exports of one survey make a pair",
            where=raw.source,
            got=f"dialect {raw.dialect}",
            hint="give one file, or the two exports 按文本 and 按序号 of the same answers",
        )


def _in_order(texts: RawTable, codes: RawTable, where: str) -> pd.DataFrame:
    """The rows of the texts in the order of the codes."""
    if texts.frame[KEY].tolist() == codes.frame[KEY].tolist():
        return texts.frame
    for raw in (codes, texts):
        _check_key(raw)
    _same(where, "answer sheets", set(codes.frame[KEY].tolist()), set(texts.frame[KEY].tolist()))
    return texts.frame.set_index(KEY).loc[codes.frame[KEY].tolist()].reset_index()


def _check_key(raw: RawTable) -> None:
    keys = raw.frame[KEY]
    if keys.isna().any() or keys.duplicated().any():
        raise FileError(
            "no-pair",
            f"序号 of {raw.source} does not name every answer sheet once, and the two files differ in their rows",
            where=f"{raw.source}, column 序号",
            got=f"{int(keys.isna().sum())} empty, {int(keys.duplicated().sum())} repeated",
            hint="export both files again: merged or edited files cannot be joined",
        )


def _codes_and_texts(first: RawTable, second: RawTable, where: str) -> tuple[RawTable, RawTable]:
    named = {_FORMS[match[1] or match[2]]: raw for raw in (first, second) if (match := _FILE_NAME.match(raw.source))}
    if len(named) == 2:
        return named["codes"], named["texts"]
    counts = [_n_numeric(raw) for raw in (first, second)]
    if counts[0] == counts[1]:
        raise FileError(
            "no-pair",
            "neither of the two exports is the codes of the other",
            where=where,
            got=f"{counts[0]} columns of numbers in each",
            hint="one is exported 按文本 (texts), the other 按序号 (codes)",
        )
    return (first, second) if counts[0] > counts[1] else (second, first)


def _n_numeric(raw: RawTable) -> int:
    import pandas as pd

    return sum(pd.api.types.is_numeric_dtype(raw.frame[name].dtype) for name in raw.columns)


def _questions(raw: RawTable) -> set[str]:
    return {name for name in raw.columns if name not in _NOT_ANSWERS and not name.endswith("_blank")}


def _same(where: str, what: str, codes: set[Any], texts: set[Any]) -> None:
    if codes == texts:
        return
    only = [sorted(map(str, found)) for found in (codes - texts, texts - codes)]
    raise FileError(
        "pair-disagrees",
        f"the two exports do not have the same {what}",
        where=where,
        got=f"only with codes: {_some(only[0])}; only with texts: {_some(only[1])}",
        hint="export both at the same time, with the same selection",
    )


def _some(names: list[str]) -> str:
    return f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''} ({len(names)})" if names else "none"


def _labels(name: str, codes: RawTable, texts: pd.Series[Any], where: str) -> Mapping[Any, str]:
    """Code -> text of one column, without codes that have no text of their own; none for numbers and words."""
    import numpy as np
    import pandas as pd

    code_at, code = distinct_of(codes.frame[name])
    text_at, text = distinct_of(texts)
    answered = (code_at >= 0) & (text_at >= 0)
    code_at, text_at = np.divmod(
        pd.unique(code_at[answered].astype(np.int64) * len(text) + text_at[answered]), len(text)
    )
    missing = [mark for one in codes.missing_codes.get(name, ()) for mark in (one.low, one.high)]
    both = pd.DataFrame({"code": code.to_numpy()[code_at], "text": text.to_numpy()[text_at]})
    both = both[~both["code"].isin(missing)]
    if both.empty or (both["code"].astype(str) == both["text"].astype(str)).all():
        return {}
    found: dict[Any, str] = {}
    for code, text in both.itertuples(index=False):
        for one, label in _pieces(code, text):
            if label == str(one):
                continue
            if found.setdefault(one, label) != label:
                raise FileError(
                    "pair-disagrees",
                    f"code {one} of {name} has more than one text",
                    where=f"{where}, column {codes.headers.get(name, name)}",
                    hint="the files are of different versions of the questionnaire: export both again",
                )
    return dict(sorted(found.items()))


def _pieces(code: object, text: object) -> list[tuple[int, str]]:
    """Code and text of an option, or of every one of a multiple choice or ranking; none where they do not pair up."""
    if isinstance(code, (int, float)):
        return [(int(code), str(text))] if float(code).is_integer() else []
    split = split_ranking if RANK in str(code) else split_choices
    numbers, words = split(str(code)), split(str(text))
    if len(numbers) != len(words) or not all(number.strip().isdigit() for number in numbers):
        return []
    return [(int(number), word) for number, word in zip(numbers, words, strict=True)]
