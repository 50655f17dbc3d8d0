"""Tables as csv, xlsx, LaTeX and Word: every digit, nothing that runs, the same bytes."""

from __future__ import annotations

import csv
import math
import re
import time
import zipfile
from io import BytesIO, StringIO

import docx
import openpyxl
import pytest
from reporting.studies import FORMULA, HOSTILE, LABELS, hostile_study, structural, study

from survey_sem.reporting import tables
from survey_sem.reporting.contents import Absent, Amount, Count, Foreign, Interval, Name, said
from survey_sem.reporting.sections import compose
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.writers.archive import without_clock
from survey_sem.reporting.writers.booktabs import escaped, to_latex
from survey_sem.reporting.writers.delimited import to_csv
from survey_sem.reporting.writers.word import to_docx
from survey_sem.reporting.writers.workbook import to_xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", FORMULA, "=cmd|'/C calc'!A0"]


def one_cell(content: object) -> Table:
    return Table("items", (Column("item", is_code=True), Column("est", "estimate")), ((content, 0.1 + 0.2),))  # type: ignore[arg-type]


def read_csv(table: Table) -> list[list[str]]:
    return list(csv.reader(StringIO(to_csv(table))))


# -- csv ---------------------------------------------------------------------------------------------------------------


def test_csv_holds_every_digit():
    head, *found = read_csv(tables.paths_table(structural(), LABELS))
    rows = structural().estimates.query("op == '~'")
    assert head == [
        "outcome", "predictor", "est", "se", "ci_lower", "ci_upper", "p_value", "beta", "std_ci_lower", "std_ci_upper",
    ]  # fmt: skip
    for key in ("est", "se", "ci_lower", "ci_upper", "p_value"):
        assert [float(row[head.index(key)]) for row in found] == list(rows[key])
    assert [row[0] for row in found] == list(rows["lhs"])  # names of the data, not labels


def test_csv_of_fit_measures_has_machine_names():
    rows = {row[0]: row[1] for row in read_csv(tables.fit_table({"structural": structural()}))}
    assert float(rows["cfi"]) == structural().fit_measures["cfi"]
    assert float(rows["rmsea_ci_lower"]) == structural().fit_measures["rmsea_ci_lower"]
    assert float(rows["rmsea_ci_upper"]) == structural().fit_measures["rmsea_ci_upper"]


def test_csv_leaves_absent_and_withheld_values_empty():
    columns = (Column("item"), Column("est", "estimate"), Column("n", "count"))
    rows = ((Name("x"), Absent(said("absent.fixed")), Count(None, 9)), (Name("y"), math.nan, Count(12, 20)))
    assert read_csv(Table("items", columns, rows))[1:] == [["x", "", ""], ["y", "", "12"]]


@pytest.mark.parametrize("text", DANGEROUS)
@pytest.mark.parametrize("kind", [Name, Foreign, str])
def test_csv_text_is_never_a_formula(text: str, kind: type):
    assert read_csv(one_cell(kind(text)))[1][0] == f"'{text}".replace("\r", "\n")


def test_csv_holds_the_operators_of_the_model_language_as_they_are():
    head, *found = read_csv(tables.parameters_table(structural()))
    assert [row[head.index("op")] for row in found] == list(structural().estimates["op"])
    assert "=~" in {row[1] for row in found}
    assert read_csv(one_cell("=~ 1+1"))[1][0] == "'=~ 1+1"


def test_csv_column_names_are_never_formulas():
    table = Table("correlations", (Column("variable"), Column("=x", "correlation")), ((Name("=x"), 1.0),))
    assert read_csv(table) == [["variable", "'=x"], ["'=x", "1.0"]]


def test_csv_keeps_negative_numbers_as_numbers():
    assert read_csv(Table("items", (Column("est", "estimate"),), ((-0.25,),)))[1] == ["-0.25"]


# -- xlsx --------------------------------------------------------------------------------------------------------------


def sheet_of(table: Table, language: str = "en"):
    book = openpyxl.load_workbook(BytesIO(to_xlsx([table], language)))  # type: ignore[arg-type]
    return book.worksheets[0]


def sixteen_digits(values):
    """As many as XlsxWriter writes of a number; a seventeenth may be needed to tell two floats apart."""
    return pytest.approx(values, rel=1e-15, abs=0)


def test_xlsx_numbers_are_numbers_at_full_precision():
    sheet = sheet_of(tables.paths_table(structural(), LABELS), "zh")
    assert sheet["A1"].value == "路径系数"
    assert [cell.value for cell in sheet[3]][:6] == ["因变量", "预测变量", "b", "标准误", "95% CI 下限", "95% CI 上限"]
    assert [cell.value for cell in sheet[4]][:2] == ["主播信任度", "产品展示清晰度"]
    row = structural().estimates.query("op == '~'").iloc[0]
    expected = [row["est"], row["se"], row["ci_lower"], row["ci_upper"]]
    assert [sheet.cell(4, at).value for at in (3, 4, 5, 6)] == sixteen_digits(expected)


def test_xlsx_takes_an_interval_among_numbers_apart():
    sheet = sheet_of(tables.fit_table({"structural": structural()}), "zh")
    rows = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=4)}
    assert [cell.value for cell in sheet[3]] == ["指标", "结构模型", "惯例标准"]
    bounds = [structural().fit_measures[f"rmsea_ci_{side}"] for side in ("lower", "upper")]
    assert [rows["RMSEA 的 90% CI 下限"], rows["RMSEA 的 90% CI 上限"]] == sixteen_digits(bounds)


@pytest.mark.parametrize("text", [*DANGEROUS, HOSTILE, "http://example.org", "12"])
def test_xlsx_text_stays_text(text: str):
    cell = sheet_of(one_cell(Name(text)))["A4"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.value.replace("_x000D_", "\r").replace("_x0009_", "\t") == text


def test_xlsx_leaves_out_what_xml_cannot_hold():
    assert sheet_of(one_cell(Name("a\x00b\x1fc")))["A4"].value == "a\ufffdb\ufffdc"


def test_xlsx_sheet_names_are_short_unique_and_legal():
    long = Table("x", (Column("item"),), (("a",),), heading=said("note.fit"))
    slash = Table("y", (Column("item"),), (("a",),), heading=said("column.coded", code="'[a]:*?/\\", label="b'"))
    names = openpyxl.load_workbook(BytesIO(to_xlsx([long, long, slash, slash], "en"))).sheetnames
    assert len({name.lower() for name in names}) == 4
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_xlsx_absent_values_say_why_below():
    sheet = sheet_of(tables.loadings_table(structural()))
    assert sheet["D4"].value == "— (a)"
    assert "(a) fixed by the model" in [cell.value for cell in sheet["A"]]


# -- LaTeX -------------------------------------------------------------------------------------------------------------


def test_latex_is_booktabs():
    text = to_latex(tables.paths_table(structural(), LABELS), "en")
    assert list(re.findall(r"\\(\w+rule)", text)) == ["toprule", "midrule", "bottomrule"]
    assert r"\begin{tabular}{llrrrrrr}" in text
    assert r"\caption{Path coefficients}\label{tab:paths}" in text
    assert r"$\beta$" in text
    assert "-" not in re.sub(r"\$-\$|---|\\label.*", "", text.split(r"\midrule")[1].split(r"\bottomrule")[0])


def test_latex_of_many_rows_breaks_over_pages():
    rows = tuple((Name(f"x{at}"), 0.5) for at in range(41))
    text = to_latex(Table("items", (Column("item"), Column("est", "estimate")), rows), "en")
    assert r"\begin{longtable}" in text
    assert r"\endhead" in text


@pytest.mark.parametrize("text", [HOSTILE, r"\input{/etc/passwd}", "a & b % c", "x_1^2~$y$ #{}", "\\", "\"'`", "a\nb"])
def test_latex_prints_everything_and_runs_nothing(text: str):
    shown = to_latex(one_cell(Name(text)), "en").splitlines()
    row = next(line for line in shown if line.endswith(r"0.300 \\"))
    body = re.sub(r"\\text\w+\{\}|\\[{}$&#%_]", "", escaped(text))
    assert not set(body) & set("\\{}$&#%_^~<>|\"'`\n")
    assert escaped(text) in row


def test_latex_intervals_at_the_start_of_a_row_are_grouped():
    table = Table("items", (Column("ci", "estimate", heading="CI"),), ((Interval(0.0, 1.0),),))
    assert "{[0.000,~1.000]}" in to_latex(table, "en")


# -- Word --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def word_bytes() -> bytes:
    return to_docx(compose(study(), "zh"), "zh")


def test_word_holds_sections_sentences_tables_and_figures(word_bytes: bytes):
    word = docx.Document(BytesIO(word_bytes))
    headings = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
    assert headings[:4] == ["主要结果", "研究设计", "方法说明（可直接引用）", "样本"]
    assert any("产品展示清晰度 → 主播信任度：β = 0." in p.text for p in word.paragraphs)
    assert len(word.inline_shapes) >= 2
    assert all(shape._inline.docPr.get("descr") for shape in word.inline_shapes)
    document = compose(study(), "zh")
    assert len(word.tables) == len(document.tables())
    assert any(p.text == "表 1 从发放到分析的样本流程" for p in word.paragraphs)


def test_word_tables_have_three_lines(word_bytes: bytes):
    table = docx.Document(BytesIO(word_bytes)).tables[0]
    ruled = {
        at: sorted(
            tag.tag.rpartition("}")[2] for tag in row.cells[0]._tc.iter() if tag.tag.endswith(("}top", "}bottom"))
        )
        for at, row in enumerate(table.rows)
    }
    last = len(table.rows) - 1
    assert ruled == {**{at: [] for at in range(1, last)}, 0: ["bottom", "top"], last: ["bottom"]}


def test_word_text_is_only_text():
    word = docx.Document(BytesIO(to_docx(compose(hostile_study(), "en"), "en")))
    assert word.paragraphs[0].text == HOSTILE


# -- the same bytes ----------------------------------------------------------------------------------------------------


def test_office_files_do_not_hold_the_time(word_bytes: bytes):
    workbook = to_xlsx([tables.items_table(study().items)], "en")
    time.sleep(2.1)  # zip archives count in steps of two seconds
    assert to_docx(compose(study(), "zh"), "zh") == word_bytes
    assert to_xlsx([tables.items_table(study().items)], "en") == workbook


def test_archives_keep_their_content():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("b.xml", "<b/>")
        archive.writestr("a.xml", "<a/>")
    with zipfile.ZipFile(BytesIO(without_clock(out.getvalue()))) as archive:
        assert archive.namelist() == ["b.xml", "a.xml"]
        assert archive.read("a.xml") == b"<a/>"
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_amounts_bring_their_own_format_into_the_workbook():
    columns = (Column("measure"), Column("est", "estimate"))
    table = Table("fit", columns, (("df", Amount(24.0, "df")), ("aic", Amount(24.0, "index"))))
    assert [sheet_of(table).cell(line, 2).number_format for line in (4, 5)] == ["0", "0.0"]
