"""YAML -> Population, strictly, and held against the instrument that it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from survey_sem.errors import ModelError, ModelSyntaxError, StudyError
from survey_sem.instrument import Instrument
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import key_code
from survey_sem.instrument.section import Section, check_schema, fail, integer, mapping, number, reference, text
from survey_sem.instrument.strict_yaml import Node, read_yaml
from survey_sem.provenance import sha256_data
from survey_sem.simulation import keys
from survey_sem.simulation.dependence import ancestors, base_item, leans_on_factors
from survey_sem.simulation.load_background import read_background
from survey_sem.simulation.load_faults import read_faults
from survey_sem.simulation.load_values import (
    SCHEMA,
    effects,
    entries,
    listed_shares,
    positive,
    probability,
    shares_by_code,
    variable_codes,
)
from survey_sem.simulation.normal import Categories
from survey_sem.simulation.population import (
    Clusters,
    Distribution,
    Groups,
    Leaning,
    Population,
    Rates,
    Telephone,
    Times,
)
from survey_sem.simulation.structure import Structure, complete, factor_of, override, read_population_model
from survey_sem.syntax import ParameterTable

MAX_CLUSTERS = 1_000_000
MIN_RATE = 0.01
"""Of those drawn at least this share must answer on average: else almost everything would be drawn in vain."""

_Made = TypeVar("_Made")


def load_population(path: str | os.PathLike[str], instrument: Instrument) -> Population:
    """Read and check a population file (schema ``survey-sem/population/1``) for an instrument.

    Raises
    ------
    FileError
        The file cannot be read.
    StudyError
        What breaks the schema, contradicts the instrument or is no population, each with file, line and key.
    """
    return population_from(read_yaml(Path(path)), instrument)


def population_from(node: Node, instrument: Instrument) -> Population:
    """A population from a parsed document; see :func:`load_population`."""
    check_schema(node, SCHEMA)
    problems = Problems(node.file)
    top = Section(node, keys.TOP, problems)
    table = _table(top, instrument, problems)
    structures: dict[Code | None, Structure] = {}
    if table is not None:
        with problems.kept():
            structures[None] = _of_model(top["model"], lambda: complete(table))
    factors = structures[None].factors if structures else None
    background = read_background(top, instrument, structures.get(None), problems)
    groups = _groups(top, instrument, background, table, structures, problems)
    clusters = _clusters(top, instrument, background, structures, problems)
    answers = _answers(top, instrument, structures.get(None), problems)
    response = tuple(
        problems.each(top.entries("response"), lambda each: _response(each, instrument, background, factors))
    )
    times = _times(top.optional_section("times", keys.TIMES))
    no_places: dict[str, float] = {}
    places = top.optional("places", lambda each: listed_shares(mapping(each), each), no_places)
    faults = read_faults(top.optional_section("faults", keys.FAULTS), instrument, problems)
    _check_coverage(top, instrument, background, clusters, structures.get(None), problems)
    problems.raise_all()
    telephones = {name: Telephone() for name in _unheard(instrument, background, clusters, structures[None])}
    return Population(
        structures=structures,
        answers=answers,
        background={**background, **telephones},
        groups=groups,
        clusters=clusters,
        response=response,
        times=times,
        places=places,
        faults=faults,
        sha256=sha256_data(node.plain()),
    )


def _of_model(node: Node, make: Callable[[], _Made]) -> _Made:
    """What `make` returns; an error of the model becomes one of the file."""
    try:
        return make()
    except (ModelSyntaxError, ModelError) as problem:
        where = f"{node.where}{f', {problem.where}' if problem.where else ''}"
        raise StudyError(
            problem.code, problem.what, where=where, expected=problem.expected, got=problem.got, hint=problem.hint
        ) from None


def _table(top: Section, instrument: Instrument, problems: Problems) -> ParameterTable | None:
    """The written model, whose observed variables must be ordinal items."""
    with problems.kept():
        node = top["model"]
        table = _of_model(node, lambda: read_population_model(text(node)))
        _check_model(node, table, instrument)
        return table
    return None


def _check_model(node: Node, table: ParameterTable, instrument: Instrument) -> None:
    if any(row.op == "|" for row in table.rows):
        fail(node, "thresholds-in-model", "thresholds belong under 'answers'")
    known = {item.id: item for item in instrument.items}
    for name in table.names("ov", 1):
        reference(Node(name, node.file, node.line, node.path), known, "item")
        scale = known[name].scale
        if known[name].type != "ordinal" or scale is None or any(isinstance(code, str) for code in scale.codes):
            what = f"'{name}' is a variable of the model, but its item is of type {known[name].type}"
            fail(node, "wrong-type", what, expected="ordinal items, with numbers for codes")
    for name in table.names("lv", 1):
        if name in known:
            fail(node, "factor-is-item", f"the factor '{name}' has the name of an item", hint="rename the factor")


def _answers(
    top: Section, instrument: Instrument, structure: Structure | None, problems: Problems
) -> dict[str, Categories]:
    """Thresholds and codes of every item of the model."""
    used = [item for item in instrument.items if structure is not None and item.id in structure.observed]
    nodes = top.mapping("answers")
    known = {*(item.id for item in used), *(item.scale.id for item in used if item.scale is not None)}
    cuts: dict[str, np.ndarray] = {}
    for name, node in nodes.items():
        with problems.kept():
            if structure is not None and name not in known:
                reference(Node(name, node.file, node.line, node.path), known, "scale or item of the model")
            cuts[name] = _thresholds(Section(node, keys.ANSWERS))
    found = {}
    for item in used:
        assert item.scale is not None
        name = item.id if item.id in nodes else item.scale.id
        if name not in nodes:
            what = (
                f"nothing says how '{item.id}' is answered: neither it nor its scale '{item.scale.id}' is in 'answers'"
            )
            problems.note(top.nodes.get("answers", top.node), "no-answers", what)
        elif name in cuts:
            with problems.kept():
                _check_count(nodes[name], len(cuts[name]) + 1, len(item.scale.codes), item.id)
            codes = np.array(item.scale.codes, dtype=np.float64)
            found[item.id] = Categories(cuts[name], codes[::-1] if item.reverse else codes)
    return found


def _thresholds(section: Section) -> np.ndarray:
    from scipy.special import ndtri

    if ("shares" in section) == ("thresholds" in section):
        fail(section.node, "shares-or-thresholds", "give either 'shares' of the categories or 'thresholds'")
    if "thresholds" in section:
        cuts = np.array([number(node) for node in entries(section, "thresholds")])
        if not (np.isfinite(cuts).all() and (np.diff(cuts) > 0.0).all()):
            fail(section["thresholds"], "not-ascending", "thresholds must ascend")
        return cuts
    shares = [probability(node) for node in entries(section, "shares")]
    if abs(sum(shares) - 1.0) > keys.SHARE_TOLERANCE or min(shares) <= 0.0:
        got = f"a sum of {sum(shares):.6g}" if min(shares) > 0.0 else "a share of 0"
        fail(section["shares"], "shares-not-one", f"shares of answers must be above 0 and sum to 1, not {got}")
    return np.asarray(ndtri(np.cumsum(shares)[:-1] / sum(shares)))


def _check_count(node: Node, given: int, wanted: int, item: str) -> None:
    if given != wanted:
        expected = f"{wanted} shares, or {wanted - 1} thresholds"
        fail(node, "wrong-count", f"'{item}' has {wanted} answers, not {given}", expected=expected)


def _groups(
    top: Section,
    instrument: Instrument,
    background: Mapping[str, Distribution],
    table: ParameterTable | None,
    structures: dict[Code | None, Structure],
    problems: Problems,
) -> Groups | None:
    """The groups; their models are added to `structures`."""
    section = top.optional_section("groups", keys.GROUPS)
    if section is None:
        return None
    groups = None
    with problems.kept():
        of = text(section["of"])
        codes = variable_codes(section["of"], instrument)
        _check_early(section["of"], of, instrument, background)
        groups = Groups(of, codes)
        for key, node in section.mapping("parts").items():
            with problems.kept():
                code = key_code(key)
                if code not in codes:
                    reference(Node(key, node.file, node.line, node.path), [str(each) for each in codes], "part")
                if table is not None and structures:
                    structures[code] = _group_structure(node, table, structures[None], problems)
    return groups


def _group_structure(node: Node, table: ParameterTable, base: Structure, problems: Problems) -> Structure:
    section = Section(node, keys.GROUP, problems)
    means = effects(section.nodes["means"], base.factors) if "means" in section else {}
    own = table
    if "model" in section:
        own = _of_model(section["model"], lambda: override(table, text(section["model"])))
        if any(row.op == "|" for row in own.rows):
            fail(section["model"], "thresholds-in-model", "thresholds are those of 'answers' in every group")
    return _of_model(node, lambda: complete(own, means))


def _check_early(node: Node, name: str, instrument: Instrument, background: Mapping[str, Distribution]) -> None:
    """What the factors of groups depend on must be drawn before them."""
    _check_drawn(node, name, instrument, background)
    leaning = leans_on_factors(background, ancestors(background, instrument, [name]))
    if leaning:
        what = f"'{name}' depends on factors (through '{leaning[0]}'), which depend on it in turn"
        fail(node, "circular", what, hint="drop that 'on'")


def _check_drawn(node: Node, name: str, instrument: Instrument, background: Mapping[str, Distribution]) -> None:
    item = base_item(name, instrument)
    if item not in background:
        what = f"'{item}' is not drawn in 'background', so nobody has a value of it"
        fail(node, "not-in-background", what, hint="add it to 'background'")


def _clusters(
    top: Section,
    instrument: Instrument,
    background: Mapping[str, Distribution],
    structures: Mapping[Code | None, Structure],
    problems: Problems,
) -> Clusters | None:
    section = top.optional_section("clusters", keys.CLUSTERS)
    if section is None:
        return None
    with problems.kept():
        item = instrument.item(reference(section["item"], [each.id for each in instrument.items], "item"))
        if item.id in background or (structures and item.id in structures[None].observed):
            fail(section["item"], "drawn-twice", f"'{item.id}' is drawn elsewhere in this file")
        count = integer(section["n"])
        if not 2 <= count <= MAX_CLUSTERS:
            fail(section["n"], "wrong-value", f"'n' must be from 2 to {MAX_CLUSTERS}")
        codes: tuple[Code, ...] = tuple(range(1, count + 1))
        if item.scale is not None and item.type in ("nominal", "ordinal"):
            if len(item.scale.codes) < count:
                fail(section["n"], "wrong-count", f"'{item.id}' has {len(item.scale.codes)} codes for {count} clusters")
            codes = item.scale.codes[:count]
        elif item.type not in ("number", "text"):
            fail(section["item"], "wrong-type", f"an item of type {item.type} cannot hold a cluster")
        icc = effects(section["icc"], structures[None].factors if structures else None)
        _check_icc(section["icc"], icc, structures)
        return Clusters(item.id, codes, icc)
    return None


def _check_icc(node: Node, icc: Mapping[str, float], structures: Mapping[Code | None, Structure]) -> None:
    for name, share in icc.items():
        if not 0.0 <= share < 1.0:
            fail(
                mapping(node)[name], "wrong-value", f"the share between clusters of '{name}' must be from 0 to below 1"
            )
    for structure in structures.values():
        psi = structure.matrices["Psi"]
        between = np.array([icc.get(name, 0.0) for name in structure.latent]) * np.diag(psi)
        if factor_of(psi - np.diag(between)) is None:
            fail(node, "too-much-between", "so much variance between clusters leaves none for the factors' covariances")


def _response(
    node: Node, instrument: Instrument, background: Mapping[str, Distribution], factors: tuple[str, ...] | None
) -> Rates | Leaning:
    section = Section(node, keys.RESPONSE)
    if ("of" in section) == ("on" in section):
        fail(node, "of-or-on", "give either 'of' with 'rates' for its codes, or 'on' with effects of factors")
    if "on" in section:
        rate = probability(section["rate"]) if "rate" in section else 0.5
        if not MIN_RATE <= rate < 1.0:
            fail(section["rate"], "wrong-value", f"'rate' must be from {MIN_RATE} to below 1")
        return Leaning(effects(section["on"], factors), rate)
    of = text(section["of"])
    codes = variable_codes(section["of"], instrument)
    _check_drawn(section["of"], of, instrument, background)
    rates = shares_by_code(section["rates"], codes, of)
    if max(rates.values()) < MIN_RATE:
        fail(section["rates"], "wrong-value", f"at least one rate must be {MIN_RATE} or more")
    return Rates(of, rates)


def _times(section: Section | None) -> Times:
    if section is None:
        return Times()
    default = Times()
    return Times(
        section.optional("seconds_per_item", positive, default.seconds_per_item),
        section.optional("sd_log", positive, default.sd_log),
    )


def _unheard(
    instrument: Instrument,
    background: Mapping[str, Distribution],
    clusters: Clusters | None,
    structure: Structure,
) -> list[str]:
    """Items about which the file says nothing."""
    heard = {*background, *structure.observed, *(check.item for check in instrument.quality.attention)}
    heard |= {clusters.item} if clusters is not None else set()
    return [item.id for item in instrument.items if item.id not in heard]


def _check_coverage(
    top: Section,
    instrument: Instrument,
    background: Mapping[str, Distribution],
    clusters: Clusters | None,
    structure: Structure | None,
    problems: Problems,
) -> None:
    """Every item is drawn somewhere; texts that are dropped anyway need no word."""
    if problems.count or structure is None:
        return
    for check in instrument.quality.attention:
        item = instrument.item(check.item)
        if item.type not in ("nominal", "ordinal") and item.id not in background:
            what = f"the attention check '{item.id}' ({item.type}) is not drawn by itself"
            problems.note(top.nodes.get("background", top.node), "item-without-population", what)
    private = {*instrument.privacy.drop, *instrument.privacy.pseudonymise}
    for name in _unheard(instrument, background, clusters, structure):
        item = instrument.item(name)
        if item.type != "text" or not private & {item.id, item.column}:
            place = top.nodes.get("background", top.node)
            what = f"nothing says how '{name}' ({item.type}) is answered"
            problems.note(place, "item-without-population", what, hint="add it to the model or to 'background'")
