"""The path diagram as an object: shown by a notebook, saved to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from survey_sem.errors import FileError
from survey_sem.reporting.diagram.model import Fitted, Lang, PathModel, Shown, Values, path_model
from survey_sem.reporting.diagram.raster import to_image
from survey_sem.reporting.diagram.scene import Indicators, compose
from survey_sem.reporting.diagram.svg import to_svg


@dataclass(frozen=True, slots=True)
class Diagram:
    """A path diagram that draws itself when it is shown or saved.

    Parameters
    ----------
    model : PathModel
        What to show.
    indicators : {"auto", "show", "hide"}
        Whether to draw the observed variables that measure a factor; auto draws up to 40 of them.
    show_caption : bool
        Say below the drawing what the numbers are.
    """

    model: PathModel
    indicators: Indicators = "auto"
    show_caption: bool = True

    def to_svg(self, *, embed_font: bool = True) -> str:
        """The drawing as SVG; without `embed_font` the page that holds it brings the Chinese font."""
        return render_diagram(
            self.model, indicators=self.indicators, embed_font=embed_font, show_caption=self.show_caption
        )

    def to_png(self, *, dpi: float = 192.0) -> bytes:
        """The drawing as a PNG file."""
        return to_image(compose(self.model, indicators=self.indicators), dpi=dpi, show_caption=self.show_caption)

    def to_pdf(self) -> bytes:
        """The drawing as a PDF file of one page."""
        return to_image(compose(self.model, indicators=self.indicators), "pdf", show_caption=self.show_caption)

    def save(self, path: str | Path) -> Path:
        """Write a ``.svg``, ``.png`` or ``.pdf`` file; the suffix decides.

        Raises
        ------
        FileError
            ``unknown-suffix``, or ``not-written`` where the place cannot be written.
        """
        place = Path(path)
        suffix = place.suffix.lower()
        if suffix == ".svg":
            content = self.to_svg().encode()
        elif suffix == ".png":
            content = self.to_png()
        elif suffix == ".pdf":
            content = self.to_pdf()
        else:
            raise FileError(
                "unknown-suffix",
                "a path diagram is saved as SVG, PNG or PDF",
                where=str(place),
                expected=".svg, .png or .pdf",
                got=suffix or "no suffix",
            )
        try:
            place.write_bytes(content)
        except OSError as error:
            raise FileError(
                "not-written", f"the diagram cannot be written: {error.strerror}", where=str(place)
            ) from error
        return place

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x:auto">{self.to_svg()}</div>'


def render_diagram(
    model: PathModel, *, indicators: Indicators = "auto", embed_font: bool = True, show_caption: bool = True
) -> str:
    """The path diagram as SVG text. The same model gives the same bytes.

    Parameters
    ----------
    model : PathModel
        What to show.
    indicators : {"auto", "show", "hide"}
        Whether to draw the observed variables that measure a factor; auto draws up to 40 of them.
    embed_font : bool
        Carry the font of Chinese characters in the document. A page that embeds one itself needs it only once.
    show_caption : bool
        Say below the drawing what the numbers are.

    Raises
    ------
    OptionError
        A model without anything to draw, or an unknown choice of indicators.
    FileError
        ``font-missing``: Chinese is to be embedded and the package with the font is not installed.
    """
    return to_svg(compose(model, indicators=indicators), embed_font=embed_font, show_caption=show_caption)


def draw(
    result: Fitted,
    *,
    values: Values = "std_all",
    labels: Mapping[str, str] | None = None,
    show: Iterable[Shown] = ("loadings", "regressions", "covariances"),
    lang: Lang = "en",
    group: int = 1,
    digits: int = 2,
    stars: bool = False,
    indicators: Indicators = "auto",
    show_caption: bool = True,
) -> Diagram:
    """The path diagram of a fitted model; the parameters are those of `path_model` and `Diagram`."""
    model = path_model(
        result, values=values, labels=labels, show=show, lang=lang, group=group, digits=digits, stars=stars
    )
    return Diagram(model, indicators, show_caption)
