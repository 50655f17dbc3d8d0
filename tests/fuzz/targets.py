"""What is fuzzed: each target takes bytes, and may return or raise SurveySemError, nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import survey_sem as ss
from survey_sem.errors import SurveySemError
from survey_sem.instrument.routing import parse_route
from survey_sem.simulation import load_population

ROOT = Path(__file__).parents[2]
Run = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, and files that it can read, to start from."""

    run: Run
    seeds: tuple[bytes, ...]


def _text(read: Callable[[str], object], data: bytes) -> object:
    return read(data.decode("utf-8", errors="replace"))


def _file(read: Callable[[Path], object], suffix: str, data: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{suffix}"
        path.write_bytes(data)
        return read(path)


def _files(pattern: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(ROOT.glob(pattern)))


def _small_tables() -> Mapping[str, bytes]:
    """One small valid file per format."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({"id": [1, 2, 3], "q1": [1.0, None, 3.0], "文字": ["甲", "b", None]})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame.to_csv(folder / "t.csv", index=False)
        frame.to_excel(folder / "t.xlsx", index=False)
        frame.to_parquet(folder / "t.parquet")
        plain = frame.rename(columns={"文字": "word"})
        pyreadstat.write_sav(plain, folder / "t.sav", variable_value_labels={"q1": {1: "no", 3: "yes"}})
        pyreadstat.write_dta(plain, folder / "t.dta")
        return {path.suffix: path.read_bytes() for path in folder.iterdir()}


MODELS = (b"f =~ x1 + c(a,b)*x2\ny ~ f + 1\nx1 ~~ x2; a == b^2\nd := exp(a)/2\n",)
ROUTES = (b"watched = 1 and (age >= 18 or not answered(city))", b"platforms has 3 or city in ('a', 'b')")
WJX = """序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、性别,6、引导—1.甲,2.乙
1,2026/5/1 12:00:00,243秒,微信,,1.2.3.4(四川-成都),1,5,(跳过)
"""
QUALTRICS = """StartDate,ResponseId,Q1
Start,ID,Text
"{""ImportId"":""startDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"
2026-05-01,R_1,3
"""
TENCENT = """编号,开始答题时间,结束答题时间,答题时长,语言,清洗数据结果,1.题干,
1,2026-05-01,2026-05-01,30,zh,,甲,
"""


QSF = (
    b'{"SurveyEntry": {"SurveyName": "s", "SurveyLanguage": "EN"}, "SurveyElements": [{"Element": "SQ", "Payload": '
    b'{"QuestionID": "QID1", "QuestionText": "t", "DataExportTag": "Q1", "QuestionType": "MC", "Selector": "SAVR", '
    b'"Choices": {"1": {"Display": "a"}, "2": {"Display": "b"}}, "ChoiceOrder": ["1", "2"]}}]}'
)


def _population(path: Path) -> object:
    return load_population(path, ss.load_instrument(ROOT / "instruments" / "livestream_purchase_intent.yaml"))


def targets() -> Mapping[str, Target]:
    """Every target by name."""
    tables = _small_tables()
    found = {
        "model": Target(partial(_text, ss.parse_model), MODELS),
        "route": Target(partial(_text, parse_route), ROUTES),
        "instrument": Target(partial(_file, ss.load_instrument, ".yaml"), _files("instruments/*.yaml")),
        "study": Target(partial(_file, ss.load_study, ".yaml"), _files("examples/*/study.yaml")),
        "population": Target(partial(_file, _population, ".yaml"), _files("examples/*/population.yaml")),
        "qsf": Target(partial(_file, ss.import_instrument, ".qsf"), (QSF,)),
        "xlsform": Target(partial(_file, ss.import_instrument, ".xlsx"), (tables[".xlsx"],)),
        "fit": Target(partial(_text, ss.SemResult.from_json), ()),
    }
    for suffix in (".csv", ".xlsx", ".sav", ".dta", ".parquet"):
        seeds: Iterable[bytes] = (tables[suffix],)
        if suffix == ".csv":
            seeds = (*seeds, *(text.encode("utf-8") for text in (WJX, QUALTRICS, TENCENT)))
        found[suffix[1:]] = Target(partial(_file, ss.read_export, suffix), tuple(seeds))
    return found


def run(target: Target, data: bytes) -> None:
    """Feed `data` to a target; its own errors are fine."""
    try:
        target.run(data)
    except SurveySemError as problem:
        assert problem.code
        assert str(problem)
