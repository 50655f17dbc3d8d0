"""Rows that a model gets without being written: variances, covariances, thresholds, scales, intercepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement

from survey_sem.errors import ModelError
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.names import Variables
from survey_sem.syntax.scaling import rotated_factors

MAX_ROWS = 100_000


def add_default_rows(block: Block, ordered: Sequence[str], meanstructure: bool) -> None:
    """Append the default rows of a block in lavaan's order, leaving out those that the text gives.

    Thresholds; residual variances of observed and of latent variables; covariances of exogenous latent variables and
    of dependent variables; moments of exogenous observed variables; scales of ordered variables; intercepts.
    """
    variables = block.variables()
    known = set(block.index())
    for draft in _default_rows(block, variables, ordered, meanstructure):
        if (draft.lhs, draft.op, draft.rhs) in known or (draft.op == "~~" and (draft.rhs, "~~", draft.lhs) in known):
            continue
        block.rows.append(draft)
        if len(block.rows) > MAX_ROWS:
            raise _too_large()


def check_size(blocks: Sequence[Block]) -> None:
    """Refuse models of more than `MAX_ROWS` parameters.

    Raises
    ------
    ModelError
    """
    if sum(len(block.rows) for block in blocks) > MAX_ROWS:
        raise _too_large()


def _too_large() -> ModelError:
    return ModelError(
        "model-too-large",
        f"the model has more than {MAX_ROWS} parameters",
        hint="most are covariances that the defaults add, or rows repeated for many groups",
    )


def mark_conditional(block: Block) -> None:
    """Mark the slopes of exogenous observed variables, which the model conditions on."""
    exogenous = set(block.variables().ov_x())
    for row in block.where("~"):
        if row.rhs in exogenous:
            row.exo = 1


def _default_rows(block: Block, variables: Variables, ordered: Sequence[str], meanstructure: bool) -> Iterator[Draft]:
    observed, exogenous = variables.ov(), variables.ov_x()
    thresholds = {row.lhs for row in block.where("|")}
    declared = thresholds | (set(ordered) - set(exogenous))
    categorical = [name for name in observed if name in declared]
    yield from _thresholds(block, categorical)
    yield from _variances(block, variables, set(categorical))
    yield from _latent_covariances(block, variables)
    yield from _dependent_covariances(block, variables)
    yield from _exogenous_moments(block, exogenous)
    for name in categorical:
        yield Draft(name, "~*~", name, 0, "auto_delta", free=False, ustart=1.0)
    if meanstructure:
        yield from _intercepts(block, variables, set(categorical))
    if block.options.group_w_free:
        yield Draft("group", "%", "w", 0, "group_w_free")


def _thresholds(block: Block, ordered: Sequence[str]) -> Iterator[Draft]:
    options = block.options
    for name in ordered:
        for number in range(1, options.n_categories.get(name, 1)):
            free = bool(options.auto_th)
            yield Draft(name, "|", f"t{number}", 0, "auto_th", free=free)


def _variances(block: Block, variables: Variables, categorical: set[str]) -> Iterator[Draft]:
    free = bool(block.options.auto_var)
    for name in variables.ov_nox():
        if name in categorical:
            yield Draft(name, "~~", name, 0, "auto_var", free=False, ustart=1.0)
        else:
            yield Draft(name, "~~", name, 0, "auto_var", free=free, ustart=None if free else 0.0)
    composites = set(variables.lv_formative())
    for name in variables.lv():
        is_free = free and name not in composites
        yield Draft(name, "~~", name, 0, "auto_var", free=is_free, ustart=None if is_free else 0.0)


def _latent_covariances(block: Block, variables: Variables) -> Iterator[Draft]:
    options = block.options
    if not options.auto_cov_lv_x:
        return
    rotated = rotated_factors(block) if options.orthogonal_efa else set()
    for left, right in combinations(variables.lv_x(), 2):
        if options.orthogonal or options.orthogonal_x:
            yield Draft(left, "~~", right, 0, "orthogonal", free=False, ustart=0.0)
        elif {left, right} <= rotated:
            yield Draft(left, "~~", right, 0, "orthogonal_efa", free=False, ustart=0.0)
        else:
            yield Draft(left, "~~", right, 0, "auto_cov_lv_x")


def _dependent_covariances(block: Block, variables: Variables) -> Iterator[Draft]:
    options = block.options
    if not options.auto_cov_y:
        return
    latent = set(variables.lv())
    for left, right in combinations([*variables.lv_y(), *variables.ov_y()], 2):
        if (options.orthogonal or options.orthogonal_y) and {left, right} <= latent:
            yield Draft(left, "~~", right, 0, "orthogonal", free=False, ustart=0.0)
        else:
            yield Draft(left, "~~", right, 0, "auto_cov_y")


def _exogenous_moments(block: Block, exogenous: Sequence[str]) -> Iterator[Draft]:
    options = block.options
    for left, right in combinations_with_replacement(exogenous, 2):
        if options.fixed_x:
            yield Draft(left, "~~", right, 0, "fixed_x", free=False, exo=1)
        else:
            free = bool(options.auto_var) or left != right
            yield Draft(left, "~~", right, 0, "auto_var", free=free, ustart=None if free else 0.0)


def _intercepts(block: Block, variables: Variables, categorical: set[str]) -> Iterator[Draft]:
    options = block.options
    exogenous = set(variables.ov_x()) if options.fixed_x else set()
    for name in variables.ov():
        if name in exogenous:
            yield Draft(name, "~1", "", 0, "fixed_x", free=False, exo=1, ustart=0.0 if name in block.split else None)
        elif name in block.split:
            yield Draft(name, "~1", "", 0, "within level", free=False, ustart=0.0)
        else:
            free = bool(options.int_ov_free) and name not in categorical
            yield Draft(name, "~1", "", 0, "int_ov_free", free=free, ustart=None if free else 0.0)
    for name in variables.lv():
        free = bool(options.int_lv_free)
        yield Draft(name, "~1", "", 0, "int_lv_free", free=free, ustart=None if free else 0.0)
