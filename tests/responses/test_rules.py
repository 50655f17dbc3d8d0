"""Every rule, on an export that is faultless but for the cells concerned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from survey_sem.errors import OptionError
from survey_sem.exports import MissingRange, RawTable
from survey_sem.instrument import Instrument
from survey_sem.responses import ABSENT_KINDS, RULES, ValidationReport, validate_responses
from tests.responses.shop import COLUMNS, YAML, changed, export, instrument_from_text, only


def test_a_faultless_export(shop: Instrument) -> None:
    responses = validate_responses(export(), shop)
    assert responses.report.findings == ()
    assert responses.report.ok
    assert responses.frame.columns.tolist() == list(shop.variables)
    frame = responses.frame
    assert frame["sat"].isna().tolist() == [False, False, True, False, True, False]
    assert frame["shops_1"].tolist() == [1, 1, 0, 0, 1, 0]
    assert frame["shops_2"].tolist() == [0, 1, 0, 1, 1, 0]
    assert frame["shops_3"].tolist() == [0, 0, 0, 1, 0, 1]
    assert frame["shops_9"].tolist() == [0, 0, 1, 0, 0, 0]
    assert frame.loc[0, ["ranks_1", "ranks_2", "ranks_3"]].tolist() == [1, 2, 3]
    assert frame.loc[1, ["ranks_3", "ranks_1"]].tolist() == [1, 2]
    assert frame.loc[1:, "ranks_2"].isna().tolist() == [True, False, True, False, False]
    assert frame["visit"].dt.day.tolist() == [1, 2, 31, 9, 10, 11]
    assert frame["cohort"].tolist() == ["young", "young", "old", "old", "young", "old"]
    assert frame["age"].dtype == "int64"
    assert responses.absent.columns.tolist() == [item.id for item in shop.items]
    assert responses.absent["sat"].tolist() == [0, 0, 1, 0, 1, 0]
    assert responses.absent["why"].tolist() == [0, 0, 2, 0, 0, 0]
    assert (responses.absent.dtypes == "int8").all()
    assert responses.paradata.columns.tolist() == ["id", "started", "submitted", "duration"]
    assert responses.paradata["id"].tolist() == ["101", "102", "103", "104", "105", "106"]
    assert repr(responses) == "Responses(d.csv: 6 rows, 9 items, ok)"


BROKEN = [
    ("illegal-code", "bought", changed("bought", r3=7), (3,), "7"),
    ("illegal-code", "sex", {"sex": ["f", "m", *["divers"] * 4]}, (3, 4, 5, 6), "1 text that is not shown"),
    ("wrong-type", "att", changed("att", r1="perhaps", r2="perhaps"), (1, 2), "1 text that is not shown"),
    ("wrong-type", "age", changed("age", r2="３０"), (2,), "'３０'"),
    ("wrong-type", "age", changed("age", r3="forty", r4="fifty"), (3, 4), "2 different texts"),
    ("out-of-range", "age", changed("age", r2=17, r4=100), (2, 4), "17, 100"),
    ("out-of-range", "age", changed("age", r4=13912345678), (4,), "1 value that is not shown"),
    ("out-of-range", "age", changed("age", r4=float("inf")), (4,), "inf"),
    ("out-of-range", "visit", changed("visit", r2="2026-04-30"), (2,), "1 text that is not shown"),
    ("not-whole", "age", changed("age", r2=30.5), (2,), "30.5"),
    ("answered-though-routed-out", "sat", changed("sat", r3=2), (3,), "answers"),
    ("blank-though-required", "sat", changed("sat", r1=None, r2=-99), (1, 2), "no answer"),
    ("blank-though-required", "sat", changed("sat", r1=-3), (1,), "no answer"),
    ("missing-id", "sheet", changed("sheet", r4=None), (4,), "nothing"),
    ("duplicate-id", "sheet", changed("sheet", r4=101, r6=103), (1, 3, 4, 6), "2 ids more than once, up to 2 times"),
    ("encoding-damage", "why", changed("why", r1="价\ufffd"), (1,), "replacement characters (U+FFFD)"),
    ("encoding-damage", "sex", changed("sex", r1="??"), (1,), "question marks instead of characters"),
    (
        "encoding-damage",
        "att",
        changed("att", r1="完全å\x90Œæ„\x8f"),
        (1,),
        "utf-8 that was read as Latin-1 (such as Ã©)",
    ),
    ("outside-field-period", "sent", changed("sent", r2="2026-07-01 00:00:01"), (2,), "2026-07-01"),
    ("impossible-duration", "seconds", changed("seconds", r1=29, r2=3601), (1, 2), "29 to 3601"),
    ("impossible-duration", "sent", changed("begun", r2="2026-06-01 10:00"), (2,), "earlier times"),
    ("wrong-type", "seconds", changed("seconds", r1="soon"), (1,), "1 text that is not shown"),
    ("bad-date", "sent", changed("sent", r1="yesterday"), (1,), "1 text that is not shown"),
    ("bad-date", "visit", changed("visit", r1="1.5.2026", r2="2026-02-30"), (1, 2), "2 different texts"),
    ("bad-date", "visit", {"visit": [46143, *[None] * 5]}, (1,), "46143"),
    ("exclusive-choice", "shops", changed("shops", r1="1┋9"), (1,), "'1┋9'"),
    ("too-many-choices", "shops", changed("shops", r1="1|2|3"), (1,), "1|2|3"),
    ("illegal-code", "shops", changed("shops", r1="1┋4"), (1,), "'1┋4'"),
    ("wrong-type", "shops", changed("shops", r1="Market┋elsewhere"), (1,), "1 text that is not shown"),
    ("bad-ranking", "ranks", changed("ranks", r1="1→1→2"), (1,), "'1→1→2'"),
    ("too-few-choices", "ranks", changed("ranks", r1="Quality"), (1,), "1 text that is not shown"),
    ("quota-exceeded", "cohort", {"age": [20, 21, 22, 50, 23, 24]}, (6,), "young: 5"),
]


@pytest.mark.parametrize(("rule", "item", "change", "rows", "got"), BROKEN, ids=[f"{r[0]}-{r[1]}" for r in BROKEN])
def test_an_error_and_nothing_else(
    shop: Instrument, rule: str, item: str, change: dict[str, object], rows: tuple[int, ...], got: str
) -> None:
    responses = validate_responses(export(**change), shop)
    finding = only(responses.report)
    assert (finding.rule, finding.item, finding.count, finding.got) == (rule, item, len(rows), got)
    assert finding.rows == rows[:3]
    assert finding.expected
    assert finding.hint
    assert finding.severity == RULES[rule] == "error"
    (broken,) = responses.broken
    assert (broken.rule, broken.item, broken.rows.tolist()) == (rule, item, [row - 1 for row in rows])
    answered = responses.frame[[item.id for item in shop.items if item.id in responses.frame]].notna()
    assert (responses.absent[answered.columns].eq(0) == answered).all(axis=None)


WARNED = [
    ("attention-failed", "att", changed("att", r1=3, r2=2), (1, 2)),
    ("all-missing", "why", {"why": [None] * 6}, ()),
    ("unknown-column", "new", {"new": [1] * 6}, ()),
    ("personal-data", "why", changed("why", r2="call 13912345678"), (2,)),
]


@pytest.mark.parametrize(("rule", "item", "change", "rows"), WARNED, ids=[each[0] for each in WARNED])
def test_a_warning_and_nothing_else(
    shop: Instrument, rule: str, item: str, change: dict[str, object], rows: tuple[int, ...]
) -> None:
    report = validate_responses(export(**change), shop).report
    finding = only(report)
    assert report.ok
    assert (finding.rule, finding.item, finding.severity) == (rule, item, "warning")
    assert (finding.count, finding.rows) == (len(rows), rows)
    assert "13912345678" not in report.to_json()


def test_a_quota_that_was_missed(shop: Instrument) -> None:
    report = validate_responses(export(age=[40, 41, 45, 50, 39, 99]), shop).report
    finding = only(report)
    assert (finding.rule, finding.expected, finding.got) == ("quota-missed", "young: at least 2", "young: 1")
    assert report.ok


def test_every_rule_has_a_test() -> None:
    tested = {each[0] for each in (*BROKEN, *WARNED)}
    elsewhere = {"missing-column", "label-mismatch", "reversed-labels", "quota-missed"}
    assert tested | elsewhere == set(RULES)


def test_an_open_route_breaks_no_rule(shop: Instrument) -> None:
    """Who did not say whether they bought was neither asked for certain nor certainly not asked."""
    columns = {**changed("bought", r3=-99, r5=98), **changed("sat", r3=4)}
    responses = validate_responses(export(**columns), shop)
    assert [finding.rule for finding in responses.report.findings] == ["blank-though-required"]
    assert responses.report.findings[0].rows == (3,)  # "does not know" is an answer to a required question
    assert responses.absent["bought"].tolist() == [0, 0, 2, 0, 3, 0]
    assert responses.absent["sat"].tolist() == [0, 0, 0, 0, 2, 0]


def test_an_illegal_answer_leaves_a_route_open(shop: Instrument) -> None:
    responses = validate_responses(export(**changed("bought", r4=7, r5=7)), shop)
    assert only(responses.report).rule == "illegal-code"
    assert responses.absent["sat"].tolist() == [0, 0, 1, 0, 2, 0]


def test_kinds_of_absence(shop: Instrument) -> None:
    responses = validate_responses(export(age=[97, 98, -99, -3, None, 20]), shop)
    kinds = [ABSENT_KINDS[kind] for kind in responses.absent["age"]]
    assert kinds == ["refused", "dontknow", "nonresponse", "routed", "nonresponse", "answered"]
    (count,) = [each for each in responses.report.missing if each.item == "age"]
    assert (count.answered, count.routed, count.nonresponse, count.dontknow, count.refused) == (1, 1, 2, 1, 1)
    assert (count.blank, count.by_code) == (1, {"-99": 1, "-3": 1, "98": 1, "97": 1})


def test_codes_of_the_file(shop: Instrument) -> None:
    """A wjx file says itself what was skipped; the instrument is asked first."""
    raw = export(age=[-2, -3, 7, 97, 20, 20])
    codes = {"age": (MissingRange(-2, -2, "nonresponse"), MissingRange(6, 9), MissingRange(97, 97))}
    responses = validate_responses(replace(raw, missing_codes=codes), shop)
    assert [ABSENT_KINDS[kind] for kind in responses.absent["age"][:4]] == [
        "nonresponse",
        "routed",
        "nonresponse",
        "refused",
    ]


def test_an_answer_that_the_file_calls_missing(shop: Instrument) -> None:
    raw = replace(export(**changed("att", r1=5)), missing_codes={"att": (MissingRange(5, 9),)})
    finding = only(validate_responses(raw, shop).report)
    assert (finding.rule, finding.expected) == ("label-mismatch", "5 as an answer")
    assert finding.got == "a code that the file declares missing, in 1 row"


def test_texts_are_recoded_in_any_language(shop: Instrument) -> None:
    words = ["Mostly", " 比较同意 ", "mostly", "4", "4.0", "ＭＯＳＴＬＹ"]
    responses = validate_responses(export(att=words), shop)
    assert responses.report.ok
    assert responses.frame["att"].tolist() == [4] * 6


def test_a_frequent_text_is_quoted_shortened(shop: Instrument) -> None:
    report = validate_responses(export(att=["neither agree nor disagree"] * 5 + ["John Doe"]), shop).report
    assert only(report).got == "'neither agree nor d…' and 1 other text"


def test_spread_columns(shop: Instrument) -> None:
    columns: dict[str, list[object]] = {
        "shops_r1": [1, 1, 0, "Market", None, -3],
        "shops_r2": [0, 1, 0, None, None, -3],
        "shops_r3": [0, 0, 0, 1, None, -3],
        "shops_r4": [0, 0, 1, 0, None, -3],
    }
    responses = validate_responses(export(shops=None, **columns), shop)
    assert responses.report.findings == ()
    frame = responses.frame.filter(like="shops").fillna(-1)
    assert frame["shops_1"].tolist() == [1, 1, 0, 1, -1, -1]
    assert frame["shops_9"].tolist() == [0, 0, 1, 0, -1, -1]
    assert responses.absent["shops"].tolist() == [0, 0, 0, 0, 2, 1]
    broken = {**columns, "shops_r2": [7, 1, 0, None, None, -3]}
    finding = only(validate_responses(export(shops=None, **broken), shop).report)
    assert (finding.rule, finding.count, finding.got) == ("illegal-code", 1, "7 (option 2)")
    alone = {**columns, "shops_r4": [0, 1, 1, 0, None, -3]}
    finding = only(validate_responses(export(shops=None, **alone), shop).report)
    assert (finding.rule, finding.rows) == ("exclusive-choice", (2,))


@pytest.mark.parametrize(
    ("ranks", "rule"),
    [([1, 2, 3], None), ([2, 1, None], None), ([1, 1, 2], "bad-ranking"), ([1, 3, None], "bad-ranking"),
     ([1, None, None], "too-few-choices"), ([1, 2, 4], "illegal-code"), ([1, 2, "x"], "illegal-code")],
)  # fmt: skip
def test_ranks_in_columns(shop: Instrument, ranks: list[object], rule: str | None) -> None:
    columns = {f"ranks_{at}": [rank, *[at] * 5] for at, rank in enumerate(ranks, start=1)}
    responses = validate_responses(export(ranks=None, **columns), shop)
    assert [finding.rule for finding in responses.report.findings] == ([rule] if rule else [])
    if rule is None:
        given = responses.frame.filter(like="ranks_").fillna(0).iloc[0].tolist()
        assert given == [rank or 0 for rank in ranks]


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ({1: "Not at all", 5: "Entirely"}, None),
        ({1: "完全不同意", 2: "不太 同意", -99: "没有回答"}, None),
        ({1: "1", 2: "2"}, None),
        ({1: "Pas du tout", 2: "同意"}, "label-mismatch"),
        ({1: "Entirely", 2: "Mostly", 3: "Partly", 5: "Not at all"}, "reversed-labels"),
        ({1: "Mostly", 5: "Entirely"}, "label-mismatch"),
        ({1: "????", 5: "????"}, "encoding-damage"),
    ],
)
def test_labels_of_the_file(shop: Instrument, labels: dict[int, str], rule: str | None) -> None:
    report = validate_responses(replace(export(), value_labels={"att": labels}), shop).report
    assert [finding.rule for finding in report.findings] == ([rule] if rule else [])


def test_labels_in_another_script_are_not_compared(tmp_path: Path) -> None:
    english = YAML.replace("zh: {1: 完全不同意, 2: 不太同意, 3: 一般, 4: 比较同意, 5: 完全同意}", "")
    asked = instrument_from_text(tmp_path / "i.yaml", english)
    raw = replace(export(), value_labels={"att": {1: "完全同意"}})
    assert validate_responses(raw, asked).report.ok


def test_personal_data_are_treated(tmp_path: Path) -> None:
    plain = YAML.replace("quality: {attention: [{item: att, answer: 4}]}\n", "")
    told = "pii: {hash: [id, sex], drop: [att, home], free_text: [why], generalise: [{name: visit, to: month}]}\n"
    asked = instrument_from_text(tmp_path / "i.yaml", plain + told)
    raw = export(**changed("why", r1="wechat: abc_12345"), home=["here"] * 6)
    without_key = validate_responses(raw, asked)
    assert without_key.report.findings == ()
    assert without_key.paradata["id"].tolist() == [f"p{at}" for at in range(1, 7)]
    assert without_key.frame["sex"].tolist() == ["p1", "p2"] * 3
    assert without_key.frame["visit"].unique().tolist() == ["2026-05"]
    assert without_key.frame["why"].iloc[0] == "wechat: [account]"
    assert without_key.frame["cohort"].notna().all()
    assert {"att", "home"}.isdisjoint([*without_key.frame, *without_key.absent, *without_key.paradata])
    assert without_key.frame["age"].tolist() == COLUMNS["age"]
    keyed = validate_responses(raw, asked, key=b"0" * 32)
    assert keyed.paradata["id"].str.fullmatch("[0-9a-f]{16}").all()
    assert only(validate_responses(export(**changed("att", r1=17)), asked).report).got == (
        "values that are not shown (personal data)"
    )


def test_personal_data_may_be_named_by_column_or_header(tmp_path: Path) -> None:
    text = YAML.replace("{id: why, type: text", "{id: why, column: Q9, type: text")
    asked = instrument_from_text(tmp_path / "i.yaml", text + "pii: {drop: [Q9], hash: [发送时间, sheet]}\n")
    raw = export(why=None, Q9=COLUMNS["why"])
    responses = validate_responses(replace(raw, headers={"sent": "发送时间"}), asked)
    assert responses.report.findings == ()
    assert "why" not in responses.frame.columns
    assert "why" not in responses.absent.columns
    assert responses.paradata[["id", "submitted"]].iloc[0].tolist() == ["p1", "p1"]


def test_a_misspelt_personal_column_is_an_error(tmp_path: Path) -> None:
    told = "pii: {hash: [hone], drop: [absent]}\n"
    asked = instrument_from_text(tmp_path / "i.yaml", YAML + told)
    (error,) = validate_responses(export(phone=["x"] * 6), asked).report.errors
    assert (error.rule, error.item, error.hint) == ("missing-column", "hone", "did you mean 'phone'?")


def test_a_column_to_drop_may_be_absent_though_an_item_is_called_much_the_same(tmp_path: Path) -> None:
    asked = instrument_from_text(tmp_path / "i.yaml", YAML + "pii: {drop: [ip_age, phone, phones]}\n")
    assert validate_responses(export(phone=["x"] * 6), asked).report.findings == ()


def test_report_round_trip_and_forms(shop: Instrument) -> None:
    report = validate_responses(export(**changed("age", r1=17, r2=16), **changed("bought", r3=7)), shop).report
    record = json.loads(report.to_json())
    assert ValidationReport.from_dict(record) == report
    assert record["by_rule"] == {"illegal-code": 1, "out-of-range": 2}
    old = {**record, "missing": [{"item": "a", "blank": 1, "by_code": {}, "total": 1}]}
    del old["dialect"], old["by_rule"]
    assert ValidationReport.from_dict(old).missing[0].blank == 1
    lines = str(report).splitlines()
    assert lines[0] == "d.csv: 6 rows, 13 columns, against shop 1"
    assert lines[1].startswith("  error  out-of-range  age     expected a whole number from 18 up to 99, got 16, 17")
    assert lines[2].startswith("  error  illegal-code  bought  expected 1, 2, got 7 in 1 row (first: 3); ")
    assert lines[-1] == "2 errors"
    rows = report.to_csv().splitlines()
    assert rows[0] == "severity,rule,item,count,first_rows,expected,got,hint"
    assert rows[1].startswith("error,out-of-range,age,2,1 2,")


def test_csv_holds_no_formulas(shop: Instrument) -> None:
    report = validate_responses(export(**{"=cmd()": [1] * 6}), shop).report
    assert "warning,unknown-column,'=cmd()," in report.to_csv()


def test_many_unknown_columns_share_a_line(shop: Instrument) -> None:
    report = validate_responses(export(**{f"new{at}": [1] * 6 for at in range(100)}), shop).report
    assert len(report.findings) == 21
    assert report.findings[-1].got == "80 more unknown ones, up to new99"


def test_a_plain_data_frame(shop: Instrument) -> None:
    frame = pd.DataFrame(COLUMNS, index=[7, 7, 3, 1, 0, 2])
    responses = validate_responses(frame, shop)
    assert responses.report.ok
    assert responses.report.source == "DataFrame"
    assert responses.frame.index.tolist() == list(range(6))
    assert RawTable.from_frame(frame).sha256 == responses.report.source_sha256
    assert RawTable.from_frame(frame[::-1]).sha256 != responses.report.source_sha256


def test_arguments_of_another_kind(shop: Instrument) -> None:
    for arguments, key in ((("data.csv", shop), None), ((export(), "shop.yaml"), None), ((export(), shop), "secret")):
        with pytest.raises(OptionError) as caught:
            validate_responses(*arguments, key=key)  # type: ignore[arg-type]
        assert caught.value.code == "wrong-type"


def test_the_export_of_another_questionnaire(shop: Instrument) -> None:
    report = validate_responses(pd.DataFrame({"x": [1]}), shop).report
    assert report.errors[0].hint.startswith("not one item was found: is this its export")
    assert report.errors[0].hint.endswith("looked for by name; if by number or header, say `source: {columns: ...}`")
    assert len(report.errors) == len(shop.items) + len(shop.paradata.columns)
