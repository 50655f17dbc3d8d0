"""Where a number came from: steps, file hashes, versions, platform, and one way to write JSON.

Everything here is deterministic: no clock, no host name, no user name. Clock times live in one file of
a run directory, which is written elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

RECORDED_PACKAGES = (
    "survey-sem",
    "fonttools",
    "formulaic",
    "jinja2",
    "justmytype-intl-cjk",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "pyreadstat",
    "python-calamine",
    "python-docx",
    "pyyaml",
    "scikit-learn",
    "scipy",
    "statsmodels",
    "xlsxwriter",
)
"""Distributions whose versions can change a number or a byte of a run."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to the data, in words and in numbers.

    Parameters
    ----------
    name : str
        Short stable name in kebab case, e.g. ``"reverse-key"``.
    what : str
        One sentence for a reader.
    details : mapping
        What a machine needs to repeat it: plain data only.
    """

    name: str
    what: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The step as plain data."""
        return {"name": self.name, "what": self.what, "details": plain_data(self.details)}


def sha256_bytes(content: bytes) -> str:
    """SHA-256 of `content` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_data(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`: keys sorted, so neither their order nor layout counts."""
    return sha256_bytes(canonical_json(value).encode("utf-8"))


def package_versions(names: Iterable[str] = RECORDED_PACKAGES) -> dict[str, str]:
    """Installed version of each distribution in `names`, sorted by name; absent ones are left out."""
    from importlib import metadata

    versions = {}
    for name in sorted(names):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def platform_record() -> dict[str, str]:
    """Interpreter, operating system and processor kind; nothing that names a machine or a person."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "pointer_bits": str(struct.calcsize("P") * 8),
        "byte_order": sys.byteorder,
    }


def plain_data(value: object) -> Any:
    """`value` as JSON can hold it: dict, list, str, int, float, bool, None.

    NaN and infinity become None; numpy scalars and arrays, tuples, sets (sorted), paths (with ``/``) and days
    (ISO 8601) become their plain counterparts; a mapping keeps its order and gets text keys.

    Raises
    ------
    TypeError
        For a kind of object that has no such form.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain_data(entry) for key, entry in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain_data(entry) for entry in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [plain_data(entry) for entry in value]
    return _plain_object(value)


def _plain_object(value: object) -> Any:
    if isinstance(value, os.PathLike):
        return Path(value).as_posix()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return plain_data(value.tolist())
    if hasattr(value, "to_dict"):
        return plain_data(value.to_dict())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def canonical_json(value: object) -> str:
    """The shortest text of `value` with sorted keys; equal data give equal text.

    Floats are written as Python's ``repr`` does: the shortest digits that read back to the same bits.
    """
    return json.dumps(plain_data(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def readable_json(value: object) -> str:
    """`value` as indented JSON in the given key order, with a line end; floats at full precision."""
    return json.dumps(plain_data(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_json(path: str | os.PathLike[str], value: object) -> None:
    """Write `value` to `path` as :func:`readable_json`, utf-8, line feeds on every platform."""
    Path(path).write_bytes(readable_json(value).encode("utf-8"))
