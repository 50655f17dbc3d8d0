"""Strict YAML: nothing is guessed, nothing explodes, every refusal has its line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_sem.errors import FileError, StudyError, SurveySemError
from survey_sem.instrument import load_instrument
from survey_sem.instrument.strict_yaml import node_from_plain, parse_yaml, read_yaml


def test_scalars_follow_the_core_schema() -> None:
    text = "a: 007\nb: -1.5e3\nc: no\nd: 12:30\ne: 1e999\nf: '5'\ng: ~\nh: true\ni: 2024-01-01\nj: -99\nk: .5"
    assert parse_yaml(text).plain() == {
        "a": "007",
        "b": -1500.0,
        "c": "no",
        "d": "12:30",
        "e": "1e999",
        "f": "5",
        "g": None,
        "h": True,
        "i": "2024-01-01",
        "j": -99,
        "k": 0.5,
    }


def test_nodes_know_line_and_path() -> None:
    root = parse_yaml("a:\n  - b: 1\n    c: 2\n", "f.yaml")
    inner = root.value["a"].value[0].value["c"]  # type: ignore[index, union-attr]
    assert inner.where == "f.yaml:3: a[0].c"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", "f.yaml:3: a"),
        ("a: &x [1]\nb: *x", "yaml-alias", "f.yaml:1: a"),
        ("a: !!python/object/apply:os.system [x]", "yaml-tag", "f.yaml:1: a"),
        ("a: !x 1", "yaml-tag", "f.yaml:1: a"),
        ("a: 1\n---\nb: 2", "more-than-one-document", "f.yaml:2"),
        ("# nothing", "empty-document", "f.yaml"),
        ("? [1, 2]\n: 3", "key-not-text", "f.yaml:1"),
        ("[" * 5000, "too-deep", "f.yaml:1"),
        ("\ta: 1", "invalid-yaml", "f.yaml:1:1"),
        ("a: [1,", "invalid-yaml", "f.yaml:"),
        ("a: \x07", "invalid-yaml", "f.yaml"),
    ],
)
def test_what_is_refused(text: str, code: str, where: str) -> None:
    with pytest.raises(StudyError) as caught:
        parse_yaml(text, "f.yaml")
    assert caught.value.code == code
    assert str(caught.value.where).startswith(where)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("a: 中文".encode("gbk"))
    (tmp_path / "empty.yaml").write_bytes(b"")
    (tmp_path / "large.yaml").write_bytes(b"# " + b"x" * 5_000_001)
    codes = {"gbk.yaml": "undecodable-text", "empty.yaml": "empty-file", "large.yaml": "file-too-large"}
    for name, code in {**codes, "none.yaml": "no-such-file", "": "is-a-directory"}.items():
        with pytest.raises(FileError) as caught:
            read_yaml(tmp_path / name)
        assert caught.value.code == code


def test_plain_data_become_nodes_and_come_back() -> None:
    data = {"a": [1, {"b": None}], "c": "x"}
    assert node_from_plain(data, "manifest").plain() == data


@given(st.text(alphabet="ab:- \n\t[]{}&*!#'\"|>?%@`,~1.", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SurveySemError):
        parse_yaml(text).plain()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"id,x1,x2\n1,SECRET,3\n2,4,5\n", "a table"),
        (b'"id";"x1"\n"1";"SECRET"\n', "a table"),
        (b"id\tx1\n1\tSECRET\n", "a table"),
        (b"$FL2@(#) SECRET", "an SPSS file"),
        (b"SECRET\x00\x01\x02", "a binary file"),
    ],
)
def test_data_in_place_of_yaml_are_named_and_not_quoted(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "ok.yaml"
    path.write_bytes(content)
    with pytest.raises(FileError, match=f"ok.yaml is {kind}") as caught:
        read_yaml(path)
    assert caught.value.hint == "this looks like data: give it with --data"
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("line", ["root:x:0:0:root:/root:/bin/sh", "word " * 500, "é" * 5000])
def test_an_error_quotes_a_few_words_of_a_wrong_file(tmp_path: Path, line: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{line}\nSECRET:x:1:1\n", encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_instrument(path)
    assert "SECRET" not in str(caught.value)
    assert len(caught.value.what) < 140


def test_long_keys_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"schema: survey-sem/instrument/1\n? {'k' * 900}\n: 1\n", encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_instrument(path)
    assert len(str(caught.value)) < 1000
