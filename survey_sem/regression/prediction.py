"""`ss.predictive_power`: how well a regression predicts rows that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, SurveySemError, Warned
from survey_sem.linalg import Array, Indices
from survey_sem.regression.formula import usable
from survey_sem.regression.learner import boosted, features
from survey_sem.regression.regress import regress
from survey_sem.regression.result import Regression
from survey_sem.regression.scored import with_constructs
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.design.columns import column, factorized
from survey_sem.shown import finite_or_none, fixed, html_notes, html_table, text_table, warning_lines

if TYPE_CHECKING:
    import pandas as pd

FAMILIES = ("gaussian", "binomial", "poisson", "negative_binomial", "two_part")
MODELS = ("mean", "regression", "learner")
NUMBER, BINARY = ("r2", "rmse"), ("log_loss", "auc")
FEWEST = 100
_NOISE = 2.0
"""A learner is said to be better beyond this many standard errors of its advantage over the folds."""
_CERTAIN = 1e-15


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PredictivePower:
    """Prediction of rows that were left out, fold by fold.

    Parameters
    ----------
    formula, family : str
        As they were asked for.
    n_obs, n_dropped : int
        Rows that took part, and those with missing values that did not.
    n_folds, seed : int
        How the rows were dealt.
    scores : DataFrame
        One row per model (``mean``: of the training rows; ``regression``; ``learner``): ``model r2 rmse``, of binary
        responses ``model log_loss auc``. All of rows that the model had not seen; an `r2` below 0 is worse than the
        mean.
    by_fold : DataFrame
        The same by ``fold``.
    advantage, advantage_se : float
        What the learner gains over the regression, in `r2` or (negative) `log_loss`: mean over the folds, and its
        standard error, which takes the folds as independent.
    warnings : tuple of Warned
        Whether the regression seems to miss bends or products.
    """

    formula: str
    family: str
    n_obs: int
    n_dropped: int
    n_folds: int
    seed: int
    scores: pd.DataFrame
    by_fold: pd.DataFrame
    advantage: float
    advantage_se: float
    warnings: tuple[Warned, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data (schema ``survey-sem/predictive-power/1``)."""
        return {
            "schema": "survey-sem/predictive-power/1",
            "formula": self.formula,
            "family": self.family,
            "n_obs": self.n_obs,
            "n_dropped": self.n_dropped,
            "n_folds": self.n_folds,
            "seed": self.seed,
            "scores": _records(self.scores),
            "by_fold": _records(self.by_fold),
            "advantage": finite_or_none(self.advantage),
            "advantage_se": finite_or_none(self.advantage_se),
            "warnings": [warned.to_dict() for warned in self.warnings],
        }

    def __str__(self) -> str:
        heads, rows = self._table()
        return "\n".join([self._heading(), *text_table(heads, rows), *warning_lines(self.warnings)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        heads, rows = self._table()
        return html_notes([self._heading()]) + html_table(heads, rows) + html_notes(warning_lines(self.warnings))

    def _heading(self) -> str:
        return f"Prediction of unseen rows: {self.formula} ({self.n_obs} rows in {self.n_folds} folds)"

    def _table(self) -> tuple[list[str], list[list[str]]]:
        heads = [str(name) for name in self.scores.columns]
        return heads, [[row["model"], *(fixed(row[name]) for name in heads[1:])] for row in _records(self.scores)]


def predictive_power(
    formula: str,
    data: pd.DataFrame | Sample,
    *,
    family: str = "gaussian",
    link: str | None = None,
    folds: int = 10,
    seed: int = 1,
    cluster: str | None = None,
    missing: str | None = None,
) -> PredictivePower:
    """Predict rows that a regression has not seen, beside the mean and beside a learner without a formula.

    Parameters
    ----------
    formula : str
        As of `survey_sem.regress`.
    data : DataFrame or Sample
        One row per respondent; every row counts the same, whatever its weight in a design.
    family : {"gaussian", "binomial", "poisson", "negative_binomial", "two_part"}
        As of `survey_sem.regress`.
    link : str, optional
        As of `survey_sem.regress`.
    folds : int
        Parts that the rows are dealt into at random; each is predicted from the others.
    seed : int
        Of the dealing and of the learner.
    cluster : str, optional
        Column of clusters (live rooms, schools), which stay together in a fold: rows of a cluster that was seen are
        easier to predict than those of a new one.
    missing : {"listwise"}, optional
        Needed where a variable has missing values.

    Returns
    -------
    PredictivePower

    Notes
    -----
    The learner is scikit-learn's gradient boosting over histograms, given the variables of the right-hand side as they
    are. Where it predicts better by more than two standard errors, a warning says that the formula misses bends or
    products.

    Raises
    ------
    OptionError
        A family without a mean to predict, a number of folds that the rows do not allow.
    DataError
        What `survey_sem.regress` refuses, in all rows or in those of a fold.
    MissingChoiceError
        Variables have missing values and `missing` is not given.

    Examples
    --------
    >>> import numpy as np, pandas as pd, survey_sem as ss
    >>> x = np.linspace(-2, 2, 400)
    >>> data = pd.DataFrame({"x": x, "y": x**2 + np.sin(50 * x) / 10})
    >>> found = ss.predictive_power("y ~ x", data, folds=5)
    >>> [warned.code for warned in found.warnings]
    ['missed-nonlinearity']
    """
    if isinstance(data, SurveyDesign):
        raise OptionError(
            "not-supported", "predictions are judged row by row, and know no design", where="data",
            hint="give its rows (design.data), and cluster= for its sampling units",
        )  # fmt: skip
    if isinstance(data, Sample):
        scored = with_constructs(data, formula)
        data = scored.data if isinstance(scored, SurveyDesign) else scored
    if not hasattr(data, "columns"):
        raise OptionError("bad-data", "data must be a pandas DataFrame or a Sample", where="data")
    whole = regress(formula, data.reset_index(drop=True), family=family, link=link, missing=missing)
    assert isinstance(whole, Regression)  # of one data set
    if whole.family not in FAMILIES:
        raise OptionError(
            "not-supported", f"predictions of the {whole.family} family are not judged", where="family",
            expected=", ".join(FAMILIES),
        )  # fmt: skip
    rows = _fixed_levels(data.reset_index(drop=True).loc[whole.data.index].reset_index(drop=True), whole)
    is_binary = whole.family == "binomial"
    fold = _dealt(rows, whole, folds, seed, cluster)
    predicted = _predicted(whole, rows, fold, seed, family=family, link=link)
    by_fold, scores = _scored(whole.y, fold, predicted, is_binary)
    gain = _gain(by_fold, is_binary)
    advantage, se = float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))
    return PredictivePower(
        formula, whole.family, len(rows), whole.n_dropped, folds, seed, scores, by_fold, advantage, se,
        _findings(advantage, se, len(rows), "log_loss" if is_binary else "r2"),
    )  # fmt: skip


def _fixed_levels(rows: pd.DataFrame, whole: Regression) -> pd.DataFrame:
    """Text columns as categories of all rows: a level that a fold lacks is refused, not read as the reference."""
    return rows.assign(**{name: usable(rows[name]) for name in _variables(whole)})


def _variables(whole: Regression) -> list[str]:
    return list(dict.fromkeys(name for term in whole.predictors.terms for name in term.variables))


def _dealt(rows: pd.DataFrame, whole: Regression, folds: int, seed: int, cluster: str | None) -> Indices:
    """The fold of every row: at random, answers of a binary response evenly, clusters whole."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise OptionError("bad-option", "a seed is a whole number", where="seed", expected="0 to 2**32 - 1",
                          got=repr(seed))  # fmt: skip
    random = np.random.default_rng(seed)
    units, count = (np.arange(len(rows)), len(rows)) if cluster is None else _coded(rows, cluster)
    if isinstance(folds, bool) or not isinstance(folds, int) or not 2 <= folds <= count:
        what = "rows" if cluster is None else "clusters"
        raise OptionError("bad-option", f"folds are 2 to the number of {what}", where="folds", expected=f"2 to {count}",
                          got=repr(folds))  # fmt: skip
    order = random.permutation(count)
    if cluster is None and whole.family == "binomial":
        order = order[np.argsort(whole.y[order], kind="stable")]
    fold = np.empty(count, dtype=np.intp)
    fold[order] = np.arange(count) % folds
    return fold[units]


def _coded(rows: pd.DataFrame, name: str) -> tuple[Indices, int]:
    codes, found = factorized(column(rows, name, "cluster"), "cluster")
    if (codes < 0).any():
        raise DataError("missing-cluster", f"{int((codes < 0).sum())} rows have no cluster", where=f"column {name}")
    return codes, len(found)


def _predicted(
    whole: Regression, rows: pd.DataFrame, fold: Indices, seed: int, *, family: str, link: str | None
) -> Mapping[str, Array]:
    """Model -> predictions of every row, made without its fold."""
    variables = _variables(whole)
    if not variables:
        raise OptionError("not-supported", "the formula has no predictors", where="formula")
    x, is_category = features(rows[variables])
    found = {model: np.empty(len(rows)) for model in MODELS}
    for k in range(int(fold.max()) + 1):
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        found["mean"][test] = whole.y[train].mean()
        found["regression"][test] = _by_regression(whole, rows, train, test, k, family, link)
        found["learner"][test] = boosted(
            x, is_category, whole.y, train, test, binary=whole.family == "binomial", seed=seed
        )
    return found


def _by_regression(
    whole: Regression, rows: pd.DataFrame, train: Indices, test: Indices, k: int, family: str, link: str | None
) -> Array:
    from formulaic.errors import FormulaicError

    try:
        fit = regress(whole.formula, rows.iloc[train], family=family, link=link)
        values = fit.predict(rows.iloc[test]).to_numpy(dtype=np.float64)
    except SurveySemError as problem:
        place = f"the rows without fold {k + 1}"
        problem.where = f"{place}: {problem.where}" if problem.where else place
        raise
    except FormulaicError as problem:  # a spline refuses values beyond the training rows
        raise DataError(
            "beyond-training", "values lie beyond those of the rows that were learned from", where=f"fold {k + 1}",
            got=str(problem)[:160], hint="poly() in place of bs(), or fewer folds",
        ) from None  # fmt: skip
    return np.asarray(values[:, -1])


def _scored(
    y: Array, fold: Indices, predicted: Mapping[str, Array], is_binary: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores by fold, and of all rows (AUC: mean of the folds by their size)."""
    import pandas as pd

    score = _binary if is_binary else _number
    rows = []
    for k in range(int(fold.max()) + 1):
        at = fold == k
        for model, values in predicted.items():
            rows.append(
                {"fold": k + 1, "n": int(at.sum()), "model": model} | score(y[at], values[at], predicted["mean"][at])
            )
    by_fold = pd.DataFrame(rows)
    overall = []
    for model, values in predicted.items():
        row = {"model": model} | score(y, values, predicted["mean"])
        if is_binary:
            own = by_fold[(by_fold["model"] == model) & by_fold["auc"].notna()]
            row["auc"] = float(np.average(own["auc"], weights=own["n"])) if len(own) else float("nan")
        overall.append(row)
    return by_fold, pd.DataFrame(overall)


def _number(y: Array, predicted: Array, mean: Array) -> dict[str, Any]:
    error, spread = float(((y - predicted) ** 2).sum()), float(((y - mean) ** 2).sum())
    return {"r2": 1.0 - error / spread if spread > 0 else float("nan"), "rmse": float(np.sqrt(error / len(y)))}


def _binary(y: Array, predicted: Array, mean: Array) -> dict[str, Any]:
    p = np.clip(predicted, _CERTAIN, 1.0 - _CERTAIN)
    loss = -float(np.mean(y * np.log(p) + (1.0 - y) * np.log1p(-p)))
    return {"log_loss": loss, "auc": area(y, predicted)}


def area(y: Array, score: Array) -> float:
    """Share of pairs of a 1 and a 0 in which the 1 has the higher score, ties counting half; NaN without both."""
    from scipy.stats import rankdata

    ones = int(y.sum())
    zeros = len(y) - ones
    if ones == 0 or zeros == 0:
        return float("nan")
    return float((rankdata(score)[y == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _gain(by_fold: pd.DataFrame, is_binary: bool) -> Array:
    """What the learner gains over the regression, fold by fold."""
    table = by_fold.pivot(index="fold", columns="model", values="log_loss" if is_binary else "r2")
    gain = (table["learner"] - table["regression"]).dropna().to_numpy(dtype=np.float64)
    return -gain if is_binary else gain


def _findings(advantage: float, se: float, n: int, measure: str) -> tuple[Warned, ...]:
    found = []
    if n < FEWEST:
        found.append(
            Warned("small-sample", f"{n} rows are few for the learner, which may miss what the regression has")
        )
    if advantage > _NOISE * se:
        found.append(
            Warned(
                "missed-nonlinearity",
                f"a learner without a formula predicts unseen rows better ({measure}: {advantage:.3f}, SE {se:.3f})",
                hint="look for bends (poly, bs), products (a*b), and variables that should be categories (C)",
            )
        )
    return tuple(found)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): finite_or_none(value) if isinstance(value, float) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]
