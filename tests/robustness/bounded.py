"""Reading in a process of its own that may take little time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CODE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20,) * 2)
from survey_sem.errors import SurveySemError
from survey_sem.exports import read_export
try:
    print(read_export(sys.argv[1]).frame.shape)
except SurveySemError as problem:
    print(problem.code)
"""


def read_bounded(path: Path, *, megabytes: int = 2000, seconds: float = 60) -> str:
    """The shape of the table, or the code of the error; anything else fails the test."""
    command = [sys.executable, "-c", _CODE, str(path), str(megabytes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()
