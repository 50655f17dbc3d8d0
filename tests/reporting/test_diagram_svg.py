from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from reporting.diagram_models import MADE_UP, made_up, row, stored

from survey_sem.errors import FileError, OptionError
from survey_sem.reporting.diagram import Diagram, PathModel, draw, path_model, render_diagram

SVG = "{http://www.w3.org/2000/svg}"
NASTY = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "]]></style><img src=x onerror=alert(1)>",
    "a & b < c",
    "null\x00 bell\x07 \ufffe right-to-left \u202e override",
    "lone surrogate \ud800",
]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def test_a_drawing_has_a_view_box_a_title_and_a_description():
    svg = parsed(render_diagram(path_model(stored("pd_sem_ml"))))
    assert svg.get("viewBox", "").startswith("0 0 ")
    assert svg.find(f"{SVG}title").text == "Path diagram"
    assert "ind60 → dem60 0.45" in svg.find(f"{SVG}desc").text
    assert svg.get("aria-labelledby") == f"{svg[0].get('id')} {svg[1].get('id')}"


def test_names_estimates_and_explained_variance_are_shown():
    shown = texts(render_diagram(path_model(stored("pd_sem_ml"))))
    assert {"dem65", "y8", "0.89", "R² = 0.96"} <= set(shown)


def test_paths_that_cannot_be_told_from_zero_are_dashed_and_the_caption_says_so():
    svg = parsed(render_diagram(path_model(stored("gw_parallel_mediation"))))
    dashed = [g.find(f"{SVG}title").text for g in svg.iter(f"{SVG}g") if "dashed" in g.get("class", "").split()]
    assert "ideology → posemot −0.03" in dashed
    assert "ideology → negemot −0.35" not in dashed
    assert "Dashed: p ≥ .05." in texts(ElementTree.tostring(svg, encoding="unicode"))[-1]


def test_without_a_caption_nothing_stands_below():
    model = path_model(stored("hs_cfa_ml"))
    assert "Standardised estimates." in texts(render_diagram(model))
    assert "Standardised estimates." not in texts(render_diagram(model, show_caption=False))


@pytest.mark.parametrize("nasty", NASTY)
def test_labels_from_users_are_text_and_nothing_else(nasty):
    result = made_up("f =~ x1+x2+x3; y ~ f")
    svg = render_diagram(path_model(result, labels={"f": nasty, "x1": nasty, "y": nasty}))
    assert {element.tag.removeprefix(SVG) for element in parsed(svg).iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "path", "polygon", "ellipse", "text")
    }
    for element in parsed(svg).iter():
        assert not [name for name in element.attrib if name.startswith("on")]
    svg.encode("utf-8")


def test_parameter_names_are_text_and_nothing_else():
    result = made_up("y ~ x")
    result.estimates["label"] = "<b>"
    assert "&lt;b&gt;" in render_diagram(path_model(result, values="label"))


def test_chinese_is_embedded_once_and_only_when_asked():
    model = path_model(made_up("y ~ x"), labels={"y": "购买意愿", "x": "主播信任度"}, lang="zh")
    assert render_diagram(model).count("@font-face") == 1
    assert "@font-face" not in render_diagram(model, embed_font=False)
    assert "@font-face" not in render_diagram(path_model(made_up("y ~ x")))
    assert parsed(render_diagram(model)).find(f"{SVG}title").text == "路径图"


def test_a_group_is_named():
    model = path_model(made_up("y ~ x"))
    named = PathModel(model.nodes, model.edges, group=2)
    assert parsed(render_diagram(named)).find(f"{SVG}title").text == "Path diagram, group 2"


def test_hidden_indicators_are_counted_in_the_caption():
    shown = texts(render_diagram(path_model(stored("pd_sem_ml")), indicators="hide"))
    assert "11 indicators are not drawn." in shown[-1]
    assert "y1" not in shown


def test_the_bytes_do_not_depend_on_the_hash_seed():
    program = (
        "from reporting.diagram_models import *\n"
        "from survey_sem.reporting.diagram import path_model, render_diagram\n"
        "import hashlib\n"
        "models = [MADE_UP[name] for name in ('three mediators', 'cycle of three', 'second order with outcome')]\n"
        "for result in (stored('pd_sem_ml'), *map(made_up, models)):\n"
        "    print(hashlib.sha256(render_diagram(path_model(result)).encode()).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*sys.path, Path(__file__).parents[1])))}
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_an_unknown_choice_of_indicators_is_refused():
    with pytest.raises(OptionError, match="indicators"):
        render_diagram(path_model(made_up("y ~ x")), indicators="some")


def test_a_model_without_arrows_is_refused():
    with pytest.raises(OptionError, match="draw"):
        render_diagram(PathModel((), ()))


def test_a_factor_alone_is_drawn():
    assert "f" in texts(render_diagram(path_model(made_up("f =~ x1"), show=("regressions",))))


def test_wide_arrows_mean_large_standardised_effects():
    def width(value: float, values: str) -> float:
        result = made_up("y ~ x")
        result.estimates = result.estimates.assign(**row("y", "~", "x", value))
        path = next(parsed(render_diagram(path_model(result, values=values))).iter(f"{SVG}path"))
        return float(path.get("stroke-width"))

    assert width(0.9, "std_all") > width(0.2, "std_all")
    assert width(90.0, "est") == width(0.2, "est")


def test_a_notebook_gets_svg_and_html():
    diagram = draw(stored("hs_cfa_ml"))
    assert diagram._repr_svg_() == diagram.to_svg()
    assert diagram.to_svg() in diagram._repr_html_()


@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<svg"), (".png", b"\x89PNG"), (".PDF", b"%PDF")])
def test_a_diagram_is_saved_by_its_suffix(tmp_path, suffix, start):
    diagram = draw(made_up(MADE_UP["one factor"]), labels={"f": "信任"}, lang="zh")
    path = diagram.save(tmp_path / f"diagram{suffix}")
    assert path.read_bytes().startswith(start)
    assert diagram.save(tmp_path / f"again{suffix}").read_bytes() == path.read_bytes()


def test_an_unknown_suffix_and_an_impossible_place_are_errors(tmp_path):
    diagram = draw(made_up("y ~ x"))
    with pytest.raises(FileError, match="SVG, PNG or PDF"):
        diagram.save(tmp_path / "diagram.docx")
    with pytest.raises(FileError, match="cannot be written"):
        diagram.save(tmp_path / "no folder" / "diagram.svg")


def test_a_diagram_is_a_value():
    assert draw(made_up("y ~ x")) == draw(made_up("y ~ x"))
    assert isinstance(draw(made_up("y ~ x")), Diagram)
