"""Every example in the documentation runs.

The ``python`` blocks of a page run in order in one namespace, and the ``survey-sem`` lines of its ``console`` blocks
between them, in a scratch folder that holds copies of `examples` and `instruments`. A ``yaml`` block that begins with
``# file: NAME`` is written to that file there. Only success is checked: an exception, a warning or an exit code other
than the announced one (``$ survey-sem ...  # exit 2``; 0 when nothing is said) fails the page.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ANNOUNCED = re.compile(r"#\s*exit (?P<code>\d+)\s*$")
NAMED = re.compile(r"# file: (?P<name>[\w.-]+)\n")
RUNNABLE = {"python", "console", "yaml"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: language, text, and the line of the page on which the text begins."""

    language: str
    body: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """The runnable blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = FENCE.finditer(text)
    return [
        Block(match["language"], match["body"], text.count("\n", 0, match.start("body")) + 1)
        for match in found
        if match["language"] in RUNNABLE
    ]


def run_python(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    """Run a block; its tracebacks carry the line numbers of the page."""
    code = compile("\n" * (block.line - 1) + block.body, str(page), "exec")
    exec(code, namespace)


def commands_of(block: Block) -> list[str]:
    """Command lines of a console block, continuation lines joined."""
    joined = block.body.replace("\\\n", " ")
    return [line[2:] for line in joined.splitlines() if line.startswith("$ survey-sem")]


def run_console(block: Block, page: Path, folder: Path) -> None:
    """Run the survey-sem lines of a block and compare their exit codes."""
    program = Path(sys.executable).with_name("survey-sem")
    for line in commands_of(block):
        announced = ANNOUNCED.search(line)
        expected = int(announced["code"]) if announced else 0
        words = shlex.split(line, comments=True)[1:]
        into = None
        if ">" in words:
            into = folder / words[words.index(">") + 1]
            words = words[: words.index(">")]
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, check=False)
        if into is not None:
            into.write_bytes(done.stdout)
        told = (done.stdout[-1000:] + done.stderr).decode("utf-8", "replace")
        assert done.returncode == expected, f"{page.name}: $ {line}\nexit {done.returncode}, not {expected}\n{told}"


def write_named(block: Block, folder: Path) -> None:
    """Write a block that names its file."""
    named = NAMED.match(block.body)
    if named is not None:
        (folder / named["name"]).write_text(block.body, encoding="utf-8")


def scratch_folder(parent: Path) -> Path:
    """A writable folder like the repository's root to a reader."""
    folder = parent / "reader"
    folder.mkdir()
    for name in ("examples", "instruments"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("run", "sample"))
    return folder


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks_of(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = scratch_folder(tmp_path)
    monkeypatch.chdir(folder)
    namespace: dict[str, Any] = {"__name__": "documentation"}
    for block in blocks_of(page):
        if block.language == "python":
            run_python(block, page, namespace)
        elif block.language == "console":
            run_console(block, page, folder)
        else:
            write_named(block, folder)


def test_the_runner_sees_blocks_and_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\n```python\nx = 1\n```\n\n```text\nno\n```\n\n"
        "```console\n$ survey-sem a \\\n    b  # exit 2\nout\n```\n",
        encoding="utf-8",
    )
    first, second = blocks_of(page)
    assert (first.language, first.line, first.body) == ("python", 4, "x = 1\n")
    assert commands_of(second) == ["survey-sem a      b  # exit 2"]


def test_an_example_that_fails_fails_the_page(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run_python(Block("python", "1 / 0\n", 1), tmp_path / "page.md", {})
