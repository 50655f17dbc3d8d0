"""``survey-sem instrument check``, ``show`` and ``schema``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def full(project_root: Path) -> Path:
    """An instrument with every section."""
    return project_root / "tests" / "instrument" / "full.yaml"


@pytest.fixture
def broken(full: Path, tmp_path: Path) -> Path:
    """The same with two mistakes."""
    path = tmp_path / "broken.yaml"
    text = full.read_text(encoding="utf-8")
    path.write_text(text.replace("to: 1979", "to: 1978").replace("required: true}", "requird: true}"), encoding="utf-8")
    return path


def test_check_says_ok_and_warns(command: Command, full: Path) -> None:
    outcome = command("instrument", "check", full)
    assert (outcome.code, outcome.err) == (0, "")
    *warnings, verdict = outcome.out.splitlines()
    assert all(line.startswith(f"{full}:") and ": warning: " in line for line in warnings)
    assert verdict.startswith(f"{full}: ok: full 1.10, 10 items, 3 constructs")
    assert verdict.endswith(f"{len(warnings)} warnings")


def test_check_lists_every_error_and_exits_with_2(command: Command, broken: Path) -> None:
    outcome = command("instrument", "check", broken)
    assert (outcome.code, outcome.out) == (2, "")
    first, second, verdict = outcome.err.splitlines()
    assert first.startswith(f"{broken}:12: error: items[0].requird: unknown key 'requird' [unknown-key]; did you mean")
    assert second.startswith(f"{broken}:29: error: partitions[0]")
    assert verdict == f"{broken}: 2 errors"


def test_check_as_json(command: Command, full: Path, broken: Path) -> None:
    good = json.loads(command("instrument", "check", full, "--format", "json").out)
    assert (good["ok"], good["instrument"]["id"], "error" in good) == (True, "full", False)
    outcome = command("instrument", "check", broken, "--format", "json")
    record = json.loads(outcome.out)
    assert (outcome.code, record["ok"], record["error"]["code"]) == (2, False, "several-problems")
    assert [(error["code"], error["line"]) for error in record["errors"]] == [("unknown-key", 12), ("gap", 29)]


def test_a_file_that_is_none(command: Command, tmp_path: Path) -> None:
    outcome = command("instrument", "check", tmp_path / "none.yaml", "--format", "json")
    assert outcome.code == 2
    assert json.loads(outcome.out)["error"]["code"] == "no-such-file"
    assert command("instrument", "check", tmp_path / "none.yaml", "--format", "yaml").code == 2


def test_show_in_a_pipe_is_plain(command: Command, full: Path) -> None:
    told = command("instrument", "show", full).out
    for expected in (
        "Everything [full 1.10]",
        "trust – Trust [own wording]",
        "  t2: Two\n      ordinal · scale agree · reversed · required · column Q6_R2\n      asked if: gender was",
        "made of: trust, spending",
        "several choices · a at home, b at work, none nowhere; 1 – 2 choices; none excludes all others",
        "asked if: where includes “at home” and gender is “male”",
        "      old: Old (<= 1979)",
        "right answer: 5 yes",
        "  -3: routed (not asked)",
        "  dropped: phone",
        "  gender: 1 male 51%, 2 female 49%\n      source: Census",
        "  gender: 1 male: >= 300, <= 500; 2 female: >= 300",
    ):
        assert expected in told, told
    assert "\x1b" not in told


def test_show_in_chinese_and_in_other_formats(command: Command, full: Path) -> None:
    told = command("instrument", "show", full, "--lang", "zh").out
    assert "作答条件: where 选中“at home”，且 gender 为“男”" in told
    page = command("instrument", "show", full, "--format", "markdown").out
    assert page.startswith("# Everything (full 1.10)\n")
    assert "| t2 | Two<br>ordinal · scale agree" in page
    record = json.loads(command("instrument", "show", full, "--format", "json").out)
    assert record["schema"] == "survey-sem/codebook/1"
    where = next(each for group in record["groups"] for each in group["questions"] if each["id"] == "where")
    assert (where["columns"], where["exclusive"], where["answers"][0]) == (
        ["Q3_1", "Q3_2", "Q3_3"],
        ["none"],
        {"code": "a", "label": "at home"},
    )


def test_show_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], full: Path) -> None:
    from rich.console import Console

    from survey_sem.cli.codebook import codebook_of
    from survey_sem.cli.codebook_shown import _set_in_columns
    from survey_sem.instrument import load_instrument

    _set_in_columns(codebook_of(load_instrument(full), "en"), Console(width=60, force_terminal=True))
    told = capsys.readouterr().out
    assert "\x1b[" in told
    assert "asked if: gender was answered" in told


def test_show_makes_wording_harmless(command: Command, full: Path, tmp_path: Path) -> None:
    path = tmp_path / "i.yaml"
    text = full.read_text(encoding="utf-8").replace("text: Why", 'text: "\\x1b[2J <b>|x|</b> [red]"')
    path.write_text(text, encoding="utf-8")
    assert "\x1b" not in command("instrument", "show", path).out
    assert "\\<b\\>\\|x\\|\\</b\\> \\[red\\]" in command("instrument", "show", path, "--format", "markdown").out


def test_every_shipped_instrument_has_a_codebook(command: Command, project_root: Path) -> None:
    for path in sorted((project_root / "instruments").glob("*.yaml")):
        for language in ("zh", "en"):
            assert command("instrument", "show", path, "--lang", language).code == 0


def test_schema(command: Command) -> None:
    assert json.loads(command("instrument", "schema").out)["$id"] == "urn:survey-sem:instrument:1"
