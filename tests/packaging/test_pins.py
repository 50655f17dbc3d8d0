"""The pinned environments agree with what pyproject.toml declares."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][0-9A-Za-z.]*)")


def plain(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Name -> version of a file of pins; a line that is neither a pin nor a comment fails the test."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            match = PIN.fullmatch(line)
            assert match is not None, f"{path.name}: {line!r} is not name==version"
            found[plain(match["name"])] = match["version"]
    return found


def release(version: str) -> tuple[int, ...]:
    """A version as numbers, without trailing zeros: 2.3 and 2.3.0 are one version."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


@pytest.fixture(scope="module")
def bounds(project_root: Path) -> dict[str, str]:
    with (project_root / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["dependencies"]
    return {plain(name): bound for name, _, bound in (entry.partition(">=") for entry in declared)}


def test_lowest_pins_are_the_declared_lower_bounds(project_root: Path, bounds: dict[str, str]) -> None:
    lowest = pins(project_root / "constraints" / "lowest.txt")
    assert {name: release(lowest[name]) for name in bounds} == {name: release(at) for name, at in bounds.items()}


def test_newest_pins_every_dependency_at_or_above_its_bound(project_root: Path, bounds: dict[str, str]) -> None:
    newest = pins(project_root / "constraints" / "newest.txt")
    assert all(release(newest[name]) >= release(bound) for name, bound in bounds.items())
