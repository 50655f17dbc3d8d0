"""Whatever bytes a file holds: a table or a clear error."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_sem.errors import SurveySemError
from survey_sem.exports import read_export
from survey_sem.exports.writing import FORMATS, AnswerSheet, Question, write_export

ENDINGS = ("csv", "tsv", "txt", "zip", "xlsx", "sav", "zsav", "dta", "parquet")
STARTS = (
    b"",
    b"PK\x03\x04",
    b"$FL2",
    b"$FL3",
    b"PAR1",
    b"<stata_dta>",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b'a,"b\n',
)
QUESTIONS = (
    Question("gender", 1, 0, "", "性别", "one", {1: "男", 2: "女"}),
    Question("platforms", 2, 0, "", "平台", "multi", {1: "淘宝", 2: "抖音"}, blank=2),
    Question("comment", 3, 0, "", "意见", "text"),
    Question("m1", 4, 1, "同意", "可信", "one", {1: "不同意", 7: "同意"}),
    Question("m2", 4, 2, "同意", "专业", "one", {1: "不同意", 7: "同意"}),
)


def written(folder: Path) -> list[Path]:
    """Small valid files of every dialect and format."""
    answers = pd.DataFrame(
        {
            "gender": [1, 2, 1, np.nan],
            "platforms": ["1|2", "2", None, "1"],
            "platforms_blank": ["快手", None, None, None],
            "comment": ['好, "很好"', None, "x\ny", "z"],
            "m1": [1, 7, 3, 4],
            "m2": [7, 7, np.nan, 2],
        }
    )
    about = pd.DataFrame({"id": [1, 2, 3, 4], "duration": [9, 8, 7, 6], "ip": ["1.2.3.4"] * 4})
    sheet = AnswerSheet(QUESTIONS, answers, pd.DataFrame(index=answers.index), about)
    return [
        path
        for dialect, kinds in FORMATS.items()
        for kind in kinds
        for path in write_export(sheet, folder / dialect, dialect, file_format=kind)
    ]


def read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        raw = read_export(path)
    except SurveySemError as problem:
        assert problem.code
        assert str(problem)
        return
    assert raw.n_rows >= 1
    assert len(set(raw.columns)) == len(raw.columns)
    assert len(raw.answers()) == raw.n_rows


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=60, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300))
def test_random_bytes(ending: str, start: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read_or_refuse(Path(folder) / f"d.{ending}", start + rest)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="01a,;\t|\"\n\r ┋→〖〗序号、所用时间—.(){}'-", max_size=120))
def test_random_tables(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read_or_refuse(Path(folder) / "d.csv", text.encode())


def flip(content: bytearray, rng: random.Random) -> None:
    content[rng.randrange(len(content))] = rng.randrange(256)


def truncate(content: bytearray, rng: random.Random) -> None:
    del content[max(1, rng.randrange(len(content))) :]


def insert(content: bytearray, rng: random.Random) -> None:
    place = rng.randrange(len(content))
    content[place:place] = rng.randbytes(rng.randrange(1, 20))


def remove(content: bytearray, rng: random.Random) -> None:
    place = rng.randrange(len(content))
    del content[place : place + rng.randrange(1, 20)]


@pytest.mark.parametrize("change", [flip, truncate, insert, remove])
def test_changed_files(tmp_path: Path, change: Callable[[bytearray, random.Random], None]) -> None:
    """A damaged file of every kind, the same ones in every run."""
    for path in written(tmp_path):
        whole = path.read_bytes()
        rng = random.Random(path.name)
        for _ in range(25):
            content = bytearray(whole)
            for _ in range(rng.choice((1, 1, 3))):
                change(content, rng)
                content = content or bytearray(b"x")
            read_or_refuse(path, bytes(content))


@pytest.mark.parametrize("kind", ["sav", "parquet", "xlsx", "zip"])
def test_a_file_cut_anywhere(tmp_path: Path, kind: str) -> None:
    path = next(path for path in written(tmp_path) if path.suffix == f".{kind}")
    whole = path.read_bytes()
    for length in range(1, len(whole), max(1, len(whole) // 120)):
        read_or_refuse(path, whole[:length])
