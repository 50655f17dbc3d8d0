"""Population files: what is wrong is told, all at once, with file, line and key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_population import FAULTS, GROUPS, POPULATION, population_of

from survey_sem.errors import StudyError
from survey_sem.instrument import Instrument, load_instrument
from survey_sem.instrument.problems import SeveralProblemsError
from survey_sem.instrument.strict_yaml import node_from_plain, parse_yaml
from survey_sem.simulation import Population, load_population, simulate_answers
from survey_sem.simulation.load import population_from

FULL = POPULATION + GROUPS + FAULTS


def codes(text: str, instrument: Instrument, folder: Path) -> list[str]:
    """Codes of the problems of a population, in the order of the file."""
    with pytest.raises(StudyError) as caught:
        population_of(text, instrument, folder)
    problems = caught.value.problems if isinstance(caught.value, SeveralProblemsError) else (caught.value,)
    return [problem.code for problem in problems]


def test_everything_is_read(instrument: Instrument, tmp_path: Path) -> None:
    population = population_of(FULL, instrument, tmp_path)
    assert population.structure.factors == ("F", "G", "H")
    assert set(population.answers) == {"a1", "a2", "a3", "a4", "b1", "b2", "b3", "c1"}
    assert list(population.answers["a3"].codes) == [5, 4, 3, 2, 1]
    assert set(population.structures) == {None, "young"}
    assert population.structure_of("old") is population.structure
    assert population.faults.shares["late"] == 0.01 and population.faults.attention["careful"] == 0.98
    assert [(each.kind, each.rate, each.on) for each in population.faults.missing] == [
        ("mcar", 0.02, None), ("mar", 0.1, "born"), ("mnar", 0.2, None),
    ]  # fmt: skip
    again = population_of(f"# a comment\n{FULL}", instrument, tmp_path)
    assert again.sha256 == population.sha256


CHANGES = {
    "wrong-schema": ("schema: survey-sem/population/1", "schema: survey-sem/study/1"),
    "unknown-key": ("answers:", "zzz: 1\nanswers:"),
    "parameter-without-value": (".8*a1", "a1"),
    "missing-variable": (".8*a1", ".8**a1"),
    "explained-too-much": (".8*a1", "1.8*a1"),
    "unknown-item": (".8*a1", ".8*a9"),
    "wrong-type": (".8*a1", ".8*gender"),
    "thresholds-in-model": ("G ~ .5*F", "G ~ .5*F\n  a1 | 0*t1"),
    "no-answers": ("  agree7: {", "  a1: {shares: [.1, .2, .3, .25, .15]}\n  a3: {"),
    "wrong-count": ("[.3, .3, .2, .1, .1]", "[.3, .3, .2, .2]"),
    "shares-not-one": ("[.3, .3, .2, .1, .1]", "[.3, .3, .2, .1, .2]"),
    "not-ascending": ("[-1.5, -1, -.5", "[-1.5, -1, -1.5"),
    "shares-or-thresholds": ("a2: {shares: [.3, .3, .2, .1, .1]}", "a2: {}"),
    "unknown-code": ("shares: {1: .45, 2: .55}", "shares: {1: .45, 3: .55}"),
    "missing-code": ("shares: {1: .45, 2: .55}", "shares: {1: 1}"),
    "not-drawn-yet": ("by: gender", "by: bought"),
    "out-of-range": ("{from: 1960, to: 1979", "{from: 1930, to: 1979"),
    "empty-class": ("{from: 1960, to: 1979", "{from: 1960, to: 1959"),
    "unknown-factor": ("on: {G: .8}", "on: {g: .8}"),
    "two-codes": ("codes: [1, 2]", "codes: [1, 1]"),
    "one-distribution": ("poisson: {mean: 3, on: {G: .2}}", "round: 1"),
    "wrong-distribution": ("poisson: {mean: 3, on: {G: .2}}", "choices: {1: 1}"),
    "needless-key": ("poisson: {mean: 3, on: {G: .2}}", "poisson: {mean: 3}, round: 1"),
    "wrong-value": ("mean: 3", "mean: -3"),
    "empty-period": ("from: 2026-05-01, to: 2026-06-30", "from: 2026-05-02, to: 2026-05-01"),
    "item-without-population": ("  - {item: order, utilities: {1: 1, 2: 0, 3: -1}}\n", ""),
    "drawn-twice": ("clusters: {item: room", "clusters: {item: gender"),
    "circular": ("of: generation\n", "of: bought\n"),
    "not-in-background": ("of: generation\n", "of: a2\n"),
    "of-or-on": ("{of: gender, rates: {1: .6, 2: .9}}", "{rates: {1: .6, 2: .9}}"),
    "shares-above-one": ("straightlining: .03", "straightlining: .99"),
    "one-kind": ("mcar: .02", "mcar: .02, mnar: .1"),
    "blank-value": ("{item: rooms,", "{item: ,"),
}


@pytest.mark.parametrize("code", CHANGES)
def test_one_thing_wrong_is_one_problem(code: str, instrument: Instrument, tmp_path: Path) -> None:
    old, new = CHANGES[code]
    assert old in FULL
    found = codes(FULL.replace(old, new, 1), instrument, tmp_path)
    assert code in found, found


def test_problems_come_together_and_tell_their_places(instrument: Instrument, tmp_path: Path) -> None:
    text = FULL.replace("shares: {1: .45, 2: .55}", "shares: {1: .45, 2: .6}").replace("late: .01", "late: 3")
    text = text.replace("mean: 3", "mean: x")
    with pytest.raises(SeveralProblemsError) as caught:
        population_of(text, instrument, tmp_path)
    told = str(caught.value)
    for place in ("background[0].shares: ", "background[5].poisson.mean", "faults.late"):
        assert place in told
    lines = [int(str(problem.where).split(":")[1]) for problem in caught.value.problems]
    assert lines == sorted(lines)


def test_correlated_factors_cannot_be_all_between_clusters(instrument: Instrument, tmp_path: Path) -> None:
    text = POPULATION.replace("G ~ .5*F", "G ~~ .9*F").replace("icc: {F: .1}", "icc: {F: .5, G: .5}")
    assert codes(text, instrument, tmp_path) == ["too-much-between"]


def test_a_mistake_in_the_model_names_its_line(instrument: Instrument, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        population_of(FULL.replace(".8*b1", "*b1"), instrument, tmp_path)
    assert "model" in str(caught.value.where) and "line 2" in str(caught.value)


def test_a_dropped_text_needs_no_word(instrument: Instrument, tmp_path: Path) -> None:
    population = population_of(POPULATION, instrument, tmp_path)
    assert "phone" in population.background
    text = POPULATION.replace('  - {item: comment, texts: [fine, "not so good", 很好], answered: .5}\n', "")
    assert codes(text, instrument, tmp_path) == ["item-without-population"]


def test_shipped_population_loads(project_root: Path) -> None:
    asked = load_instrument(project_root / "instruments" / "livestream_purchase_intent.yaml")
    assert load_population(project_root / "examples" / "livestream" / "population.yaml", asked).groups is not None


PLAIN = parse_yaml(FULL).plain()
WORDS = ["F", "G", "a1", "gender", "generation", "agree", "F =~ .5*a1", "2026-05-01", "young"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3000),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.lists(st.floats(-1, 2), max_size=4),
    st.dictionaries(st.sampled_from(["1", "2", "F", "of", "x"]), st.floats(-1, 2)),
)
SECTIONS = st.sampled_from(["model", "answers", "faults", "background"])


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in paths_of(each, (*path, key)))]


PLACES = paths_of(PLAIN)[1:]


def changed(value: object, path: tuple[str | int, ...], new: object) -> object:
    """The document with another value at a place."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: changed(each, path[1:], new) if key == path[0] else each for key, each in value.items()}
    if isinstance(value, list):
        return [changed(each, path[1:], new) if at == path[0] else each for at, each in enumerate(value)]
    return value


@settings(max_examples=int(os.environ.get("POPULATION_EXAMPLES", "150")), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_documents_near_the_schema_are_read_or_refused(
    instrument: Instrument, changes: list[tuple[tuple[str | int, ...], object]]
) -> None:
    document: object = PLAIN
    for path, new in changes:
        document = changed(document, path, new)
    try:
        population = population_from(node_from_plain(document, "p.yaml"), instrument)
    except StudyError as problem:
        assert problem.where
        return
    assert isinstance(population, Population)
    assert len(simulate_answers(population, instrument, 20, 1).frame()) == 20


@settings(max_examples=100, deadline=None)
@given(st.recursive(VALUES, lambda inner: st.dictionaries(SECTIONS, inner), max_leaves=6))
def test_any_document_is_read_or_refused(instrument: Instrument, document: object) -> None:
    if isinstance(document, dict):
        document = {"schema": "survey-sem/population/1", **document}
    with pytest.raises(StudyError):
        population_from(node_from_plain(document, "p.yaml"), instrument)


def test_groups_must_not_depend_on_factors_by_a_detour(instrument: Instrument, tmp_path: Path) -> None:
    text = POPULATION.replace("  - {item: gender, shares: {1: .45, 2: .55}}\n", "")
    text = text.replace("background:\n", "background:\n  - {item: gender, logistic: {share: .5, on: {F: 1}}}\n")
    assert codes(text + "groups: {of: tier, parts: {1: {means: {F: 1}}}}\n", instrument, tmp_path) == ["circular"]
    made = simulate_answers(population_of(text, instrument, tmp_path), instrument, 50, 1)
    assert made.truth["moments"] is not None
    leaning = population_of(text + "response: [{of: tier, rates: {1: .5, 2: 1, 3: 1}}]\n", instrument, tmp_path)
    assert simulate_answers(leaning, instrument, 50, 1).truth["moments"] is None
