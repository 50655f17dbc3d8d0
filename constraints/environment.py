"""Make the tested environments, and record what is in them. Standard library and pip only.

    python constraints/environment.py install .venv newest --extras dev,docs
    python constraints/environment.py lock newest
    python constraints/environment.py lock lowest

``install`` makes a virtual environment with this project (editable) and exactly the versions pinned in
``constraints/<name>.txt``. ``lock`` writes such a file anew: ``newest`` is what pip chooses today, ``lowest`` takes
every runtime dependency at the lower bound that pyproject.toml declares. Development tools are pinned in both, so
that the lower bounds are tested by the same pytest.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = {name: ROOT / "constraints" / f"{name}.txt" for name in ("newest", "lowest")}
EXTRAS = {"newest": "dev,docs", "lowest": "dev"}


def environment_python(folder: Path) -> Path:
    """Path of the interpreter inside a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(folder: Path) -> list[str]:
    """Create an empty virtual environment; return the pip command that installs into it.

    Some systems ship Python without `ensurepip`: there the pip of the calling Python does the work from outside.
    """
    if importlib.util.find_spec("ensurepip") is not None:
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(folder)], check=False, capture_output=True, text=True
        )
        if made.returncode == 0:
            return [str(environment_python(folder)), "-m", "pip"]
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
    return [sys.executable, "-m", "pip", "--python", str(environment_python(folder))]


def install(pip: list[str], pins: Path | None, extras: str) -> None:
    """Install this project, editable, with `extras` and the versions of `pins`."""
    constraint = [] if pins is None else ["--constraint", str(pins)]
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-input", *constraint]
    subprocess.run([*command, "--editable", f"{ROOT}[{extras}]"], check=True)


def declared_bounds() -> list[str]:
    """Every runtime dependency of pyproject.toml as ``name==lower bound``."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        dependencies = tomllib.load(file)["project"]["dependencies"]
    pinned = []
    for dependency in dependencies:
        found = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9.]+)", dependency)
        if found is None:
            raise SystemExit(f"pyproject.toml: {dependency!r} does not declare one lower bound (name>=version)")
        pinned.append(f"{found[1]}=={found[2]}")
    return pinned


def lock(name: str) -> None:
    """Resolve afresh and write ``constraints/<name>.txt``."""
    with tempfile.TemporaryDirectory() as scratch:
        pip = make_environment(Path(scratch) / "env")
        bounds = None
        if name == "lowest":
            bounds = Path(scratch) / "bounds.txt"
            bounds.write_text("\n".join(declared_bounds()) + "\n", encoding="utf-8")
        install(pip, bounds, EXTRAS[name])
        frozen = subprocess.run(
            [*pip, "freeze", "--exclude-editable"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    version = ".".join(map(str, sys.version_info[:2]))
    how = f"# {name}: written by `python constraints/environment.py lock {name}` with Python {version}\n"
    PINS[name].write_text(how + frozen, encoding="utf-8")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install", help="make an environment from pinned versions")
    installing.add_argument("folder", type=Path)
    installing.add_argument("name", choices=sorted(PINS))
    installing.add_argument("--extras", default="dev,docs")
    locking = commands.add_parser("lock", help="write the pinned versions anew")
    locking.add_argument("name", choices=sorted(PINS))
    arguments = parser.parse_args()
    if arguments.command == "install":
        install(make_environment(arguments.folder), PINS[arguments.name], arguments.extras)
    else:
        lock(arguments.name)


if __name__ == "__main__":
    main()
