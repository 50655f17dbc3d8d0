"""Small studies with known answers for the tests of reports: 300 made-up respondents, two factors, an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

import survey_sem as ss
from survey_sem.instrument import Construct, Instrument, Item, MissingCode, Scale
from survey_sem.instrument.model import Matrix, Part, Partition
from survey_sem.instrument.routing import All, Answered, Any, Comparison, Not
from survey_sem.measurement import reliability
from survey_sem.provenance import Step
from survey_sem.reporting import DataNote, Repetition, ReportInputs
from survey_sem.reporting.inputs import Recovered, Recovery
from survey_sem.responses import Finding, MissingCount, ValidationReport
from survey_sem.results import SemResult
from survey_sem.sample import Flow, Sample
from survey_sem.sample.background import (
    AttentionResult,
    Choices,
    Fieldwork,
    Quantity,
    SampleDescription,
    TargetMargin,
    TargetShare,
)
from survey_sem.sample.describe import CategoryCount, describe_items

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
        data=DataNote("d.csv", *({"en": words or text} for text in ("made up", "nobody (2024)", "free"))),
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


def questionnaire(text: str | None = None) -> Instrument:
    """The items again, with routes, several choices, a matrix and a partition; `text` replaces every wording."""

    def said(words: str) -> dict[str, str]:
        return {"en": text or words, "zh": text or f"{words}（中）"}

    number = Item("age", "age", "number", None, False, said("Age"), "own wording", min=18, max=99, whole=True)
    shops = Scale("shops", False, None, None, {"en": {1: text or "A", 2: text or "B"}, "zh": {1: "甲", 2: "乙"}})
    several = Item("shop", "shop", "multi", shops, False, said("Shops"), "own wording", columns={1: "s_1", 2: "s_2"})
    route = All((Comparison("gender", "=", (1,)), Any((Comparison("age", ">=", (30,)), Not(Answered("shop"))))))
    asked = replace(several, id="last", column="last", columns={}, relevant=route, matrix="m")
    empty = {"population": {}, "mode": {}, "dates": {}, "consent": {}, "ethics": {}}
    return Instrument(
        id="q",
        version="2",
        title=said("Questionnaire"),
        missing=(MissingCode(-9, "routed", said("not asked")),),
        scales={"seven": SEVEN, "gender": WOMAN_MAN, "shops": shops},
        items=(*items(text), number, several, asked),
        constructs=(Construct("TRUST", said("Trust"), ("t1", "t2", "t3"), "own wording"),),
        sha256="d" * 64,
        matrices=(Matrix("m", said("Think of the last time."), ("last",)),),
        partitions=(
            Partition(
                "generation",
                said("Generation"),
                "age",
                (Part("young", said("young"), None, 40.0, is_open=True), Part("old", said("old"), 40.0, None)),
                "own classes",
            ),
        ),
        **empty,  # type: ignore[arg-type]
    )


def description(text: str | None = None) -> SampleDescription:
    """Made-up respondents: one cell of 4 of 300, several choices, targets, an attention check that 3 failed."""

    def said(words: str) -> dict[str, str]:
        return {"en": text or words, "zh": text or f"{words}（中）"}

    def counts(*numbers: int | None) -> tuple[CategoryCount, ...]:
        return tuple(CategoryCount(code, said(f"c{code}"), n) for code, n in enumerate(numbers, start=1))

    return SampleDescription(
        n=300,
        choices=(
            Choices("gender", said("Gender"), "one", 300, 0, counts(180, 120)),
            Choices("region", said("Region"), "one", 300, 0, counts(200, None, None)),
            Choices("shop", said("Shops"), "several", 280, 20, counts(200, 150)),
            Choices("rank", said("Ranking"), "first", 280, 20, counts(90, 190)),
        ),
        quantities=(
            Quantity("age", said("Age"), 300, 0, 25.0, 34.5, 41.0, 35.125, 9.5),
            Quantity("rare", said("Rare"), 4, 296, None, None, None, None, None),
        ),
        margins=(
            TargetMargin(
                "gender",
                said("Gender"),
                text or "census",
                300,
                (TargetShare(1, said("woman"), 0.5, 0.6), TargetShare(2, said("man"), 0.5, None)),
            ),
        ),
        attention=(AttentionResult("check", said("Check"), 300, 297, None), AttentionResult("c2", {}, 300, 250, 50)),
        fieldwork=Fieldwork(
            "2026-05-01", "2026-05-31", Quantity("duration", {}, 300, 0, 61.0, 125.4, 3599.6, 400.0, 90.0)
        ),
    )


def validation(text: str | None = None) -> ValidationReport:
    """A check that found three things, one of them in many items."""
    found = [
        Finding("illegal-code", f"t{at}", "error", "1-7", text or "9", 10, (1, 2, 3), text or "recode")
        for at in range(9)
    ]
    return ValidationReport(
        source=text or "d.csv",
        source_sha256="b" * 64,
        instrument=text or "q 2",
        instrument_sha256="d" * 64,
        n_rows=300,
        n_columns=12,
        findings=(*found, Finding("all-missing", text or "shop", "warning", "answers", "none")),
        missing=(
            MissingCount("t1", 0, {}, answered=300),
            MissingCount(text or "age", 40, {}, answered=200, routed=98, nonresponse=2),
        ),
    )


def recovery(reason: str = "") -> Recovery:
    """Planted values of two loadings, a path and the effect."""
    rows = (
        Recovered("TRUST", "=~", "t1", 0.8, None if reason else 0.78, 0.79, 0.74, 0.84),
        Recovered("TRUST", "=~", "t2", None, None if reason else 0.70, 0.60, 0.55, 0.65),
        Recovered("buy", "~", "TRUST", 0.5, None if reason else 0.49, 0.48, 0.40, 0.56),
        Recovered("indirect", ":=", "a*b", 0.3, None if reason else 0.29, 0.31, None, None),
    )
    return Recovery(rows, 7, reason)


def full_study(words: str | None = None, **changes: object) -> ReportInputs:
    """The study with questionnaire, check, description and planted truth."""
    labels = {name: {"en": words, "zh": words} for name in (*LABELS, "t1", "c1")} if words else None
    return replace(
        study(labels=labels, words=words),
        questionnaire=questionnaire(words),
        description=description(words),
        validation=validation(words),
        treatments={"illegal-code": "missing"},
        recovery=recovery(words or ""),
        **changes,  # type: ignore[arg-type]
    )


def hostile_study() -> ReportInputs:
    """The study with markup, formulas and LaTeX in every text."""
    return full_study(HOSTILE)
