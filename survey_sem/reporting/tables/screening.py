"""Tables of screening and of response rates, from their plain records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_sem.reporting.contents import Absent, Amount, Cell, Content, Count, Joined, Said, Texts, said
from survey_sem.reporting.numbers import MINUS
from survey_sem.reporting.table import Column, Table
from survey_sem.sample.describe import SMALLEST_CELL

Record = Mapping[str, Any]
_MOST_RULES = 12
"""A table of pairs of more rules than this is wider than a page."""


def rates_table(record: Record) -> Table | None:
    """Response rates, or participation and completion, with their counts; None without any."""
    if not record["rates"]:
        return None
    columns = (
        Column("rate"),
        Column("rate_value", "percent"),
        Column("counted", "count"),
        Column("counted_of", "count"),
    )
    rows = tuple(
        (Said(f"rate.{rate['name']}", code=rate["name"]), rate["value"], rate["numerator"], rate["denominator"])
        for rate in record["rates"]
    )
    return Table("response_rates", columns, rows, _rates_notes(record))


def _rates_notes(record: Record) -> tuple[Said, ...]:
    told = record.get("dispositions")
    if told is None:
        return (said("note.rates.probability" if record["probability"] else "note.rates.other"),)
    notes = [said("note.rates.aapor")]
    unknown = sum(told["counts"].get(name, 0) for name in ("UH", "UO"))
    if not unknown:
        notes.append(said("note.rates.no_unknown"))
    elif told["eligible"] is None:
        notes.append(said("note.rates.no_e"))
    else:
        share, source = Amount(told["eligible"], "bounded"), Texts(told["eligible_source"] or {})
        notes.append(said(f"note.rates.e_{told['eligible_from']}", e=share, source=source))
    return tuple(notes)


def dispositions_table(record: Record) -> Table | None:
    """What became of all cases; None where that is not told."""
    told = record.get("dispositions")
    if told is None:
        return None
    columns = (Column("disposition"), Column("cases", "count"), Column("share", "percent"))
    total = sum(told["counts"].values())
    rows = tuple(
        (Said(f"disposition.{name}", code=name), count, count / total) for name, count in told["counts"].items()
    )
    return Table("dispositions", columns, rows)


def rules_table(record: Record) -> Table:
    """Every rule with its cut-off, and how many answer sheets it flags."""
    columns = (
        Column("sign"),
        Column("cut_off"),
        Column("flagged", "count"),
        Column("flagged_only", "count"),
        Column("unknown", "count"),
        Column("excludes"),
    )
    alone = record["plan"]["exclude"]["or"]
    rows = tuple(
        (
            index_name(rule["index"]),
            _cut_off(rule),
            _count(rule["flagged"], record["n"]),
            _withheld(rule["only"]),
            _withheld(rule["unknown"]),
            said("screening.alone") if rule["index"] in alone else None,
        )
        for rule in record["rules"]
    )
    return Table("screening", columns, rows, (said("note.screening", smallest=SMALLEST_CELL),))


def numbers_table(record: Record) -> Table:
    """How many answer sheets have how many flags."""
    last = max((at for at, count in enumerate(record["by_number"]) if count != 0), default=0)
    rows = tuple((str(at), _count(count, record["n"])) for at, count in enumerate(record["by_number"][: last + 1]))
    return Table("screening_numbers", (Column("flags"), Column("sheets", "count")), rows)


def overlap_table(record: Record) -> Table | None:
    """Answer sheets with both of two flags; None for a single rule, and for more than a page can hold."""
    names = [rule["index"] for rule in record["rules"]]
    if not 2 <= len(names) <= _MOST_RULES:
        return None
    columns = (
        Column("sign"),
        *(
            Column(f"overlap_{at}", "count", heading=said("column.rule_number", number=at))
            for at in range(1, len(names))
        ),
    )
    rows: list[tuple[Cell, ...]] = []
    for row, name in enumerate(names):
        first = said("screening.numbered", number=row + 1, name=index_name(name))
        rows.append(
            (first, *(_withheld(record["overlap"][row][at]) if at < row else None for at in range(len(names) - 1)))
        )
    return Table("screening_overlap", columns, tuple(rows))


def index_name(index: str) -> Said:
    """An index in words."""
    return Said(f"screening.{index}", code=index)


def exclusion_words(record: Record) -> Said | None:
    """Whom the rules exclude, in words; None where they exclude nobody."""
    exclude, rules = record["plan"]["exclude"], {rule["index"]: rule for rule in record["rules"]}
    alone = [rule_words(rules[index]) for index in exclude["or"] if index in rules]
    others = Joined(tuple(alone))
    if exclude["at_least"] is None:
        return said("screening.reason", parts=others) if alone else None
    flags = said("screening.reason.flags", flags=exclude["at_least"], rules=len(record["plan"]["rules"]))
    return said("screening.reason", parts=said("screening.reason.or", first=flags, others=others) if alone else flags)


def rule_words(rule: Record) -> Said:
    """An index with its cut-off."""
    return said("screening.rule", name=index_name(rule["index"]), cut_off=_cut_off(rule))


def _cut_off(rule: Record) -> Content:
    return said(f"screening.{rule['relation']}", value=f"{rule['cut_off']:g}".replace("-", MINUS))


def _count(count: int | None, total: int) -> Cell:
    return _few() if count is None else Count(count, total)


def _withheld(count: int | None) -> Cell:
    return _few() if count is None else count


def _few() -> Absent:
    return Absent(said("absent.small"))
