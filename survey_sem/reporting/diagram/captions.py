"""Title, description and caption of a diagram in the reader's language."""

from __future__ import annotations

from survey_sem.reporting.diagram.model import Lang, PathModel
from survey_sem.reporting.diagram.palette import is_dashed
from survey_sem.reporting.diagram.scene import Scene

_TITLE: dict[Lang, str] = {"en": "Path diagram", "zh": "路径图"}
_GROUP: dict[Lang, str] = {"en": ", group {n}", "zh": "，第 {n} 组"}
_VALUES: dict[Lang, dict[str, str]] = {
    "en": {
        "std_all": "Standardised estimates.",
        "std_lv": "Estimates with standardised latent variables.",
        "std_nox": "Standardised estimates (exogenous observed variables keep their units).",
        "est": "Unstandardised estimates.",
        "label": "Parameter names.",
        "none": "",
    },
    "zh": {
        "std_all": "标准化估计值。",
        "std_lv": "潜变量标准化的估计值。",
        "std_nox": "标准化估计值（外生观测变量保留原单位）。",
        "est": "未标准化估计值。",
        "label": "参数名称。",
        "none": "",
    },
}
_DASHED: dict[Lang, str] = {"en": "Dashed: p ≥ .05.", "zh": "虚线：p ≥ .05。"}
_HIDDEN: dict[Lang, str] = {"en": "{n} indicators are not drawn.", "zh": "未绘出 {n} 个观测指标。"}
_COUNTS: dict[Lang, str] = {
    "en": "{latent} latent and {observed} observed variables.",
    "zh": "{latent} 个潜变量，{observed} 个观测变量。",
}
_SIGN = {"regression": "→", "covariance": "↔"}


def title(model: PathModel) -> str:
    """Accessible name of the drawing."""
    return _TITLE[model.lang] + (_GROUP[model.lang].format(n=model.group) if model.group else "")


def caption(scene: Scene) -> str:
    """What the numbers are, what a dashed line means, what is left out."""
    lang = scene.model.lang
    parts = [_VALUES[lang][scene.model.values]]
    if any(is_dashed(arrow.edge) for arrow in scene.arrows):
        parts.append(_DASHED[lang])
    if scene.n_hidden:
        parts.append(_HIDDEN[lang].format(n=scene.n_hidden))
    return (" " if lang == "en" else "").join(part for part in parts if part)


def description(model: PathModel) -> str:
    """The diagram in words: how many variables, and every structural path and covariance among factors."""
    latent = {node.name: node.label for node in model.nodes if node.kind == "latent"}
    label = {node.name: node.label for node in model.nodes}
    counts = _COUNTS[model.lang].format(latent=len(latent), observed=len(model.nodes) - len(latent))
    paths = [
        f"{label[edge.source]} {_SIGN[edge.kind]} {label[edge.target]} {edge.estimate}".rstrip()
        for edge in model.edges
        if edge.kind == "regression" or (edge.kind == "covariance" and {edge.source, edge.target} <= latent.keys())
    ]
    return " ".join([counts, "; ".join(paths)]).strip()
