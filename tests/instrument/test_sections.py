"""Every section of an instrument: what it gives, and every way to break it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from survey_sem.errors import StudyError
from survey_sem.instrument.load import instrument_from
from survey_sem.instrument.model import AttentionCheck, Design, Generalised, Instrument, Quota, Source
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.strict_yaml import parse_yaml

FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")


def load(text: str) -> Instrument:
    return instrument_from(parse_yaml(text, "i.yaml"))


def problems_of(text: str) -> tuple[StudyError, ...]:
    with pytest.raises(StudyError) as caught:
        load(text)
    return caught.value.problems if isinstance(caught.value, SeveralProblemsError) else (caught.value,)


@pytest.fixture(scope="module")
def full() -> Instrument:
    return load(FULL)


def test_head_and_source(full: Instrument) -> None:
    assert (full.id, full.version, full.consent) == ("full", "1.10", {"und": "page 1"})
    assert full.source == Source("wjx", "utf-8", "name")


def test_rows_take_what_they_leave_out_from_their_matrix(full: Instrument) -> None:
    first, second, third = (full.item(name) for name in ("t1", "t2", "t3"))
    assert [item.column for item in (first, second, third)] == ["Q6_R1", "Q6_R2", "Q99"]
    assert first.type == "ordinal"
    assert first.scale is full.scales["agree"]
    assert str(first.relevant) == "answered(gender)"
    assert first.required
    assert [first.source, second.source] == ["own wording", "another"]
    assert {item.matrix for item in (first, second, third)} == {"trust_matrix"}
    assert full.item("why").matrix is None
    assert full.matrices[0].items == ("t1", "t2", "t3")


def test_items_of_every_type(full: Instrument) -> None:
    where = full.item("where")
    assert where.columns == {"a": "Q3_1", "b": "Q3_2", "none": "Q3_3"}
    assert (where.column, where.min, where.max, where.exclusive) == ("where", 1, 2, ("none",))
    assert full.item("order").variables == ("order_a", "order_b", "order_none")
    assert str(full.item("order").relevant) == "where has 'a' and gender = 1"
    visit = full.item("visit")
    assert (visit.min, visit.max, visit.format) == (date(2026, 1, 1), date(2026, 6, 30), "%Y/%m/%d")
    assert full.item("born").whole


def test_groups(full: Instrument) -> None:
    assert full.constructs[2].parts == ("trust", "spending")
    generation, spender, sex = full.partitions
    assert [(part.low, part.high, part.is_open) for part in generation.parts] == [
        (None, 1979, False),
        (1980, 2009, False),
    ]
    assert [(part.low, part.high, part.is_open) for part in spender.parts] == [(0, 10.5, True), (10.5, None, True)]
    assert [part.codes for part in sex.parts] == [(1,), (2,)]
    assert generation.parts[1].label == {"und": "young"}


def test_conduct(full: Instrument) -> None:
    assert full.quality.attention == (AttentionCheck("t3", (5,)), AttentionCheck("gender", (1, 2)))
    assert full.paradata.columns["duration"] == "用时"
    assert (full.paradata.field_start, full.paradata.longest) == (date(2026, 5, 1), 7200)
    assert full.privacy.pseudonymise == ("ip", "user")
    assert full.privacy.generalise == (Generalised("visit", "month"), Generalised("spend", "band", 50))
    assert full.privacy.free_text == ("why",)


def test_sampling(full: Instrument) -> None:
    assert full.quotas == (Quota("gender", {1: (300, 500), 2: (300, None)}), Quota("generation", {"old": (None, 10)}))
    assert full.design == Design("generation", ("room", "seller"), "w", ("n_rooms", "n_sellers"), "adjust")
    assert full.weighting is not None
    assert full.weighting.bounds == (0.3, 3)
    assert full.weighting.targets[1].shares == {"old": 0.4, "young": 0.6}


BREAKS = [
    ('version: "1.10"', "version: 1.10", "unquoted-number"),
    ("platform: wjx", "platform: wjxx", "unknown-value"),
    ("encoding: utf-8", "encoding: utf-88", "unknown-encoding"),
    ("columns: name}", "columns: names}", "unknown-value"),
    ("en: {1: no, 5: yes}", "english: {1: no, 5: yes}", "unknown-language"),
    ("{1: male, 2: female}", "[male, female]", "wrong-type"),
    ("min: 1, max: 5, labels", "min: 1, max: 5000, labels", "wide-scale"),
    # items
    ("type: number, whole: true", "whole: true", "missing-key"),
    ("{id: why, type: text", "{id: why, type: multi", "no-scale"),
    ("{id: where, type: multi", "{id: where, type: nominal", "needless-key"),
    ("{id: where, type: multi", "{id: where, type: ordinal", "wrong-scale"),
    ("whole: true, min: 1940", "whole: true, min: 1940.5", "wrong-type"),
    ("min: 1940, max: 2009", "min: 2009, max: 1940", "empty-range"),
    ("min: 1, max: 2, exclusive", "min: 1, max: 4, exclusive", "out-of-range"),
    ("min: 2026-01-01", "min: 2026-13-01", "wrong-type"),
    ("min: 2026-01-01", "min: 2026-07-01", "empty-range"),
    ('format: "%Y/%m/%d"', 'format: "%Y/%m"', "bad-format"),
    ('format: "%Y/%m/%d"', 'format: "%Y/%m/%d %c"', "bad-format"),
    ('format: "%Y/%m/%d"', 'format: "%Y/%m/%d %d"', "bad-format"),
    ("exclusive: [none]", "exclusive: [nothing]", "unknown-code"),
    ("exclusive: [none]", "exclusive: [a, b, none]", "only-exclusive"),
    ("b: Q3_2, none", "c: Q3_2, none", "unknown-code"),
    ("b: Q3_2, none: Q3_3", "none: Q3_3", "missing-code"),
    ("b: Q3_2, none", "b: Q3_1, none", "duplicate-id"),
    ("columns: {a: Q3_1", "column: Q3, columns: {a: Q3_1", "given-twice"),
    ("a: at home, b:", "a b: at home, b:", "bad-name"),
    ("{id: why, type: text", "{id: why, type: text, whole: true", "needless-key"),
    ("{id: why, type: text", "{id: why, column: Q6_R1, type: text", "duplicate-id"),
    ("{id: why, type: text", "{id: why, type: text, reverse: true", "irreversible"),
    ("gender = 1", "gender = 7", "unknown-code"),
    ("gender = 1", "gender == ", "bad-route"),
    ("gender = 1", "spend = 1", "asked-later"),
    ("gender = 1", "gendr = 1", "unknown-item"),
    # matrices
    ("items: [t1, t2, t3], scale: agree", "items: [t1, t2, t9], scale: agree", "unknown-item"),
    ("items: [t1, t2, t3], scale: agree", "items: [t1, t2, t2], scale: agree", "two-matrices"),
    ("items: [t1, t2, t3], scale: agree", "items: [], scale: agree", "no-items"),
    ("items: [t1, t2, t3], scale: agree", "items: [t1, t2, t3], scale: agre", "unknown-scale"),
    ("items: [t1, t2, t3], scale: agree", "items: [t1, t2, t3], scales: agree", "unknown-key"),
    # constructs
    ("items: [t1, t2], source", "items: [t1, t2], parts: [spending], source", "given-twice"),
    ("items: [t1, t2], source", "items: [t1, t1], source", "duplicate-id"),
    ("items: [t1, t2], source", "items: [t1, why], source", "no-measure"),
    ("parts: [trust, spending]", "parts: [trust, all]", "circular-parts"),
    ("parts: [trust, spending]", "parts: [trust, spendings]", "unknown-construct"),
    ("{id: trust, label", "{id: sex, label", "duplicate-id"),
    # partitions
    ("of: born, parts", "of: bron, parts", "unknown-item"),
    ("of: born, parts", "of: why, parts", "no-classes"),
    ("to: 1979}", "to: 1980}", "overlap"),
    ("to: 1979}", "to: 1978}", "gap"),
    ("to: 1979}", "below: 1980}", "needless-key"),
    ("to: 1979}", "codes: [1]}", "needless-key"),
    ("to: 1979}", "to: 1979.5}", "wrong-type"),
    ("from: 0, below: 10.5", "from: 0, to: 10.5", "needless-key"),
    ("{id: f, codes: 2}", "{id: f, codes: 3}", "unknown-code"),
    ("{id: f, codes: 2}", "{id: f, codes: 1}", "code-twice"),
    ("{id: f, codes: 2}", "{id: f}", "missing-key"),
    ("{id: f, codes: 2}", "{id: m, codes: 2}", "duplicate-id"),
    ("parts: [{id: m, codes: [1]}, {id: f, codes: 2}]", "parts: []", "no-parts"),
    # quality
    ("{item: t3, answer: 5}", "{item: t3, answer: 6}", "unknown-code"),
    ("{item: t3, answer: 5}", "{item: t33, answer: 5}", "unknown-item"),
    ("{item: t3, answer: 5}", "{item: t3}", "missing-key"),
    ("{item: t3, answer: 5}", "{item: where, answer: a}", "no-right-answer"),
    ("{item: t3, answer: 5}", "{item: gender, answer: 1}", "duplicate-id"),
    ("seconds_per_item: 2", "seconds_per_item: 0", "out-of-range"),
    # paradata
    ("from: 2026-05-01, to", "from: 2026-07-01, to", "empty-period"),
    ("longest_seconds: 7200", "longest_seconds: 10", "empty-range"),
    ("duration: 用时", "duration: Q1", "duplicate-id"),
    ('time_format: "%Y', 'time_format: "%Q', "bad-format"),
    # pii
    ("hash: [ip, user]", "hash: [ip, phone]", "duplicate-id"),
    ("free_text: why", "free_text: born", "wrong-item"),
    ("free_text: why", "free_text: wy", "unknown-item"),
    ("{name: visit, to: month}", "{name: born, to: month}", "wrong-item"),
    ("to: band, width: 50", "to: band", "missing-key"),
    ("{name: visit, to: month}", "{name: visit, to: month, width: 3}", "needless-key"),
    ("drop: [phone]", "drop: [gender]", "dropped-but-used"),
    ("drop: [phone]", "drop: [room]", "dropped-but-used"),
    ("drop: [phone]", "drop: [Q2]", "dropped-but-used"),
    # quotas
    ("{1: {min: 300, max: 500}, 2", "{1: {min: 300, max: 200}, 2", "empty-range"),
    ("{1: {min: 300, max: 500}, 2", "{3: {min: 300, max: 500}, 2", "unknown-code"),
    ("{1: {min: 300, max: 500}, 2", "{1: {}, 2", "missing-key"),
    ("{1: {min: 300, max: 500}, 2", "{1: {min: -1}, 2", "out-of-range"),
    ("{of: generation, cells: {old: {max: 10}}}", "{of: generation, cells: {}}", "wrong-type"),
    ("{of: generation, cells: {old", "{of: gender, cells: {1", "duplicate-id"),
    ("{of: generation, cells: {old", "{of: why, cells: {old", "no-classes"),
    # design
    ("lonely_psu: adjust", "lonely_psu: adjusted", "unknown-value"),
    ("fpc: [n_rooms, n_sellers]", "fpc: [n_rooms]", "wrong-length"),
    ("weight: w", "weight: gender", "wrong-item"),
    # weighting
    ("bounds: [0.3, 3]", "bounds: [3, 0.3]", "bad-bounds"),
    ("bounds: [0.3, 3]", "bounds: 3", "bad-bounds"),
    ("method: rake", "method: poststratify", "too-many-targets"),
    ("{1: 0.51, 2: 0.49}", "{1: 51, 2: 49}", "out-of-range"),
    ("{1: 0.51, 2: 0.49}", "{1: 0.51, 2: 0.48}", "wrong-sum"),
    ("{1: 0.51, 2: 0.49}", "{1: 1}", "missing-code"),
    ("{1: 0.51, 2: 0.49}", "{1: 0.5, 2: 0.4, 3: 0.1}", "unknown-code"),
    ("{of: gender, source: Census,", "{of: gender,", "missing-key"),
    ("{of: gender, source: Census,", "{of: generatio, source: Census,", "unknown-item"),
]


@pytest.mark.parametrize(("old", "new", "code"), BREAKS)
def test_every_break_is_one_problem_at_its_line(old: str, new: str, code: str) -> None:
    assert FULL.count(old) == 1, old
    line = FULL[: FULL.index(old)].count("\n") + 1
    found = problems_of(FULL.replace(old, new))
    assert code in [problem.code for problem in found], found
    if code not in ("too-many-targets", "bad-name"):  # told at another key, whose line is not this one
        here = [problem for problem in found if str(problem.where).startswith(f"i.yaml:{line}:")]
        assert code in [problem.code for problem in here], found


def test_one_wrong_scale_is_one_problem() -> None:
    found = problems_of(FULL.replace("min: 1, max: 5, labels", "min: 1, max: x, labels"))
    assert [(problem.code, problem.where) for problem in found] == [("wrong-type", "i.yaml:8: scales.agree.max")]


def test_one_wrong_item_is_one_problem() -> None:
    found = problems_of(FULL.replace("min: 1940", "min: y1940"))
    assert [problem.code for problem in found] == ["wrong-type"]


def test_a_misspelt_key_is_one_problem() -> None:
    found = problems_of(FULL.replace("source: Census, shares: {1:", "source: Census, share: {1:"))
    assert [problem.code for problem in found] == ["unknown-key"]


def test_an_option_and_an_item_of_one_name() -> None:
    found = problems_of(FULL.replace("{id: why, type: text", "{id: where_a, type: text"))
    assert "'where_a' names both an item (line 21) and an option of item 'where'" in [each.what for each in found]


def test_a_route_points_at_its_place() -> None:
    (problem,) = problems_of(FULL.replace("born >= 1950", "born => 1950"))
    assert str(problem.where).startswith("i.yaml:16: items[4].relevant, column 6")
    assert str(problem.got).splitlines()[1:] == ["born => 1950", "     ^^"]


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("6", None),
        ('"6.2"', None),
        ("6.2", None),
        ("6.10", "unquoted-number"),
        ("Q6", "bad-number"),
        ("0", "bad-number"),
    ],
)
def test_columns_by_number(column: str, problem: str | None) -> None:
    text = f"""\
schema: survey-sem/instrument/1
instrument: {{id: a, version: 1, title: A}}
source: {{columns: number}}
scales: {{s: {{min: 1, max: 5}}}}
items:
  - {{id: a, column: {column}, scale: s, text: A}}
  - {{id: b, scale: s, text: B}}
  - {{id: c, scale: s, text: C}}
matrices: [{{id: m, column: 9, items: [b, c], text: M}}]
"""
    if problem is None:
        assert [item.column for item in load(text).items] == [column.strip('"'), "9.1", "9.2"]
    else:
        assert [each.code for each in problems_of(text)] == [problem]
    assert "missing-key" in [each.code for each in problems_of(text.replace(", column: 9", ""))]


def test_a_chain_of_constructs_is_no_circle() -> None:
    chain = "".join(f"  - {{id: c{i}, label: C, parts: [c{i + 1}], source: x}}\n" for i in range(3000))
    text = FULL.replace(
        "partitions:\n", f"{chain}  - {{id: c3000, label: C, items: [t1], source: x}}\npartitions:\n", 1
    )
    assert len(load(text).constructs) == 3004
    (problem,) = problems_of(text.replace("parts: [c3000]", "parts: [c2990]"))
    assert problem.code == "circular-parts"


def test_too_many_variables() -> None:
    wide = "scales:\n  wide: {min: 1, max: 1000}\n"
    items = "".join(f"  - {{id: m{i}, type: multi, scale: wide, text: M}}\n" for i in range(101))
    text = FULL.replace("scales:\n", wide, 1).replace("items:\n", f"items:\n{items}", 1)
    assert [problem.code for problem in problems_of(text)] == ["too-many-variables"]


@pytest.mark.parametrize("day", ["20260501", "2026-W18-5", "2026-5-1", "2026-02-30"])
def test_days_are_written_in_one_way(day: str) -> None:
    assert [each.code for each in problems_of(FULL.replace("from: 2026-05-01", f"from: {day}"))] == ["wrong-type"]


def test_a_mapping_by_names_in_place_of_a_list_is_one_problem() -> None:
    text = FULL.replace("constructs:\n", "constructs:\n  extra: {label: E, items: [t1], source: x}\n", 1)
    for name in ("trust", "spending", "all"):
        text = text.replace(f"  - {{id: {name}, label", f"  {name}: {{label", 1)
    (problem,) = problems_of(text)
    assert (problem.code, problem.expected) == ("not-a-list", "entries such as '- {id: extra, ...}'")


def test_an_entry_that_is_no_mapping_is_one_problem() -> None:
    (problem,) = problems_of(FULL.replace("items:\n", "items:\n  - Q1\n", 1))
    assert (problem.code, problem.where) == ("wrong-type", "i.yaml:12: items[0]")
