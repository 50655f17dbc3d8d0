"""Path diagrams of fitted models as SVG, PNG and PDF, made without outside programs.

`path_model` takes what is to be shown from a result; `compose` lays it out; `render_diagram` writes SVG;
`draw` does all of it and answers with a `Diagram`, which a notebook shows and which saves itself.
"""

from survey_sem.reporting.diagram.drawing import Diagram, draw, render_diagram
from survey_sem.reporting.diagram.model import PathEdge, PathModel, PathNode, path_model
from survey_sem.reporting.diagram.scene import Arrow, Scene, compose

__all__ = [
    "Arrow",
    "Diagram",
    "PathEdge",
    "PathModel",
    "PathNode",
    "Scene",
    "compose",
    "draw",
    "path_model",
    "render_diagram",
]
