"""text -> table -> text -> table: the written text says everything that the defaults had added."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from survey_sem.errors import ModelError, ModelSyntaxError
from survey_sem.syntax import ParameterTable, parse_model
from survey_sem.syntax.tokens import tokenize

FACTORS = ("f", "g", "h")
OBSERVED = ("x1", "x2", "x3", "x4", "x5", "y1", "y2")
SINGLE = (
    "",
    "",
    "",
    "",
    "1*",
    "-0.25*",
    "NA*",
    "a*",
    "b*",
    "start(0.3)*",
    "a*start(1e-05)*",
    "lower(0)*",
    "upper(2.5)*lower(-1)*",
)
VECTORS = ("c(a,c)*", "c(1,NA)*", "c(NA,0.5)*", "c(d,d)*start(c(1,2))*")


@st.composite
def models(draw: st.DrawFn, n_groups: int) -> str:
    modifiers = st.sampled_from([*SINGLE, *(VECTORS if n_groups == 2 else ())])
    factors = FACTORS[: draw(st.integers(0, 3))]
    lines, seen = [], set()

    def write(lhs: str, op: str, names: list[str]) -> None:
        for rhs in names:
            key = (op, *(sorted((lhs, rhs)) if op == "~~" else (lhs, rhs)))
            if key not in seen and (lhs != rhs or op == "~~"):
                seen.add(key)
                lines.append(f"{lhs} {op} {draw(modifiers)}{rhs}")

    several = st.lists(st.sampled_from(OBSERVED), min_size=1, max_size=4)
    everything = st.sampled_from([*OBSERVED, *factors])
    for factor in factors:
        write(factor, draw(st.sampled_from(["=~", "=~", "=~", "<~"])), draw(several))
    for op in draw(st.lists(st.sampled_from(["~", "~", "~~"]), min_size=not factors, max_size=4)):
        write(draw(everything), op, draw(st.lists(everything, min_size=1, max_size=3)))
    if draw(st.booleans()):
        write(draw(everything), "~", ["1"])
    assume(lines)
    text = "\n".join(lines)
    if "a*" in text:
        lines += ["k := a^2 - 1", "k > -3"]
    if "a*" in text and "b*" in text:
        lines.append("a == b*2")
    return "\n".join(lines)


@st.composite
def tables(draw: st.DrawFn) -> ParameterTable:
    n_groups = draw(st.sampled_from([1, 2]))
    flags = ("fixed_x", "meanstructure", "std_lv", "orthogonal", "conditional_x")
    options: dict[str, object] = {flag: draw(st.booleans()) for flag in flags}
    if n_groups == 2:
        kinds = ("loadings", "intercepts", "regressions", "residuals", "lv_variances", "thresholds", "means")
        options["group_equal"] = tuple(draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True)))
    if draw(st.booleans()):
        options |= {"ordered": ("x1", "x2"), "n_categories": {"x1": 3, "x2": 2}}
        options["parameterization"] = draw(st.sampled_from(["delta", "theta"]))
    if draw(st.integers(0, 4)) == 0:
        options["effect_coding"] = ("loadings", "intercepts")
    options["conditional_x"] = options["conditional_x"] and options["fixed_x"]
    function = draw(st.sampled_from(["sem", "sem", "growth"]))
    try:
        return parse_model(draw(models(n_groups)), function=function, n_groups=n_groups, **options)  # type: ignore[arg-type]
    except (ModelError, ModelSyntaxError) as error:
        assume(error.code not in ("conflicting-fixed-values", "unknown-label", "empty-bounds"))
        raise


def read_again(table: ParameterTable) -> ParameterTable:
    return parse_model(
        table.to_text(),
        function="lavaan",
        fixed_x=table.fixed_x,
        conditional_x=table.options["conditional_x"],
        meanstructure=table.meanstructure,
        n_groups=table.n_groups,
        parameterization=table.parameterization,
    )


def parameters(table: ParameterTable) -> list[tuple[object, ...]]:
    """What each row says, without ids, sources and made-up labels; moments of fixed variables may stand elsewhere."""
    rows = [
        (
            row.group,
            row.level,
            row.lhs,
            row.op,
            row.rhs,
            row.free > 0,
            row.ustart,
            row.exo,
            row.lower,
            row.upper,
            row.efa,
        )
        for row in table.parameters
    ]
    return sorted(rows, key=str)


def free_order(table: ParameterTable) -> list[tuple[int, str]]:
    return [(row.group, row.shown) for row in table.parameters if row.free]


def ties(table: ParameterTable) -> set[frozenset[tuple[int, str]]]:
    """Sets of parameters that are one."""
    names = {row.plabel: (row.group, row.shown) for row in table.parameters}
    labels = {row.label: names[row.plabel] for row in reversed(table.parameters) if row.label}
    groups: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for row in table.rows:
        if row.op == "==":
            ends = [names.get(side) or labels.get(side) for side in (row.lhs, row.rhs)]
            if None not in ends:
                merged = set[tuple[int, str]]().union(*(groups.get(end, {end}) for end in ends if end))
                groups.update(dict.fromkeys(merged, merged))
    return {frozenset(group) for group in groups.values()}


def other_constraints(table: ParameterTable) -> list[str]:
    """Constraints that are no plain ties, with parameters instead of labels."""
    return sorted(f"{named(table, row.lhs)} {row.op} {named(table, row.rhs)}" for row in others(table))


def others(table: ParameterTable) -> Iterator[object]:
    symbols = table.symbols
    return (row for row in table.rows if not row.is_parameter and not {row.lhs, row.rhs} <= symbols.keys())


def named(table: ParameterTable, text: str) -> str:
    """The text with the first of each set of tied parameters in place of labels."""
    rows = table.rows
    index = table.symbols
    tied = {member: min(group) for group in ties(table) for member in group}
    tokens = [token.text for token in tokenize(text)]
    ends = {token: (rows[index[token]].group, rows[index[token]].shown) for token in tokens if token in index}
    return "".join(str(tied.get(ends[token], ends[token])) if token in ends else token for token in tokens)


@settings(max_examples=300)
@given(tables())
def test_the_text_of_a_table_gives_the_table(table: ParameterTable) -> None:
    again = read_again(table)
    assert parameters(again) == parameters(table)
    assert free_order(again) == free_order(table)
    assert ties(again) == ties(table)
    assert other_constraints(again) == other_constraints(table)


@settings(max_examples=100)
@given(tables())
def test_the_text_of_the_text_is_itself(table: ParameterTable) -> None:
    again = read_again(table)
    assert read_again(again).to_text() == again.to_text()


@pytest.mark.parametrize(
    "text",
    [
        "level: within\nf =~ y1 + a*y2\nlevel: between\ng =~ y1 + a*y2\nlevel: 3\ny1 ~~ y2",
        "group: 1\nlevel: 1\ny ~ x\nlevel: 2\ny ~ z\ngroup: 2\nlevel: 1\ny ~ x\nlevel: 2\ny ~ z",
        'efa("b")*f1 + efa("b")*f2 =~ x1 + x2 + x3 + x4',
        "y ~ rv('s')*x",
        "y | t1 + 0.5*t2\ny ~*~ NA*y",
        "主播 =~ x_1 + 质量*x.2\n质量 > 0",
        "f =~ x1 + x2 + equal('f=~x2')*x3\nx1 ~~ equal('x2~~x2')*x1",
        "f =~ x1 + x2 + x3\n.p2. == 2*.p3.",
        "y ~ tie1*x + par2*z + par3*w\n.p3. == par2^2",
    ],
)
def test_special_models(text: str) -> None:
    table = parse_model(text)
    again = read_again(table)
    assert parameters(again) == parameters(table)
    assert free_order(again) == free_order(table)
    assert ties(again) == ties(table)
    assert other_constraints(again) == other_constraints(table)


def test_the_text() -> None:
    table = parse_model("f =~ x1 + a*x2\ny ~ f + z\nk := a/2", fixed_x=True)
    assert table.to_text() == ("f =~ 1*x1\nf =~ a*x2\ny ~ f\ny ~ z\nx1 ~~ x1\nx2 ~~ x2\ny ~~ y\nf ~~ f\nk := a/2\n")
