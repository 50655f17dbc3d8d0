"""A Chinese font that travels with a figure: Noto Sans SC (SIL Open Font License 1.1), cut to the characters used.

A machine that fits models seldom has Chinese fonts, and a report must look the same where it is read. The font
comes from the PyPI package ``justmytype-intl-cjk``; of its 17 MB only the glyphs of one text are taken, at one
weight, so that a report carries some tens of kilobytes. Copyright and licence entries stay in the cut font.
The same text gives the same bytes.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

FAMILY = "Noto Sans SC Subset"
"""Family name of the embedded font; a style sheet names it after the Latin fonts."""

FONT_STACK = f'"Helvetica Neue", Helvetica, Arial, "{FAMILY}", "PingFang SC", "Microsoft YaHei", sans-serif'
"""Latin letters from the reader's machine, Chinese ones from the embedded font."""

MISSING = "□"
"""Stands in a figure for a character without a glyph; both fonts have it."""

_LATIN = "DejaVu Sans"
_PACKAGE = "justmytype_intl_cjk"
_FILE = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
_KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # 0, 13, 14: copyright, licence, licence address
# Layout features, vertical writing, hints, and advance widths that gvar holds too: dropped unread, to save time.
_DROPPED_TABLES = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "HVAR", "STAT", "gasp", "prep", "vhea", "vmtx")
_ASCII = "".join(map(chr, range(32, 127)))


def wide_characters(text: str) -> str:
    """The distinct characters of `text` for which a Latin font has no glyph (East Asian wide ones), sorted."""
    return "".join(sorted(c for c in set(text) if unicodedata.east_asian_width(c) in "WF"))


def font_face(text: str | Iterable[str], *, weight: int | tuple[int, int] = 400) -> str:
    """A CSS ``@font-face`` rule that holds the Chinese characters of `text`; empty when there are none.

    Parameters
    ----------
    text : str or iterable of str
        Everything that the document shows; only its East Asian characters are embedded.
    weight : int or (int, int)
        One weight of 100 to 900, or a range of them (a variable font, somewhat larger).

    Raises
    ------
    FileError
        ``font-missing``: the text needs the font and its package is not installed.
    """
    characters = wide_characters("".join(text))
    if not characters:
        return ""
    encoded = base64.b64encode(subset_font(characters, weight=weight, flavor="woff")).decode("ascii")
    shown_weight = " ".join(map(str, weight)) if isinstance(weight, tuple) else str(weight)
    return (
        f'@font-face{{font-family:"{FAMILY}";font-style:normal;font-weight:{shown_weight};'
        f'src:url("data:font/woff;base64,{encoded}") format("woff")}}'
    )


def matplotlib_font(text: str | Iterable[str], *, weight: int = 400, size: float = 10.0) -> FontProperties:
    """Font of a matplotlib figure that shows `text`: the embedded one where Chinese occurs, else DejaVu Sans.

    No global state of matplotlib changes; pass the answer as ``fontproperties=``.

    Raises
    ------
    FileError
        ``font-missing``: the text needs the font and its package is not installed.
    """
    from matplotlib.font_manager import FontProperties

    joined = "".join(text)
    if not wide_characters(joined):
        return FontProperties(family=_LATIN, weight=weight, size=size)
    shown = drawable(joined, joined) + _ASCII
    return FontProperties(fname=str(_font_file("".join(sorted(set(shown))), weight)), size=size)


def drawable(text: str, all_text: str) -> str:
    """`text` with a box in place of every character that the font of a matplotlib figure does not have.

    Parameters
    ----------
    text : str
        One of the texts of the figure.
    all_text : str
        All of them, as given to `matplotlib_font`: they decide on the font.
    """
    known = _source()[2].keys() if wide_characters(all_text) else _latin_characters()
    return "".join(c if ord(c) in known or c.isspace() else MISSING for c in text)


@lru_cache(maxsize=1)
def _latin_characters() -> frozenset[int]:
    """Characters of the font that comes with matplotlib."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(_LATIN)).get_charmap())


@lru_cache(maxsize=64)
def subset_font(characters: str, *, weight: int | tuple[int, int] = 400, flavor: str | None = None) -> bytes:
    """Bytes of Noto Sans SC with the glyphs of `characters` only.

    Parameters
    ----------
    characters : str
        Characters to keep; one that the font does not have is left out.
    weight : int or (int, int)
        One weight, or a range which stays variable.
    flavor : {"woff"}, optional
        Compressed for the web; a TrueType font otherwise. (woff2 would be a quarter smaller and ask for brotli.)

    Raises
    ------
    FileError
        ``font-missing``: the package is not installed.
    """
    from fontTools import subset
    from fontTools.varLib import instancer

    font = _open(characters)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = _KEPT_NAMES
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    font["head"].modified = font["head"].created
    _name_apart(font, characters, weight)
    font.flavor = flavor
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def _name_apart(font: Any, characters: str, weight: int | tuple[int, int]) -> None:
    """Give the cut its own PostScript name: drawings on one page tell glyphs apart by it."""
    mark = hashlib.sha256(f"{characters} {weight}".encode()).hexdigest()[:10]
    font["name"].setName(f"NotoSansSC-{mark}", 6, 3, 1, 0x409)


def _open(characters: str) -> Any:
    """The font with a character map of these characters only: reading the whole map takes longer than all the rest."""
    from fontTools.ttLib import TTFont, newTable
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

    content, glyph_names, character_map, widths = _source()
    font: Any = TTFont(BytesIO(content), lazy=True, recalcTimestamp=False)
    for tag in _DROPPED_TABLES:
        if tag in font:
            del font[tag]
    font.setGlyphOrder(list(glyph_names))
    font["hmtx"] = newTable("hmtx")
    font["hmtx"].metrics = dict(widths)
    shown = {ord(c): character_map[ord(c)] for c in sorted(set(characters)) if ord(c) in character_map}
    font["cmap"] = newTable("cmap")
    font["cmap"].tableVersion = 0
    font["cmap"].tables = []
    for table_format, encoding, last in ((4, 1, 0xFFFF), (12, 10, 0x10FFFF)):
        table = CmapSubtable.newSubtable(table_format)
        table.platformID, table.platEncID, table.language = 3, encoding, 0
        table.cmap = {code: name for code, name in shown.items() if code <= last}
        font["cmap"].tables.append(table)
    return font


@lru_cache(maxsize=1)
def _source() -> tuple[bytes, tuple[str, ...], dict[int, str], dict[str, tuple[int, int]]]:
    """The whole font: its bytes, the names and widths of its glyphs, its character map; read once in a process."""
    from fontTools.ttLib import TTFont

    try:
        package = resources.files(_PACKAGE)
    except ModuleNotFoundError as error:
        raise FileError(
            "font-missing",
            "Chinese characters are to be drawn and the font for them is not installed",
            expected="the package justmytype-intl-cjk, which carries Noto Sans SC",
            hint="pip install justmytype-intl-cjk",
        ) from error
    content = package.joinpath(_FILE).read_bytes()
    font: Any = TTFont(BytesIO(content), lazy=True)
    return content, tuple(font.getGlyphOrder()), font.getBestCmap(), font["hmtx"].metrics


@lru_cache(maxsize=64)
def _font_file(characters: str, weight: int) -> Path:
    """Matplotlib reads fonts from files only; the folder goes when the process ends."""
    path = _folder() / f"{len(list(_folder().iterdir()))}.ttf"
    path.write_bytes(subset_font(characters, weight=weight))
    return path


@lru_cache(maxsize=1)
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="survey_sem_font_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
