"""Which column of an export belongs to which item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from survey_sem.errors import did_you_mean
from survey_sem.exports import RawTable
from survey_sem.instrument import Instrument, Item
from survey_sem.instrument.model import ColumnsBy
from survey_sem.instrument.routing import Code
from survey_sem.responses.cells import folded
from survey_sem.responses.report import Finding

_NUMBER = re.compile(r"(?:[Qq])?([0-9]+)(?:\.([0-9]+))?")
_By = ColumnsBy | Literal["id"]
SHOWN_UNKNOWN = 20
"""So many unknown columns get a finding of their own; the rest share one."""


@dataclass(slots=True)
class Places:
    """Where everything that the instrument names stands in an export.

    Parameters
    ----------
    items : dict
        Item id -> column.
    spread : dict
        Item id -> code -> column, of multi and rank items with a column per option.
    roles : dict
        Paradata role -> column.
    extras : dict
        Name in the instrument (a stratum, a weight, a quota ...) -> column.
    dropped : dict
        Name -> column that is personal data and must not be taken over.
    aliases : dict
        Column that is named as personal data -> the item or role whose column it is.
    findings : list of Finding
        Columns that are missing, or that more than one item claims.
    """

    items: dict[str, str] = field(default_factory=dict)
    spread: dict[str, dict[Code, str]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def owners(self) -> dict[str, str]:
        """Column -> the item or role that it belongs to."""
        spread = {column: item for item, columns in self.spread.items() for column in columns.values()}
        named = {**self.roles, **self.items}
        return {**{column: name for name, column in named.items()}, **spread}

    @property
    def used(self) -> set[str]:
        """Every column that has a place."""
        spread = {column for columns in self.spread.values() for column in columns.values()}
        return {*self.items.values(), *spread, *self.roles.values(), *self.extras.values(), *self.dropped.values()}


def locate(raw: RawTable, instrument: Instrument) -> Places:
    """Find the column of every item, paradata role and further name of an instrument.

    A table without a single column of those that the instrument names, but with columns called like its items (as a
    simulation makes them), is read by the ids of the items; paradata may then be absent.
    """
    places = _located(raw, instrument, instrument.source.columns)
    if places.items or places.spread:
        return places
    if _named_by_id(raw, instrument):
        return _located(raw, instrument, "id")
    first, *rest = places.findings
    by = instrument.source.columns
    others = " or ".join(way for way in get_args(ColumnsBy) if way != by)
    hint = (
        "not one item was found: is this its export? "
        f"columns were looked for by {by}; if by {others}, say `source: {{columns: ...}}`"
    )
    told = f"{first.hint} {hint}" if first.hint else hint
    return replace(places, findings=[replace(first, hint=told), *rest])


def _named_by_id(raw: RawTable, instrument: Instrument) -> bool:
    return not {*instrument.variables, *(item.id for item in instrument.items)}.isdisjoint(raw.columns)


def _located(raw: RawTable, instrument: Instrument, by: _By) -> Places:
    finder = _Finder(raw, by)
    places = Places()
    for item in instrument.items:
        _place_item(item, finder, places)
    for role, column in instrument.paradata.columns.items():
        if by == "id" and not finder.has(column):
            if finder.has(role):
                places.roles[role] = role
            continue
        _place_named(column, column, finder, places, places.roles, role)
    for name in _further_names(instrument):
        _place_named(name, name, finder, places, places.extras, name)
    _place_personal(instrument, finder, places)
    return places


def unknown_columns(raw: RawTable, places: Places) -> list[Finding]:
    """A warning per column that the instrument does not know; many of them share the last one."""
    used = places.used
    names = [name for name in raw.columns if name not in used]
    alone, rest = names[:SHOWN_UNKNOWN], names[SHOWN_UNKNOWN:]
    findings = [_unknown(name, "an unknown one") for name in alone]
    if rest:
        findings.append(_unknown(rest[0], f"{len(rest)} more unknown ones, up to {rest[-1]}"))
    return findings


def _unknown(name: str, got: str) -> Finding:
    hint = "left out; describe it under `items:`, or name it under `pii: drop:`"
    return Finding("unknown-column", name, "warning", "a column of the instrument", got, hint=hint)


def _further_names(instrument: Instrument) -> list[str]:
    """Columns that design, quotas and weighting name and that are neither items nor partitions."""
    design = instrument.design
    single = [name for name in (design.strata, design.weight) if name is not None]
    names = [*single, *design.psu, *design.fpc, *(quota.of for quota in instrument.quotas)]
    if instrument.weighting is not None:
        names += [target.of for target in instrument.weighting.targets]
    known = {*instrument.variables, *(item.id for item in instrument.items)}
    return [name for name in dict.fromkeys(names) if name not in known]


def _place_named(column: str, item: str, finder: _Finder, places: Places, into: dict[str, str], key: str) -> None:
    """A column that is named as such: by its name, or by its header where the dialect gave it another name."""
    found = column if finder.has(column) else finder.headed_exactly(column)
    if found is not None:
        into[key] = found
        return
    hint = did_you_mean(column, finder.names) or ""
    places.findings.append(
        Finding("missing-column", item, "error", f"a column '{column}'", "none of that name", hint=hint)
    )


def _place_personal(instrument: Instrument, finder: _Finder, places: Places) -> None:
    """Columns that are personal data and nothing else: kept in the form that the instrument wants, or left out.

    A column to keep in another form that is not there may be misspelt, and the data would stay as they are: that is an
    error. A column to drop may be absent.
    """
    told = instrument.privacy
    kept = [*told.pseudonymise, *(each.name for each in told.generalise), *told.free_text]
    own = {*(item.id for item in instrument.items), *instrument.paradata.columns, *places.extras}
    owners = places.owners
    for name in dict.fromkeys([*kept, *told.drop]):
        if name in own:
            continue
        column = name if finder.has(name) else finder.headed_exactly(name)
        if column is not None and column in owners:
            places.aliases[name] = owners[column]
        elif column is not None or name in kept:
            into = places.extras if name in kept else places.dropped
            _place_named(name, name, finder, places, into, name)


def _place_item(item: Item, finder: _Finder, places: Places) -> None:
    if item.columns and finder.by != "id":
        _place_spread(item, item.columns, finder, places)
        return
    wanted = item.id if finder.by == "id" else item.column
    found = finder.find(wanted)
    if isinstance(found, str):
        _claim(item, found, places)
    elif item.is_spread and (columns := finder.parts(item)):
        places.spread[item.id] = columns
    else:
        places.findings.append(_missing(item, wanted, found, finder))


def _place_spread(item: Item, columns: Mapping[Code, str], finder: _Finder, places: Places) -> None:
    found = {code: finder.find(column) for code, column in columns.items()}
    absent = [(columns[code], place) for code, place in found.items() if not isinstance(place, str)]
    if not absent:
        places.spread[item.id] = {code: place for code, place in found.items() if isinstance(place, str)}
        return
    first = _missing(item, absent[0][0], absent[0][1], finder)
    names = ", ".join(column for column, _ in absent[:5]) + (", …" if len(absent) > 5 else "")
    expected = f"a column per option ({len(columns)})"
    got = (
        first.got
        if len(absent) == 1 and not first.got.startswith("none")
        else f"{len(absent)} that are not there: {names}"
    )
    places.findings.append(Finding("missing-column", item.id, "error", expected, got, hint=first.hint))


def _claim(item: Item, column: str, places: Places) -> None:
    owner = next((name for name, taken in places.items.items() if taken == column), None)
    if owner is None:
        places.items[item.id] = column
        return
    places.findings.append(
        Finding(
            "missing-column",
            item.id,
            "error",
            f"a column '{item.column}' of its own",
            f"column '{column}', which item {owner} has already",
            hint="give the full header, or the name of the column",
        )
    )


def _missing(item: Item, column: str, candidates: Sequence[str], finder: _Finder) -> Finding:
    expected = f"{finder.kind} '{column}'"
    if candidates:
        names = ", ".join(candidates[:5])
        hint = "write the whole header, or find columns by name"
        return Finding("missing-column", item.id, "error", expected, f"{len(candidates)} that fit: {names}", hint=hint)
    return Finding("missing-column", item.id, "error", expected, "none of that name", hint=finder.advice(item, column))


class _Finder:
    """The columns of one export, by everything that an instrument may call them."""

    def __init__(self, raw: RawTable, by: _By) -> None:
        self.by = by
        self.names = raw.columns
        self.kind = {
            "name": "a column",
            "number": "a question",
            "header": "a column with the header",
            "id": "a column",
        }[by]
        self._lower = {name.lower(): name for name in reversed(self.names)}
        self._headers = {name: raw.headers.get(name, name).strip() for name in self.names}
        self._exact = [
            _by_text(self._headers),
            _by_text({name: text.strip() for name, text in raw.column_labels.items()}),
        ]
        self._alike = [_folded_groups(level) for level in self._exact]

    def find(self, wanted: str) -> str | tuple[str, ...]:
        """The column, or those that fit equally well (none: there is no such column)."""
        if self.by in ("name", "id"):
            return wanted if wanted in self._headers else ()
        if self.by == "number":
            return self._numbered(wanted)
        return self._headed(wanted)

    def has(self, name: str) -> bool:
        """Whether a column has that name."""
        return name in self._headers

    def headed_exactly(self, wanted: str) -> str | None:
        """The only column with that header."""
        names = self._exact[0].get(wanted.strip(), ())
        return names[0] if len(names) == 1 else None

    def _numbered(self, wanted: str) -> str | tuple[str, ...]:
        match = _NUMBER.fullmatch(wanted.strip())
        if match is None:
            return wanted if wanted in self._headers else ()
        number, row = match.groups()
        return self._first([f"q{number}", number] if row is None else _row_names(number, row)) or ()

    def _first(self, candidates: Iterable[str]) -> str | None:
        return next((self._lower[name] for name in candidates if name in self._lower), None)

    def _headed(self, wanted: str) -> str | tuple[str, ...]:
        for level in self._exact:
            if names := level.get(wanted.strip()):
                return names[0] if len(names) == 1 else tuple(names)
        for level in self._alike:
            if names := level.get(folded(wanted)):
                return names[0] if len(names) == 1 else tuple(names)
        return ()

    def parts(self, item: Item) -> dict[Code, str]:
        """One column per code (``Q5_R1``, ``Q5_R2``, ...) of a multi or rank item that the export spreads, or none."""
        assert item.scale is not None
        if self.by == "id":
            own = dict(zip(item.scale.codes, item.variables, strict=True))
            return own if all(self.has(name) for name in own.values()) else {}
        base = self._base(item.column)
        found = [self._first(_row_names(base, str(row))) for row in range(1, len(item.scale.codes) + 1)]
        if any(self._first(_row_names(base, str(len(found) + 1))) or name is None for name in found):
            return {}
        return {code: name for code, name in zip(item.scale.codes, found, strict=True) if name is not None}

    def _base(self, column: str) -> str:
        match = _NUMBER.fullmatch(column.strip())
        return match[1] if match is not None and self.by == "number" else column.lower()

    def advice(self, item: Item, wanted: str) -> str:
        """What to do about a column that is not there."""
        if item.is_spread and not item.columns:
            assert item.scale is not None
            start = self._base(item.column)
            start = f"q{start}_" if start.isdigit() else f"{start}_"
            n_parts = sum(name.startswith(start) for name in self._lower)
            if n_parts:
                return f"{n_parts} columns begin with '{start}': name one per option under `columns:`"
        if self.by != "header" and (name := self.headed_exactly(wanted)):
            return (
                f"a header reads so: write `column: {name}`, or find columns by header (`source: {{columns: header}}`)"
            )
        known = self._exact[0] if self.by == "header" else self.names
        return did_you_mean(wanted, known) or ""


def _row_names(base: str, row: str) -> list[str]:
    """How platforms name the column of a row, in lower case; the base of a question by number is its number."""
    start = f"q{base}" if base.isdigit() else base
    marks = ("_r", "_row", "_", ".", "-", "r")
    return [*(f"{start}{mark}{row}" for mark in marks), f"{base}.{row}"]


def _by_text(texts: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, text in texts.items():
        if text:
            groups.setdefault(text, []).append(name)
    return groups


def _folded_groups(level: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for text, names in level.items():
        groups.setdefault(folded(text), []).extend(names)
    return {text: names for text, names in groups.items() if text}
