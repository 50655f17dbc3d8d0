"""Archives and workbooks made to harm: refused, or read without taking harm."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from robustness.bounded import read_bounded

from survey_sem.errors import FileError
from survey_sem.exports import read_export
from survey_sem.exports.writing.cells import Cells
from survey_sem.exports.writing.workbook import write_workbook

MIB = 1024**2
LAUGHS = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10)
)


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(path: Path, part: str, old: str, new: str) -> Path:
    """A small workbook in which a part reads otherwise."""
    columns = [Cells(("a",), ("x", "y"), _places()), Cells(("b",), (1, 2), _places())]
    write_workbook(columns, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    assert old in text
    return pack(path, {**parts, part: text.replace(old, new, 1).encode()})


def _places() -> object:
    import numpy as np

    return np.array([0, 1])


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize("ending", ["zip", "xlsx"])
def test_a_bomb_in_one_member(tmp_path: Path, ending: str) -> None:
    path = pack(tmp_path / f"d.{ending}", {"d.csv": b"a\n" + b"1" * (400 * MIB)})
    assert read_bounded(path) == "file-too-large"


def test_a_bomb_in_many_members(tmp_path: Path) -> None:
    path = pack(tmp_path / "d.zip", {f"{number}.txt": b"1" * (30 * MIB) for number in range(70)})
    assert read_bounded(path) == "file-too-large"


def test_a_bomb_in_a_workbook_in_an_archive(tmp_path: Path) -> None:
    inner = pack(tmp_path / "d.xlsx", {SHEET: b"<" * (300 * MIB)}).read_bytes()
    assert read_bounded(pack(tmp_path / "d.zip", {"d.xlsx": inner})) == "file-too-large"


def test_sizes_that_lie(tmp_path: Path) -> None:
    """The directory says one byte; unpacking stops there and finds the sum wrong."""
    path = pack(tmp_path / "d.zip", {"d.csv": b"a\n" + b"1\n" * 1000})
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (1).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(FileError):
        read_export(path)


def test_nothing_leaves_the_archive(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    raw = read_export(pack(folder / "d.zip", {"../../../evil.csv": b"a\n1\n"}))
    assert raw.frame["a"].tolist() == [1]
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "d.zip"]


def test_a_wrong_dimension_is_not_believed(tmp_path: Path) -> None:
    path = changed(tmp_path / "d.xlsx", SHEET, "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    assert read_bounded(path) == "(2, 2)"


@pytest.mark.parametrize("place", ["XFD1048576", "ZZZ9999999", "A99999999999", "0", ""])
def test_a_far_or_senseless_cell(tmp_path: Path, place: str) -> None:
    path = changed(tmp_path / "d.xlsx", SHEET, 'r="B2"', f'r="{place}"')
    assert read_bounded(path) in {"file-too-large", "damaged-workbook", "unnamed-column", "(2, 2)", "(3, 2)"}


def test_a_far_row(tmp_path: Path) -> None:
    path = changed(tmp_path / "d.xlsx", SHEET, '<row r="2">', '<row r="1048576">')
    assert read_bounded(path) == "(2, 2)"


@pytest.mark.parametrize("part", [SHEET, TEXTS, "xl/workbook.xml"])
def test_entities_are_not_unfolded(tmp_path: Path, part: str) -> None:
    bomb = changed(tmp_path / "d.xlsx", part, "?>\n", f"?>\n{LAUGHS}]>")
    assert read_bounded(bomb) in {"(2, 2)", "damaged-workbook"}


@pytest.mark.parametrize("entity", ["&a9;", "&f;"])
def test_an_entity_in_a_text(tmp_path: Path, entity: str) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    path = changed(tmp_path / "d.xlsx", TEXTS, "<t>x</t>", f"<t>{entity}</t>")
    declared = f'{LAUGHS}<!ENTITY f SYSTEM "file://{tmp_path}/secret">]>'
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    pack(path, {**parts, TEXTS: parts[TEXTS].replace(b"?>\n", f"?>\n{declared}".encode(), 1)})
    assert read_bounded(path) in {"(2, 2)", "damaged-workbook"}
    try:
        raw = read_export(path)
    except FileError:
        return
    assert "secret" not in raw.frame.to_csv()


@pytest.mark.parametrize("number", ["99999999", "-1", "1e9", "x"])
def test_a_shared_text_that_is_not_there(tmp_path: Path, number: str) -> None:
    path = changed(tmp_path / "d.xlsx", SHEET, "<v>2</v>", f"<v>{number}</v>")
    assert read_bounded(path) in {"damaged-workbook", "(2, 2)"}


def test_nested_tags(tmp_path: Path) -> None:
    path = changed(tmp_path / "d.xlsx", TEXTS, "<t>x</t>", "<r>" * 200_000 + "<t>x</t>" + "</r>" * 200_000)
    assert read_bounded(path) in {"damaged-workbook", "(2, 2)"}
