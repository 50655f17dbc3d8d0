"""``validate`` on small exports: every form of its report, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from survey_sem.cli.validate import _draw
from survey_sem.responses import validate_responses
from tests.responses.shop import YAML, changed, export, instrument_from_text

Command = Callable[..., Any]


@pytest.fixture
def instrument(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(YAML, encoding="utf-8")
    return path


def written(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "export.csv"
    export(**changes).frame.to_csv(path, index=False)
    return path


def test_a_column_name_does_not_steer_the_terminal(command: Command, instrument: Path, tmp_path: Path) -> None:
    name = "\x1b[31mred\x1b]0;title\x07\u202e"
    outcome = command("validate", instrument, "--data", written(tmp_path, **{name: [1] * 6}))
    assert r"\x1b[31mred\x1b]0;title\x07\u202e" in outcome.out
    assert not {"\x1b", "\x07", "\u202e"} & set(outcome.out)


def test_a_sound_export(command: Command, instrument: Path, tmp_path: Path) -> None:
    outcome = command("validate", instrument, "--data", written(tmp_path))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("the data keep to the instrument\n")
    assert "6 rows, 13 columns, read as generic" in outcome.out


def test_one_line_a_finding(command: Command, instrument: Path, tmp_path: Path) -> None:
    data = written(tmp_path, **changed("age", r1=17, r2=150), **changed("bought", r4=7), **changed("att", r1=1))
    outcome = command("validate", instrument, "--data", data)
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["error", "out-of-range", "age"],
        ["error", "illegal-code", "bought"],
        ["warning", "attention-failed", "att"],
    ]
    assert "got 17, 150 in 2 rows (first: 1, 2); correct it" in lines[1]
    assert lines[-1] == "2 errors, 1 warning"


def test_machine_forms(command: Command, instrument: Path, tmp_path: Path) -> None:
    data = written(tmp_path, **changed("age", r1=17, r2=150))
    outcome = command("validate", instrument, "--data", data, "--format", "json")
    record = json.loads(outcome.out)
    assert (outcome.code, record["schema"], record["ok"]) == (1, "survey-sem/validation/1", False)
    assert record["findings"][0]["first_rows"] == [1, 2]
    assert {"item", "blank", "by_code", "total", "answered", "routed"} <= record["missing"][0].keys()
    outcome = command("validate", instrument, "--data", data, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(outcome.out))
    assert (row["rule"], row["item"], row["count"], row["got"]) == ("out-of-range", "age", "2", "17, 150")
    outcome = command("validate", instrument, "--data", data, "--format", "xml")
    assert (outcome.code, "text or json or csv" in outcome.err) == (2, True)


def test_the_table_of_a_terminal(tmp_path: Path) -> None:
    asked = instrument_from_text(tmp_path / "i.yaml", YAML)
    report = validate_responses(export(**changed("age", r1=17), age2=[1] * 6), asked).report
    stream = io.StringIO()
    _draw(report, Console(file=stream, width=140, force_terminal=True, color_system=None))
    shown = stream.getvalue()
    for told in (
        "error",
        "out-of-range",
        "age",
        "a whole number from 18 up to 99",
        "unknown-column",
        "all",
        "1 error",
    ):
        assert told in shown


def test_a_wjx_pair(command: Command, tmp_path: Path) -> None:
    """Texts and codes of the same answers; the instrument finds questions by number."""
    asked = tmp_path / "i.yaml"
    asked.write_text(
        """\
schema: survey-sem/instrument/1
instrument: {id: pair, version: "1", title: Pair}
source: {platform: wjx, columns: number}
scales:
  agree: {min: 1, max: 3, labels: {zh: {1: 不同意, 2: 一般, 3: 同意}}}
items:
  - {id: watched, column: 1, scale: agree, text: Watched}
  - {id: trust, column: 2, scale: agree, relevant: watched >= 2, text: Trust}
paradata: {id: 序号, submitted: 提交答卷时间, duration: 所用时间}
""",
        encoding="utf-8",
    )
    head = "序号,提交答卷时间,所用时间,来源,1、看过吗,2、信任吗\n"
    sheet = ["1,2026/5/1 12:30:00,243秒,链接", "2,2026/5/2 9:03:00,60秒,链接", "3,2026/5/2 9:04:00,61秒,链接"]
    texts, codes = tmp_path / "12_按文本_x_3.csv", tmp_path / "12_按序号_x_3.csv"
    rows = zip(sheet, ("同意,一般", "不同意,(跳过)", "不同意,同意"), ("3,2", "1,-3", "1,3"), strict=True)
    told = [(f"{start},{text}\n", f"{start},{code}\n") for start, text, code in rows]
    texts.write_text(head + "".join(text for text, _ in told), encoding="utf-8")
    codes.write_text(head + "".join(code for _, code in told), encoding="utf-8")
    outcome = command("validate", asked, "--data", texts, "--data", codes, "--format", "json")
    record = json.loads(outcome.out)
    assert outcome.code == 1
    broken = [
        (each["rule"], each["item"], each["first_rows"]) for each in record["findings"] if each["severity"] == "error"
    ]
    assert broken == [("answered-though-routed-out", "trust", [3])]
    assert record["missing"][1] == {**record["missing"][1], "routed": 1, "by_code": {"-3": 1}, "answered": 2}
    alone = command("validate", asked, "--data", texts)
    assert "answered-though-routed-out" in alone.out
    assert alone.out.splitlines()[-1].startswith("1 error")
