"""Models for the tests of the path diagram: stored estimates of another program, and made-up ones from a short text."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

FITS = Path(__file__).resolve().parent.parent / "reference" / "fits"

STORED = (
    "hs_cfa_ml",
    "hs_cfa_residcov",
    "hs_secondorder",
    "hs_bifactor",
    "hs_mimic_direct_effect",
    "hs_latent_regression",
    "hs_single_indicator",
    "pd_sem_ml",
    "wheaton_ml",
    "growth_linear",
    "growth_linear_tvc",
    "gw_parallel_mediation",
    "gw_serial_mediation",
    "gw_moderation_product",
    "jobs_mediation_ml",
    "pollack_cor_mediation",
    "dhp_nonrecursive",
    "corprep_sem_ml",
    "latent_interaction_dmc",
    "mobi_cfa_ml_stdlv",
    "mobi_ecsi_ml",
)

MADE_UP = {
    "satisfaction index": """
        IMAG =~ imag1+imag2+imag3+imag4+imag5; EXPE =~ expe1+expe2+expe3+expe4+expe5
        QUAL =~ qual1+qual2+qual3+qual4+qual5; VAL =~ val1+val2+val3+val4; SAT =~ sat1+sat2+sat3+sat4
        LOY =~ loy1+loy2+loy3+loy4; EXPE ~ IMAG; QUAL ~ EXPE; VAL ~ EXPE+QUAL; SAT ~ IMAG+EXPE+QUAL+VAL; LOY ~ IMAG+SAT
        """,
    "reputation, eight factors": """
        QUAL =~ q1+q2+q3; PERF =~ p1+p2+p3; CSOR =~ r1+r2+r3; ATTR =~ a1+a2+a3; COMP =~ c1+c2+c3; LIKE =~ l1+l2+l3
        CUSA =~ s1+s2+s3; CUSL =~ y1+y2+y3; COMP+LIKE ~ QUAL+PERF+CSOR+ATTR; CUSA ~ COMP+LIKE; CUSL ~ COMP+LIKE+CUSA
        QUAL ~~ PERF+CSOR+ATTR; PERF ~~ CSOR+ATTR; CSOR ~~ ATTR; COMP ~~ LIKE
        """,
    "eight factors, correlated": "; ".join(
        [f"f{i} =~ " + "+".join(f"v{i}{j}" for j in range(1, 4)) for i in range(1, 9)]
        + [f"f{i} ~~ f{j}" for i in range(1, 9) for j in range(i + 1, 9)]
    ),
    "second order with outcome": """
        expert =~ e1+e2+e3; authen =~ a1+a2+a3; trust =~ expert+authen; clarity =~ c1+c2+c3; discount =~ d1+d2+d3
        intent =~ p1+p2+p3; intent ~ trust+clarity+discount; trust ~~ clarity+discount; clarity ~~ discount
        """,
    "traits and methods": """
        t1 =~ a1+b1+c1; t2 =~ a2+b2+c2; t3 =~ a3+b3+c3; ma =~ a1+a2+a3; mb =~ b1+b2+b3; mc =~ c1+c2+c3
        t1 ~~ t2+t3; t2 ~~ t3
        """,
    "three mediators": """
        x1 =~ a1+a2+a3; x2 =~ b1+b2+b3; m1 =~ c1+c2+c3; m2 =~ d1+d2+d3; m3 =~ e1+e2+e3; y =~ f1+f2+f3
        m1+m2+m3 ~ x1+x2; y ~ m1+m2+m3+x1; x1 ~~ x2; m1 ~~ m2; m2 ~~ m3
        """,
    "formative": "C =~ c1+c2+c3; L =~ l1+l2+l3; I <~ i1+i2+i3+i4+i5; C ~ I; L ~ I+C",
    "exploratory": "; ".join(f"f{i} =~ " + "+".join(f"x{j}" for j in range(1, 10)) for i in range(1, 4)),
    "cycle of three": "a ~ x; b ~ a+z; c ~ b; a ~ c; a ~~ b",
    "long chain": "b ~ a; c ~ b; d ~ c; e ~ d; f ~ e; g ~ f+a; h ~ g",
    "rows that must not be moved level": """
        F0 =~ F0_0+F0_1+F0_2; F1 =~ F1_0+F1_1+F1_2; F2 =~ F2_0+F2_1; F3 =~ F3_0+F3_1; F0 ~ F1; F2 ~ F3; o0 ~ F2; F1 ~ o2
        F3 ~ o1; o0 ~ o1; o3 ~ F2; F1 ~ F3; o3 ~ F3; F2 ~ F1; o0 ~~ F0; o3 ~~ F1; o0 ~~ F2; F1_1 ~~ F2_1; F0_2 ~~ F3_0
        F0_0 ~~ F3_1
        """,
    "residuals across stacked rows": """
        F0 =~ F0_0; F1 =~ F1_0+F1_1+F1_2+F1_3+F1_4; F2 =~ F2_0+F2_1+F2_2; F3 =~ F3_0+F3_1+F3_2; F4 =~ F4_0+F4_1
        F5 =~ F5_0+F5_1+F5_2; F2 ~ o1; F0 ~ F2; F1 ~ F3; F2 ~ o2; F2 ~ F3; o1 ~ F2; F5 ~ o1; o0 ~~ F2; o0 ~~ o2
        F4 ~~ F3; F0_0 ~~ F3_2; F1_2 ~~ F2_0; F1_0 ~~ F5_0; F1_1 ~~ F2_1; F2 =~ F1_3; F5 =~ F1_2; F5 =~ F2_2
        """,
    "one path": "y ~ x",
    "one factor": "f =~ a+b+c+d",
    "correlation": "x ~~ y",
}


@dataclass
class StandIn:
    """What a path diagram reads of a result."""

    estimates: pd.DataFrame
    explained: dict[str, float] = field(default_factory=dict)

    def r_squared(self, group: int = 1) -> pd.Series:
        return pd.Series(self.explained, dtype=float)


def stored(name: str) -> StandIn:
    case = json.loads((FITS / f"{name}.json").read_text("utf-8"))
    frame = pd.DataFrame(case["estimates"]).rename(columns=lambda column: column.replace(".", "_"))
    frame = frame.rename(columns={"pvalue": "p_value"})
    frame["label"] = frame["label"].fillna("") if "label" in frame else ""
    return StandIn(frame.assign(group=1), {k: v for k, v in case["r2"].items() if v is not None})


def made_up(text: str) -> StandIn:
    """Statements of the model language with invented estimates."""
    random_value = random.Random(1)
    rows = []
    for statement in re.split(r"[\n;]+", text):
        parts = re.match(r"\s*(.+?)\s*(=~|<~|~~|~)\s*(.+?)\s*$", statement)
        if parts is None:
            continue
        for lhs in parts[1].split("+"):
            for rhs in parts[3].split("+"):
                value = round(random_value.uniform(-0.4, 0.95), 2)
                rows.append(row(lhs.strip(), parts[2], rhs.strip(), value))
    explained = {found["lhs"]: 0.42 for found in rows if found["op"] == "~"}
    return StandIn(pd.DataFrame(rows), explained)


def row(lhs: str, op: str, rhs: str, value: float, **columns: object) -> dict[str, object]:
    p_value = 0.2 if abs(value) < 0.1 else 0.001
    estimates = {"est": value, "se": 0.1, "p_value": p_value, "std_lv": value, "std_all": value, "std_nox": value}
    return {"lhs": lhs, "op": op, "rhs": rhs, "group": 1, "label": "", **estimates, **columns}


def every_model() -> dict[str, StandIn]:
    return {**{name: stored(name) for name in STORED}, **{name: made_up(text) for name, text in MADE_UP.items()}}
