"""Who belongs to whom: which observed variables stand beside a factor, and how the others follow from one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_sem.reporting.diagram.model import PathEdge, PathModel

Flow = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a diagram.

    Attributes
    ----------
    trunk : tuple of str
        Variables that are placed in columns: factors, and observed variables that are nobody's indicator.
    indicators : dict
        Factor -> the observed variables that stand beside it (possibly none).
    general : frozenset of str
        Factors whose indicators all stand beside another one (the general factor of a bifactor model).
    flow : tuple of (str, str)
        Pairs of trunk variables of which the first belongs before the second.
    partners : frozenset of frozenset
        Pairs that influence each other, and so share a column.
    n_crossed : dict
        Factor -> how many loadings of other factors its indicators have.
    """

    trunk: tuple[str, ...]
    indicators: dict[str, tuple[str, ...]]
    general: frozenset[str]
    flow: tuple[Flow, ...]
    partners: frozenset[frozenset[str]]
    n_crossed: dict[str, int]

    @property
    def owner(self) -> dict[str, str]:
        """Indicator -> the factor it stands beside."""
        return {indicator: factor for factor, owned in self.indicators.items() for indicator in owned}


def dissect(model: PathModel) -> Anatomy:
    """Find the parts of a model."""
    kind = {node.name: node.kind for node in model.nodes}
    measures = _measures(model, kind)
    general = _general_factors(measures)
    owner = _owners(model, measures, general)
    indicators = {
        node.name: tuple(name for name in measures.get(node.name, ()) if owner.get(name) == node.name)
        for node in model.nodes
        if node.kind == "latent"
    }
    trunk = tuple(node.name for node in model.nodes if node.name not in owner)
    flow = _flow(model, owner, general)
    partners = frozenset(frozenset(pair) for pair in flow if pair[::-1] in flow)
    return Anatomy(trunk, indicators, general, flow, partners, _n_crossed(model, owner, general))


def _n_crossed(model: PathModel, owner: dict[str, str], general: frozenset[str]) -> dict[str, int]:
    counts = {node.name: 0 for node in model.nodes if node.kind == "latent"}
    for edge in model.edges:
        factor, indicator = _factor_and_indicator(edge)
        if factor and factor not in general and owner.get(indicator, factor) != factor:
            counts[owner[indicator]] += 1
    return counts


def _measures(model: PathModel, kind: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Factor -> its observed indicators, reflective or formative."""
    found: dict[str, list[str]] = {}
    for edge in model.edges:
        factor, indicator = _factor_and_indicator(edge)
        if factor and kind[indicator] == "observed":
            found.setdefault(factor, []).append(indicator)
    return {factor: tuple(dict.fromkeys(names)) for factor, names in found.items()}


def _factor_and_indicator(edge: PathEdge) -> tuple[str, str]:
    if edge.kind == "loading":
        return edge.source, edge.target
    if edge.kind == "composite":
        return edge.target, edge.source
    return "", ""


def _general_factors(measures: dict[str, tuple[str, ...]]) -> frozenset[str]:
    """Factors over the indicators of at least two others: bifactor models; else those left over when the first
    factors of the model share out all indicators: traits and methods.
    """
    sets = {factor: set(names) for factor, names in measures.items()}
    covering = {
        factor for factor, names in sets.items() if sum(other != factor and sets[other] < names for other in sets) >= 2
    }
    if covering:
        return frozenset(covering)
    taken: set[str] = set()
    owners = []
    for factor, names in sets.items():
        if not names & taken:
            taken |= names
            owners.append(factor)
    others = [factor for factor in sets if factor not in owners]
    is_crossed = all(sum(bool(sets[factor] & sets[owner]) for owner in owners) >= 2 for factor in others)
    return frozenset(others) if others and is_crossed and taken == set().union(*sets.values()) else frozenset()


def _owners(model: PathModel, measures: dict[str, tuple[str, ...]], general: frozenset[str]) -> dict[str, str]:
    """Indicator -> the factor with its largest loading; none for the occasions of a growth curve."""
    strongest: dict[str, tuple[float, str]] = {}
    shared = _occasions(model, measures)
    for edge in model.edges:
        factor, indicator = _factor_and_indicator(edge)
        if indicator not in measures.get(factor, ()) or indicator in shared:
            continue
        if factor in general and any(indicator in measures[other] for other in measures if other not in general):
            continue
        size = abs(edge.value) if edge.value is not None else 0.0
        if indicator not in strongest or size > strongest[indicator][0]:
            strongest[indicator] = (size, factor)
    return {indicator: factor for indicator, (_, factor) in strongest.items()}


def _occasions(model: PathModel, measures: dict[str, tuple[str, ...]]) -> set[str]:
    """Indicators of a factor whose loadings are all fixed and which shares them with another: a growth curve."""
    free = {_factor_and_indicator(edge)[0] for edge in model.edges if not edge.fixed}
    fixed = [factor for factor, names in measures.items() if factor not in free and len(names) > 1]
    found: set[str] = set()
    for factor in fixed:
        names = set(measures[factor])
        if any(other != factor and len(names & set(measures[other])) > 1 for other in measures):
            found |= names
    return found


def _flow(model: PathModel, owner: dict[str, str], general: frozenset[str]) -> tuple[Flow, ...]:
    predicted = {edge.target for edge in model.edges if edge.kind == "regression"}
    predicting = {edge.source for edge in model.edges if edge.kind == "regression"}
    flow: list[Flow] = []
    for edge in model.edges:
        source, target = owner.get(edge.source, edge.source), owner.get(edge.target, edge.target)
        if edge.kind == "covariance" or source == target:
            continue
        is_cross_loading = edge.kind != "regression" and edge.target in owner and edge.source not in general
        if is_cross_loading or (edge.kind == "composite" and edge.source in owner):
            continue
        is_second_order = edge.kind == "loading" and target == edge.target
        if is_second_order and edge.source in predicting and edge.source not in predicted:
            source, target = target, source
        flow.append((source, target))
    return tuple(dict.fromkeys(flow))
