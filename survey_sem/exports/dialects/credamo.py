"""Credamo 见数: columns about the answer sheet by their whole names, questions under the names they have."""

from __future__ import annotations

from survey_sem.exports.dialects.dialect import Column, Dialect, Head, Heading, named_evidence

METADATA = {
    "作答ID": "index",
    "用户ID": "user",
    "开始时间": "started",
    "结束时间": "submitted",
    "作答总时长(秒)": "duration",
    "作答总时长（秒）": "duration",
    "作答渠道": "source",
    "发布ID": "release",
    "IP": "ip",
    "经度": "longitude",
    "纬度": "latitude",
    "省份": "province",
    "城市": "city",
    "设备类型": "device",
}
"""Columns about the answer sheet: whole header -> name (城市 also begins real questions)."""
_OWN = ("作答ID", "作答总时长(秒)", "作答总时长（秒）", "作答渠道", "发布ID")


def _evidence(head: Head) -> tuple[str, ...]:
    return named_evidence(head, tuple(METADATA), 3) if named_evidence(head, _OWN, 2) else ()


def _heading(head: Head) -> Heading:
    names = [name.strip() for name in head[0]]
    own = [METADATA.get(name, name) for name in names]
    return Heading(
        tuple(
            Column(name if own.count(name) == 1 else header.strip(), header)
            for name, header in zip(own, head[0], strict=True)
        )
    )


CREDAMO = Dialect("credamo", "Credamo 见数", _evidence, _heading)
