"""Reports, tables and figures of a run as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from survey_sem.errors import OptionError, did_you_mean
from survey_sem.reporting.document import Document
from survey_sem.reporting.inputs import ReportInputs
from survey_sem.reporting.numbers import LANGUAGES, Language
from survey_sem.reporting.report import to_html
from survey_sem.reporting.sections import compose
from survey_sem.reporting.table import Table
from survey_sem.reporting.tables import covariance_table
from survey_sem.reporting.writers.booktabs import to_latex
from survey_sem.reporting.writers.delimited import to_csv
from survey_sem.reporting.writers.word import to_docx
from survey_sem.reporting.writers.workbook import to_xlsx

FORMATS = ("html", "docx", "xlsx", "csv", "latex")


def write_reports(
    inputs: ReportInputs, out_dir: Path, languages: Sequence[str], formats: Sequence[str] = ("html",)
) -> list[str]:
    """Write the documents of a study.

    ``html``: ``report.<lang>.html``, and every figure as ``figures/<name>.<lang>.svg``; ``docx``:
    ``report.<lang>.docx``; ``xlsx``: ``tables/tables.<lang>.xlsx``, a sheet for each table; ``csv``:
    ``tables/<name>.csv``, every digit under machine names, the same for all languages; ``latex``:
    ``tables/<name>.<lang>.tex``. The same inputs give the same bytes.

    Parameters
    ----------
    inputs : ReportInputs
        What is shown.
    out_dir : Path
        Folder to write into; made where it is missing.
    languages : sequence of {"zh", "en"}
        At least one.
    formats : sequence
        Of ``html docx xlsx csv latex``.

    Returns
    -------
    list of str
        Names of the files below `out_dir`, with ``/``, sorted.

    Raises
    ------
    OptionError
        An unknown language or format.
    """
    _check("language", languages, LANGUAGES)
    _check("format", formats, FORMATS)
    written: dict[str, bytes] = {}
    for language in LANGUAGES:
        if language in languages:
            written |= _in_language(inputs, language, formats)
    for name, content in written.items():
        path = out_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sorted(written)


def _check(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    for word in given:
        if word not in known:
            raise OptionError(
                f"unknown-{option}",
                f"reports know no {option} '{word}'",
                where=option,
                expected=", ".join(known),
                hint=did_you_mean(word, known),
            )


def _in_language(inputs: ReportInputs, language: Language, formats: Sequence[str]) -> dict[str, bytes]:
    document = compose(inputs, language)
    files: dict[str, bytes] = {}
    if "html" in formats:
        files[f"report.{language}.html"] = to_html(document, inputs, language).encode("utf-8")
        for drawing in document.drawings():
            files[f"figures/{drawing.key}.{language}.svg"] = drawing.file().encode("utf-8")
    if "docx" in formats:
        files[f"report.{language}.docx"] = to_docx(document, language)
    return files | _tables(inputs, document, language, formats)


def _tables(inputs: ReportInputs, document: Document, language: Language, formats: Sequence[str]) -> dict[str, bytes]:
    tables = tuple(all_tables(inputs, document))
    files: dict[str, bytes] = {}
    if "xlsx" in formats:
        files[f"tables/tables.{language}.xlsx"] = to_xlsx(tables, language)
    for table in tables:
        if "csv" in formats:
            files[f"tables/{table.key}.csv"] = to_csv(table).encode("utf-8")
        if "latex" in formats:
            files[f"tables/{table.key}.{language}.tex"] = to_latex(table, language).encode("utf-8")
    return files


def all_tables(inputs: ReportInputs, document: Document) -> Iterator[Table]:
    """The tables of a document, and the covariance matrices at full precision."""
    yield from document.tables()
    for at, moments in enumerate(inputs.main.moments):
        yield covariance_table(moments, "covariance_matrix" if at == 0 else f"covariance_matrix_{at + 1}")
