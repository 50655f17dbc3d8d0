"""The report: one file that needs nothing else, says what was found, and cannot be made to run anything."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from reporting.studies import (
    LABELS,
    MEASUREMENT,
    answers,
    full_study,
    hostile_study,
    measurement,
    recovery,
    structural,
    study,
)

import survey_sem as ss
from survey_sem.reporting import ReportInputs, build_report

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes and the text of a page; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def english() -> str:
    return build_report(study(), "en")


@pytest.fixture(scope="module")
def chinese() -> str:
    return build_report(study(), "zh")


@pytest.fixture(scope="module")
def hostile() -> str:
    return build_report(hostile_study(), "en")


def test_direction_marks_do_not_reorder_a_report():
    html = build_report(study(words="Trust \u202eabc\u2066 信任 𠮷 😀"), "en")
    assert "Trust abc 信任 𠮷 😀" in html
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)


# -- it needs nothing else ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["english", "chinese", "hostile"])
def test_nothing_is_fetched(report: str, request: pytest.FixtureRequest):
    html = request.getfixturevalue(report)
    page = Page(html)
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:")), (tag, name, value)
    style = "".join(re.findall(r"<style>(.*?)</style>", html, re.S))
    assert re.findall(r"url\((?!\"data:|#)", style) == []
    assert "@import" not in style
    assert page.all("link") == []


def test_only_the_own_script_may_run(english: str):
    page = Page(english)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256("".join(page.scripts).encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in str(policy)
    assert "default-src 'none'" in str(policy)


def test_the_same_inputs_give_the_same_bytes(english: str, chinese: str):
    assert build_report(study(), "en") == english
    assert build_report(study(), "zh") == chinese


# -- hostile words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_of_the_study_stay_words(language: str):
    html = build_report(hostile_study(), language)  # type: ignore[arg-type]
    page = Page(html)
    assert len(page.all("script")) == 1
    assert "alert(1)" not in "".join(page.scripts)
    assert [a for _, a in page.tags if any(name.startswith("on") for name in a)] == []
    assert page.text.count("<script>alert(1)</script>") > 20
    assert "{{7*7}}" in page.text
    assert "49]" not in page.text


def test_hostile_words_change_no_tag(hostile: str):
    """Markup of the page is the same whatever the words are; drawings aside, whose lines break with the words."""

    def outline(html: str) -> Counter[str]:
        return Counter(tag for tag, _ in Page(re.sub(r"<svg.*?</svg>", "", html, flags=re.S)).tags)

    plain = build_report(replace(full_study(), recovery=recovery("a reason")), "en")
    assert outline(hostile) == outline(plain)


def test_hostile_words_in_the_drawings_stay_words(hostile: str):
    drawings = re.findall(r"<svg.*?</svg>", hostile, re.S)
    drawings += [
        base64.b64decode(data).decode() for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', hostile)
    ]
    assert len(drawings) >= 3
    for drawing in drawings:
        tags = Page(re.sub(r"^.*?(?=<svg)", "", drawing, flags=re.S)).tags
        assert not {"script", "foreignobject", "iframe", "a"} & {tag for tag, _ in tags}
        assert [a for _, a in tags if any(name.startswith("on") for name in a)] == []


# -- for every reader --------------------------------------------------------------------------------------------------


def test_language_and_font(english: str, chinese: str):
    assert Page(english).all("html") == [{"lang": "en"}]
    assert Page(chinese).all("html") == [{"lang": "zh-CN"}]
    assert '@font-face{font-family:"Noto Sans SC Subset"' in chinese
    assert "@font-face" not in english


def test_headings_come_in_order(english: str):
    levels = [int(tag[1]) for tag, _ in Page(english).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_names_on_the_page_are_unique_and_links_lead_somewhere(english: str):
    page = Page(english)
    names = [a["id"] for _, a in page.tags if "id" in a]
    assert len(names) == len(set(names))
    targets = [str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")]
    assert targets
    assert set(targets) <= set(names)
    assert {target for target in targets if target != "content"} >= {"key", "study", "fit", "repeat"}


def test_tables_scroll_in_their_box_and_have_heads(english: str):
    page = Page(english)
    boxes = [at for at, (_, a) in enumerate(page.tags) if a.get("class") == "scroll"]
    assert len(boxes) == len(page.all("table"))
    for at in boxes:
        assert page.tags[at][1]["role"] == "region"
        assert page.tags[at][1]["aria-label"]
        assert page.tags[at + 1][0] == "table"
    assert {a.get("scope") for a in page.all("th")} == {"col", "row"}


def test_figures_have_words(english: str):
    page = Page(english)
    assert all(a["alt"] for a in page.all("img"))
    diagram = page.all("svg")[0]
    assert diagram["role"] == "img"
    assert str(diagram["aria-labelledby"]).split()[0] in {a.get("id") for a in page.all("title")}


def test_print_rules(english: str):
    style = "".join(re.findall(r"<style>(.*?)</style>", english, re.S))
    printed = style[style.index("@media print") :]
    for rule in ("thead{display:table-header-group}", "break-inside:avoid", "@page wide", "nav,.zoombar"):
        assert rule in printed


# -- what it says ------------------------------------------------------------------------------------------------------


def test_sections(english: str, chinese: str):
    expected = [
        "Key findings", "The study", "Methods, ready to paste", "Who was analysed", "What they answered",
        "Measurement model", "Structural model", "Fit", "Residuals and modification indices", "Effects",
        "How to repeat it",
    ]  # fmt: skip
    assert [re.sub(r"<.*?>", "", h) for h in re.findall(r"<section.*?<h2>(.*?)</h2>", english, re.S)] == expected
    assert re.findall(r"<section.*?<h2>(.*?)</h2>", chinese, re.S)[5:7] == ["测量模型", "结构模型"]


def test_key_findings_come_first_and_from_the_numbers(english: str, chinese: str):
    beta = structural().standardized().query("op == '~' and lhs == 'TRUST'").iloc[0]
    shown = [f"{beta[name]:.2f}" for name in ("est_std", "ci_lower", "ci_upper")]
    assert f"产品展示清晰度 → 主播信任度：β = {shown[0]}，95% CI [{shown[1]},\N{NO-BREAK SPACE}{shown[2]}]" in chinese
    short = [text.removeprefix("0") for text in shown]
    sentence = (
        f"Display clarity → Trust in the anchor: β = {short[0]}, 95% CI [{short[1]},\N{NO-BREAK SPACE}{short[2]}]"
    )
    assert sentence in english
    assert english.index(sentence) < english.index('id="study"')
    cfi = f"{structural().fit_measures['cfi']:.3f}".removeprefix("0")
    assert f"CFI = {cfi}" in Page(english).text


def test_an_interval_with_zero_says_so(english: str):
    row = structural().standardized().query("op == '~' and lhs == 'buy' and rhs == 'CLEAR'").iloc[0]
    assert row["ci_lower"] < 0 < row["ci_upper"]
    assert re.search(r"Display clarity → Purchase intent: β = .*?; the interval includes zero", english)


def test_cells_hold_every_digit(english: str):
    values = {float(str(a["data-value"])) for a in Page(english).all("td") if "data-value" in a}
    assert set(structural().estimates.query("op == '~'")["est"]) <= values
    assert structural().fit_measures["cfi"] in values


def test_how_to_repeat_it(english: str):
    page = Page(english)
    for words in ("survey-sem verify run", "a" * 64, "20240501", "numpy 2.0", "estimator=ML", "TRUST ~ a*CLEAR"):
        assert words in page.text
    files = {a["download"]: str(a["href"]) for a in page.all("a") if "download" in a}
    assert set(files) == {"measurement.txt", "structural.txt", "covariance_matrix.csv"}
    matrix = base64.b64decode(files["covariance_matrix.csv"].rpartition(",")[2]).decode()
    assert repr(float(structural().moments[0].cov[0, 0])) in matrix


def test_degrees_of_freedom_are_explained(english: str):
    df, npar = int(structural().fit_measures["df"]), structural().n_par
    assert f"{df + npar} sample moments less {npar} free parameters leave {df} degrees of freedom." in english


def test_warnings_are_on_top_and_told_with_the_fit(english: str):
    assert re.search(r'<a href="#fit">⚠ Warnings: \d</a>', english[: english.index("<main")])
    assert "listwise deletion dropped 3 of 300 rows" in english[english.index('id="fit"') :]


def test_small_counts_are_withheld(english: str):
    small = [count for item in study().items for count in item.counts if count.n is None]
    assert small
    assert english.count(">withheld<") == len(small)
    answers_table = english[english.index("Answers by category: n (%)") :]
    shown = [int(n) for n in re.findall(r">(\d+) \([\d.]+%\)<", answers_table)]
    assert min(shown) >= 10


def alone(fit: ss.SemResult, language: str = "en") -> str:
    return build_report(ReportInputs(title={"en": "One model"}, fits={"structural": fit}), language)  # type: ignore[arg-type]


def test_a_search_that_did_not_converge_has_no_findings():
    html = alone(ss.sem(f"{MEASUREMENT}\nTRUST ~ CLEAR", answers(), control={"iter_max": 1}))
    first = html[html.index('id="key"') : html.index("</section>")]
    assert "Nothing in this report is a result" in first
    assert "β" not in first


def test_an_improper_solution_is_named_first():
    moments = ss.moments(cov=[[1, 0.9, 0.3], [0.9, 1, 0.2], [0.3, 0.2, 1]], n_obs=200, names=["x", "y", "z"])
    fit = ss.cfa("f =~ x + y + z", moments)
    assert not fit.admissible
    first = alone(fit)
    assert "The solution is not admissible" in first[: first.index('id="sample"')]


def test_a_saturated_model():
    html = alone(ss.sem("buy ~ t1 + c1", answers(), missing="listwise"), "zh")
    assert "饱和模型" in html
    assert 'id="measurement"' not in html


def test_a_measurement_model_alone_has_its_diagram_and_no_paths():
    html = build_report(study({"measurement": measurement()}), "en")
    assert 'class="path-diagram"' in html
    assert 'id="structure"' not in html
    assert "Trust in the anchor ↔ Display clarity: r = " in html


def test_a_report_needs_a_fit():
    with pytest.raises(ValueError, match="at least one fit"):
        ReportInputs(title={"en": "Nothing"}, fits={})


def test_labels_of_one_language_serve_the_other():
    html = build_report(study(labels={"TRUST": {"zh": "信任"}}), "en")
    assert "信任" in html
    assert "@font-face" in html
    assert LABELS["TRUST"]["en"] not in html
