"""What a model says otherwise than its author may think: warnings that travel with the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey_sem.errors import Warned
from survey_sem.syntax.drafts import Block, Draft
from survey_sem.syntax.groups import absorbed_means
from survey_sem.syntax.options import TableOptions


def model_warnings(blocks: Sequence[Block], options: TableOptions) -> tuple[Warned, ...]:
    """Labels that tie groups, exogenous variables made random, means held at 0, modifiers without an effect."""
    found = [*_labels_across_groups(blocks), *_random_exogenous(blocks, options)]
    found += [*_held_means(blocks, options), *_fixed_after_all(blocks)]
    return tuple(dict.fromkeys(found))


def _labels_across_groups(blocks: Sequence[Block]) -> Iterator[Warned]:
    n_groups = max(block.group for block in blocks)
    if n_groups == 1 or blocks[0].rows[0].place != blocks[-1].rows[0].place:
        return  # group blocks repeat a label on purpose
    single = [row for row in blocks[0].rows if len(row.modifiers.label) == 1 and row.free]
    if single:
        labels = ", ".join(dict.fromkeys(row.label for row in single))
        yield Warned(
            "label-across-groups",
            f"a single label in a model of {n_groups} groups makes its parameter equal over the groups: {labels}",
            where=single[0].source,
            hint=f"give one label for each group, c(...)*, to let them differ; repeat the label, c({single[0].label},"
            f"{single[0].label})*, to say that equality is meant",
        )


def _random_exogenous(blocks: Sequence[Block], options: TableOptions) -> Iterator[Warned]:
    if not options.fixed_x:
        return
    for block in blocks[:1]:
        variables = block.variables()
        fixed = set(variables.ov_x())
        random = [name for name in variables.predictors() if name not in fixed]
        if random:
            yield Warned(
                "exogenous-made-random",
                f"formulas for the variance, covariance or intercept of {', '.join(random)} make"
                f" {'it' if len(random) == 1 else 'them'} random, with free parameters",
                hint="leave those formulas out to keep the sample moments fixed, or set fixed_x=False",
            )


def _held_means(blocks: Sequence[Block], options: TableOptions) -> Iterator[Warned]:
    equal = set(options.group_equal)
    if "means" in equal or not equal & {"intercepts", "thresholds"} or blocks[-1].group == 1:
        return
    held = absorbed_means(blocks[-1])
    for row in blocks[-1].where("~1"):
        if row.lhs in held and row.user == 0 and not row.free:
            yield Warned(
                "higher-order-mean",
                f"the mean of {row.lhs} stays at 0 in all groups: those of the factors that depend on it are free and"
                " take up its differences",
                hint=f"to compare the mean of {row.lhs}, hold theirs at 0: factor ~ 0*1 for each (or for one) of them",
            )


def _fixed_after_all(blocks: Sequence[Block]) -> Iterator[Warned]:
    for block in blocks:
        for row in block.rows:
            if row.free or row.exo:
                continue
            if row.modifiers.start and not row.modifiers.fixed:
                yield _fixed(row, "a starting value is given for")
            elif row.modifiers.fixed and _asked_free(row, block.group):
                yield _fixed(row, "NA frees")


def _asked_free(row: Draft, group: int) -> bool:
    values = row.modifiers.fixed
    return (values[0] if len(values) == 1 else values[group - 1]) is None


def _fixed(row: Draft, said: str) -> Warned:
    return Warned(
        "fixed-after-all",
        f"{said} '{row.shown}', but it is fixed at {row.ustart}",
        where=row.source,
        hint="add NA* to free a first indicator; look for an equal label or group_equal otherwise",
    )
