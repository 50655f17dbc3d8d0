"""腾讯问卷 and Credamo 见数."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_sem.exports import RawTable, read_export

TENCENT = """\
编号,开始答题时间,结束答题时间,答题时长,1.您的性别,2.平台,3.同意-可信,3.同意-专业,4.手机,IP,UA,Referrer,
1,2026-03-01 10:00,2026-03-01 10:05,300,男,淘宝┋其他〖快手┋a〗,5,4,\t13800000000,1.2.3.4,Mozilla,,
2,2026-03-01 11:00,2026-03-01 11:02,120,女,抖音,3,2,\t13900000000\t,5.6.7.8,Mozilla,,
"""
CREDAMO = """作答ID,用户ID,开始时间,结束时间,作答总时长(秒),作答渠道,发布ID,IP,省份,城市,城市的哪一点吸引您,Q2
a1,u1,2026-03-01,2026-03-01,95,微信,7,1.2.3.4,四川,成都,food,5
a2,u2,2026-03-01,2026-03-01,120,微信,7,1.2.3.5,北京,北京,,4
"""


def read(folder: Path, text: str, encoding: str = "utf-8") -> RawTable:
    path = folder / "d.csv"
    path.write_bytes(text.encode(encoding))
    return read_export(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tencent(tmp_path: Path, encoding: str) -> None:
    raw = read(tmp_path, TENCENT, encoding)
    assert raw.dialect == "tencent"
    assert "编号, 开始答题时间, 结束答题时间" in str(raw.detection)
    assert raw.columns == (
        *("index", "started", "submitted", "duration", "Q1", "Q2", "Q2_blank", "Q3_R1", "Q3_R2", "Q4"),
        *("ip", "user_agent", "referrer"),
    )
    assert raw.frame["Q2"].tolist() == ["淘宝┋其他", "抖音"]
    assert raw.frame["Q2_blank"].tolist()[0] == "快手┋a"
    assert raw.frame["Q3_R2"].tolist() == [4, 2]
    assert [str(value) for value in raw.frame["Q4"]] == ["13800000000", "13900000000"]
    assert raw.headers["Q3_R1"] == "3.同意-可信"
    assert raw.column_labels["Q1"] == "您的性别"


def test_credamo_matches_whole_names_only(tmp_path: Path) -> None:
    raw = read(tmp_path, CREDAMO)
    assert raw.dialect == "credamo"
    assert raw.columns == (
        *("index", "user", "started", "submitted", "duration", "source", "release", "ip", "province", "city"),
        *("城市的哪一点吸引您", "Q2"),
    )
    assert raw.frame["duration"].tolist() == [95, 120]
    assert raw.headers["city"] == "城市"


def test_a_city_alone_is_not_credamo(tmp_path: Path) -> None:
    assert read(tmp_path, "省份,城市,IP,开始时间\n四川,成都,1.2.3.4,1\n").dialect == "generic"
