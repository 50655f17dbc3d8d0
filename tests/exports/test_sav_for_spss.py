"""What SPSS finds in a .sav file beside rows and labels: weight, formats, names that it takes."""

from __future__ import annotations

import struct
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from survey_sem.exports import spss_names, write_sav
from survey_sem.exports.sav_dictionary import WEIGHT_AT


def _weight(path: Path) -> str | None:
    """The variable that the header names, found by its place among the variables of the dictionary."""
    content = path.read_bytes()
    (wanted,) = struct.unpack_from("<i", content, WEIGHT_AT)
    place, at = 176, 0
    while struct.unpack_from("<i", content, place)[0] == 2:
        _, has_label, n_missing = struct.unpack_from("<3i", content, place + 4)
        at += 1
        if at == wanted:
            return content[place + 24 : place + 32].decode("ascii").strip()
        length = 32 + 8 * abs(n_missing)
        if has_label:
            length += 4 + -(-struct.unpack_from("<i", content, place + 32)[0] // 4) * 4
        place += length
    return None


@pytest.mark.parametrize("text", ["short", "x" * 30, "很长的文本" * 200])
def test_the_file_is_weighted(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame(
        {"w": [1.5, 0.5], "text": [text, "b"], "y": [1, 2], "day": pd.to_datetime(["2026-05-01", None])}
    )
    path = tmp_path / "one.sav"
    warned = write_sav(frame, path, {"text": "Text", "w": "weight"}, formats={"w": "F12.4", "y": "F8.0"}, weight="w")
    assert _weight(path) == "W" and warned == ()
    again, told = pyreadstat.read_sav(path)
    assert list(again.columns) == ["text", "y", "day", "w"] and again["w"].tolist() == [1.5, 0.5]
    assert again["text"][0] == text
    assert (told.original_variable_types["y"], told.original_variable_types["w"]) == ("F8.0", "F12.4")
    write_sav(frame, tmp_path / "plain.sav", {})
    assert _weight(tmp_path / "plain.sav") is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["x1", "信任", "a.b"], ["x1", "信任", "a.b"]),
        (["by", "To", "all"], ["by_", "To_", "all_"]),
        (["x1", "X1", "x1_2"], ["x1", "X1_2", "x1_2_2"]),
        (["_a", "1b", "c.", "d e", "$f"], ["v_a", "v1b", "c_", "d_e", "v$f"]),
        (["信" * 30], ["信" * 21]),
        (["n" * 70, "n" * 71], ["n" * 64, "n" * 60 + "_2"]),
    ],
)
def test_names_that_spss_takes(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    found = list(spss_names(names).values())
    assert found == expected
    assert len({name.upper() for name in found}) == len(names) and all(len(name.encode()) <= 64 for name in found)
    write_sav(pd.DataFrame([range(len(found))], columns=found), tmp_path / "n.sav", {})
    assert list(pyreadstat.read_sav(tmp_path / "n.sav")[0].columns) == expected
