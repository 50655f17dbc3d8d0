"""What a result shows itself with: text on a terminal, a fragment in a notebook."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from reporting.studies import HOSTILE, MEASUREMENT, answers, measurement, structural

import survey_sem as ss
from survey_sem import renderers
from survey_sem.reporting.contents import display_width
from survey_sem.reporting.diagram import Diagram
from survey_sem.reporting.notebook import notebook_html
from survey_sem.reporting.summary import WIDTH, Summary


@pytest.fixture(scope="module")
def text() -> str:
    return str(structural().summary())


def line(text: str, start: str) -> str:
    return next(found for found in text.splitlines() if found.strip().startswith(start))


def test_head(text: str):
    assert text.splitlines()[0].startswith("survey_sem ")
    assert "converged after" in text.splitlines()[0]
    assert line(text, "Estimator").split() == ["Estimator", "ML"]
    assert line(text, "Observations").split() == ["Observations", "297", "of", "300"]
    assert line(text, "Admissible").split()[1] == "yes"


def test_warnings_come_before_the_numbers(text: str):
    assert text.index("! listwise deletion dropped 3 of 300 rows") < text.index("Test of the model")


def test_fit(text: str):
    fit = structural().fit_measures
    assert float(line(text, "Chi-square").split()[-1]) == pytest.approx(fit["chisq"], abs=5e-4)
    assert float(line(text, "CFI").split()[-1]) == pytest.approx(fit["cfi"], abs=5e-4)
    assert line(text, "90% interval").split()[-2:] == [
        f"[{fit['rmsea_ci_lower']:.3f},",
        f"{fit['rmsea_ci_upper']:.3f}]",
    ]


def test_estimates_stand_in_groups_under_their_names(text: str):
    headings = ["Latent variables", "Regressions", "Variances", "Defined parameters", "R-squared"]
    places = [re.search(rf"^{heading}", text, re.M) for heading in headings]
    assert None not in places
    assert [place.start() for place in places if place] == sorted(place.start() for place in places if place)
    row = structural().estimates.query("op == '~' and lhs == 'TRUST'").iloc[0]
    shown = line(text, "CLEAR (a)").split()
    assert [float(number) for number in (shown[2], shown[3], shown[-1])] == pytest.approx(
        [row["est"], row["se"], row["std_all"]], abs=5e-4
    )


def test_residual_variances_have_a_dot(text: str):
    variances = text[re.search(r"^Variances", text, re.M).start() :]  # type: ignore[union-attr]
    names = [found.split()[0] for found in variances.split("\n\n")[0].splitlines()[1:]]
    assert names == [".t1", ".t2", ".t3", ".c1", ".c2", ".c3", ".buy", ".TRUST", "CLEAR"]


def test_parts_can_be_left_out():
    short = str(structural().summary(fit_measures=False, r_squared=False, ci=False, standardized=False))
    assert "Chi-square" not in short
    assert "R-squared" not in short
    assert "CI lower" not in short
    assert "Std.all" not in short
    assert "Regressions" in short


def test_long_names_do_not_move_the_columns():
    data = answers().rename(columns={"t1": "a_name_that_is_rather_long_for_a_column"})
    text = str(ss.cfa("TRUST =~ a_name_that_is_rather_long_for_a_column + t2 + t3", data).summary())
    at = text.splitlines().index("    a_name_that_is_rather_long_for_a_column")
    assert text.splitlines()[at + 1].split()[0] == "1.000"


def test_chinese_names_do_not_move_the_columns():
    moments = ss.moments(cov=[[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], n_obs=200, names=["信任一", "信任二", "t3"])
    text = str(ss.cfa("信任 =~ 信任一 + 信任二 + t3", moments).summary())
    wide, narrow = (line(text, name) for name in ("信任二", "t3"))
    assert display_width(wide) == display_width(narrow)


def test_sentences_are_wrapped(text: str):
    sentences = [found for found in text.splitlines() if "  " not in found.strip()]
    assert max(map(len, sentences)) <= WIDTH


def test_what_did_not_converge_is_not_dressed_up():
    fit = ss.cfa(MEASUREMENT, answers(), missing="listwise", control={"iter_max": 1})
    text = str(fit.summary())
    assert "did NOT converge" in text.splitlines()[0]
    assert line(text, "Converged").split()[1] == "NO"
    assert "the search did not converge" in line(text, "Chi-square")
    assert "0.000" not in line(text, "t2")


def test_a_measure_that_does_not_apply_says_why():
    text = str(ss.sem("buy ~ t1 + c1", answers(), missing="listwise").summary())
    assert "df = 0: the model is saturated" in line(text, "p-value")


# -- notebook ----------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def test_notebook_shows_findings_fit_and_estimates():
    html = structural()._repr_html_()
    for words in ("Converged", "CFI", "RMSEA", "Regressions", "TRUST ~ CLEAR", "indirect := a*b"):
        assert words in html
    assert structural().summary()._repr_html_() == html


def test_notebook_brings_no_colours_of_its_own():
    style = re.findall(r"<style>(.*?)</style>", measurement()._repr_html_(), re.S)[0]
    assert re.findall(r"(?<![-\w])(?:color|background):(?!inherit|none)", style) == []
    assert "script" not in Tags(measurement()._repr_html_()).names


def test_notebook_in_chinese():
    html = notebook_html(structural(), language="zh")
    assert "收敛" in html
    assert "列删法剔除了 300 行中的 3 行" in html


def test_notebook_escapes_names():
    data = answers().rename(columns={"t1": HOSTILE})
    moments = ss.moments(cov=data[[HOSTILE, "t2", "t3"]].cov().to_numpy(), n_obs=300, names=["x", "t2", "t3"])
    fit = ss.cfa("f =~ x + t2 + t3", moments)
    object.__setattr__(fit, "findings", {"converged": HOSTILE})
    assert "script" not in Tags(fit._repr_html_()).names


def test_renderers_are_found_by_name():
    assert isinstance(renderers.render("diagram", structural()), Diagram)
    assert isinstance(renderers.render("summary", structural()), Summary)
    assert renderers.render("html", structural()).startswith("<div")
