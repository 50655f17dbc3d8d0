"""An export with routes, several choices, partitions and broken rows: to sample, .sav and verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from survey_sem.errors import DataError, FileError
from survey_sem.study import load_study, open_run, open_study, report_inputs, run_study, verify_run, write_prepared

INSTRUMENT = """\
schema: survey-sem/instrument/1
instrument: {id: demo, version: "1", title: {zh: 示例, en: Demo}}
source: {platform: generic}
missing:
  - {code: -9, kind: routed, text: {zh: 跳过, en: not asked}}
  - {code: -8, kind: nonresponse, text: {zh: 未作答, en: no answer}}
scales:
  agree: {min: 1, max: 7, labels: {zh: {1: 反对, 7: 赞成}, en: {1: against, 7: in favour}}}
  yes_no: {ordinal: false, labels: {zh: {1: 是, 2: 否}, en: {1: "yes", 2: "no"}}}
  apps: {ordinal: false, labels: {zh: {1: 甲, 2: 乙}, en: {1: A, 2: B}}}
items:
  - {id: x1, scale: agree, text: {zh: 一, en: One}, source: own wording}
  - {id: x2, scale: agree, text: {zh: 二, en: Two}, source: own wording}
  - {id: x3, scale: agree, reverse: true, text: {zh: 三, en: Three}, source: own wording}
  - {id: y, scale: agree, text: {zh: 四, en: Four}, source: own wording}
  - {id: check, scale: agree, text: {zh: 请选 3, en: Choose 3}, source: own wording}
  - {id: bought, scale: yes_no, text: {zh: 买过, en: Bought}, source: own wording}
  - {id: spend, type: number, min: 0, relevant: bought = 1, text: {zh: 花费, en: Spent}, source: own wording}
  - {id: use, type: multi, scale: apps, columns: {1: use_a, 2: use_b}, text: {zh: 使用, en: Uses}, source: own wording}
  - {id: year, type: number, whole: true, min: 1950, max: 2008, text: {zh: 年份, en: Year}, source: own wording}
  - {id: user, type: text, text: {zh: 用户, en: User}, source: own wording}
constructs:
  - {id: f, label: {zh: 因子, en: Factor}, items: [x1, x2, x3], source: own wording}
partitions:
  - id: age
    label: {zh: 年代, en: Age}
    of: year
    parts:
      - {id: old, label: {zh: 年长, en: old}, to: 1979}
      - {id: young, label: {zh: 年轻, en: young}, from: 1980}
quality: {attention: [{item: check, answer: 3}]}
paradata: {id: id, submitted: submitted, duration: duration}
pii: {hash: [user]}
weighting:
  method: rake
  targets: [{of: age, source: made up, shares: {old: 0.5, young: 0.5}}]
"""

STUDY = """\
schema: survey-sem/study/1
id: demo
title: {zh: 示例, en: Demo}
instrument: instrument.yaml
data: {file: data.csv, key_file: secret.key, origin: made up, citation: none}
metadata: {population: p, mode: m, dates: d, sampling: s, consent: c, ethics: e, funding: f}
seed: 1
sample:
  broken: {duplicate-id: first, illegal-code: missing}
  keep: [{item: check, relation: "==", value: 3, reason: inattentive}]
missing: listwise
model:
  measurement: f =~ x1 + x2 + x3
  structural: y ~ f
report: {languages: [zh, en]}
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with 300 rows: 12 inattentive, one id twice, one illegal code, spend asked of buyers only."""
    random = np.random.default_rng(3)
    n = 300
    factor = random.normal(size=n)
    signs = {"x1": 1, "x2": 1, "x3": -1, "y": 1}
    answers = {name: np.clip(np.round(4 + factor * sign + random.normal(size=n)), 1, 7) for name, sign in signs.items()}
    bought = np.where(random.random(n) < 0.6, 1, 2)
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "submitted": pd.Timestamp("2026-05-01 10:00:00") + pd.to_timedelta(np.arange(n), unit="h"),
            "duration": random.integers(60, 600, n),
            **{name: values.astype(int) for name, values in answers.items()},
            "check": np.where(np.arange(n) < 12, 5, 3),
            "bought": bought,
            "spend": np.where(bought == 1, random.integers(1, 900, n), -9),
            "use_a": random.integers(0, 2, n),
            "use_b": random.integers(0, 2, n),
            "year": random.integers(1955, 2005, n),
            "user": [f"user{number:04}" for number in range(n)],
        }
    )
    frame.loc[20, "id"] = 19
    frame.loc[30, "x1"] = 99
    frame.loc[40, "y"] = -8
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "instrument.yaml").write_text(INSTRUMENT, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "secret.key").write_text("correct horse battery staple\n", encoding="utf-8")
    return tmp_path


def replaced(folder: Path, old: str, new: str) -> None:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_run_keeps_codebook_and_description(raw: Path) -> None:
    run = run_study(load_study(raw / "study.yaml"), raw / "run")
    codebook = json.loads((raw / "run" / "codebook.json").read_text(encoding="utf-8"))
    spend = next(item for item in codebook["items"] if item["id"] == "spend")
    assert spend["asked_if"] == "bought = 1"
    assert codebook["partitions"][0]["parts"][1] == {
        "id": "young", "label": {"zh": "年轻", "en": "young"}, "from": 1980, "to": None, "codes": [],
    }  # fmt: skip
    assert open_run(raw / "run").description == run.description
    assert [stage.n for stage in run.flow.stages] == [300, 299, 287, 285]


def test_the_sample_is_described_beside_what_is_measured(raw: Path) -> None:
    inputs = report_inputs(run_study(load_study(raw / "study.yaml"), raw / "run"))
    assert [item.name for item in inputs.items] == ["x1", "x2", "x3", "y"]
    found = inputs.description
    assert [(each.name, each.kind) for each in found.choices] == [("bought", "one"), ("use", "several"), ("age", "one")]
    assert [each.name for each in found.quantities] == ["spend", "year"]
    assert [(each.n, each.n_passed, each.n_failed) for each in found.attention] == [(300, 288, 12)]
    assert (found.fieldwork.first_day, found.fieldwork.last_day) == ("2026-05-01", "2026-05-13")
    assert found.fieldwork.duration is not None
    shares = found.margins[0].shares
    assert [share.population for share in shares] == [0.5, 0.5]
    assert sum(share.sample or 0 for share in shares) == pytest.approx(1)
    assert inputs.treatments == {"duplicate-id": "first", "illegal-code": "missing", "attention-failed": "keep"}


def test_the_spss_file_tells_what_the_codes_are(raw: Path) -> None:
    study = load_study(raw / "study.yaml")
    data = open_study(study)
    write_prepared(raw / "out", study, data)
    frame, told = pyreadstat.read_sav(raw / "out" / "sample.sav", user_missing=True)
    assert told.column_names_to_labels["x3"] == "三（已反向计分）"
    assert told.variable_value_labels["x3"] == {1: "赞成", 7: "反对"}
    assert told.column_names_to_labels["use_1"] == "使用: 甲"
    assert told.variable_value_labels["use_1"] == {0: "未选", 1: "选中", -8: "未作答"}
    assert told.variable_value_labels["age"] == {1: "年长", 2: "年轻"}
    assert told.missing_ranges["spend"] == [{"lo": -9, "hi": -9}]
    levels = {name: told.variable_measure[name] for name in ("x3", "use_1", "spend", "age")}
    assert levels == {"x3": "ordinal", "use_1": "nominal", "spend": "scale", "age": "nominal"}
    assert (frame["spend"] == -9).sum() == (data.sample.data["bought"] == 2).sum()
    assert (frame["y"] == -8).sum() == 1
    again, _ = pyreadstat.read_sav(raw / "out" / "sample.sav")
    assert again["spend"].isna().sum() == data.sample.data["spend"].isna().sum()
    names = {path.name for path in (raw / "out").iterdir()}
    assert names == {"sample.sav", "sample.sps", "sample.parquet", "validation.json", "flow.json", "codebook.json"}


def test_what_an_spss_file_cannot_hold_is_told_of_the_file_that_is_there(raw: Path) -> None:
    instrument = raw / "instrument.yaml"
    text = instrument.read_text(encoding="utf-8").replace("zh: 一,", f"zh: {'一' * 100},")
    instrument.write_text(text, encoding="utf-8")
    study = load_study(raw / "study.yaml")
    (warned,) = write_prepared(raw / "out", study, open_study(study))
    assert str(warned.where).startswith(str(raw / "out" / "sample.sav"))


def test_the_key_is_used_and_never_kept(raw: Path) -> None:
    run = run_study(load_study(raw / "study.yaml"), raw / "run")
    secret, used = b"correct horse", run.sample.data["user"]
    assert not any(secret in path.read_bytes() for path in (raw / "run").rglob("*") if path.is_file())
    manifest = json.loads((raw / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["data"]["pseudonyms"] == "keyed"
    assert not used.str.startswith("user").any()
    (raw / "secret.key").write_text("another secret of some length", encoding="utf-8")
    assert not verify_run(raw / "run", lambda study, out: run_study(study, out)).ok
    replaced(raw, "key_file: secret.key, ", "")
    numbered = run_study(load_study(raw / "study.yaml"), raw / "numbered")
    assert (numbered.sample.data["user"] != used).any()


@pytest.mark.parametrize("content", ["short", ""])
def test_a_key_that_can_be_guessed(raw: Path, content: str) -> None:
    (raw / "secret.key").write_text(content, encoding="utf-8")
    with pytest.raises(FileError):
        open_study(load_study(raw / "study.yaml"))


def test_broken_data_without_a_treatment_stop_the_run(raw: Path) -> None:
    replaced(raw, "illegal-code: missing", "out-of-range: missing")
    with pytest.raises(DataError, match="break the instrument"):
        run_study(load_study(raw / "study.yaml"), raw / "run")
    assert not (raw / "run").exists()


def pair(folder: Path) -> None:
    """The export of a wjx pair: codes, and the same answers as texts."""
    head = "序号,提交答卷时间,所用时间,1、甲,2、乙,3、丙,4、丁\n"
    random = np.random.default_rng(5)
    factor = random.normal(size=200)
    rows = [np.clip(np.round(4 + factor + random.normal(size=200)), 1, 7).astype(int) for _ in range(4)]
    words = dict(enumerate("一二三四五六七", start=1))
    lines: dict[str, list[str]] = {"codes": [], "texts": []}
    for number, codes in enumerate(zip(*rows, strict=True), start=1):
        start = f"{number},2026/5/1 10:00:00,100秒,"
        lines["codes"].append(start + ",".join(map(str, codes)))
        lines["texts"].append(start + ",".join(words[int(code)] for code in codes))
    for name, answers in lines.items():
        (folder / f"{name}.csv").write_text(head + "\n".join(answers) + "\n", encoding="utf-8")


def test_a_pair_of_files_is_verified_in_any_order_and_under_other_names(tmp_path: Path) -> None:
    pair(tmp_path)
    labels = "{1: 一, 2: 二, 3: 三, 4: 四, 5: 五, 6: 六, 7: 七}"
    items = "\n".join(f"  - {{id: {name}, column: {n}, scale: s, text: t}}" for n, name in enumerate("abcd", start=1))
    (tmp_path / "instrument.yaml").write_text(
        "schema: survey-sem/instrument/1\ninstrument: {id: i, version: '1', title: t}\n"
        f"source: {{platform: wjx, columns: number}}\nscales:\n  s: {{min: 1, max: 7, labels: {{zh: {labels}}}}}\n"
        f"items:\n{items}\nparadata: {{id: index}}\n",
        encoding="utf-8",
    )
    study = STUDY.replace("{file: data.csv, key_file: secret.key,", "{files: [texts.csv, codes.csv],")
    study = study.replace("f =~ x1 + x2 + x3", "f =~ a + b + c").replace("  structural: y ~ f\n", "")
    begin, end = study.index("sample:"), study.index("missing:")
    (tmp_path / "study.yaml").write_text(study[:begin] + study[end:], encoding="utf-8")
    run_study(load_study(tmp_path / "study.yaml"), tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in manifest["data"]["files"]] == ["texts.csv", "codes.csv"]
    elsewhere = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for name, place in zip(("codes", "texts"), elsewhere, strict=True):
        shutil.move(tmp_path / f"{name}.csv", place)

    def verify(files: list[Path]) -> bool:
        return verify_run(tmp_path / "run", lambda study, out: run_study(study, out), files).ok

    assert verify(elsewhere)
    assert verify(elsewhere[::-1])
    with pytest.raises(FileError, match="read 2 data files, not 1"):
        verify(elsewhere[:1])
    with pytest.raises(FileError, match="not where they were"):
        verify([])
    elsewhere[0].write_text(elsewhere[0].read_text(encoding="utf-8").replace("100秒", "101秒", 1), encoding="utf-8")
    assert not verify(elsewhere[::-1])
