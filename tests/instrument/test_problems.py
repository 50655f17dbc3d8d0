"""All problems of a file at once."""

from __future__ import annotations

import pickle

import pytest

from survey_sem.errors import StudyError
from survey_sem.instrument.problems import MAX_PROBLEMS, Problems, SeveralProblemsError
from survey_sem.instrument.section import Section, number, reference, written_names
from survey_sem.instrument.strict_yaml import Node, parse_yaml


def pets(text: str) -> list[tuple[str, float]]:
    """A loader in small: names and weights, lightest first."""
    node = parse_yaml(text, "pets.yaml")
    problems = Problems(node.file)
    top = Section(node, ("owner", "pets"), problems)
    top.text("owner")

    def pet(entry: Node) -> tuple[str, float]:
        inner = Section(entry, ("id", "weight", "least"), problems)
        weight, least = inner.number("weight"), inner.optional("least", number, 0.0)
        if inner.is_sound and weight < least:
            problems.note(inner["weight"], "too-light", "too light")
        return inner.text("id"), weight

    found = problems.each(top.entries("pets"), pet)
    problems.raise_all()
    return list(found)


def test_no_problem() -> None:
    assert pets("owner: Ann\npets: [{id: rex, weight: 3}]") == [("rex", 3)]


def test_one_problem_is_itself() -> None:
    with pytest.raises(StudyError) as caught:
        pets("owner: Ann\npets: [{id: rex, weight: heavy}]")
    assert caught.value.code == "wrong-type"
    assert caught.value.where == "pets.yaml:2: pets[0].weight"


def test_several_problems_are_listed_in_the_order_of_the_file() -> None:
    text = """\
pets:
  - {id: rex, weigth: 3}
  - {id: tom, weight: 3, least: 4}
  - rex
  - {id: [], weight: x, least: 9}
"""
    with pytest.raises(SeveralProblemsError) as caught:
        pets(text)
    error = caught.value
    assert [(problem.code, problem.where) for problem in error.problems] == [
        ("missing-key", "pets.yaml:1: owner"),
        ("unknown-key", "pets.yaml:2: pets[0].weigth"),
        ("too-light", "pets.yaml:3: pets[1].weight"),
        ("wrong-type", "pets.yaml:4: pets[2]"),
        ("wrong-type", "pets.yaml:5: pets[3].weight"),
        ("wrong-type", "pets.yaml:5: pets[3].id"),
    ]
    assert error.what == "6 problems in pets.yaml"
    assert str(error.got).splitlines()[1] == (
        "pets.yaml:2: pets[0].weigth: unknown key 'weigth' (did you mean 'weight'? keys here: id, weight, least)"
    )
    again = pickle.loads(pickle.dumps(error))
    assert [str(each) for each in again.problems] == [str(each) for each in error.problems]


def test_reading_ends_when_there_are_too_many() -> None:
    text = "owner: Ann\npets:\n" + "  - {id: rex, weight: x, least: y}\n" * 500
    with pytest.raises(SeveralProblemsError, match=f"more than {MAX_PROBLEMS} problems") as caught:
        pets(text)
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_the_problems_of_an_inner_file_are_kept_each() -> None:
    outer = Problems("outer.yaml")
    with outer.kept():
        pets("{pets: [1], owner: []}")
    assert outer.count == 2


def test_a_section_that_is_no_mapping_is_one_problem() -> None:
    node = parse_yaml("head: 3", "f.yaml")
    problems = Problems("f.yaml")
    head = Section(node, ("head", "tail"), problems).section("head", ("a", "b"))
    head.text("a")
    head.texts("b")
    Section(node, ("head", "tail"), problems).section("tail", ("a", "b")).number("a")
    with pytest.raises(SeveralProblemsError) as caught:
        problems.raise_all()
    assert [problem.where for problem in caught.value.problems] == ["f.yaml:1: head", "f.yaml:1: tail"]


def test_references_and_names() -> None:
    nodes = parse_yaml("[{id: rex, x: []}, {id: 5}, 3, {id: [1]}, {id: rex}]", "f.yaml").value
    assert isinstance(nodes, list)
    assert list(written_names(nodes)) == ["rex", "5"]
    with pytest.raises(StudyError, match="there is no pet 'rx'") as caught:
        reference(Node("rx", "f.yaml", 1, "pet"), ["rex", "tom"], "pet")
    assert (caught.value.code, caught.value.hint) == ("unknown-pet", "did you mean 'rex'?")
    with pytest.raises(StudyError) as caught:
        reference(Node("qqq", "f.yaml", 1, "pet"), ["rex", "tom"], "pet")
    assert caught.value.hint == "there are rex, tom"
