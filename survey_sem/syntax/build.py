"""`ModelSyntax` and options -> `ParameterTable`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from survey_sem.syntax.defaults import add_default_rows
from survey_sem.syntax.drafts import Block, Draft, user_rows
from survey_sem.syntax.equalities import tie_parameters
from survey_sem.syntax.fixing import apply_modifiers, fix_scales
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.statements import ModelSyntax
from survey_sem.syntax.table import Parameter, ParameterTable


def build_table(syntax: ModelSyntax, options: TableOptions) -> ParameterTable:
    """Make the parameter table of a model.

    Raises
    ------
    ModelSyntaxError, ModelError
        See `parse_statements` for the text; here: group vectors of the wrong length, labels that nothing carries,
        circular definitions, variables that play two roles.
    """
    chosen = options.resolved()
    n_groups = chosen.n_groups or syntax.n_groups
    chosen = replace(chosen, n_groups=n_groups, meanstructure=_meanstructure(syntax, chosen))
    blocks = _blocks(syntax, chosen)
    for block in blocks:
        add_default_rows(block, chosen.ordered, bool(chosen.meanstructure))
        fix_scales(block)
        apply_modifiers(block, n_groups)
    pairs = tie_parameters([row for block in blocks for row in block.rows])
    rows = _numbered(blocks)
    constraints = _user_constraints(syntax, len(rows))
    constraints += _equalities(rows, pairs, len(rows) + len(constraints) + 1)
    return ParameterTable(
        rows=(*rows, *constraints),
        meanstructure=bool(chosen.meanstructure),
        n_groups=n_groups,
        group_labels=chosen.group_labels,
        function=chosen.function,
        fixed_x=chosen.fixed_x,
        parameterization=chosen.parameterization,
        options=asdict(chosen),
    )


def _meanstructure(syntax: ModelSyntax, options: TableOptions) -> bool:
    if options.meanstructure is not None:
        return options.meanstructure
    return (
        options.function == "growth"
        or bool(options.ordered)
        or "intercepts" in options.effect_coding
        or bool({"intercepts", "means", "thresholds"} & set(options.group_equal))
        or any(row.op in ("~1", "|") for row in syntax.rows)
    )


def _blocks(syntax: ModelSyntax, options: TableOptions) -> list[Block]:
    n_groups = options.n_groups or 1
    return [Block(group, group, "", True, options, user_rows(syntax.rows)) for group in range(1, n_groups + 1)]


def _numbered(blocks: Iterable[Block]) -> list[Parameter]:
    rows: list[Parameter] = []
    n_free = 0
    for block in blocks:
        for draft in block.rows:
            n_free += draft.free
            rows.append(_parameter(draft, block, len(rows) + 1, n_free if draft.free else 0))
    return rows


def _parameter(draft: Draft, block: Block, number: int, free: int) -> Parameter:
    return Parameter(
        id=number,
        lhs=draft.lhs,
        op=draft.op,
        rhs=draft.rhs,
        user=draft.user,
        block=block.number,
        group=block.group,
        level=block.level,
        free=free,
        ustart=draft.ustart,
        exo=draft.exo,
        label=draft.label,
        plabel=f".p{number}.",
        lower=draft.lower,
        upper=draft.upper,
        efa=draft.efa,
        rv=draft.rv,
        source=draft.source,
    )


def _user_constraints(syntax: ModelSyntax, n_rows: int) -> list[Parameter]:
    return [
        Parameter(
            id=n_rows + position,
            lhs=constraint.lhs_text,
            op=constraint.op,
            rhs=constraint.rhs_text,
            block=0,
            group=0,
            label=constraint.lhs_text if constraint.op == ":=" else "",
            source=f"line {constraint.place.line}",
        )
        for position, constraint in enumerate(syntax.constraints, 1)
    ]


def _equalities(rows: Sequence[Parameter], pairs: Sequence[tuple[int, int]], first_id: int) -> list[Parameter]:
    """`.p2. == .p5.` for each pair of tied free parameters."""
    return [
        Parameter(
            id=first_id + position,
            lhs=rows[first].plabel,
            op="==",
            rhs=rows[other].plabel,
            user=2,
            block=0,
            group=0,
            source=f"equal label {rows[first].label}",
        )
        for position, (first, other) in enumerate(pairs)
    ]
