"""What one section of an instrument may say of another: names, and the codes behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey_sem.instrument.model import Item, Partition
from survey_sem.instrument.problems import Problems
from survey_sem.instrument.routing import Code
from survey_sem.instrument.scales import key_code
from survey_sem.instrument.section import Section, fail, reference
from survey_sem.instrument.strict_yaml import Node, shortened


@dataclass(frozen=True, slots=True)
class Known:
    """Names that other sections may use, and what could be read of them.

    Parameters
    ----------
    items, partitions : mapping
        Id -> record, those without a problem.
    item_names, partition_names : mapping
        Id -> entry, all that the file names.
    """

    items: Mapping[str, Item]
    partitions: Mapping[str, Partition]
    item_names: Mapping[str, Node]
    partition_names: Mapping[str, Node]

    def item(self, node: Node) -> Item | None:
        """The item that a node names; None where the item itself has a problem.

        Raises
        ------
        StudyError
            There is no such item.
        """
        return self.items.get(reference(node, self.item_names, "item"))

    def codes(self, node: Node) -> tuple[Code, ...] | None:
        """The codes of the options item, or the parts of the partition, that a node names; None as for `item`.

        Raises
        ------
        StudyError
            There is no such item or partition; the item has no options.
        """
        names = {**self.item_names, **self.partition_names}
        name = reference(node, names, "item or partition")
        if name in self.partition_names:
            partition = self.partitions.get(name)
            return tuple(part.id for part in partition.parts) if partition else None
        item = self.items.get(name)
        if item is None:
            return None
        if item.type not in ("ordinal", "nominal") or item.scale is None:
            what = f"item '{name}' is of type {item.type}, and its answers fall into no classes"
            fail(node, "no-classes", what, hint="name an ordinal or nominal item, or make a partition of this one")
        return item.scale.codes


def cells_by_code(entry: Section, key: str, codes: tuple[Code, ...] | None, problems: Problems) -> dict[Code, Node]:
    """Code or part -> its node, of a mapping; one with an unknown key is noted and left out."""
    cells: dict[Code, Node] = {}
    shown = shortened(", ".join(str(code) for code in codes or ()))
    as_written = {str(code): code for code in codes or ()}
    nothing: dict[str, Node] = {}
    for written, node in entry.read(key, _filled, nothing).items():
        if codes is not None and written not in as_written:
            what = f"{shortened(written)} is neither a code nor a part of '{entry.text('of')}'"
            problems.note(node, "unknown-code", what, expected=f"one of {shown}")
        else:
            cells[as_written.get(written, key_code(written))] = node
    return cells


def _filled(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict) or not node.value:
        fail(node, "wrong-type", "a mapping from codes or parts is expected here", expected="such as {1: ..., 2: ...}")
    return node.value


def once(key: str, problems: Problems) -> Callable[[str, Node], None]:
    """A check that no name comes twice: call it with each name and its node."""
    seen: dict[str, Node] = {}

    def check(name: str, node: Node) -> None:
        if name in seen:
            what = f"{key} '{shortened(name)}' is used twice (first in line {seen[name].line})"
            problems.note(node, "duplicate-id", what)
        seen.setdefault(name, node)

    return check
