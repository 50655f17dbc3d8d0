"""Run a target with atheris: ``python -m tests.fuzz TARGET SECONDS`` in an environment that has it.

Every input has five seconds and two gigabytes; whatever breaks a rule is kept in ``build/fuzz/TARGET`` as a file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # not a dependency: pip install atheris

with atheris.instrument_imports(include=["survey_sem"]):
    from tests.fuzz.targets import ROOT, run, targets


def main(name: str, seconds: str) -> None:
    """Fuzz one target for so many seconds."""
    target = targets()[name]
    corpus = ROOT / "build" / "fuzz" / name
    (corpus / "seeds").mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / "seeds" / str(number)).write_bytes(seed)
    limits = ["-timeout=5", "-rss_limit_mb=2048", "-max_len=20000", f"-max_total_time={int(seconds)}"]
    places = [f"-artifact_prefix={corpus}{'/'}", str(corpus / "seeds")]
    atheris.Setup([sys.argv[0], *limits, *places], lambda data: run(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in targets():
        sys.exit(f"usage: python -m tests.fuzz TARGET SECONDS\ntargets: {' '.join(targets())}\n{Path(__file__).name}")
    main(*sys.argv[1:])
