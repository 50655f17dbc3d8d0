"""`ModelSyntax` and options -> `ParameterTable`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from survey_sem.syntax.blocks import lay_out_blocks
from survey_sem.syntax.checks import check_labels, check_rows
from survey_sem.syntax.defaults import add_default_rows, check_size, mark_conditional
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.effects import CodedSum, effect_coding, free_coded_means
from survey_sem.syntax.equalities import drop_labels_of_fixed, tie_parameters
from survey_sem.syntax.groups import free_identified, label_equal_groups
from survey_sem.syntax.modifying import apply_modifiers
from survey_sem.syntax.options import TableOptions
from survey_sem.syntax.scaling import fix_rotations, fix_scales
from survey_sem.syntax.statements import ModelSyntax
from survey_sem.syntax.table import Parameter, ParameterTable
from survey_sem.syntax.warnings import model_warnings


def build_table(syntax: ModelSyntax, options: TableOptions) -> ParameterTable:
    """Make the parameter table of a model.

    Raises
    ------
    ModelSyntaxError, ModelError
        See `parse_statements` for the text; here: group vectors of the wrong length, labels that nothing carries,
        circular definitions, variables that play two roles.
    """
    check_rows(syntax)
    chosen = options.resolved()
    n_groups = chosen.n_groups or syntax.n_groups
    chosen = replace(chosen, n_groups=n_groups)
    chosen = replace(chosen, conditional_x=chosen.conditional_x and _has_exogenous(syntax, chosen))
    chosen = replace(chosen, meanstructure=_meanstructure(syntax, chosen))
    blocks, group_labels, level_labels = lay_out_blocks(syntax, chosen)
    for block in blocks:
        add_default_rows(block, chosen.ordered, bool(chosen.meanstructure))
        if chosen.conditional_x:
            mark_conditional(block)
        fix_scales(block)
        free_coded_means(block)
        check_size(blocks)
    free_identified(blocks)
    for block in blocks:
        apply_modifiers(block, n_groups)
        fix_rotations(block)
    label_equal_groups(blocks)
    drafts = [row for block in blocks for row in block.rows]
    pairs = tie_parameters(drafts)
    drop_labels_of_fixed(drafts)
    rows = _numbered(blocks)
    check_labels(syntax, (symbol for row in rows for symbol in (row.label, row.plabel) if symbol))
    constraints = _user_constraints(syntax, len(rows))
    constraints += _equalities(rows, pairs, len(rows) + len(constraints) + 1)
    sums = [coded for block in blocks for coded in effect_coding(block)]
    constraints += _coded(drafts, sums, len(rows) + len(constraints) + 1)
    return ParameterTable(
        rows=(*rows, *constraints),
        meanstructure=bool(chosen.meanstructure),
        n_groups=n_groups,
        group_labels=group_labels,
        level_labels=level_labels,
        function=chosen.function,
        fixed_x=chosen.fixed_x,
        conditional_x=chosen.conditional_x,
        parameterization=chosen.parameterization,
        options=asdict(chosen),
        warnings=model_warnings(blocks, chosen),
    )


def _has_exogenous(syntax: ModelSyntax, options: TableOptions) -> bool:
    return any(block.variables().ov_x() for block in lay_out_blocks(syntax, options)[0])


def _meanstructure(syntax: ModelSyntax, options: TableOptions) -> bool:
    if any(row.op == "~1" for row in syntax.rows):
        return True
    if options.meanstructure is not None:
        return options.meanstructure
    if options.conditional_x:
        return True
    implied = {"intercepts", "means", "thresholds"} & set(options.group_equal)
    return options.function == "growth" or bool(options.ordered) or bool(implied)


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
        lower=draft.lower if draft.free else -math.inf,
        upper=draft.upper if draft.free else math.inf,
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


def _coded(drafts: Sequence[Draft], sums: Sequence[CodedSum], first_id: int) -> list[Parameter]:
    """`.p1. == 3-.p2.-.p3.` for each effect-coding constraint."""
    plabels = {id(draft): f".p{number}." for number, draft in enumerate(drafts, 1)}
    written = [[plabels[id(row)] for row in coded.rows] for coded in sums]
    return [
        Parameter(
            id=first_id + position,
            lhs=names[0],
            op="==",
            rhs="-".join([str(coded.total), *names[1:]]),
            user=2,
            block=0,
            group=0,
            source="effect_coding",
        )
        for position, (coded, names) in enumerate(zip(sums, written, strict=True))
    ]
