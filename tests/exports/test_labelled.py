"""SPSS files: what they say about missing, old encodings, damage, and what they cannot hold."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from survey_sem.errors import FileError, OptionError
from survey_sem.exports import MissingRange, read_export, write_sav
from survey_sem.exports.sav_dictionary import check_dictionary

FRAME = pd.DataFrame({"a": [1.0, -99.0, 3.0], "b": ["AAAA", "y", "z"]})


def test_an_old_file_in_gbk_is_read_without_being_told(tmp_path: Path) -> None:
    path = tmp_path / "d.sav"
    pyreadstat.write_sav(FRAME, path)
    path.write_bytes(path.read_bytes().replace(b"AAAA", "男女".encode("gbk")))
    raw = read_export(path)
    assert raw.frame["b"].tolist()[0] == "男女"
    assert read_export(path, encoding="GBK").frame["b"].tolist()[0] == "男女"


@pytest.mark.parametrize("extension", ["sav", "zsav", "dta"])
def test_a_cut_file_is_refused_or_read(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"d.{extension}"
    if extension == "dta":
        pyreadstat.write_dta(FRAME, path)
    else:
        pyreadstat.write_sav(FRAME, path, compress=extension == "zsav")
    whole = path.read_bytes()
    for length in range(1, len(whole) // 2, 29):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_export(path)


def test_labels_and_missing_codes_come_back(tmp_path: Path) -> None:
    path = tmp_path / "d.sav"
    said = write_sav(FRAME, path, {"a": "问题"}, {"a": {1: "同意"}}, {"a": (MissingRange(-99, -90),)})
    raw = read_export(path)
    assert said == ()
    assert raw.value_labels["a"] == {1: "同意"}
    assert raw.missing_codes["a"] == (MissingRange(-99, -90),)
    assert raw.answers()["a"].isna().tolist() == [False, True, False]


def labelled_sav(path: Path) -> bytearray:
    write_sav(FRAME, path, {"a": "问题", "b": "x"}, {"a": {1: "同意", 2: "x" * 30}}, {"a": (MissingRange(-99, -90),)})
    return bytearray(path.read_bytes())


@pytest.mark.parametrize("index", [0, 254, 2**31 - 1])
def test_labels_of_no_variable_are_refused_before_the_library_fails(tmp_path: Path, index: int) -> None:
    content = labelled_sav(tmp_path / "d.sav")
    place = bytes(content).index(struct.pack("<3i", 4, 1, 1)) + 8
    content[place : place + 4] = struct.pack("<i", index)
    (tmp_path / "d.sav").write_bytes(content)
    with pytest.raises(FileError, match="belong to no variable"):
        read_export(tmp_path / "d.sav")


def test_labels_of_a_long_text_are_refused_before_the_library_fails(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0], "b": ["x" * 40]})
    write_sav(frame, tmp_path / "d.sav", {}, {"a": {1: "同意"}})
    content = bytearray((tmp_path / "d.sav").read_bytes())
    place = bytes(content).index(struct.pack("<3i", 4, 1, 1)) + 8
    content[place : place + 4] = struct.pack("<i", 2)
    (tmp_path / "d.sav").write_bytes(content)
    with pytest.raises(FileError, match="cannot have them"):
        read_export(tmp_path / "d.sav")


def test_more_rows_than_fit_are_refused_before_memory_is_reserved(tmp_path: Path) -> None:
    content = labelled_sav(tmp_path / "d.sav")
    content[80:84] = struct.pack("<i", 2**31 - 1)
    (tmp_path / "d.sav").write_bytes(content)
    with pytest.raises(FileError, match="2147483647 rows"):
        read_export(tmp_path / "d.sav")


def test_a_dictionary_with_any_byte_changed_is_walked_to_an_end(tmp_path: Path) -> None:
    content = labelled_sav(tmp_path / "d.sav")
    check_dictionary(bytes(content), tmp_path / "d.sav")
    for place in range(len(content)):
        for value in (0, 127, 255):
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            with contextlib.suppress(FileError):
                check_dictionary(bytes(changed), tmp_path / "d.sav")


def test_what_spss_cannot_hold_is_said(tmp_path: Path) -> None:
    frame = FRAME.assign(b=["x", None, "z"])
    said = write_sav(frame, tmp_path / "d.sav", {"a": "长" * 86, "b": "短" * 85}, {"a": {1: "长" * 41}})
    assert [record.code for record in said] == ["label-cut", "label-cut", "missing-text-blank"]
    raw = read_export(tmp_path / "d.sav")
    assert raw.column_labels == {"a": "长" * 85, "b": "短" * 85}
    assert raw.value_labels["a"] == {1: "长" * 40}


@pytest.mark.parametrize("name", ["1a", "a b", "长" * 22, "ALL"])
def test_names_that_spss_does_not_allow(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError) as caught:
        write_sav(pd.DataFrame({name: [1.0]}), tmp_path / "d.sav", {})
    assert "begin with a letter" in str(caught.value.hint)


def test_a_dialect_is_for_files_with_a_header(tmp_path: Path) -> None:
    pyreadstat.write_sav(FRAME, tmp_path / "d.sav")
    with pytest.raises(OptionError, match=r"for \.csv and \.xlsx"):
        read_export(tmp_path / "d.sav", "wjx")
