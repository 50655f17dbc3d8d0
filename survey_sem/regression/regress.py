"""`ss.regress`: a formula in, a tidy result out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, MissingChoiceError, OptionError, did_you_mean
from survey_sem.linalg import Array, Indices, one_blas_thread
from survey_sem.regression.completed import completed
from survey_sem.regression.covariance import CLUSTERED, ROBUST, classical, clustered, robust
from survey_sem.regression.designed import by_design, without_likelihood
from survey_sem.regression.families import LINKS, Task, fit_family
from survey_sem.regression.fitted import Fitted
from survey_sem.regression.formula import Equation, predictors, read_formula, response, usable_columns
from survey_sem.regression.pooled import PooledRegression, pooled_regression
from survey_sem.regression.result import Regression
from survey_sem.regression.scored import with_constructs
from survey_sem.sample import Sample
from survey_sem.sample.design import SurveyDesign
from survey_sem.sample.design import design as declare_design
from survey_sem.sample.design.columns import LARGEST, factorized, values_of
from survey_sem.sample.design.results import check_level
from survey_sem.sampling import Lonely
from survey_sem.sampling.stages import Booleans

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.sample.imputation import Imputed

_SYNONYMS = {
    "ols": ("gaussian", None), "linear": ("gaussian", None), "logit": ("binomial", "logit"),
    "probit": ("binomial", "probit"), "logistic": ("binomial", "logit"), "ordered": ("ordinal", None),
    "negbin": ("negative_binomial", None),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What a regression was asked for; see `regress`."""

    formula: str
    family: str
    link: str
    vcov: str | None
    weights: str | None
    cluster: str | Sequence[str] | None
    strata: str | Sequence[str] | None
    fpc: str | Sequence[str] | None
    lonely_psu: Lonely
    offset: str | None
    missing: str | None
    quantile: float
    ci_level: float


def regress(
    formula: str,
    data: pd.DataFrame | Sample | SurveyDesign | Imputed | Sequence[Any],
    *,
    family: str = "gaussian",
    link: str | None = None,
    vcov: str | None = None,
    weights: str | None = None,
    cluster: str | Sequence[str] | None = None,
    strata: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    lonely_psu: Lonely = "error",
    offset: str | None = None,
    missing: str | None = None,
    quantile: float = 0.5,
    ci_level: float = 0.95,
) -> Regression | PooledRegression:
    """Fit a regression of observed variables.

    Parameters
    ----------
    formula : str
        ``"y ~ x + z"`` with ``a*b`` and ``a:b`` for products, ``C(x)`` for a number that is a category,
        ``C(x, contr.treatment("base"))`` to choose the reference, ``I(x**2)``, ``log(x)``, ``poly(x, 2)``, ``bs(x,
        df=4)``, ``center()``, ``scale()``; a name with blanks stands in backticks. Text columns are categories.
    data : DataFrame, Sample, SurveyDesign, Imputed, or a list of them
        One row per respondent; with their design where they have one (`survey_sem.design`,
        `survey_sem.replicate_design`). Of a sample the formula may name constructs: the mean of their items.
        Imputed data (`survey_sem.impute`, or a list of completed data sets): fitted to each, and pooled.
    family : str
        ``gaussian``, ``binomial``, ``ordinal``, ``multinomial``, ``poisson``, ``negative_binomial``, ``quantile``,
        ``two_part`` (whether any, and how much: for spend); ``ols``, ``logit``, ``probit`` are understood.
    link : str, optional
        ``logit`` (default), ``probit`` or ``cloglog`` of binomial and ordinal families.
    vcov : str, optional
        ``classical``; ``HC0`` ``HC1`` ``HC2`` ``HC3``; with `cluster` ``CR0`` ``CR1`` ``CR1S`` ``CR2`` ``CR3``;
        ``design``. Default: ``classical``; ``CR1S`` with `cluster` alone; ``design`` where the data have a design,
        weights or strata; ``kernel`` for quantiles (of the density of the residuals; `summary.rq(se = "ker")` of R).
    weights : str, optional
        Column of sampling weights; a row of weight 0 is outside the domain.
    cluster : str or list, optional
        Column of clusters (live rooms, schools), of the stages of sampling where there are several; t tests have
        clusters - 1 degrees of freedom.
    strata, fpc, lonely_psu : optional
        As in `survey_sem.design`.
    offset : str, optional
        Column that is added to the linear predictor (log exposure of counts).
    missing : {"listwise"}, optional
        Needed where a variable has missing values: rows with any are left out, and counted.
    quantile : float
        Of the quantile family.
    ci_level : float
        Of the confidence intervals.

    Returns
    -------
    Regression or PooledRegression

    Raises
    ------
    OptionError
        An unknown family, link or kind of covariance; a formula that cannot be read.
    DataError
        A column that is not there, predictors that cannot be told apart, a response that does not suit the family.
    MissingChoiceError
        Variables have missing values and `missing` is not given.
    ModelError
        No finite optimum.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> data = pd.DataFrame({"x": [1.0, 2, 3, 4, 5], "y": [1.2, 1.9, 3.2, 3.8, 5.1]})
    >>> fit = ss.regress("y ~ x", data)
    >>> fit.estimates["est"].round(2).tolist()
    [0.13, 0.97]
    """
    given = Given(
        formula, *_family(family, link), vcov, weights, cluster, strata, fpc, lonely_psu, offset, missing, quantile,
        check_level(ci_level),
    )  # fmt: skip
    _check_options(offset, quantile)
    if (known := completed(data, formula)) is None:
        return _fitted(given, data)  # type: ignore[arg-type]
    return pooled_regression(known, lambda rows: _fitted(given, rows), known.warnings)


def _fitted(given: Given, data: pd.DataFrame | Sample | SurveyDesign) -> Regression:
    """The regression of one data set."""
    family, cluster, offset = given.family, given.cluster, given.offset
    if isinstance(data, Sample):
        data = with_constructs(data, given.formula)
    design = _design(data, given)
    frame = data if not isinstance(data, SurveyDesign) else data.data
    equation = read_formula(given.formula, frame)
    by = cluster if design is None else None
    if design is not None:
        design.refuse_negative_weights()
    frame = usable_columns(equation, frame, [name for name in (by, offset) if isinstance(name, str)])
    complete = _complete(frame, given.missing)
    used = complete if design is None else complete & design.inside
    rows = frame[used]
    kind = _kind(given.vcov, family, cluster=by is not None, design=design is not None)
    answers, categories = _response(response(equation, rows), family, equation)
    with one_blas_thread():
        matrix = predictors(equation, rows)
        shift = np.zeros(len(rows)) if offset is None else _numbers(rows, offset, "offset")
        row_weights = np.ones(len(rows)) if design is None else _scaled(design.weights[used])
        task = Task(family, given.link, matrix.x, matrix.names, answers, row_weights, shift, categories, given.quantile)
        fit = fit_family(task)
        if kind == "design":
            assert design is not None
            covariance, df = by_design(fit, task, design, used)
        else:
            covariance, df = _covariance(fit, kind, rows, by)
    return Regression(
        formula=given.formula,
        family=family,
        link=given.link,
        n_obs=len(rows),
        n_dropped=int((~complete).sum()) if design is None else int((design.inside & ~complete).sum()),
        vcov=kind,
        df=df,
        categories=categories,
        measures=without_likelihood(fit.measures) if kind == "design" else fit.measures,
        warnings=fit.warnings,
        ci_level=given.ci_level,
        response=equation.response,
        fit=fit,
        covariance=covariance,
        predictors=matrix,
        data=rows[[name for name in equation.variables if name != equation.response]],
        y=answers,
        weights=row_weights,
    )


def _family(family: str, link: str | None) -> tuple[str, str]:
    name = str(family).lower()
    name, meant = _SYNONYMS.get(name, (name, None))
    if name not in LINKS:
        known = (*LINKS, *_SYNONYMS)
        raise OptionError(
            "bad-option", f"there is no family '{family}'", where="family", expected=", ".join(known),
            hint=did_you_mean(name, known),
        )  # fmt: skip
    link = link if link is not None else meant or LINKS[name][0]
    if not isinstance(link, str) or link not in LINKS[name]:
        raise OptionError(
            "bad-option", f"the {name} family has no link '{link}'", where="link", expected=", ".join(LINKS[name])
        )
    return name, link


def _check_options(offset: Any, quantile: Any) -> None:
    if offset is not None and not isinstance(offset, str):
        raise OptionError("wrong-type", "offset is not a column's name", where="offset", got=repr(offset)[:80])
    if isinstance(quantile, bool) or not isinstance(quantile, int | float) or not 0.0 < quantile < 1.0:
        raise OptionError(
            "bad-option",
            "quantile is not a share",
            where="quantile",
            expected="above 0, below 1",
            got=repr(quantile)[:80],
        )


def _design(data: pd.DataFrame | SurveyDesign, given: Given) -> SurveyDesign | None:
    """The design of the data, or the one that the keywords tell; clusters alone are not one."""
    cluster = given.cluster
    told = {"weights": given.weights, "strata": given.strata, "fpc": given.fpc}
    if isinstance(data, SurveyDesign):
        twice = [name for name, value in {**told, "cluster": cluster}.items() if value is not None]
        if twice:
            raise OptionError("bad-option", "the data bring their design with them", where=", ".join(twice))
        return data
    if not hasattr(data, "columns"):
        raise OptionError(
            "bad-data", "data must be a pandas DataFrame, a Sample, a SurveyDesign, Imputed or a list of data sets",
            where="data", got=type(data).__name__,
        )  # fmt: skip
    if all(value is None for value in told.values()) and (cluster is None or isinstance(cluster, str)):
        return None
    return declare_design(
        data, weights=given.weights, strata=given.strata, psu=cluster, fpc=given.fpc, lonely_psu=given.lonely_psu
    )


def _complete(data: pd.DataFrame, missing: str | None) -> Booleans:
    """Rows without missing values (n,)."""
    if missing is not None and not (isinstance(missing, str) and missing == "listwise"):
        raise OptionError("bad-option", f"missing has no value '{missing}'", where="missing", expected="listwise")
    absent = data.isna()
    complete = np.asarray(~absent.any(axis=1), dtype=bool)
    if complete.all():
        return complete
    counts = absent.sum()
    found = ", ".join(f"{name} ({count})" for name, count in counts[counts > 0].items())
    if missing is None:
        raise MissingChoiceError(
            "missing-not-chosen",
            "variables of the regression have missing values, and nothing says what to do about them",
            got=found,
            expected=f"missing='listwise' would leave out {int((~complete).sum())} of {len(data)} rows",
            hint="multiple imputation keeps them all: regress(formula, ss.impute(data))",
        )
    if not complete.any():
        raise DataError("nobody-left", "no row is without missing values", got=found)
    return complete


def _scaled(weights: Array) -> Array:
    """Weights with the mean 1."""
    return np.asarray(weights * (len(weights) / weights.sum()))


def _numbers(data: pd.DataFrame, name: str, role: str) -> Array:
    column = data[name]
    if getattr(column.dtype, "kind", "O") not in "iufb":
        raise DataError("not-numeric", f"{role} are numbers", where=f"column {name}", got=str(column.dtype))
    values = values_of(column, f"column {name}")
    if not np.isfinite(values).all():
        raise DataError("not-finite", f"{role} are finite numbers", where=f"column {name}")
    return values


def _response(column: pd.Series[Any], family: str, equation: Equation) -> tuple[Array, tuple[str, ...]]:
    """The response as numbers, and its categories where the family has any."""
    if family in ("ordinal", "multinomial"):
        return _coded(column, family, equation)
    is_number = getattr(column.dtype, "kind", "O") in "iuf"
    if family == "binomial":
        return _two_answers(column, equation)
    if not is_number:
        raise _unsuitable(equation, f"a {family} regression needs numbers", str(column.dtype))
    place = f"response {equation.response}"
    values = values_of(column, place)
    if np.isinf(values).any():
        raise DataError("not-finite", "the response has infinite values", where=place, hint="a logarithm of 0?")
    is_count = family in ("poisson", "negative_binomial")
    is_flat = (values.max() if is_count else np.ptp(values)) <= 1 / LARGEST
    if is_flat and family != "gaussian":  # which may have an offset
        raise DataError("constant-variable", "the response has the same value in all rows", where=place)
    return values, ()


def _two_answers(column: pd.Series[Any], equation: Equation) -> tuple[Array, tuple[str, ...]]:
    levels = _levels(column)
    is_number = getattr(column.dtype, "kind", "O") in "iuf"
    if len(levels) != 2 or (is_number and [float(level) for level in levels] != [0.0, 1.0]):
        expected = "0 and 1, or two categories (the second is what the probability is of)"
        got = ", ".join(str(level) for level in levels[:6])
        raise _unsuitable(equation, "a binomial response has two answers", got, expected)
    return (column == levels[1]).to_numpy(dtype=np.float64), tuple(_said(level) for level in levels)


def _coded(column: pd.Series[Any], family: str, equation: Equation) -> tuple[Any, tuple[str, ...]]:
    levels = _levels(column)
    kind = getattr(column.dtype, "kind", "O")
    if family == "ordinal" and kind not in "iufb" and not getattr(column.dtype, "ordered", False):
        raise _unsuitable(
            equation, "an ordinal response has an order", str(column.dtype), "numbers, or an ordered Categorical"
        )
    if not 3 <= len(levels) <= 50:
        raise _unsuitable(equation, f"a {family} response has 3 to 50 categories", f"{len(levels)}")
    codes: Indices = np.zeros(len(column), dtype=np.intp)
    for code, level in enumerate(levels):
        codes[(column == level).to_numpy(dtype=bool)] = code
    return codes, tuple(_said(level) for level in levels)


def _levels(column: pd.Series[Any]) -> list[Any]:
    """Categories that occur, in their order."""
    if hasattr(column, "cat"):
        present = set(column.unique())
        return [level for level in column.cat.categories if level in present]
    return sorted(column.unique())


def _said(level: Any) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)


def _unsuitable(equation: Equation, what: str, got: str, expected: str | None = None) -> DataError:
    return DataError("bad-response", what, where=f"response {equation.response}", got=got, expected=expected)


def _kind(vcov: str | None, family: str, *, cluster: bool, design: bool) -> str:
    by_model: tuple[str, ...] = ("kernel", "classical") if family == "quantile" else ("classical",)
    known = (*by_model, *ROBUST, *CLUSTERED, "design")
    if vcov is None:
        if design or cluster:
            return "design" if design else "CR1S"
        return "kernel" if family == "quantile" else "classical"
    spelled = {name.lower(): name for name in known} | {"standard": "classical", "cluster": "CR1S"}
    kind = spelled.get(str(vcov).lower())
    if kind is None:
        raise OptionError(
            "bad-option", f"vcov has no value '{vcov}'", where="vcov", expected=", ".join(known),
            hint=did_you_mean(str(vcov), known),
        )  # fmt: skip
    if kind == "design" and not design:
        raise OptionError("bad-option", "vcov='design' needs weights, strata or a design", where="vcov")
    if (kind in CLUSTERED) != cluster:
        what = f"vcov='{kind}' leaves the clusters out" if cluster else f"vcov='{kind}' needs clusters, and no design"
        raise OptionError("bad-option", what, where="vcov", expected="design" if design else ", ".join(CLUSTERED))
    if kind == "classical" and family == "quantile":
        raise OptionError(
            "not-supported", "a quantile regression has no classical standard errors", where="vcov",
            expected="kernel, HC0, HC1",
        )  # fmt: skip
    return kind


def _covariance(fit: Fitted, kind: str, data: pd.DataFrame, cluster: str | Sequence[str] | None) -> tuple[Array, float]:
    """Covariance matrix and degrees of freedom of the tests."""
    if isinstance(cluster, str):
        codes, found = factorized(data[cluster], "cluster")
        if len(found) < 2:
            raise DataError("one-cluster", "there is a single cluster", where=f"column {cluster}")
        return clustered(fit, kind, codes), float(len(found) - 1)
    if fit.kernel is not None and kind == "kernel":
        return fit.kernel, fit.df_residual
    return classical(fit) if kind == "classical" else robust(fit, kind), fit.df_residual
