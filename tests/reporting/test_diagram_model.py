from __future__ import annotations

import pandas as pd
import pytest
from reporting.diagram_models import StandIn, made_up, row, stored

from survey_sem.errors import OptionError
from survey_sem.reporting.diagram import PathEdge, PathModel, PathNode, path_model


def edges(result: StandIn, **options: object) -> dict[tuple[str, str], PathEdge]:
    return {(edge.source, edge.target): edge for edge in path_model(result, **options).edges}


def result_of(*rows: dict[str, object], **explained: float) -> StandIn:
    return StandIn(pd.DataFrame(list(rows)), explained)


def test_kinds_and_directions_of_edges():
    found = edges(made_up("f =~ x1; c <~ z1; y ~ f; a ~~ y"))
    assert {pair: edge.kind for pair, edge in found.items()} == {
        ("f", "x1"): "loading",
        ("z1", "c"): "composite",
        ("f", "y"): "regression",
        ("a", "y"): "covariance",
    }


def test_nodes_keep_the_order_of_the_model_and_carry_r_squared():
    model = path_model(stored("pd_sem_ml"))
    assert [node.name for node in model.nodes][:4] == ["ind60", "x1", "x2", "x3"]
    nodes = {node.name: node for node in model.nodes}
    assert nodes["dem65"].kind == "latent"
    assert nodes["dem65"].r_squared == pytest.approx(0.961, abs=1e-3)
    assert nodes["ind60"].r_squared is None


def test_variances_intercepts_thresholds_and_definitions_are_no_edges():
    result = result_of(
        row("y", "~", "x", 0.3),
        row("y", "~~", "y", 0.8),
        row("y", "~1", "", 1.0),
        row("y", "|", "t1", 0.1),
        row("ind", ":=", "a*b", 0.2, group=0),
    )
    assert set(edges(result)) == {("x", "y")}


@pytest.mark.parametrize(
    ("values", "expected"),
    [("std_all", "0.50"), ("std_lv", "0.40"), ("est", "−1.20"), ("label", "a"), ("none", "")],
)
def test_what_stands_at_an_arrow(values, expected):
    result = result_of(row("y", "~", "x", 0.5, est=-1.2, std_lv=0.4, label="a"))
    assert edges(result, values=values)["x", "y"].estimate == expected


def test_a_value_that_rounds_to_nothing_has_no_sign():
    assert edges(result_of(row("y", "~", "x", -0.001)))["x", "y"].estimate == "0.00"


def test_a_missing_value_is_an_empty_label():
    assert edges(result_of(row("y", "~", "x", 0.5, std_all=float("nan"))))["x", "y"].estimate == ""


def test_stars_only_when_asked():
    result = result_of(row("y", "~", "x", 0.5, p_value=0.004))
    assert edges(result)["x", "y"].estimate == "0.50"
    assert edges(result, stars=True)["x", "y"].estimate == "0.50**"


def test_a_fixed_parameter_has_no_p_value():
    marker = row("f", "=~", "x1", 1.0, se=0.0, p_value=float("nan"))
    found = edges(result_of(marker, row("f", "=~", "x2", 0.5)))
    assert (found["f", "x1"].fixed, found["f", "x1"].p) == (True, None)
    assert (found["f", "x2"].fixed, found["f", "x2"].p) == (False, 0.001)


def test_a_parameter_fixed_to_zero_is_no_arrow():
    zero = row("f", "~~", "g", 0.0, se=0.0, p_value=float("nan"))
    assert ("f", "g") not in edges(result_of(row("f", "=~", "x", 0.5), row("g", "=~", "z", 0.5), zero))


def test_covariances_among_observed_predictors_are_shown_on_request():
    result = made_up("y ~ x1+x2; x1 ~~ x2; y ~~ x1")
    assert ("x1", "x2") not in edges(result)
    assert ("y", "x1") in edges(result)
    assert ("x1", "x2") in edges(result, show=("regressions", "covariances", "exogenous_covariances"))


def test_kinds_of_edges_can_be_left_out():
    kinds = {edge.kind for edge in edges(stored("pd_sem_ml"), show=("regressions",)).values()}
    assert kinds == {"regression"}


def test_labels_replace_names():
    model = path_model(made_up("y ~ x"), labels={"x": "优惠力度"})
    assert [node.label for node in model.nodes] == ["y", "优惠力度"]


def test_a_label_for_an_unknown_variable_suggests_the_nearest():
    with pytest.raises(OptionError) as caught:
        path_model(made_up("intent ~ trust"), labels={"trusst": "Trust"})
    assert "trust" in caught.value.hint


@pytest.mark.parametrize("options", [{"values": "std"}, {"show": ("loading",)}, {"lang": "de"}])
def test_an_unknown_choice_lists_the_known_ones(options):
    with pytest.raises(OptionError) as caught:
        path_model(made_up("y ~ x"), **options)
    assert caught.value.expected


def test_one_group_of_several():
    frame = pd.DataFrame([row("y", "~", "x", 0.1, group=1), row("y", "~", "x", 0.9, group=2)])
    model = path_model(StandIn(frame), group=2)
    assert [edge.estimate for edge in model.edges] == ["0.90"]
    assert model.group == 2
    with pytest.raises(OptionError, match="group 3"):
        path_model(StandIn(frame), group=3)


def test_an_edge_to_nowhere_is_refused():
    with pytest.raises(OptionError, match="'z'"):
        PathModel((PathNode("x", "observed", "x"),), (PathEdge("x", "z", "regression"),))
