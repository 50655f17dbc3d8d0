"""The check of the data, the respondents, the questionnaire and planted truth, as a report tells them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import docx
import pytest
from reporting.studies import description, full_study, questionnaire, recovery, study, validation

from survey_sem.instrument.routing import All, Answered, Any, Comparison, Not
from survey_sem.reporting import build_report, tables
from survey_sem.reporting.contents import spoken
from survey_sem.reporting.document import Bullets, Paragraph, Tabled
from survey_sem.reporting.numbers import Language, show_number
from survey_sem.reporting.sections import compose
from survey_sem.reporting.sections.description import description_blocks, validation_section
from survey_sem.reporting.sections.recovery import recovery_section
from survey_sem.reporting.table import Table
from survey_sem.reporting.tables.recovery import recovery_table
from survey_sem.reporting.tables.routes import route_in_words
from survey_sem.reporting.writers.delimited import to_csv
from survey_sem.reporting.writers.word import to_docx
from survey_sem.sample.background import SampleDescription

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def shown(table: Table | None, language: Language = "en") -> list[list[str]]:
    assert table is not None
    return [[cell.text for cell in row] for row in table.shown_rows(language)]


# -- routes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "english", "chinese"),
    [
        (Comparison("gender", "=", (1,)), "gender is “woman”", "gender 为“女”"),
        (Comparison("gender", "!=", (2,)), "gender is not “man”", "gender 不为“男”"),
        (Comparison("gender", "in", (1, 2)), "gender is one of “woman”, “man”", "gender 为“女”、“男”之一"),
        (Comparison("age", "<", (30,)), "age is below 30", "age 低于 30"),
        (Comparison("age", ">=", (30.5,)), "age is at least 30.5", "age 不低于 30.5"),
        (Comparison("shop", "has", (2,)), "shop includes “B”", "shop 选中“乙”"),
        (Answered("age"), "age was answered", "age 已作答"),
        (Not(Answered("age")), "age was not answered", "age 未作答"),
        (Not(Comparison("age", ">", (30,))), "not (age is above 30)", "并非（age 高于 30）"),
        (
            All((Comparison("age", "<=", (9,)), Any((Answered("shop"), Answered("t1"))))),
            "age is at most 9 and (shop was answered or t1 was answered)",
            "age 不高于 9，且 （shop 已作答，或 t1 已作答）",
        ),
    ],
)
def test_routes_in_words(route: object, english: str, chinese: str) -> None:
    said = route_in_words(route, questionnaire())  # type: ignore[arg-type]
    assert (spoken(said, "en"), spoken(said, "zh")) == (english, chinese)


# -- the questionnaire -------------------------------------------------------------------------------------------------


def test_the_codebook_tells_every_item() -> None:
    table = tables.codebook_table(questionnaire())
    assert [column.key for column in table.columns] == [
        "construct", "stem", "item", "wording", "answers", "asked_if", "export_column", "source",
    ]  # fmt: skip
    rows = {row[2]: row for row in shown(table)}
    assert list(rows) == [item.id for item in questionnaire().items]
    assert rows["t1"][0] == "Trust"
    assert rows["t1"][4] == "ordered: seven, 1–7"
    assert rows["gender"][4] == "unordered: 1 = woman, 2 = man"
    assert rows["age"][4] == "number: 18 to 99"
    assert rows["shop"][4:7] == ["several choices: 1 = A, 2 = B", "", "s_1 s_2"]
    assert rows["last"][1:4] == ["Think of the last time.", "last", "Shops"]
    assert rows["last"][5] == "gender is “woman” and (age is at least 30 or shop was not answered)"
    assert table.is_wide


def test_columns_that_would_be_empty_are_left_out() -> None:
    asked = questionnaire()
    plain = replace(asked, items=asked.items[:3], matrices=())
    assert [column.key for column in tables.codebook_table(plain).columns] == [
        "construct", "item", "wording", "answers", "source",
    ]  # fmt: skip


def test_scales_partitions_and_missing_codes() -> None:
    asked = questionnaire()
    assert shown(tables.scales_table(asked))[0] == ["seven", "1", "disagree"]
    assert [row[2:4] for row in shown(tables.partitions_table(asked))] == [["young", "below 40"], ["old", "from 40"]]
    assert shown(tables.missing_table(asked), "zh") == [["-9", "未被问到", "not asked（中）"]]
    bare = replace(asked, items=asked.items[-1:], partitions=(), missing=())
    assert [tables.scales_table(bare), tables.partitions_table(bare), tables.missing_table(bare)] == [None] * 3


def test_the_codebook_has_landscape_pages_in_word() -> None:
    word = docx.Document(BytesIO(to_docx(compose(full_study(), "en"), "en")))
    wide = [page.page_width > page.page_height for page in word.sections]
    assert wide == [False, True, False]
    titles = [
        paragraph.text for paragraph in word.paragraphs if paragraph.style and paragraph.style.name == "Heading 1"
    ]
    assert "The questionnaire" in titles


# -- the check of the data ---------------------------------------------------------------------------------------------


def test_findings_stand_rule_by_rule_with_what_was_done() -> None:
    rows = shown(tables.findings_table(validation(), {"illegal-code": "missing"}))
    assert rows == [
        ["Code outside the scale", "error", "t0, t1, t2, t3, t4, t5 and 3 more", "90", "set to missing"],
        ["Not a single answer", "warning", "shop", "", "none declared"],
    ]
    assert tables.findings_table(replace(validation(), findings=()), {}) is None


def test_every_rule_and_treatment_has_words() -> None:
    from survey_sem.reporting.wording import has_phrase
    from survey_sem.responses import RULES
    from survey_sem.sample.treatment import TREATMENTS

    assert [rule for rule in RULES if not has_phrase(f"rule.{rule.replace('-', '_')}")] == []
    actions = {action for known in TREATMENTS.values() for action in known}
    assert [action for action in actions if not has_phrase(f"treatment.{action}")] == []


def test_reasons_of_the_treatment_are_known_in_chinese() -> None:
    from survey_sem.reporting.wording import translated
    from survey_sem.sample.treatment import _REASONS

    for rule, reason in _REASONS.items():
        assert translated(f"{reason} ({rule})", "zh") != f"{reason} ({rule})"


def test_items_that_all_answered_are_counted_only() -> None:
    table = tables.availability_table(validation())
    assert shown(table) == [["age", "200 (66.7%)", "98 (32.7%)", "2 (0.7%)"]]
    assert table is not None
    assert table.noted("en")[-1] == "Items that were answered in every sheet and are not listed: 1."
    complete = replace(validation(), missing=validation().missing[:1])
    assert tables.availability_table(complete) is None
    section = validation_section(replace(study(), validation=complete))
    assert section is not None
    last = section.blocks[-1]
    assert isinstance(last, Paragraph)
    assert spoken(last.content, "en") == "Every item was answered in every answer sheet."


# -- the respondents ---------------------------------------------------------------------------------------------------


def test_small_cells_stay_hidden_in_every_format() -> None:
    one, several, first = tables.choices_tables(description().choices)
    assert shown(one)[2:] == [
        ["Region", "c1", "200", "66.7%"], ["Region", "c2", "withheld", ""], ["Region", "c3", "withheld", ""],
    ]  # fmt: skip
    assert to_csv(one).splitlines()[4] == "region,2,,"
    assert shown(several)[0] == ["Shops", "c1", "200", "71.4%"]
    assert shown(first, "zh")[1] == ["Ranking（中）", "c2（中）", "190", "67.9%"]
    assert "more than 100%" in several.noted("en")[0]


def test_numbers_have_quartiles_unless_too_few_answered() -> None:
    rows = shown(tables.quantities_table(description().quantities))
    assert rows[0] == ["Age", "300", "0", "34.5", "[25,\N{NO-BREAK SPACE}41]", "35.12", "9.50"]
    assert rows[1][3:] == ["—"] * 4
    assert tables.quantities_table(()) is None


def test_the_sample_beside_the_population() -> None:
    table = tables.margins_table(description().margins)
    assert shown(table) == [["Gender", "woman", "50.0%", "60.0%", "+10.0"], ["Gender", "man", "50.0%", "withheld", ""]]
    assert table is not None
    assert "census" in table.noted("en")[0]


def test_times_and_attention_checks_are_sentences() -> None:
    blocks = description_blocks(description())
    sentences = [spoken(block.content, "en") for block in blocks if isinstance(block, Paragraph)]
    assert sentences[0] == "The answer sheets that were received came in from 2026-05-01 to 2026-05-31."
    assert "took between 1 min 1 s and 60 min 0 s, the median was 2 min 5 s" in sentences[1]
    (checks,) = [block for block in blocks if isinstance(block, Bullets)]
    assert [spoken(item, "en") for item in checks.items] == [
        "check: of 300, fewer than 10 gave a wrong answer.",
        "c2: 250 of 300 gave the right answer (83.3%).",
    ]


def test_a_study_without_any_of_it_has_no_empty_parts() -> None:
    assert description_blocks(SampleDescription()) == ()
    keys = [section.key for section in compose(study(), "en").sections]
    assert not {"validation", "codebook", "recovery"} & set(keys)


# -- planted truth -----------------------------------------------------------------------------------------------------


def test_recovery_says_how_many_are_inside() -> None:
    inputs = full_study()
    rows = shown(recovery_table(recovery(), inputs))
    assert rows[0][2:] == [".800", ".780", ".790", "[.740,\N{NO-BREAK SPACE}.840]", ".010", "yes"]
    assert rows[1][2:4] == ["—", ".700"]
    assert rows[1][-1] == "no"
    assert rows[3][-3:] == ["—", ".020", "—"]
    assert [row[1] for row in rows][2:] == ["Trust in the anchor → Purchase intent", "Clarity on intent, through trust"]
    section = recovery_section(inputs)
    assert section is not None
    told = [spoken(block.content, "en") for block in section.blocks if isinstance(block, Paragraph)]
    assert "simulated (seed 7)" in told[0]
    assert told[1] == "The 95% intervals of 2 of 3 parameters hold the expected value; about 3 should."


def test_without_expected_values_the_reason_is_told() -> None:
    section = recovery_section(full_study())
    reasoned = recovery_section(replace(full_study(), recovery=recovery("who answers depends on factors")))
    assert section is not None
    assert reasoned is not None
    told = [spoken(block.content, "en") for block in reasoned.blocks if isinstance(block, Paragraph)]
    assert told[1] == "The 95% intervals of 2 of 2 parameters hold the planted value; about 2 should."
    assert told[2] == "There are no expected values: who answers depends on factors."


# -- the whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_on_the_page(language: Language) -> None:
    inputs = full_study()
    page = build_report(inputs, language)
    for key in ("validation", "sample", "codebook", "recovery"):
        assert f'<section id="{key}"' in page
    numbered = sum(isinstance(block, Tabled) for block in compose(inputs, language).blocks())
    assert f'id="table-{numbered}"' in page


def test_forms_of_numbers() -> None:
    assert [show_number(value, "quantity", "en") for value in (1986.0, 281.04, 34.5, 2.0, 0.126)] == [
        "1986", "281", "34.5", "2", "0.13",
    ]  # fmt: skip
    assert [show_number(value, "points", "en") for value in (3.14, -3.14, 0.04, -0.04)] == [
        "+3.1",
        "−3.1",
        "0.0",
        "0.0",
    ]
