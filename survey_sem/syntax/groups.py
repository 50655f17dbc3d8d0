"""Parameters that are equal over groups (`group_equal`, `group_partial`) and what equal ones set free elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from survey_sem.errors import ModelError, nearest
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.scaling import rotated_factors


def free_identified(blocks: Sequence[Block]) -> None:
    """In all groups but the first, free what equal parameters identify.

    Equal intercepts or thresholds: latent means (unless equal means are asked for). Equal loadings under std_lv or in
    rotated blocks: latent variances. Equal thresholds: scales (delta) or residual variances (theta, unless equal
    residuals are asked for) of ordered variables. To be called before the user's modifiers.

    The mean of a factor of factors stays at 0 where the free means of these take up all that it could do.
    """
    for block in blocks:
        options = block.options
        if block.group == 1 or not options.group_equal:
            continue
        equal = set(options.group_equal)
        latent = set(block.variables().lv())
        ordered = {row.lhs for row in block.where("|")}
        if "loadings" in equal:
            _free(block, "~~", latent if options.std_lv else rotated_factors(block))
        if not equal & {"thresholds", "intercepts"}:
            continue
        if "means" not in equal:
            _free(block, "~1", latent - absorbed_means(block))
        if options.parameterization == "delta":
            _free(block, "~*~", ordered)
        elif "residuals" not in equal:
            _free(block, "~~", ordered)


def absorbed_means(block: Block) -> set[str]:
    """Factors whose mean could not be told from the means of the factors that depend on them, were all free.

    They have no observed dependent variable, and the text leaves the means of all latent ones to the defaults.
    """
    latent = set(block.variables().lv())
    by_default = {row.lhs for row in block.where("~1") if row.user == 0}
    measured = {row.lhs for row in block.where("=~")}
    pairs = [(row.lhs, row.rhs) for row in block.where("=~")] + [(row.rhs, row.lhs) for row in block.where("~")]
    told = {factor for factor, dependent in pairs if dependent not in latent & by_default}
    return measured - told


def _free(block: Block, op: str, names: set[str]) -> None:
    """Free the default variances, scales or means of variables."""
    for row in block.where(op):
        if row.user == 0 and row.lhs in names and row.rhs in (row.lhs, ""):
            row.free, row.ustart, row.source = True, None, "group_equal"


def label_equal_groups(blocks: Sequence[Block]) -> None:
    """Give corresponding rows of all groups the first one's plabel as their label, where `group_equal` asks for it.

    Rows that carry a label of the user or that `group_partial` exempts stay as they are, and so do the moments of
    exogenous observed variables.

    Raises
    ------
    ModelError
        `group_partial` names an element that the model does not have.
    """
    options = blocks[0].options
    if not options.group_equal:
        return
    exempt = _exempt(blocks, options.group_partial)
    equal = _asked(blocks)
    plabels = {id(row): f".p{number}." for number, row in enumerate((row for block in blocks for row in block.rows), 1)}
    first: dict[tuple[str, str, str, str], Draft] = {}
    for block in blocks:
        latent, exogenous = set(block.variables().lv()), set(block.variables().ov_x())
        for row in block.rows:
            key = (block.level, row.lhs, row.op, row.rhs)
            if block.group == 1:
                first[key] = row
            leader = first.get(key, row)
            is_tied = _kind(row, latent, exogenous) in equal and key[1:] not in exempt
            plabel = plabels[id(leader)]
            if is_tied and leader is not row and leader.label in ("", plabel) and not row.label:
                row.label = leader.label = plabel


def _asked(blocks: Sequence[Block]) -> set[str]:
    """What is to be equal: of ordered variables, thresholds and intercepts go together."""
    equal = set(blocks[0].options.group_equal)
    has_ordered = any(True for block in blocks for _ in block.where("|"))
    if has_ordered and equal & {"thresholds", "intercepts"}:
        equal |= {"thresholds", "intercepts"}
    return equal


def _kind(row: Draft, latent: set[str], exogenous: set[str]) -> str:
    """The name that `group_equal` has for a row."""
    if row.op in ("~~", "~1") and row.lhs in exogenous:
        return ""
    match row.op:
        case "=~":
            return "loadings"
        case "<~":
            return "composite_loadings"
        case "~":
            return "regressions"
        case "|":
            return "thresholds"
        case "~1":
            return "means" if row.lhs in latent else "intercepts"
        case "~~":
            kinds = ("lv_variances", "lv_covariances") if row.lhs in latent else ("residuals", "residual_covariances")
            return kinds[row.lhs != row.rhs]
        case _:
            return ""


def _exempt(blocks: Sequence[Block], partial: Sequence[str]) -> set[tuple[str, str, str]]:
    known = {f"{row.lhs}{row.op}{row.rhs}": (row.lhs, row.op, row.rhs) for block in blocks for row in block.rows}
    turned = {f"{row.rhs}~~{row.lhs}": (row.lhs, "~~", row.rhs) for block in blocks for row in block.where("~~")}
    exempt: set[tuple[str, str, str]] = set()
    for text in partial:
        element = "".join(text.split())
        found = known.get(element) or turned.get(element)
        if found is None:
            close = nearest(element, known)
            raise ModelError(
                "unknown-element",
                f"group_partial names '{text}', which is no parameter of the model",
                expected="elements such as 'visual=~x2' or 'x3~1'",
                hint=f"did you mean '{close[0]}'?" if close else None,
            )
        exempt.add(found)
    return exempt
