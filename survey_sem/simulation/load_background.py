"""The background of a population file: how items outside of the model are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from survey_sem.instrument import Instrument, Item
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import code_among
from survey_sem.instrument.section import Section, fail, integer, iso_date, number, reference, text
from survey_sem.instrument.strict_yaml import Node
from survey_sem.simulation import keys
from survey_sem.simulation.dependence import base_item
from survey_sem.simulation.load_values import (
    by_code,
    effects,
    entries,
    positive,
    probability,
    shares_by_code,
    summing_to_one,
    variable_codes,
)
from survey_sem.simulation.population import (
    Choices,
    Classes,
    Dates,
    Distribution,
    Effects,
    Logistic,
    Lognormal,
    Poisson,
    Shares,
    Utilities,
    Written,
)
from survey_sem.simulation.structure import Structure

MAX_POISSON = 1e6
_TYPES: Mapping[str, tuple[str, ...]] = {
    "shares": ("nominal", "ordinal"),
    "classes": ("number",),
    "lognormal": ("number",),
    "poisson": ("number",),
    "logistic": ("nominal", "ordinal"),
    "choices": ("multi",),
    "utilities": ("rank",),
    "texts": ("text",),
    "dates": ("date",),
}
_EXTRAS: Mapping[str, str] = {"by": "shares", "round": "lognormal", "codes": "logistic", "answered": "texts"}
"""Further keys of an entry -> the distribution that they belong to."""


def read_background(
    top: Section, instrument: Instrument, structure: Structure | None, problems: Problems
) -> dict[str, Distribution]:
    """Item -> distribution, in the order of drawing; entries with a problem are left out."""
    drawn: dict[str, Distribution] = {}

    def read(node: Node) -> None:
        name, distribution = _entry(node, instrument, drawn, structure)
        drawn[name] = distribution

    problems.each(top.entries("background"), read)
    return drawn


def _entry(
    node: Node, instrument: Instrument, drawn: Mapping[str, Distribution], structure: Structure | None
) -> tuple[str, Distribution]:
    section = Section(node, keys.BACKGROUND)
    items = {item.id: item for item in instrument.items}
    item = items[reference(section["item"], items, "item")]
    if item.id in drawn or (structure is not None and item.id in structure.observed):
        what = "in the model" if item.id not in drawn else "above"
        fail(section["item"], "drawn-twice", f"'{item.id}' is already drawn {what}")
    kind = _kind(section, item)
    return item.id, _READERS[kind](section, item, instrument, drawn, structure)


def _kind(section: Section, item: Item) -> str:
    given = [key for key in keys.DISTRIBUTIONS if key in section]
    if len(given) != 1:
        what = f"'{item.id}' has {' and '.join(given)}" if given else f"nothing says how '{item.id}' is drawn"
        fail(section.node, "one-distribution", what, expected=f"one of {', '.join(keys.DISTRIBUTIONS)}")
    for key, owner in _EXTRAS.items():
        if key in section and owner != given[0]:
            fail(section[key], "needless-key", f"'{key}' goes with '{owner}', not with '{given[0]}'")
    if item.type not in _TYPES[given[0]]:
        what = f"'{given[0]}' draws items of type {' or '.join(_TYPES[given[0]])}; '{item.id}' is of type {item.type}"
        fitting = [key for key, types in _TYPES.items() if item.type in types]
        fail(section[given[0]], "wrong-distribution", what, expected=" or ".join(fitting))
    return given[0]


def _codes(item: Item) -> tuple[Code, ...]:
    assert item.scale is not None
    return item.scale.codes


def _shares(
    section: Section, item: Item, instrument: Instrument, drawn: Mapping[str, Distribution], *_: object
) -> Shares:
    codes, node = _codes(item), section["shares"]
    if "by" not in section:
        return Shares(codes, {None: _row(node, codes, item.id)})
    by = text(section["by"])
    others = variable_codes(section["by"], instrument)
    if base_item(by, instrument) not in drawn:
        fail(section["by"], "not-drawn-yet", f"'{by}' is not drawn above", hint="move its entry up")
    return Shares(codes, {code: _row(each, codes, item.id) for code, each in by_code(node, others, by).items()}, by)


def _row(node: Node, codes: Sequence[Code], of: str) -> tuple[float, ...]:
    return summing_to_one(list(shares_by_code(node, codes, of).values()), node)


def _classes(section: Section, item: Item, *_: object) -> Classes:
    classes = []
    for node in entries(section, "classes"):
        entry = Section(node, keys.CLASS)
        low, high = integer(entry["from"]), integer(entry["to"])
        if not -(10**9) <= low <= high <= 10**9:
            fail(entry["to"], "empty-class", f"the class ends at {high}, before it begins at {low}, or is too wide")
        if _is_outside(low, item) or _is_outside(high, item):
            fail(node, "out-of-range", f"the class leaves the range of '{item.id}'", expected=item.expected())
        classes.append((low, high, probability(entry["share"])))
    shares = summing_to_one([share for _, _, share in classes], section["classes"])
    return Classes(tuple((low, high, share) for (low, high, _), share in zip(classes, shares, strict=True)))


def _is_outside(value: float, item: Item) -> bool:
    low, high = (limit if isinstance(limit, (int, float)) else None for limit in (item.min, item.max))
    return (low is not None and value < low) or (high is not None and value > high)


def _on(section: Section, structure: Structure | None) -> Effects:
    return effects(section["on"], structure.factors if structure else None) if "on" in section else {}


def _lognormal(
    section: Section, _item: Item, _instrument: Instrument, _drawn: object, structure: Structure | None
) -> Lognormal:
    entry = Section(section["lognormal"], keys.LOGNORMAL)
    on = _on(entry, structure)
    if structure is not None and structure.predictor_variance(on) >= 1.0:
        what = f"the effects explain {structure.predictor_variance(on):.3g} of a variance of 1"
        fail(entry["on"], "explained-too-much", what, expected="less than 1")
    spread = positive(entry["sd_log"])
    if spread > 10.0:
        fail(entry["sd_log"], "wrong-value", "'sd_log' must be at most 10")
    step = positive(section["round"]) if "round" in section else None
    return Lognormal(positive(entry["median"]), spread, on, step)


def _poisson(
    section: Section, _item: Item, _instrument: Instrument, _drawn: object, structure: Structure | None
) -> Poisson:
    entry = Section(section["poisson"], keys.POISSON)
    on, mean = _on(entry, structure), positive(entry["mean"])
    if mean > MAX_POISSON or (structure is not None and structure.predictor_variance(on) > 4.0):
        fail(entry.node, "wrong-value", f"the mean must be at most {MAX_POISSON:g}, and the effects moderate")
    return Poisson(mean, on)


def _logistic(
    section: Section, item: Item, _instrument: Instrument, _drawn: object, structure: Structure | None
) -> Logistic:
    entry = Section(section["logistic"], keys.LOGISTIC)
    assert item.scale is not None
    nodes = section.entries("codes")
    codes = tuple(code_among(node, item.scale) for node in nodes) if nodes else item.scale.codes
    if len(codes) != 2 or codes[0] == codes[1]:
        what = "'logistic' draws one of two codes"
        fail(
            section.nodes.get("codes", section.node),
            "two-codes",
            what,
            expected="codes: [that of the share, the other]",
        )
    share = probability(entry["share"])
    if not 0.0 < share < 1.0:
        fail(entry["share"], "wrong-value", "'share' must be above 0 and below 1")
    return Logistic(share, _on(entry, structure), (codes[0], codes[1]))


def _choices(section: Section, item: Item, *_: object) -> Choices:
    shares = shares_by_code(section["choices"], _codes(item), item.id)
    if max(shares.values()) <= 0.0:
        fail(section["choices"], "wrong-value", "at least one option must have a share above 0")
    if sum(shares[code] for code in item.exclusive) > 1.0:
        fail(section["choices"], "wrong-value", "the shares of options that exclude all others sum to more than 1")
    return Choices(tuple(shares), tuple(shares.values()))


def _utilities(section: Section, item: Item, *_: object) -> Utilities:
    found = {}
    for code, node in by_code(section["utilities"], _codes(item), item.id).items():
        found[code] = float(number(node))
        if not abs(found[code]) <= 100.0:
            fail(node, "wrong-value", "a utility must be from -100 to 100")
    return Utilities(tuple(found), tuple(found.values()))


def _texts(section: Section, _item: Item, *_: object) -> Written:
    texts = tuple(text(node) for node in entries(section, "texts"))
    return Written(texts, probability(section["answered"]) if "answered" in section else 1.0)


def _dates(section: Section, item: Item, *_: object) -> Dates:
    entry = Section(section["dates"], keys.DATES)
    first, last = iso_date(entry["from"]), iso_date(entry["to"])
    if last < first:
        fail(entry["to"], "empty-period", f"the period ends on {last}, before it begins on {first}")
    too_early = isinstance(item.min, date) and first < item.min
    if too_early or (isinstance(item.max, date) and last > item.max):
        fail(entry.node, "out-of-range", f"the period leaves the range of '{item.id}'", expected=item.expected())
    return Dates(first, last)


_READERS: Mapping[str, Callable[..., Distribution]] = {
    "shares": _shares,
    "classes": _classes,
    "lognormal": _lognormal,
    "poisson": _poisson,
    "logistic": _logistic,
    "choices": _choices,
    "utilities": _utilities,
    "texts": _texts,
    "dates": _dates,
}
