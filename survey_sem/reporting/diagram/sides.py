"""On which side of its factor a set of indicators stands."""

from __future__ import annotations

from collections.abc import Sequence

from survey_sem.reporting.diagram.anatomy import Anatomy, Flow
from survey_sem.reporting.diagram.columns import Bend, Item, Order
from survey_sem.reporting.diagram.nodes import Side


def choose_sides(anatomy: Anatomy, order: Order, covariances: Sequence[Flow]) -> dict[str, Side]:
    """The side of each factor that has indicators: away from the middle of the diagram."""
    sides: dict[str, Side] = {}
    for at, members in enumerate(order):
        for name in names_in(members):
            if not anatomy.indicators.get(name):
                continue
            if at == 0 or any((general, name) in anatomy.flow for general in anatomy.general):
                sides[name] = "left"
            elif at == len(order) - 1:
                sides[name] = "right"
            else:
                sides[name] = _above_or_below(name, at, members)
    return _join(sides, anatomy, order, covariances)


def names_in(members: Sequence[Item]) -> list[str]:
    """The variables of a column, without the bends."""
    return [item for item in members if isinstance(item, str)]


def joined_factors(anatomy: Anatomy, covariances: Sequence[Flow]) -> list[tuple[str, ...]]:
    """Sets of factors linked by covariances among their indicators, in the order of the trunk."""
    owner = anatomy.owner
    groups: list[set[str]] = []
    for first, second in covariances:
        pair = {owner.get(first, ""), owner.get(second, "")}
        if len(pair) == 2 and "" not in pair:
            touching = [group for group in groups if group & pair]
            groups = [group for group in groups if not group & pair] + [pair.union(*touching)]
    return [tuple(sorted(group, key=anatomy.trunk.index)) for group in groups]


def common_side(names: Sequence[str], order: Order) -> Side | None:
    """The side on which rows of all these factors can stand level: all are first in their columns, or all last."""
    columns = [found for found in map(names_in, order) if found]
    if {found[0] for found in columns} >= set(names):
        return "above"
    return "below" if {found[-1] for found in columns} >= set(names) else None


def _above_or_below(name: str, at: int, members: Sequence[Item]) -> Side:
    index = members.index(name)
    above = sum(1 if isinstance(item, Bend) else 3 for item in members[:index])
    below = sum(1 if isinstance(item, Bend) else 3 for item in members[index + 1 :])
    if above == below:
        return "above" if at % 2 else "below"
    return "above" if above < below else "below"


def _join(sides: dict[str, Side], anatomy: Anatomy, order: Order, covariances: Sequence[Flow]) -> dict[str, Side]:
    """Factors whose indicators covary across columns put them in rows on one side, where they can."""
    joined = dict(sides)
    for names in joined_factors(anatomy, covariances):
        if {sides[name] for name in names} in ({"left"}, {"right"}):
            continue
        side = common_side(names, order)
        if side is not None:
            joined.update(dict.fromkeys(names, side))
    return joined
