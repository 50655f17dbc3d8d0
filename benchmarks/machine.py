"""Which machine, which versions, and how busy it was."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("numpy", "scipy", "pandas", "semopy", "survey-sem")


def machine() -> dict[str, Any]:
    """The record that belongs to every timing."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "blas": blas(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def processor() -> str:
    """The processor's name as the kernel gives it."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def blas() -> str:
    """The BLAS of numpy."""
    found = np.show_config(mode="dicts")
    record = found.get("Build Dependencies", {}).get("blas", {}) if isinstance(found, dict) else {}
    return f"{record.get('name', 'unknown')} {record.get('version', '')}".strip()


def load() -> tuple[float, float, float]:
    """Load averages of the last 1, 5 and 15 minutes."""
    return os.getloadavg()
