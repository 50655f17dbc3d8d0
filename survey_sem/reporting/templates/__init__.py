"""Templates of documents, and the one environment that renders them: escaping on, nothing undefined passes."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from survey_sem.reporting.contents import spoken
from survey_sem.reporting.wording import phrase


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Autoescaping everywhere, whatever a template is called."""
    found = Environment(
        loader=PackageLoader("survey_sem.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals["say"] = phrase
    found.filters |= {
        "spoken": spoken,
        "kind": lambda block: type(block).__name__,
        "identity": id,
        "trusted": Markup,
        "drawing": Markup,
        "natural_width": natural_width,
        "data_address": data_address,
        "image_address": image_address,
    }
    return found


def data_address(text: str) -> str:
    """A text as an address that holds it, for a download without a server."""
    return "data:text/plain;charset=utf-8;base64," + base64.b64encode(text.encode()).decode("ascii")


def image_address(svg: str) -> str:
    """A drawing as an address that holds it, sealed off from the page: its names and styles stay its own."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def natural_width(svg: str) -> float:
    """Width of a drawing in pixels, as its own header says."""
    found = re.search(r'<svg\b[^>]*?\bwidth="([\d.]+)(pt|px)?"', svg)
    if found is None:
        return 640.0
    return float(found[1]) * (4 / 3 if found[2] == "pt" else 1.0)


def render(name: str, **values: Any) -> str:
    """A template with its values."""
    return environment().get_template(name).render(**values)
