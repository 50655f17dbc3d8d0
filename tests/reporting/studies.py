"""Small studies with known answers for the tests of reports: 300 made-up respondents, two factors, an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

import survey_sem as ss
from survey_sem.instrument import Item, Scale
from survey_sem.measurement import reliability
from survey_sem.provenance import Step
from survey_sem.reporting import DataNote, Repetition, ReportInputs
from survey_sem.results import SemResult
from survey_sem.sample import Flow, Sample
from survey_sem.sample.describe import describe_items

MEASUREMENT = "TRUST =~ t1 + t2 + t3\nCLEAR =~ c1 + c2 + c3"
STRUCTURE = f"{MEASUREMENT}\nTRUST ~ a*CLEAR\nbuy ~ b*TRUST + CLEAR\nindirect := a*b"
ITEMS = ("t1", "t2", "t3", "c1", "c2", "c3", "buy")

LABELS = {
    "TRUST": {"en": "Trust in the anchor", "zh": "主播信任度"},
    "CLEAR": {"en": "Display clarity", "zh": "产品展示清晰度"},
    "buy": {"en": "Purchase intent", "zh": "购买意愿"},
}
HOSTILE = "<script>alert(1)</script>\"'&]]>{{7*7}}{% raw %}javascript:x onerror=\\input{/etc/passwd}$%#_^~"
FORMULA = '=HYPERLINK("http://x";"y")'

SEVEN = Scale("seven", True, 1, 7, {"en": {1: "disagree", 7: "agree"}, "zh": {1: "非常不同意", 7: "非常同意"}})
WOMAN_MAN = Scale("gender", False, None, None, {"en": {1: "woman", 2: "man"}, "zh": {1: "女", 2: "男"}})


@lru_cache(maxsize=1)
def answers() -> pd.DataFrame:
    """Seven-point answers; a few are missing."""
    generator = np.random.default_rng(7)
    n = 300
    clear = generator.normal(size=n)
    trust = 0.6 * clear + 0.8 * generator.normal(size=n)
    columns = {f"t{k}": trust for k in (1, 2, 3)} | {f"c{k}": clear for k in (1, 2, 3)}
    columns |= {"buy": 0.7 * trust}
    frame = pd.DataFrame(
        {
            name: np.clip(np.round(4.3 + 1.2 * (of + 0.7 * generator.normal(size=n))), 1, 7)
            for name, of in columns.items()
        }
    )
    frame.loc[[3, 50, 51], "buy"] = np.nan
    return frame.assign(gender=generator.integers(1, 3, size=n).astype(float))


@lru_cache(maxsize=1)
def structural() -> SemResult:
    """The full model."""
    return ss.sem(STRUCTURE, answers(), missing="listwise")


@lru_cache(maxsize=1)
def measurement() -> SemResult:
    """The measurement model alone."""
    return ss.cfa(MEASUREMENT, answers(), missing="listwise")


def items(text: str | None = None) -> tuple[Item, ...]:
    """The questionnaire; `text` replaces every wording."""
    words = {name: {"en": text or f"Question {name}", "zh": text or f"问题 {name}"} for name in (*ITEMS, "gender")}
    asked = [Item(name, name, "ordinal", SEVEN, False, words[name], "own") for name in ITEMS]
    return (*asked, Item("gender", "gender", "nominal", WOMAN_MAN, False, words["gender"], "own"))


def study(
    fits: Mapping[str, SemResult] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    words: str | None = None,
) -> ReportInputs:
    """Everything of the study; `words` replaces every text that a user could have written."""
    fits = fits or {"measurement": measurement(), "structural": structural()}
    sample = Sample(answers(), Flow(), (), ("t2",))
    flow = (
        Flow().then("distributed", "", 500).then("received", "not returned", 300).then("analysed", words or "gaps", 297)
    )
    return ReportInputs(
        title={"en": words or "Why people buy", "zh": words or "人们为什么购买"},
        fits=fits,
        study_id=words or "livestream",
        metadata={"population": {"en": words or "Viewers", "zh": words or "观众"}, "extra": {"en": words or "more"}},
        instrument={"en": words or "Questionnaire", "zh": words or "问卷"},
        data=DataNote("d.csv", words or "made up", words or "nobody (2024)", words or "free"),
        flow=flow,
        steps=(Step("reverse-key", "t2 becomes 8 - t2", {"item": "t2"}),),
        items=describe_items(sample, items(words)),
        labels=labels if labels is not None else LABELS,
        effects={
            "indirect": {
                "en": words or "Clarity on intent, through trust",
                "zh": words or "清晰度经信任对意愿的间接效应",
            }
        },
        reliability=reliability(fits.get("measurement", next(iter(fits.values())))),
        repetition=Repetition(
            commands=(words or "survey-sem fit study.yaml", "survey-sem verify run"),
            hashes={"plan": "a" * 64, "data": "b" * 64, words or "other": "c" * 64},
            software={"numpy": "2.0", "survey-sem": "0.1"},
            platform={"python": "3.12"},
            seed=20240501,
        ),
    )


def hostile_study() -> ReportInputs:
    """The study with markup, formulas and LaTeX in every text."""
    labels = {name: {"en": HOSTILE, "zh": HOSTILE} for name in (*LABELS, "t1", "c1")}
    return study(labels=labels, words=HOSTILE)
