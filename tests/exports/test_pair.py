"""The texts and the codes of the same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_sem.errors import FileError, OptionError
from survey_sem.exports import read_export

Columns = dict[str, list[Any]]

TEXTS: Columns = {
    "序号": [1, 2, 3, 4],
    "所用时间": ["10秒", "20秒", "30秒", "40秒"],
    "1、性别": ["男", "女", "女", "(空)"],
    "2、平台": ["淘宝┋其他〖快手┋a〗", "抖音", "(跳过)", "其他"],
    "3、排序": ["价格→质量", "质量→价格", "质量→价格", "(空)"],
    "4、年龄": [20, 30, 40, 50],
    "5、意见": ["很好", "(空)", "不错", "3"],
    "6、同意—1.可信": ["非常同意", "不同意", "不同意", "非常同意"],
    "2.专业": ["不同意", "不同意", "非常同意", "非常同意"],
}
CODES: Columns = {
    **TEXTS,
    "1、性别": [1, 2, 2, -2],
    "2、平台": ["1┋3", "2", "-3", "3"],
    "3、排序": ["1→2", "2→1", "2→1", "-2"],
    "5、意见": ["很好", "-2", "不错", "3"],
    "6、同意—1.可信": [5, 2, 2, 5],
    "2.专业": [2, 2, 5, 5],
}


def pair(folder: Path, texts: Columns = TEXTS, codes: Columns = CODES, names: str = "ab") -> list[Path]:
    """Both files; the codes with their rows turned round."""
    paths = [folder / f"{names[0]}.csv", folder / f"{names[1]}.csv"]
    pd.DataFrame(texts).to_csv(paths[0], index=False)
    pd.DataFrame(codes).iloc[::-1].to_csv(paths[1], index=False)
    return paths


def test_codes_carry_the_labels_of_the_texts(tmp_path: Path) -> None:
    paths = pair(tmp_path)
    raw = read_export(paths)
    assert raw.frame["index"].tolist() == [4, 3, 2, 1]
    assert raw.frame["Q1"].tolist() == [-2, 2, 2, 1]
    assert raw.value_labels == {
        "Q1": {1: "男", 2: "女"},
        "Q2": {1: "淘宝", 2: "抖音", 3: "其他"},
        "Q3": {1: "价格", 2: "质量"},
        "Q6_R1": {2: "不同意", 5: "非常同意"},
        "Q6_R2": {2: "不同意", 5: "非常同意"},
    }
    assert raw.frame["Q2_blank"].fillna("").tolist() == ["", "", "", "快手┋a"]
    assert raw.source == "b.csv + a.csv"
    assert raw.answers()["Q2"].isna().tolist() == [False, True, False, False]


def test_either_order_gives_the_same(tmp_path: Path) -> None:
    paths = pair(tmp_path)
    one, other = read_export(paths), read_export(paths[::-1])
    assert one.sha256 == other.sha256
    pd.testing.assert_frame_equal(one.frame, other.frame)


def test_file_names_tell_what_answers_cannot(tmp_path: Path) -> None:
    numbers = {name: TEXTS[name] for name in ("序号", "所用时间", "4、年龄")}
    with pytest.raises(FileError) as caught:
        read_export(pair(tmp_path, numbers, numbers))
    assert caught.value.code == "no-pair"
    paths = [path.rename(tmp_path / name) for path, name in zip(pair(tmp_path, numbers, numbers), NAMES, strict=True)]
    assert read_export(paths[::-1]).source == f"{NAMES[1]} + {NAMES[0]}"


NAMES = ("123_按文本_直播_4_4.csv", "123_按序号_直播_4_4.csv")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"序号": [1, 2, 3, 5]}, "pair-disagrees"),
        ({"序号": [1, 2, 3, 3]}, "no-pair"),
        ({"序号": [1, 2, 3, None]}, "no-pair"),
        ({"1、性别": [1, 1, 2, -2]}, "pair-disagrees"),
        ({"9、多余": [1, 1, 2, 2]}, "pair-disagrees"),
    ],
)
def test_what_is_no_pair_is_refused(tmp_path: Path, changed: Columns, code: str) -> None:
    with pytest.raises(FileError) as caught:
        read_export(pair(tmp_path, codes={**CODES, **changed}))
    assert caught.value.code == code
    assert caught.value.hint


def test_only_wjx_comes_in_pairs(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="序号"):
        read_export(pair(tmp_path, {"a": [1]}, {"a": [2]}))
    with pytest.raises(OptionError, match="one file, or two"):
        read_export([])
    assert read_export(pair(tmp_path)[:1]).source == "a.csv"
