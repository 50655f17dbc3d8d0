"""``survey-sem fit``: a study, or one model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_sem.cli.boundary import DID_NOT_PASS, DONE
from survey_sem.cli.counted import counted
from survey_sem.cli.keywords import fit_keywords
from survey_sem.cli.output import checked_choice, checked_format, warn, words
from survey_sem.errors import OptionError, UsageError, inside

if TYPE_CHECKING:
    from survey_sem.results import SemResult
    from survey_sem.study import StudyRun

FORMATS = ("table", "json", "csv")
FUNCTIONS = ("sem", "cfa", "growth", "lavaan")
_MODEL_PANEL = "One model (with --model and --data)"
_STUDY_PANEL = "A study file"
_MATRIX_PANEL = "Data that are a published matrix"


def fit(
    study: Annotated[Path | None, typer.Argument(help="A study file: the whole way from export to report.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Run directory (default: run, beside the file).", rich_help_panel=_STUDY_PANEL),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="A file with the model.", rich_help_panel=_MODEL_PANEL)] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="csv, xlsx, sav, dta or parquet: respondents or a matrix.", rich_help_panel=_MODEL_PANEL),
    ] = None,
    estimator: Annotated[
        str | None, typer.Option(help="ML (default), MLM, MLR, GLS, ULS, WLS, DWLS, ...", rich_help_panel=_MODEL_PANEL)
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(help="fiml, mi or listwise; needed where values are missing.", rich_help_panel=_MODEL_PANEL),
    ] = None,
    group: Annotated[str | None, typer.Option(help="Grouping variable.", rich_help_panel=_MODEL_PANEL)] = None,
    group_equal: Annotated[
        str | None, typer.Option(help="What is equal over groups: loadings,intercepts.", rich_help_panel=_MODEL_PANEL)
    ] = None,
    ordered: Annotated[
        str | None, typer.Option(help="Ordinal variables: all, or a,b,c.", rich_help_panel=_MODEL_PANEL)
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Column of sampling weights.", rich_help_panel=_MODEL_PANEL)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Column of clusters; of several stages psu,ssu.", rich_help_panel=_MODEL_PANEL)
    ] = None,
    strata: Annotated[str | None, typer.Option(help="Column of strata.", rich_help_panel=_MODEL_PANEL)] = None,
    bootstrap: Annotated[int | None, typer.Option(help="Bootstrap draws.", rich_help_panel=_MODEL_PANEL)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.", rich_help_panel=_MODEL_PANEL)] = None,
    std_lv: Annotated[
        bool, typer.Option("--std-lv", help="Scale factors by variance 1.", rich_help_panel=_MODEL_PANEL)
    ] = False,
    meanstructure: Annotated[
        bool, typer.Option("--meanstructure", help="Model the means.", rich_help_panel=_MODEL_PANEL)
    ] = False,
    function: Annotated[
        str, typer.Option(help="Whose defaults: sem, cfa, growth or lavaan.", rich_help_panel=_MODEL_PANEL)
    ] = "sem",
    option: Annotated[
        list[str] | None,
        typer.Option(help="Any other option: KEY=VALUE. May be repeated.", rich_help_panel=_MODEL_PANEL),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of the data.", rich_help_panel=_MODEL_PANEL)] = None,
    n_obs: Annotated[
        int | None, typer.Option("--n-obs", help="Observations behind the matrix.", rich_help_panel=_MATRIX_PANEL)
    ] = None,
    means: Annotated[
        Path | None, typer.Option(help="File with means: name,value lines.", rich_help_panel=_MATRIX_PANEL)
    ] = None,
    sds: Annotated[
        Path | None,
        typer.Option(help="File with standard deviations, for a correlation matrix.", rich_help_panel=_MATRIX_PANEL),
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> int:
    """Fit a study (survey-sem fit study.yaml) or one model (--model m.txt --data d.csv).

    A published matrix is recognised by its first column, which names the others;
    its lower triangle will do, and rows named n, mean and sd may follow.
    """
    checked_format(output, FORMATS)
    keywords = fit_keywords(
        {
            "estimator": estimator,
            "missing": missing,
            "group": group,
            "group_equal": words(group_equal, "--group-equal"),
            "ordered": True if ordered == "all" else words(ordered, "--ordered"),
            "weights": weights,
            "cluster": words(cluster, "--cluster"),
            "strata": words(strata, "--strata"),
            "bootstrap": bootstrap,
            "seed": seed,
            "std_lv": std_lv or None,
            "meanstructure": meanstructure or None,
        },
        option or (),
    )
    matrix_options = {"--n-obs": n_obs, "--means": means, "--sds": sds}
    if study is not None:
        others = {"--model": model, "--data": data, "--encoding": encoding, **matrix_options}
        return _fit_study(study, out, keywords, others, output)
    if model is None or data is None:
        lacking = "--model" if model is None else "--data"
        raise UsageError("usage", f"{lacking} is missing", hint="give a study file, or both --model and --data")
    if out is not None:
        raise OptionError("needless-option", "--out goes with a study file; one model is printed", where="--out")
    checked_choice("--function", function, FUNCTIONS)
    return _fit_model(model, data, function, keywords, encoding, matrix_options, output)


def _fit_model(
    model: Path,
    data: Path,
    function: str,
    keywords: dict[str, Any],
    encoding: str | None,
    matrix_options: dict[str, Any],
    output: str,
) -> int:
    from survey_sem import workflow
    from survey_sem.study.load import read_model
    from survey_sem.syntax import parse_statements

    text = read_model(model)
    with inside(str(model)):
        parse_statements(text)
    table = _model_data(data, encoding, matrix_options)
    with counted("bootstrap") as progress:
        result: SemResult = getattr(workflow, function)(text, table, **keywords, progress=progress)
    print(_shown(result, output), end="")
    return _verdict(result)


def _model_data(data: Path, encoding: str | None, matrix_options: dict[str, Any]) -> Any:
    """Respondents as a DataFrame, or a published matrix as Moments."""
    from survey_sem.cli.matrix import matrix_moments, published_matrix, refuse_matrix_options
    from survey_sem.exports import read_export

    frame = read_export(data, encoding=encoding).answers()
    matrix = published_matrix(frame)
    if matrix is not None:
        n_obs, means, sds = (matrix_options[name] for name in ("--n-obs", "--means", "--sds"))
        return matrix_moments(matrix, n_obs, means, sds)
    refuse_matrix_options(matrix_options)
    return frame


def _shown(result: SemResult, output: str) -> str:
    if output == "json":
        return result.to_json().rstrip("\n") + "\n"
    if output == "csv":
        return str(result.estimates.to_csv(index=False, lineterminator="\n"))
    return str(result.summary()).rstrip("\n") + "\n"


def _verdict(*results: SemResult) -> int:
    """Warnings to standard error, each once; 1 when the estimates of a fit may not be used."""
    warn(dict.fromkeys(warning for result in results for warning in result.warnings))
    return DONE if all(result.converged and result.identified for result in results) else DID_NOT_PASS


def _fit_study(study: Path, out: Path | None, keywords: dict[str, Any], others: dict[str, Any], output: str) -> int:
    _refuse_with_study(keywords, others, output)
    from survey_sem import workflow

    run = workflow.run(study, out=out)
    print(_run_json(run) if output == "json" else _run_text(run))
    return _verdict(*run.fits.values())


def _refuse_with_study(keywords: dict[str, Any], others: dict[str, Any], output: str) -> None:
    given = [f"--{name.replace('_', '-')}" for name in keywords]
    given += [name for name, value in others.items() if value is not None]
    if given:
        raise OptionError(
            "needless-option",
            f"{given[0]} does not go with a study file: the study says everything",
            where=given[0],
            hint="write it into the study file, so that the run can be repeated",
        )
    if output == "csv":
        raise OptionError("needless-option", "a study has its csv tables in the run directory", where="--format csv")


def _run_text(run: StudyRun) -> str:
    lines = [str(run.flow), ""]
    for name, result in run.fits.items():
        lines.append(f"{name}: {_fit_line(result)}")
    lines += ["", f"run directory: {run.directory}", *(f"report: {path}" for path in run.reports)]
    return "\n".join(lines)


def _fit_line(result: SemResult) -> str:
    state = "" if result.converged else "DID NOT CONVERGE; "
    shown = [
        f"{name} {result.fit_measures[name]:.{digits}f}"
        for name, digits in (("chisq", 2), ("df", 0), ("cfi", 3), ("tli", 3), ("rmsea", 3), ("srmr", 3))
        if name in result.fit_measures
    ]
    return f"{state}n = {result.n_obs}, " + ", ".join(shown)


def _run_json(run: StudyRun) -> str:
    from survey_sem.provenance import readable_json

    record = {
        "schema": "survey-sem/run-summary/1",
        "run": run.directory,
        "reports": list(run.reports),
        "flow": run.flow.to_dict(),
        "fits": {name: json.loads(result.to_json()) for name, result in run.fits.items()},
    }
    return readable_json(record).rstrip("\n")
