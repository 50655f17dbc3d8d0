"""`ss.compare_groups`: variables or constructs over groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned, did_you_mean
from survey_sem.linalg import as_array
from survey_sem.measurement.group_paths import holm
from survey_sem.measurement.groups.classical import describe, pair_kind, pairs_of, test_of
from survey_sem.measurement.groups.designed import compare_by_design
from survey_sem.measurement.groups.result import GroupComparison
from survey_sem.measurement.groups.rows import Rows, complete_rows, read_groups, rows_of
from survey_sem.measurement.ladder import Invariance
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.design.results import check_level

if TYPE_CHECKING:
    import pandas as pd

PAIRS_OF = {"welch": "games-howell", "classical": "tukey", "kruskal": "games-howell"}
PAIRS = ("games-howell", "tukey")
FEW = 10
GROUP_COLUMNS = ("variable", "group", "n", "mean", "sd", "se", "ci_lower", "ci_upper")
TEST_COLUMNS = (
    "variable", "statistic", "df1", "df2", "p_value", "p_holm", "eta2", "omega2", "levene", "p_levene",
)  # fmt: skip
PAIR_COLUMNS = (
    "variable", "group", "against", "difference", "se", "df", "p_value", "ci_lower", "ci_upper", "g", "g_lower",
    "g_upper",
)  # fmt: skip


def compare_groups(
    data: pd.DataFrame | Sample | SurveyDesign,
    variables: str | Sequence[str],
    by: str,
    *,
    test: str | None = None,
    pairs: str | None = None,
    missing: str | None = None,
    min_group: int | None = None,
    latent: Invariance | None = None,
    ci_level: float = 0.95,
) -> GroupComparison:
    """Compare the means of groups: whether they differ, which, and how much.

    Parameters
    ----------
    data : DataFrame, Sample or SurveyDesign
        One row per respondent. With a design (of a sample, or `survey_sem.design`) means, tests and intervals come
        from it, and `test` and `pairs` cannot be chosen.
    variables : str or list of str
        Columns of numbers; of a sample also constructs: the mean of their items.
    by : str
        Column that tells the groups apart.
    test : {"welch", "classical", "kruskal"}, optional
        Welch's ANOVA (unless said), which allows for unequal variances; the classical one; Kruskal and Wallis' of
        ranks.
    pairs : {"games-howell", "tukey"}, optional
        How pairs of three groups or more are compared: in unequal (unless said) or equal variances (with the classical
        test). Two groups: Welch's t, or the t of equal variances.
    missing : {"listwise", "available"}, optional
        Needed where values are missing: rows with any are left out, or each variable takes the rows it has.
    min_group : int, optional
        Groups with fewer values are left out, and told (`left_out`). Without it a group of one is an error.
    latent : Invariance, optional
        Result of `survey_sem.invariance` over the same groups: its latent mean differences are put beside the
        observed ones.
    ci_level : float
        Of the confidence intervals.

    Returns
    -------
    GroupComparison

    Notes
    -----
    pingouin computes the tests of independent rows. Levene's test is around the medians. The interval of Hedges' g
    is the one of Hedges and Olkin's large-sample standard error; with a design it is the interval of the difference
    over the standard deviation within groups. Pairs of three groups and more with p below 1e-9, beyond what the
    studentised range is integrated to, have Bonferroni's bound. p-values over several variables: `p_holm`.

    Raises
    ------
    DataError
        A column that is not there or has no numbers, fewer than two groups, a group of one, a variable without
        variance.
    MissingChoiceError
        Values are missing and `missing` is not given.
    OptionError
        An unknown test; a test where the design decides; latent means of other groups.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> data = pd.DataFrame({"y": [1.0, 2, 3, 4, 3, 5, 6, 7], "sex": list("ffffmmmm")})
    >>> found = ss.compare_groups(data, "y", by="sex")
    >>> found.pairs[["difference", "p_value", "g"]].round(3).to_dict("records")
    [{'difference': -2.75, 'p_value': 0.045, 'g': -1.58}]
    """
    names = _names(variables, by)
    level = check_level(ci_level)
    if min_group is not None and (isinstance(min_group, bool) or not isinstance(min_group, int) or min_group < 2):
        raise OptionError("bad-option", "a group has two rows or more", where="min_group", got=repr(min_group))
    frame, design = _rows_and_design(data, names)
    chosen, pair_test = _tests(test, pairs, with_design=design is not None)
    inside = np.ones(len(frame), dtype=bool) if design is None else design.inside
    groups = read_groups(frame, by, inside)
    complete = complete_rows(frame, names, groups, inside, missing)
    every = [rows_of(frame, name, groups, complete[name], inside, min_group) for name in names]
    described: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    compared: list[dict[str, Any]] = []
    for rows in every:
        if design is not None:
            own, tested, pair_rows = compare_by_design(rows, design, level)
        else:
            own, tested = describe(rows, level), test_of(rows, chosen)
            pair_rows = pairs_of(rows, pair_kind(len(rows.labels), pair_test), level)
        described += own
        tests.append(tested)
        compared += pair_rows
    for row, p in zip(tests, holm(as_array([row["p_value"] for row in tests])), strict=True):
        row["p_holm"] = float(p)
    n_groups = max(len(rows.labels) for rows in every)
    return GroupComparison(
        by=by,
        variables=tuple(names),
        labels=groups.labels,
        test=chosen,
        pair_test=pair_test if design is not None else pair_kind(n_groups, pair_test),
        ci_level=level,
        groups=_table(described, GROUP_COLUMNS),
        tests=_table(tests, TEST_COLUMNS),
        pairs=_table(compared, PAIR_COLUMNS),
        latent=None if latent is None else _beside(latent, by, compared),
        n_dropped={rows.name: rows.n_dropped for rows in every},
        left_out={rows.name: rows.left_out for rows in every},
        warnings=_small(every),
    )


def _names(variables: str | Sequence[str], by: str) -> list[str]:
    names = [variables] if isinstance(variables, str) or not isinstance(variables, Iterable) else [*variables]
    names = [name for at, name in enumerate(names) if name not in names[:at]]
    if not names or not all(isinstance(name, str) for name in names):
        raise OptionError("bad-option", "variables are names of columns, at least one", where="variables")
    if not isinstance(by, str):
        raise OptionError("bad-option", "by is the name of one column", where="by", got=repr(by)[:60])
    if by in names:
        raise OptionError("bad-option", f"'{by}' cannot be compared over itself", where="variables")
    return names


def _rows_and_design(
    data: pd.DataFrame | Sample | SurveyDesign, names: Sequence[str]
) -> tuple[pd.DataFrame, SurveyDesign | None]:
    if isinstance(data, SurveyDesign):
        return data.data, data
    if isinstance(data, Sample):
        scored = [name for name in names if name in data.constructs and name not in data.data.columns]
        scores = data.scores(*scored) if scored else data.data[[]]
        return data.data.assign(**{str(name): scores[name] for name in scores.columns}), data.design
    if not hasattr(data, "columns"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame, a Sample or a SurveyDesign", where="data",
            got=type(data).__name__,
        )  # fmt: skip
    if len(data) == 0:
        raise DataError("nobody-left", "the data have no rows")
    return data, None


def _tests(test: str | None, pairs: str | None, *, with_design: bool) -> tuple[str, str]:
    for name, value, known in (("test", test, tuple(PAIRS_OF)), ("pairs", pairs, PAIRS)):
        if value is not None and not (isinstance(value, str) and value in known):
            raise OptionError(
                "bad-option", f"{name} has no value {str(value)[:60]!r}", where=name, expected=", ".join(known),
                hint=did_you_mean(str(value)[:60], known),
            )  # fmt: skip
        if value is not None and with_design:
            raise OptionError(
                "options-contradict", "the data have a sampling design, which decides the test", where=name,
                hint=f"leave out {name}, or give the rows alone (DataFrame), as if they were drawn independently",
            )  # fmt: skip
    if with_design:
        return "design", "t-design"
    chosen = test or "welch"
    return chosen, pairs or PAIRS_OF[chosen]


def _beside(latent: Invariance, by: str, compared: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Observed differences of the pairs beside the latent ones of the same groups."""
    if not isinstance(latent, Invariance):
        raise OptionError(
            "wrong-type", "latent is the result of ss.invariance", where="latent", got=type(latent).__name__
        )
    if latent.group != by:
        raise OptionError(
            "latent-mismatch", f"the latent means are of groups by '{latent.group}'", where="latent", expected=by
        )
    observed = {(row["variable"], row["group"], row["against"]): (row["difference"], row["g"]) for row in compared}
    observed |= {(name, b, a): (-difference, -g) for (name, a, b), (difference, g) in observed.items()}
    rows = []
    order = list(dict.fromkeys(row["variable"] for row in compared))
    known = [each for each in latent.mean_records if each.latent in order]
    for each in sorted(known, key=lambda each: order.index(each.latent)):
        key = (each.latent, _label(each.group_label), _label(each.against))
        if key in observed:
            difference, g = observed[key]
            rows.append((*key, difference, g, each.difference, each.se, each.p_value, each.standardised))
    if not rows:
        raise OptionError(
            "latent-mismatch",
            "no variable has latent means of the same groups",
            where="latent",
            expected=", ".join(dict.fromkeys(each.latent for each in latent.mean_records)) or "levels with means",
            got=", ".join(dict.fromkeys(str(row["variable"]) for row in compared)),
            hint="latent means come with the scalar level; name the factor as the construct",
        )
    columns = (
        "variable", "group", "against", "difference", "g", "latent_difference", "latent_se", "latent_p", "latent_d",
    )  # fmt: skip
    return _table([dict(zip(columns, row, strict=True)) for row in rows], columns)


def _label(label: str) -> str:
    """A group as it is called here: a whole number without its decimal."""
    return label.removesuffix(".0")


def _small(every: Sequence[Rows]) -> tuple[Warned, ...]:
    found = []
    for rows in every:
        few = [f"{label} ({len(part)})" for label, part in zip(rows.labels, rows.parts, strict=True) if len(part) < FEW]
        if few:
            what = f"groups of fewer than {FEW} values: {', '.join(few)}"
            found.append(Warned("small-groups", what, where=rows.name, hint="tests and intervals rest on little"))
    return tuple(found)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))
