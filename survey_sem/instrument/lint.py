"""What is legal in an instrument and still worth a second look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from survey_sem.errors import Warned, nearest
from survey_sem.instrument.importing.wording import is_personal
from survey_sem.instrument.model import Instrument, Item
from survey_sem.instrument.routing import Code
from survey_sem.instrument.section import ANY_LANGUAGE, MANY_NAMES, Texts, is_blank, written_names
from survey_sem.instrument.strict_yaml import Node, shortened

MANY_ITEMS = 15
"""From so many items on answers get careless, and a check for it pays."""
_NO_SOURCE = re.compile(
    r"\W*(unknown|none|n/?a|todo|tbd|xxx*|guess\w*|own|me|internet|web|google|百度|网上|未知|无)?\W*", re.I
)
_YEAR = re.compile(r"(19|20)\d\d")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|TBD|XXX)\b|待补|待定|待填")


class Places:
    """Where things of an instrument are written.

    Parameters
    ----------
    node : Node
        The document.
    """

    def __init__(self, node: Node) -> None:
        self.top: Mapping[str, Node] = node.value if isinstance(node.value, dict) else {}
        self.root = node
        self._entries: dict[str, dict[str, Node]] = {}

    def section(self, name: str) -> str:
        """A section, or the top of the file where there is none."""
        return self.top.get(name, self.root).where

    def key(self, section: str, key: str) -> str:
        """A key of a section."""
        return self._inside(self.top.get(section, self.root), key).where

    def entry(self, section: str, name: str, key: str | None = None) -> str:
        """An entry of a list by its id, or one of its keys where that is written."""
        if section not in self._entries:
            listed = self.top.get(section, self.root)
            self._entries[section] = written_names(listed.value if isinstance(listed.value, list) else [listed])
        found = self._entries[section].get(name, self.root)
        return (self._inside(found, key) if key else found).where

    def named(self, section: str, key: str, word: str) -> str:
        """A word of a list of words."""
        listed = self._inside(self.top.get(section, self.root), key)
        words = listed.value if isinstance(listed.value, list) else [listed]
        return next((node.where for node in words if node.value == word), listed.where)

    def target(self, of: str) -> str:
        """The weighting target of an item or partition."""
        listed = self._inside(self.top.get("weighting", self.root), "targets")
        nodes = listed.value if isinstance(listed.value, list) else [listed]
        return written_names(nodes, "of").get(of, listed).where

    @staticmethod
    def _inside(node: Node, key: str) -> Node:
        return node.value.get(key, node) if isinstance(node.value, dict) else node


Check = Callable[[Places, Instrument], Iterator[Warned]]


def lint(node: Node, instrument: Instrument) -> tuple[Warned, ...]:
    """Everything worth a look, in the order of the file.

    Parameters
    ----------
    node : Node
        The document, for the places.
    instrument : Instrument
        What was read from it.
    """
    places = Places(node)
    found = [warned for check in _CHECKS for warned in check(places, instrument)]
    return tuple(sorted(found, key=_line))


def _line(warned: Warned) -> int:
    found = re.search(r":(\d+): ", warned.where or "")
    return int(found[1]) if found else 0


def _blank_keys(places: Places, instrument: Instrument) -> Iterator[Warned]:
    for node in _scalars(places.root):
        if is_blank(node):
            yield Warned("blank-key", "nothing is written here: the key counts as left out", node.where)
        elif isinstance(node.value, str) and _UNFINISHED.search(node.value):
            yield Warned("unfinished", f"this is not finished: {shortened(node.value)!r}", node.where)


def _scalars(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        for inner in node.value.values():
            yield from _scalars(inner)
    elif isinstance(node.value, list):
        for inner in node.value:
            yield from _scalars(inner)
    else:
        yield node


def _told(places: Places, instrument: Instrument) -> Iterator[Warned]:
    silent = [key for key in ("population", "mode", "dates", "consent", "ethics") if not getattr(instrument, key)]
    if silent:
        what = f"nothing is said about {', '.join(silent)}"
        hint = "reports print it; where there is nothing to say, say why"
        yield Warned("not-told", what, places.section("instrument"), hint)
    unsourced = [item.id for item in instrument.items if not item.source]
    if unsourced:
        shown = shortened(", ".join(unsourced))
        n = len(unsourced)
        what = (
            f"{n} item{'s' if n > 1 else ''} do{'es' if n == 1 else ''} not say where the wording comes from: {shown}"
        )
        yield Warned("no-source", what, places.section("items"), "source: own wording, or a reference that you checked")


def _languages(places: Places, instrument: Instrument) -> Iterator[Warned]:
    used = sorted({code for _, texts, _ in _all_texts(places, instrument) for code in texts} - {ANY_LANGUAGE})
    for what, texts, where in _all_texts(places, instrument):
        absent = [code for code in used if code not in texts]
        if texts and absent and ANY_LANGUAGE not in texts:
            yield Warned("language-missing", f"{what} is not there in {', '.join(absent)}", where)
    for scale in instrument.scales.values():
        absent = [code for code in used if code not in scale.labels]
        if scale.labels and absent and ANY_LANGUAGE not in scale.labels:
            what = f"scale '{scale.id}' has no labels in {', '.join(absent)}"
            yield Warned("language-missing", what, places.key("scales", scale.id))
        if not scale.labels:
            yield Warned("no-labels", f"no code of scale '{scale.id}' has a label", places.key("scales", scale.id))
        yield from _unequal_labels(places, scale.id, scale.labels)


def _unequal_labels(places: Places, name: str, labels: Mapping[str, Mapping[Code, str]]) -> Iterator[Warned]:
    every = {code for by_code in labels.values() for code in by_code}
    for language, by_code in labels.items():
        absent = [str(code) for code in sorted(every - set(by_code), key=str)]
        if absent:
            what = f"scale '{name}' labels {', '.join(absent)} in another language, but not in {language}"
            yield Warned("language-missing", what, places.key("scales", name))


def _all_texts(places: Places, instrument: Instrument) -> Iterator[tuple[str, Texts, str]]:
    """What it is, by language, and where."""
    for key in ("title", "population", "mode", "dates", "consent", "ethics"):
        yield f"'{key}'", getattr(instrument, key), places.key("instrument", key)
    for item in instrument.items:
        yield f"the text of item '{item.id}'", item.text, places.entry("items", item.id, "text")
    for matrix in instrument.matrices:
        yield f"the stem of matrix '{matrix.id}'", matrix.text, places.entry("matrices", matrix.id, "text")
    for construct in instrument.constructs:
        yield f"the label of '{construct.id}'", construct.label, places.entry("constructs", construct.id, "label")
    for partition in instrument.partitions:
        where = places.entry("partitions", partition.id, "label")
        yield f"the label of '{partition.id}'", partition.label, where
        for part in partition.parts:
            where = places.entry("partitions", partition.id, "parts")
            yield f"the label of part '{part.id}' of '{partition.id}'", part.label, where


def _scales(places: Places, instrument: Instrument) -> Iterator[Warned]:
    used = {item.scale.id for item in instrument.items if item.scale is not None}
    for name in instrument.scales:
        if name not in used:
            yield Warned("unused-scale", f"no item is on scale '{name}'", places.key("scales", name))


def _constructs(places: Places, instrument: Instrument) -> Iterator[Warned]:
    checks = {check.item for check in instrument.quality.attention}
    for construct in instrument.constructs:
        where = places.entry("constructs", construct.id)
        members, kind = (construct.parts, "part") if construct.parts else (construct.items, "item")
        if len(members) < 3:
            few = f"one {kind}" if len(members) == 1 else f"two {kind}s"
            hint = (
                "its error of measurement cannot be estimated"
                if len(members) == 1
                else "a factor of two is identified only through others, and one weak item leaves nothing"
            )
            yield Warned("few-items", f"construct '{construct.id}' has {few}", where, hint)
        for name in sorted(checks & set(construct.items)):
            what = f"'{name}' is an attention check and an item of construct '{construct.id}'"
            yield Warned("check-in-construct", what, where, "its right answer has nothing to do with the construct")
    yield from _forgotten(places, instrument, checks)
    items = {item.id: item for item in instrument.items}
    measured = [items[name] for construct in instrument.constructs for name in construct.items]
    scaled = [item for item in measured if item.type == "ordinal"]
    if len(scaled) >= 3 and not any(item.reverse for item in scaled):
        what = "no item of a construct is reverse-keyed: who agrees with everything cannot be told from who means it"
        yield Warned("no-reversed-item", what, places.section("constructs"), "or say in the report why there is none")


def _forgotten(places: Places, instrument: Instrument, checks: set[str]) -> Iterator[Warned]:
    """Items on the scale of a construct that are in none: an ordinal item on a scale of its own may be background."""
    members = {name for construct in instrument.constructs for name in construct.items}
    used = {each.of for each in instrument.partitions} | {each.of for each in instrument.quotas}
    placed = members | checks | used
    scales = {item.scale.id for item in instrument.items if item.id in members and item.scale is not None}
    for item in instrument.items:
        alone = item.id not in placed
        if alone and item.type == "ordinal" and item.scale is not None and item.scale.id in scales:
            what = f"item '{item.id}' is on the scale '{item.scale.id}' of other items, but in no construct"
            yield Warned("in-no-construct", what, places.entry("items", item.id))


def _quality(places: Places, instrument: Instrument) -> Iterator[Warned]:
    scaled = [item for item in instrument.items if item.type == "ordinal"]
    if len(scaled) >= MANY_ITEMS and not instrument.quality.attention:
        what = f"{len(scaled)} items on scales and no attention check"
        hint = "quality: {attention: [{item: ..., answer: ...}]}"
        yield Warned("no-attention-check", what, places.section("quality"), hint)


def _paradata(places: Places, instrument: Instrument) -> Iterator[Warned]:
    paradata = instrument.paradata
    has_clock = paradata.started is not None or paradata.submitted is not None
    has_period = paradata.field_start is not None or paradata.field_end is not None
    if has_clock and not has_period:
        what = "there is no field period: answers from before or after it cannot be told"
        hint = "field_period: {from: 2026-05-01, to: 2026-06-30}"
        yield Warned("no-field-period", what, places.section("paradata"), hint)
    if has_period and not has_clock:
        what = "there is a field period, but no column with a clock time ('started' or 'submitted')"
        yield Warned("no-clock", what, places.key("paradata", "field_period"))
    if paradata.duration is None and (paradata.shortest is not None or paradata.longest is not None):
        what = "durations are limited, but no column holds them ('duration')"
        yield Warned("no-duration", what, places.section("paradata"))


def _privacy(places: Places, instrument: Instrument) -> Iterator[Warned]:
    privacy = instrument.privacy
    treated = {*privacy.drop, *privacy.pseudonymise, *privacy.free_text, *(each.name for each in privacy.generalise)}
    for item in instrument.items:
        if not treated & {item.id, item.column}:
            yield from _personal(places, item)
    columns = instrument.paradata.columns
    for role in ("ip", "user"):
        if role in columns and not treated & {role, columns[role]}:
            what = f"'{role}' names people, and nothing is done about it"
            yield Warned("personal-data", what, places.key("paradata", role), f"pii: {{hash: [{role}]}}, or drop")
    known = [*(item.id for item in instrument.items), *columns, *columns.values()]
    for key, names in (("drop", privacy.drop), ("hash", privacy.pseudonymise)):
        for name in names[:MANY_ITEMS]:
            yield from _nearly(name, known, places.named("pii", key, name))


def _personal(places: Places, item: Item) -> Iterator[Warned]:
    where = places.entry("items", item.id)
    names = [name for name in (item.id, item.column) if item.type in ("text", "number") and is_personal(name, [name])]
    if names or (item.type == "text" and is_personal(item.id, item.text.values())):
        what = f"item '{item.id}' seems to ask who or where somebody is"
        yield Warned("personal-data", what, where, f"pii: {{drop: [{item.id}]}}, or hash")
    elif item.type == "text":
        what = f"answers to '{item.id}' are in people's own words, which may name somebody"
        yield Warned("free-text", what, where, f"pii: {{free_text: [{item.id}]}} masks numbers and addresses")


def _nearly(name: str, known: Iterable[str], where: str) -> Iterator[Warned]:
    """A name that may be a column, but looks like a slip of the pen."""
    listed = list(known)
    close = nearest(name, listed) if name not in listed and len(listed) <= MANY_NAMES else []
    if close and _distance_is_small(name, close[0]):
        what = f"'{name}' is taken as the name of a column: no item or role is called so"
        yield Warned("unknown-name", what, where, f"did you mean '{close[0]}'?")


def _distance_is_small(first: str, second: str) -> bool:
    """Whether two names differ in about one letter."""
    letters = Counter(first.lower())
    letters.subtract(second.lower())
    return sum(map(abs, letters.values())) <= 2 and abs(len(first) - len(second)) <= 1


def _sampling(places: Places, instrument: Instrument) -> Iterator[Warned]:
    items = {item.id: item for item in instrument.items}
    of = {partition.id: partition.of for partition in instrument.partitions}
    for target in instrument.weighting.targets if instrument.weighting else ():
        where = places.target(target.of)
        item = items[of.get(target.of, target.of)]
        if _NO_SOURCE.fullmatch(target.source) or not _YEAR.search(target.source):
            what = f"the source of the shares of '{target.of}' cannot be looked up: {shortened(target.source)!r}"
            yield Warned("weak-source", what, where, "name who published them, the title, and the year")
        if item.relevant is not None:
            what = f"'{target.of}' is a weighting target, but not everybody is asked '{item.id}'"
            yield Warned("target-routed", what, where, "who was not asked has no share")
    design, known = instrument.design, [*items, *of]
    named = {"strata": (design.strata,), "psu": design.psu, "weight": (design.weight,), "fpc": design.fpc}
    for key, names in named.items():
        for name in names[:MANY_ITEMS]:
            if name is not None:
                yield from _nearly(name, known, places.named("design", key, name))


_CHECKS: tuple[Check, ...] = (
    _blank_keys,
    _told,
    _languages,
    _scales,
    _constructs,
    _quality,
    _paradata,
    _privacy,
    _sampling,
)
