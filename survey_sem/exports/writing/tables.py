"""Answer sheets in formats that know types: parquet and SPSS."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.coded import text_type
from survey_sem.exports.dialects.wjx import EMPTY, SKIPPED
from survey_sem.exports.labelled import write_sav
from survey_sem.exports.parquet import write_parquet
from survey_sem.exports.raw_table import MissingRange
from survey_sem.exports.writing.cells import Cells
from survey_sem.exports.writing.platforms import generic_columns
from survey_sem.exports.writing.sheet import ROUTED, AnswerSheet

if TYPE_CHECKING:
    import pandas as pd

_NO_ANSWER = (MissingRange(SKIPPED, SKIPPED, "routed"), MissingRange(EMPTY, EMPTY, "nonresponse"))


def write_parquet_sheet(sheet: AnswerSheet, path: Path) -> Path:
    """The columns of the generic form, numbers as numbers; what was not answered is missing."""
    write_parquet(_typed(sheet, path), path)
    return path


def write_sav_sheet(sheet: AnswerSheet, path: Path) -> Path:
    """The same with question texts and labels; in numeric columns not asked is -3 and left empty -2, both declared.

    A column in which -3 or -2 is an answer declares neither: there what was not answered is system-missing.
    """
    frame = _typed(sheet, path)
    declared = {}
    for question in sheet.questions:
        column = frame[question.name]
        if _is_numeric(column) and not column.isin((SKIPPED, EMPTY)).any():
            absence = sheet.absence(question)
            frame[question.name] = column.fillna(EMPTY).mask(absence == ROUTED, SKIPPED)
            declared[question.name] = _NO_ANSWER
    labels = {question.name: question.labels for question in sheet.questions if question.kind == "one"}
    texts = {question.name: question.wording() for question in sheet.questions}
    write_sav(frame, path, texts, labels, declared)
    return path


def _typed(sheet: AnswerSheet, path: Path) -> pd.DataFrame:
    import pandas as pd

    columns = generic_columns(sheet)
    try:
        return pd.DataFrame({column.header[0]: _column(column) for column in columns})
    except UnicodeEncodeError as problem:
        raise FileError(
            "unwritable-text", f"{path.name} cannot hold a text: {problem.reason}", where=str(path)
        ) from None


def _column(cells: Cells) -> pd.Series[Any]:
    """Numbers (whole ones as integers where none is missing), or texts."""
    import numpy as np
    import pandas as pd

    used = [cells.values[place] for place in np.unique(cells.places[cells.places >= 0])]
    values = np.array([*cells.values, None], dtype=object)[cells.places]
    kinds = {type(value) for value in used} - {type(None)}
    column: pd.Series[Any]
    if kinds and kinds <= {int, float}:
        column = pd.to_numeric(pd.Series(values))
    else:
        texts = [math.nan if value is None else str(value) for value in values]
        column = pd.Series(texts, dtype=text_type())
    return column


def _is_numeric(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column.dtype))
