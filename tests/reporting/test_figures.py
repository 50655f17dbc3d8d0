from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from survey_sem.errors import OptionError
from survey_sem.reporting.figures import (
    Picture,
    _diverging_colours,
    coefficient_plot,
    correlation_heatmap,
    likert_bars,
    residual_heatmap,
)
from survey_sem.reporting.fonts import drawable

ITEMS = ["I trust the anchor", "主播真实可信", "Prices <are> $good$ & fair"]
LEVELS = ["disagree", "neither", "同意"]
COUNTS = [[10, 20, 70], [5, 5, 90], [30, 40, 30]]
SMALL_MATRIX = [[1.0, 0.3, -0.2], [0.3, 1.0, 0.15], [-0.2, 0.15, 1.0]]


def every_figure() -> dict[str, Picture]:
    return {
        "likert": likert_bars(COUNTS, ITEMS, LEVELS, title="回答", lang="zh"),
        "correlations": correlation_heatmap(SMALL_MATRIX, ITEMS, title="r"),
        "residuals": residual_heatmap(SMALL_MATRIX, ITEMS),
        "coefficients": coefficient_plot(ITEMS, [0.1, np.nan, 0.3], [0, np.nan, 0.2], [0.2, np.nan, 0.4]),
        "series": coefficient_plot(
            ITEMS, np.eye(3)[:, :2], np.eye(3)[:, :2] - 1, np.eye(3)[:, :2] + 1, series=["A", "乙"]
        ),
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, Picture]:
    return every_figure()


def test_figures_are_svg_documents_that_can_stand_in_a_page(figures):
    for picture in figures.values():
        root = ElementTree.fromstring(picture.replace("xlink:href", "href"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("role") == "img"
        assert picture._repr_svg_() == picture


def test_the_same_input_gives_the_same_bytes(figures):
    assert every_figure() == figures
    for name, picture in every_figure().items():
        assert picture.to_png() == figures[name].to_png()


def test_the_bytes_are_the_same_in_another_process():
    program = (
        "from survey_sem.reporting.figures import *\n"
        "import hashlib\n"
        "p = likert_bars([[1, 2, 3]], ['主播'], ['a', 'b', '丙'])\n"
        "print(hashlib.sha256(p.encode()).hexdigest(), hashlib.sha256(p.to_png()).hexdigest())\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_no_clock_time_and_no_version_is_written(figures):
    for picture in figures.values():
        assert "dc:date" not in picture
        assert f"Matplotlib v{matplotlib.__version__}" not in picture


def test_a_figure_has_an_escaped_title():
    picture = correlation_heatmap(SMALL_MATRIX, ["a", "b", "c"], title="<script>r & s</script>")
    assert "<title>&lt;script&gt;r &amp; s&lt;/script&gt;</title>" in picture
    assert "<script" not in picture


def test_drawing_leaves_global_settings_and_pyplot_alone():
    program = (
        "import sys, matplotlib\n"
        "matplotlib.rcParams['axes.facecolor'] = 'red'\n"
        "before = dict(matplotlib.rcParams)\n"
        "from survey_sem.reporting.figures import correlation_heatmap\n"
        "svg = correlation_heatmap([[1, .2], [.2, 1]], ['a', 'b'])\n"
        "assert dict(matplotlib.rcParams) == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert '#ff0000' not in svg\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_glyphs_of_two_figures_on_one_page_do_not_get_mixed_up():
    def glyphs(picture: Picture) -> set[str]:
        return {part.split('"')[0] for part in picture.split('id="NotoSansSC-')[1:]}

    first = likert_bars([[1, 1]], ["主播"], ["低", "高"])
    second = likert_bars([[1, 1]], ["意愿"], ["低", "高"])
    assert glyphs(first)
    assert not glyphs(first) & glyphs(second)


def test_an_item_without_answers_is_an_empty_row():
    assert likert_bars([[0, 0], [1, 3]], ["a", "b"], ["no", "yes"]).startswith("<svg")


def test_a_long_chinese_label_is_shortened_with_a_character_that_the_font_has():
    long_label = "我愿意在这个直播间购买主播推荐的产品" * 5
    assert likert_bars([[1, 3]], [long_label], ["否", "是"]).to_png()


def test_many_variables_lose_their_numbers_but_keep_their_colours():
    names = [f"v{i}" for i in range(40)]
    matrix = np.full((40, 40), 0.5)
    assert len(correlation_heatmap(matrix, names)) < len(correlation_heatmap(matrix[:30, :30], names[:30])) * 2


def test_large_residuals_are_framed():
    quiet = residual_heatmap(np.full((2, 2), 0.02), ["a", "b"])
    loud = residual_heatmap(np.full((2, 2), 0.12), ["a", "b"])
    assert "stroke: #1b2733" not in quiet
    assert "stroke: #1b2733" in loud


@pytest.mark.parametrize("count", [1, 2, 5, 7])
def test_categories_have_different_colours(count):
    colours = _diverging_colours(count)
    assert len(set(colours)) == count


def test_series_beyond_the_palette_are_refused():
    numbers = np.zeros((1, 7))
    with pytest.raises(OptionError, match="at most 6"):
        coefficient_plot(["a"], numbers, numbers, numbers, series=list("abcdefg"))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: likert_bars([[1, 2]], ["a", "b"], ["no", "yes"]),
        lambda: likert_bars([[1, -2]], ["a"], ["no", "yes"]),
        lambda: likert_bars([[1, np.nan]], ["a"], ["no", "yes"]),
        lambda: correlation_heatmap(np.eye(3), ["a", "b"]),
        lambda: residual_heatmap([], []),
        lambda: coefficient_plot(["a"], [1, 2], [1, 2], [1, 2]),
        lambda: coefficient_plot(["a"], 1.0, 0.5, 1.5),
    ],
)
def test_what_does_not_fit_together_is_an_error(draw):
    with pytest.raises(OptionError):
        draw()


@pytest.mark.parametrize("item", ["𠮷", "😀", "信任 😀 𠮷", "क ไทย", "Trust \u202eabc"])
def test_a_character_without_a_glyph_becomes_a_box_and_no_warning(item: str):
    pictures = (
        likert_bars([[1, 2], [3, 4]], [item, "b"], [item, "hi"], title=item),
        correlation_heatmap(SMALL_MATRIX, [item, "b", "c"], title=item),
        coefficient_plot([item], [0.1], [0.0], [0.2], x_label=item),
    )
    for picture in pictures:
        assert picture.to_png().startswith(b"\x89PNG")


def test_what_a_figure_can_show():
    assert drawable("a😀b", "a😀b") == "a□b"
    assert drawable("a\nβ क", "aβ") == "a\nβ □"
    assert drawable("信𠮷", "信𠮷") == "信□"
