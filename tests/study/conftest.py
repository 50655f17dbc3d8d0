"""A small study with its instrument and data, as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

INSTRUMENT = """\
schema: survey-sem/instrument/1
instrument: {id: demo, version: "1", title: {zh: 示例, en: Demo}}
missing:
  - {code: -99, kind: nonresponse}
scales:
  agree: {min: 1, max: 7}
items:
  - {id: x1, scale: agree, text: {zh: 一, en: One}, source: own wording}
  - {id: x2, scale: agree, text: {zh: 二, en: Two}, source: own wording}
  - {id: x3, scale: agree, reverse: true, text: {zh: 三, en: Three}, source: own wording}
  - {id: y, scale: agree, text: {zh: 四, en: Four}, source: own wording}
"""

STUDY = """\
schema: survey-sem/study/1
id: demo
title: {zh: 示例, en: Demo}
instrument: instrument.yaml
data:
  file: data.csv
  origin: simulated
  citation: none
metadata:
  population: {zh: 模拟, en: simulated}
  mode: simulated
  dates: none
  sampling: simulated
  consent: none needed
  ethics: none needed
  funding: none
seed: 1
missing: listwise
model:
  measurement: |
    f =~ x1 + x2 + x3
  structural: |
    y ~ b*f
fit:
  estimator: ML
effects:
  - {name: twice, definition: 2*b, label: {zh: 两倍, en: twice}}
report:
  languages: [zh, en]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with instrument.yaml, study.yaml and data.csv (200 rows, one -99)."""
    random = np.random.default_rng(1)
    factor = random.normal(size=200)
    columns = {
        name: factor * sign + random.normal(size=200) for name, sign in (("x1", 1), ("x2", 1), ("x3", -1), ("y", 1))
    }
    data = pd.DataFrame({name: np.clip(np.round(4 + values), 1, 7).astype(int) for name, values in columns.items()})
    data.loc[4, "y"] = -99
    data.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "instrument.yaml").write_text(INSTRUMENT, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path
