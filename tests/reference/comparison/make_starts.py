"""Writes the polished estimates at which make.R evaluates (they are those of the same likelihood)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import survey_sem as ss

HERE = Path(__file__).resolve().parent
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LABELLED = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + e*x8 + f*x9\nab := a*b"
STEPS: dict[str, list[str]] = {
    "configural": [],
    "metric": ["loadings"],
    "scalar": ["loadings", "intercepts"],
    "strict": ["loadings", "intercepts", "residuals"],
}


def write(fit: ss.SemResult, name: str) -> None:
    rows = fit.estimates.query("op != ':='")
    rows = rows.assign(block=rows["group"])[["lhs", "op", "rhs", "block", "group", "est"]]
    rows.to_csv(HERE / f"start_{name}.csv", index=False, float_format="%.17g")


if __name__ == "__main__":
    data = pd.read_csv(HERE.parent / "data" / "HolzingerSwineford1939.csv")
    for step, equal in STEPS.items():
        write(ss.cfa(MODEL, data, group="school", group_equal=equal), step)
    write(ss.cfa(LABELLED, data), "wald")
