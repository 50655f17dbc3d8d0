"""Peak memory of one call beyond what was there before it, from the kernel's own count (Linux)."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def peak_mb(call: Callable[[], Any]) -> float | None:
    """Growth of the resident set to its peak during `call`, in MB; None where the system does not count it."""
    gc.collect()
    before = _kilobytes("VmRSS")
    if before is None:
        return None
    CLEAR.write_text("5")  # the peak begins anew at the present size
    call()
    peak = _kilobytes("VmHWM")
    return None if peak is None else max(peak - before, 0) / 1024.0


def _kilobytes(name: str) -> int | None:
    if not (STATUS.exists() and CLEAR.exists()):
        return None
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
    return int(lines[name].split()[0]) if name in lines else None
