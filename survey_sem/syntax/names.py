"""Which variables a model speaks of, by role, in lavaan's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from survey_sem.errors import OptionError, did_you_mean


class Element(Protocol):
    """What the rules need of a table row: its element and where it came from (`user` 1: the model text)."""

    @property
    def lhs(self) -> str:
        """Left-hand side."""

    @property
    def op(self) -> str:
        """Operator."""

    @property
    def rhs(self) -> str:
        """Right-hand side."""

    @property
    def user(self) -> int:
        """1 when the text gives the row."""


class Variables:
    """The variables of one block, by role. Observed: indicators, then dependent, then exogenous, then the others."""

    def __init__(self, rows: Iterable[Element]) -> None:
        self.rows: Sequence[Element] = tuple(rows)
        self._found: dict[tuple[Callable[[Element], str], tuple[str, ...]], list[str]] = {}

    def _unique(self, pick: Callable[[Element], str], *ops: str) -> list[str]:
        if (pick, ops) not in self._found:
            self._found[pick, ops] = list(dict.fromkeys(pick(row) for row in self.rows if row.op in ops))
        return self._found[pick, ops]

    def lv_regular(self) -> list[str]:
        """Factors measured with =~."""
        return self._unique(_lhs, "=~")

    def lv_formative(self) -> list[str]:
        """Composites built with <~."""
        return self._unique(_lhs, "<~")

    def lv_interaction(self) -> list[str]:
        """Products of two latent variables."""
        latent = set(self._unique(_lhs, "=~", "<~"))
        products = [name for name in self._unique(_rhs, "~", "=~", "~~") if ":" in name]
        return [name for name in products if set(name.split(":")) <= latent]

    def lv(self) -> list[str]:
        """All latent variables."""
        return [*self._unique(_lhs, "=~", "<~"), *self.lv_interaction()]

    def eqs_y(self) -> list[str]:
        """Left-hand sides of regressions."""
        return self._unique(_lhs, "~")

    def eqs_x(self) -> list[str]:
        """Right-hand sides of regressions and composites."""
        return self._unique(_rhs, "~", "<~")

    def lv_ind(self) -> list[str]:
        """Latent variables that are indicators themselves."""
        latent = set(self.lv())
        return [name for name in self._unique(_rhs, "=~") if name in latent]

    def lv_x(self) -> list[str]:
        """Exogenous latent variables."""
        endogenous = {*self.lv_ind(), *self.eqs_y()}
        return [name for name in self.lv() if name not in endogenous]

    def lv_nox(self) -> list[str]:
        """Latent variables that are not exogenous."""
        exogenous = set(self.lv_x())
        return [name for name in self.lv() if name not in exogenous]

    def lv_y(self) -> list[str]:
        """Latent variables that are regressed on others and predict and measure nothing."""
        used = {*self.lv_ind(), *self.eqs_x()}
        dependent = set(self.eqs_y())
        return [name for name in self.lv() if name in dependent and name not in used]

    def ov_ind(self) -> list[str]:
        """Observed indicators of factors."""
        latent = set(self.lv())
        return [name for name in self._unique(_rhs, "=~") if name not in latent]

    def _dependent(self) -> list[str]:
        known = {*self.lv(), *self.ov_ind()}
        return [name for name in self.eqs_y() if name not in known]

    def predictors(self) -> list[str]:
        """Observed variables that only predict."""
        known = {*self.lv(), *self.ov_ind(), *self.eqs_y()}
        return [name for name in self.eqs_x() if name not in known]

    def ov(self) -> list[str]:
        """All observed variables."""
        others = [
            *self._unique(_lhs, "~~"),
            *self._unique(_rhs, "~~"),
            *self._unique(_lhs, "~1", "|", "~*~"),
        ]
        latent = set(self.lv())
        candidates = [*self.ov_ind(), *self._dependent(), *self.predictors(), *others]
        return list(dict.fromkeys(name for name in candidates if name not in latent))

    def ov_y(self) -> list[str]:
        """Observed variables that are regressed on others and predict nothing."""
        predictors = set(self.eqs_x())
        return [name for name in self._dependent() if name not in predictors]

    def ov_x(self) -> list[str]:
        """Exogenous observed variables: predictors whose (co)variances and means the user leaves alone."""
        given = {name for row in self.rows if row.user == 1 and row.op in ("~~", "~1") for name in (row.lhs, row.rhs)}
        return [name for name in self.predictors() if name not in given]

    def ov_nox(self) -> list[str]:
        """Observed variables that are not exogenous."""
        exogenous = set(self.ov_x())
        return [name for name in self.ov() if name not in exogenous]

    def ov_ord(self) -> list[str]:
        """Ordered variables: those with thresholds."""
        ordered = set(self._unique(_lhs, "|"))
        return [name for name in self.ov() if name in ordered]

    def ov_num(self) -> list[str]:
        """Observed variables without thresholds."""
        ordered = set(self._unique(_lhs, "|"))
        return [name for name in self.ov() if name not in ordered]

    def ov_interaction(self) -> list[str]:
        """Products of observed variables."""
        return [name for name in self.ov() if ":" in name]


KINDS = (
    "ov", "ov_x", "ov_nox", "ov_y", "ov_ind", "ov_ord", "ov_num", "ov_interaction", "lv", "lv_x", "lv_y", "lv_nox",
    "lv_ind", "lv_regular", "lv_formative", "lv_interaction", "eqs_y", "eqs_x",
)  # fmt: skip


def variable_names(variables: Variables, kind: str) -> tuple[str, ...]:
    """The names of one kind (see `KINDS`) among the variables of a block.

    Raises
    ------
    OptionError
        An unknown kind.
    """
    if kind not in KINDS:
        raise OptionError(
            "unknown-kind",
            f"there is no kind of variable '{kind}'",
            expected=" ".join(KINDS),
            hint=did_you_mean(kind, KINDS),
        )
    find: Callable[[], list[str]] = getattr(variables, kind)
    return tuple(find())


def _lhs(row: Element) -> str:
    return row.lhs


def _rhs(row: Element) -> str:
    return row.rhs
