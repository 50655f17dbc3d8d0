"""Which dialect a file is read in, and how that is told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from survey_sem.errors import OptionError
from survey_sem.exports import read_export


def test_a_plain_table_is_generic_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(" a ,b\n1,2\n", encoding="utf-8")
    raw = read_export(path)
    assert raw.dialect == "generic"
    assert raw.headers == {}
    assert raw.detection is not None
    assert str(raw.detection) == "generic (no platform's headers were found)"
    assert str(read_export(path, "generic").detection).startswith("generic (forced; ")


def test_an_unknown_dialect_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        read_export(tmp_path / "d.csv", "genric")
    assert caught.value.code == "unknown-dialect"
    assert caught.value.hint == "did you mean 'generic'?"
    assert "generic" in str(caught.value.expected)


def test_a_format_with_its_own_types_needs_no_dialect(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    assert "names its columns itself" in str(read_export(path).detection)
