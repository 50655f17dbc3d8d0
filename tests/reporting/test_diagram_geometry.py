"""What makes a drawing legible, checked on every kind of model: nothing overlaps, nothing runs through a node."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting.diagram_models import MADE_UP, STORED, StandIn, every_model, made_up

from survey_sem.reporting.diagram import Scene, compose, path_model
from survey_sem.reporting.diagram.geometry import sample

MODELS = every_model()


@pytest.fixture(scope="module", params=sorted(MODELS))
def scene(request: pytest.FixtureRequest) -> Scene:
    return compose(path_model(MODELS[request.param]))


def overlapping_nodes(scene: Scene) -> list[tuple[str, str]]:
    return [
        (a.node.name, b.node.name) for a, b in combinations(scene.nodes, 2) if a.shape.box().overlap(b.shape.box()) > 0
    ]


def nodes_run_through(scene: Scene) -> list[tuple[str, str, str]]:
    return [
        (arrow.edge.source, arrow.edge.target, item.node.name)
        for arrow in scene.arrows
        for item in scene.nodes
        if item.node.name not in (arrow.edge.source, arrow.edge.target)
        and item.shape.contains(sample(arrow.curve, 60)).any()
    ]


def loose_ends(scene: Scene) -> list[str]:
    shapes = {item.node.name: item.shape for item in scene.nodes}
    found = []
    for arrow in scene.arrows:
        for name, end in ((arrow.edge.source, arrow.curve[0]), (arrow.edge.target, arrow.curve[-1])):
            point = np.array([end])
            if shapes[name].contains(point, -0.01)[0] or not shapes[name].contains(point, 0.01)[0]:
                found.append(f"{arrow.edge.source} {arrow.edge.target} at {name}")
    return found


def test_no_two_nodes_overlap(scene):
    assert overlapping_nodes(scene) == []


def test_no_arrow_runs_through_a_node(scene):
    assert nodes_run_through(scene) == []


def test_every_arrow_begins_and_ends_on_a_border(scene):
    assert loose_ends(scene) == []


def test_no_label_touches_a_node(scene):
    touching = [
        (arrow.label.text, item.node.name)
        for arrow in scene.arrows
        for item in scene.nodes
        if arrow.label and not item.shape.is_round and arrow.label.box.overlap(item.shape.box()) > 0
    ]
    assert touching == []


def test_no_two_labels_overlap(scene):
    labels = [arrow.label for arrow in scene.arrows if arrow.label]
    assert [(a.text, b.text) for a, b in combinations(labels, 2) if a.box.overlap(b.box) > 0] == []
    assert scene.n_conflicts == 0


def test_every_estimate_has_a_label_on_its_arrow(scene):
    for arrow in scene.arrows:
        assert arrow.label is not None
        distance = np.hypot(*(sample(arrow.curve, 400) - (arrow.label.x, arrow.label.y)).T).min()
        assert distance < 2


def test_everything_lies_on_the_sheet(scene):
    boxes = [item.shape.box() for item in scene.nodes] + [arrow.label.box for arrow in scene.arrows if arrow.label]
    points = np.vstack([sample(arrow.curve) for arrow in scene.arrows])
    assert min(box.left for box in boxes) > 0
    assert max(box.right for box in boxes) < scene.width
    assert min(box.top for box in boxes) > 0
    assert max(box.bottom for box in boxes) < scene.height
    assert points.min() > 0
    assert (points < (scene.width, scene.height)).all()


def test_the_sheet_is_no_wider_than_a_reader_can_take(scene):
    assert scene.width < 1300


def test_the_sets_of_models_have_no_name_in_common():
    assert len(MODELS) == len(STORED) + len(MADE_UP)


def names_from_left(result: StandIn, *names: str) -> list[str]:
    x = {item.node.name: item.shape.x for item in compose(path_model(result)).nodes}
    return sorted(names, key=lambda name: x[name])


def test_causes_stand_left_of_effects():
    model = MODELS["reputation, eight factors"]
    assert names_from_left(model, "CUSL", "CUSA", "COMP", "QUAL") == ["QUAL", "COMP", "CUSA", "CUSL"]


def test_indicators_stand_on_the_outer_side_of_their_factor():
    assert names_from_left(MODELS["pd_sem_ml"], "ind60", "x1", "dem60") == ["x1", "ind60", "dem60"]
    assert names_from_left(MODELS["hs_secondorder"], "g", "visual", "x1") == ["g", "visual", "x1"]


def test_the_indicators_of_a_bifactor_model_stand_between_general_and_group_factors():
    assert names_from_left(MODELS["hs_bifactor"], "g", "x5", "textual") == ["g", "x5", "textual"]


def test_components_of_a_second_order_cause_stand_on_its_left():
    model = MODELS["second order with outcome"]
    assert names_from_left(model, "intent", "trust", "expert", "e1") == ["e1", "expert", "trust", "intent"]


def test_covariates_of_single_occasions_stand_beside_them():
    assert names_from_left(MODELS["growth_linear_tvc"], "c1", "t1", "i", "x1") == ["x1", "i", "t1", "c1"]


def test_variables_that_influence_each_other_share_a_column():
    x = {item.node.name: item.shape.x for item in compose(path_model(MODELS["dhp_nonrecursive"])).nodes}
    assert x["RGenAsp"] == x["FGenAsp"]
    assert x["RIQ"] < x["RGenAsp"]


def test_more_than_forty_indicators_are_left_out_and_counted():
    text = "; ".join(f"f{i} =~ " + "+".join(f"v{i}_{j}" for j in range(11)) for i in range(4)) + "; f3 ~ f0+f1+f2"
    model = path_model(made_up(text))
    assert {item.node.kind for item in compose(model).nodes} == {"latent"}
    assert compose(model).n_hidden == 44
    shown = compose(model, indicators="show")
    assert shown.n_hidden == 0
    assert overlapping_nodes(shown) == []
    assert nodes_run_through(shown) == []


@st.composite
def model_text(draw: st.DrawFn) -> str:
    """Any model: factors with indicators, predictors, paths in any direction, crossed loadings, covariances."""
    n_factors, n_observed = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    factors = [f"F{i}" for i in range(n_factors)]
    observed = [f"o{i}" for i in range(n_observed)]
    indicators = {factor: [f"{factor}_{j}" for j in range(draw(st.integers(1, 5)))] for factor in factors}
    flat = [name for names in indicators.values() for name in names]
    statements = [f"{factor} =~ {'+'.join(names)}" for factor, names in indicators.items()]
    trunk = factors + observed
    pairs = [(a, b) for a in trunk for b in trunk if a != b]
    if pairs:
        paths = draw(st.lists(st.sampled_from(pairs), max_size=10, unique=True))
        statements += [f"{a} ~ {b}" for a, b in paths]
        joined = draw(st.lists(st.sampled_from(pairs), max_size=3, unique_by=frozenset))
        statements += [f"{a} ~~ {b}" for a, b in joined]
    if len(flat) > 2:
        residual = [(a, b) for a in flat for b in flat if a < b]
        statements += [f"{a} ~~ {b}" for a, b in draw(st.lists(st.sampled_from(residual), max_size=4, unique=True))]
        crossed = [(f, name) for f in factors for name in flat if name not in indicators[f]]
        if crossed:
            statements += [f"{f} =~ {x}" for f, x in draw(st.lists(st.sampled_from(crossed), max_size=3, unique=True))]
    return "; ".join(statements) or "y ~ x"


@settings(max_examples=30)
@given(model_text())
def test_no_model_makes_nodes_overlap_or_arrows_run_through_them(text):
    scene = compose(path_model(made_up(text)), indicators="show")
    assert overlapping_nodes(scene) == []
    assert nodes_run_through(scene) == []
    assert loose_ends(scene) == []
