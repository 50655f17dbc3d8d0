"""``survey-sem fit --model --data``: what it prints, and every way in which it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_sem.cli.keywords import fit_keywords, option_value
from survey_sem.cli.matrix import named_numbers
from survey_sem.errors import OptionError, SurveySemError

Command = Callable[..., Any]


def fitted(outcome: Any) -> dict[str, Any]:
    assert outcome.code == 0, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def test_json_is_one_document_and_nothing_else(command: Command, model: Path, data: Path) -> None:
    document = fitted(command("fit", "--model", model, "--data", data, "--format", "json"))
    assert document["schema"] == "survey-sem/fit/1"
    assert document["converged"] is True
    assert (document["n_obs"], document["n_par"]) == (300, 8)
    assert document["estimates"][0]["lhs"] == "f"


def test_csv_holds_the_estimates_at_full_precision(command: Command, model: Path, data: Path) -> None:
    document = fitted(command("fit", "--model", model, "--data", data, "--format", "json"))
    outcome = command("fit", "--model", model, "--data", data, "--format", "csv")
    rows = csv.DictReader(io.StringIO(outcome.out))  # not pandas, which may read the last digit differently
    assert [float(row["est"]) for row in rows] == [row["est"] for row in document["estimates"]]


def test_options_reach_the_fit(command: Command, model: Path, data: Path) -> None:
    line = (
        "fit",
        "--model",
        model,
        "--data",
        data,
        "--format",
        "json",
        "--function",
        "cfa",
        "--meanstructure",
        "--std-lv",
    )
    document = fitted(command(*line, "--option", "likelihood=wishart", "--option", "information=observed"))
    assert document["options"]["likelihood"] == "wishart"
    assert document["options"]["information"] == "observed"
    assert document["options"]["std_lv"] is True
    assert any(row["op"] == "~1" for row in document["estimates"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("False", False), ("3", 3), ("0.5", 0.5), ("none", "none"), ("a,b", ["a", "b"]), ("1,2", [1, 2])],
)
def test_option_values(text: str, value: object) -> None:
    assert option_value(text) == value


def test_option_pairs() -> None:
    assert fit_keywords({"estimator": None, "seed": 1}, ["observed.information=h1"]) == {
        "seed": 1,
        "observed_information": "h1",
    }
    for pairs in (["seed=2"], ["seed"], ["=1"]):
        with pytest.raises(OptionError):
            fit_keywords({"seed": 1}, pairs)


@pytest.fixture
def matrix(frame: pd.DataFrame) -> pd.DataFrame:
    """The covariance matrix of `frame`, named both ways."""
    return frame.cov()


def test_a_published_matrix(command: Command, model: Path, data: Path, matrix: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "cov.csv"
    matrix.to_csv(path)
    from_rows = fitted(command("fit", "--model", model, "--data", data, "--format", "json"))
    from_matrix = fitted(command("fit", "--model", model, "--data", path, "--n-obs", "300", "--format", "json"))
    assert from_matrix["fit_measures"]["chisq"] == pytest.approx(from_rows["fit_measures"]["chisq"], rel=1e-8)


def test_a_lower_triangle_of_correlations_with_its_rows(
    command: Command, model: Path, data: Path, frame: pd.DataFrame, tmp_path: Path
) -> None:
    table = frame.corr().where(np.tril(np.ones((4, 4), dtype=bool)))
    table.loc["sd"], table.loc["mean"], table.loc["n"] = frame.std(), frame.mean(), 300.0
    path = tmp_path / "cor.csv"
    table.to_csv(path, index_label="variable")
    ours = fitted(command("fit", "--model", model, "--data", path, "--format", "json"))
    theirs = fitted(command("fit", "--model", model, "--data", data, "--meanstructure", "--format", "json"))
    for mine, other in zip(ours["estimates"], theirs["estimates"], strict=True):
        assert mine["est"] == pytest.approx(other["est"], abs=1e-6)


def test_means_and_standard_deviations_from_files(
    command: Command, model: Path, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame.corr().to_csv(tmp_path / "cor.csv")
    frame.std().rename_axis("name").rename("sd").to_csv(tmp_path / "sd.csv")
    frame.mean().to_frame().T.to_csv(tmp_path / "mean.csv", index=False)
    files = ("--sds", tmp_path / "sd.csv", "--means", tmp_path / "mean.csv")
    line = ("fit", "--model", model, "--data", tmp_path / "cor.csv", "--n-obs", "300", "--format", "json")
    document = fitted(command(*line, *files))
    intercepts = [row["est"] for row in document["estimates"] if row["op"] == "~1" and row["lhs"] == "x1"]
    assert intercepts == pytest.approx([frame["x1"].mean()])


@pytest.mark.parametrize("header", [True, False])
def test_names_and_numbers_with_or_without_a_header(frame: pd.DataFrame, tmp_path: Path, header: bool) -> None:
    path = tmp_path / "sd.csv"
    frame.std().rename_axis("name").rename("sd").to_csv(path, header=header)
    assert named_numbers(path) == pytest.approx(frame.std().to_dict())


@pytest.mark.parametrize("content", ["x1,1\nx1,2\n", "x1,x2\ny,z\n", "x1,1,2\nx2,2,3\n"])
def test_what_is_no_list_of_numbers(tmp_path: Path, content: str) -> None:
    with pytest.raises(SurveySemError):
        named_numbers(write(tmp_path / "sd.csv", content))


@pytest.mark.parametrize(
    ("row", "given", "said"),
    [
        ("n,300,300,290,300", (), "got: 290 to 300"),
        ("n,300,300,300,300", ("--n-obs", "200"), "expected: 300, as the file says"),
        ("n,300,300,290,300", ("--n-obs", "200"), "expected: 290 to 300, as the file says"),
        ("n,300,300,290,300", ("--n-obs", "290"), ""),
        ("n,300,300,300,300", ("--n-obs", "300"), ""),
    ],
)
def test_numbers_of_observations_agree(
    command: Command, model: Path, matrix: pd.DataFrame, tmp_path: Path, row: str, given: tuple[str, ...], said: str
) -> None:
    path = write(tmp_path / "cov.csv", matrix.to_csv() + row + "\n")
    outcome = command("fit", "--model", model, "--data", path, *given)
    assert (outcome.code, said in outcome.err) == (2 if said else 0, True), outcome.err


def test_what_does_not_go_with_a_matrix(
    command: Command, model: Path, data: Path, matrix: pd.DataFrame, tmp_path: Path
) -> None:
    matrix.to_csv(tmp_path / "cov.csv")
    assert "--n-obs" in command("fit", "--model", model, "--data", tmp_path / "cov.csv").err
    assert command("fit", "--model", model, "--data", data, "--n-obs", "300").code == 2
    matrix.rename(index={"x1": "x9"}).to_csv(tmp_path / "odd.csv")
    assert command("fit", "--model", model, "--data", tmp_path / "odd.csv", "--n-obs", "300").code in (1, 2)


@pytest.mark.parametrize("row", ["sd,1,x,1,1", "n,many,1,1,1", "sd,,,,", "mean,1,1,1", "x1,1,1,1,1", "z,1,1,1,1"])
def test_matrices_that_cannot_be(command: Command, model: Path, matrix: pd.DataFrame, tmp_path: Path, row: str) -> None:
    path = tmp_path / "cov.csv"
    path.write_text(matrix.to_csv() + row + "\n", encoding="utf-8")
    assert command("fit", "--model", model, "--data", path).code in (1, 2)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("f =~ x1 + x2 + x3 + x4\ng ~ ~ f", 2, "^"),
        ("f =~ x1 + x2 + x3 + x4\ng ~ ~ f", 2, "bad.txt: line 2"),
        ("f =~ x1 + x2 + x3 + x44", 1, "x44"),
        ("f =~ x1 + x2", 1, ""),
        ("f =~ x1 + a*x2 + x3 + x4\na == 1\na == 2", 1, ""),
        ("", 2, ""),
    ],
)
def test_models_that_cannot_be(command: Command, data: Path, tmp_path: Path, text: str, code: int, said: str) -> None:
    outcome = command("fit", "--model", write(tmp_path / "bad.txt", text), "--data", data)
    assert (outcome.code, said in outcome.err) == (code, True), outcome.err


@pytest.mark.parametrize(
    ("content", "code", "error"),
    [
        (b"", 2, "empty-file"),
        (b"x1,x2,x3,x4\n", 2, "no-rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 2, "binary-file"),
        (b"x1,x2\n1,2,3\n", 2, "ragged-rows"),
        (b"x1,x1,x2\n1,2,3\n", 2, "duplicate-column"),
        (b"x1,x2,x3,x4\n1,2,3,a\n2,3,1,b\n3,4,2,c\n", 1, ""),
        (b"x1,x2,x3,x4\n" + b"1,2,3,4\n2,1,5,4\n3,3,1,4\n5,2,2,4\n" * 5, 1, ""),
        (b"x1,x2,x3,x4\n" + b"1,2,3,4\n2,1,5,\n3,3,1,4\n5,2,2,1\n" * 5, 2, "missing"),
        (b"x1,x2,x3,x4\n" + b"1,2,3,4\n2,1,inf,3\n3,3,1,4\n5,2,2,1\n" * 5, 1, ""),
        (b"x1,x2,x3,x4\n" + b"1,1,3,4\n2,2,5,3\n3,3,1,4\n5,5,2,1\n" * 5, 1, ""),
    ],
)
def test_data_that_cannot_be(
    command: Command, model: Path, tmp_path: Path, content: bytes, code: int, error: str
) -> None:
    outcome = command("fit", "--model", model, "--data", write(tmp_path / "bad.csv", content), "--format", "json")
    assert outcome.code == code, outcome.err
    assert error in json.loads(outcome.out)["error"]["code"]


def test_directories_and_missing_files(command: Command, model: Path, data: Path, tmp_path: Path) -> None:
    for line in (
        ("--model", model, "--data", tmp_path),
        ("--model", tmp_path, "--data", data),
        ("--model", data.with_name("no.txt"), "--data", data),
        ("--model", write(tmp_path / "m.png", b"\x89PNG\r\n\x1a\n"), "--data", data),
    ):
        assert command("fit", *line).code == 2


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--estimator", "MLL"), "did you mean"),
        (("--missing", "pairwise"), "missing"),
        (("--group-equal", "loadings"), "the data are one group"),
        (("--option", "estimater=ML"), "estimater"),
        (("--format", "jsn"), "did you mean 'json'?"),
        (("--function", "cfaa"), "did you mean 'cfa'?"),
        (("--out", "x"), "--out goes with a study file"),
        (("--strata", ""), "--strata is given, and names nothing"),
    ],
)
def test_options_that_cannot_be(command: Command, model: Path, data: Path, extra: tuple[str, str], said: str) -> None:
    outcome = command("fit", "--model", model, "--data", data, *extra)
    assert outcome.code == 2
    assert said in outcome.err


def test_groups_with_equal_parameters(command: Command, model: Path, data: Path, tmp_path: Path) -> None:
    rows = pd.read_csv(data)
    grouped = tmp_path / "grouped.csv"
    rows.assign(city=["north", "south"] * (len(rows) // 2)).to_csv(grouped, index=False)
    line = ("fit", "--model", model, "--data", grouped, "--group", "city", "--group-equal", "loadings,intercepts")
    document = fitted(command(*line, "--format", "json"))
    assert document["group_labels"] == ["north", "south"]
    assert document["options"]["group_equal"] == ["loadings", "intercepts"]
    outcome = command(*line)
    assert "Group 1: north" in outcome.out
    assert "Group 2: south" in outcome.out
    assert command(*line[:-1], "loading").code == 2


def test_half_a_command(command: Command, model: Path, data: Path) -> None:
    assert "--data is missing" in command("fit", "--model", model).err
    assert "--model is missing" in command("fit", "--data", data).err
