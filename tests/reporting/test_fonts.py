from __future__ import annotations

import base64
import re
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from survey_sem.errors import FileError
from survey_sem.reporting import fonts

TEXT = "主播信任度 → 购买意愿 (n = 80 000)"


def embedded_font(css: str) -> TTFont:
    encoded = re.search(r"base64,([^\"]+)", css)
    assert encoded is not None
    return TTFont(BytesIO(base64.b64decode(encoded.group(1))))


def test_a_latin_text_needs_no_font():
    assert fonts.font_face("Trust β = .42 → “intent”") == ""


def test_the_embedded_font_holds_the_chinese_characters_and_no_others():
    font = embedded_font(fonts.font_face(TEXT))
    assert {chr(code) for code in font.getBestCmap()} == set("主播信任度购买意愿")


def test_several_texts_are_one_font():
    assert fonts.font_face(["主播", "信任"]) == fonts.font_face("信任主播")


def test_the_licence_travels_with_the_font():
    names = embedded_font(fonts.font_face(TEXT))["name"]
    assert "SIL Open Font License" in names.getDebugName(13)
    assert "Adobe" in names.getDebugName(0)


def test_the_bytes_are_the_same_each_time():
    first = fonts.font_face(TEXT)
    fonts.subset_font.cache_clear()
    assert fonts.font_face(TEXT) == first


def test_the_weight_is_regular_and_not_the_thin_default_of_the_source():
    regular = embedded_font(fonts.font_face("信"))
    assert "fvar" not in regular
    assert regular["OS/2"].usWeightClass == 400


def test_a_range_of_weights_stays_variable():
    css = fonts.font_face("信", weight=(400, 700))
    axis = embedded_font(css)["fvar"].axes[0]
    assert (axis.minValue, axis.maxValue) == (400, 700)
    assert "font-weight:400 700" in css


def test_matplotlib_gets_a_font_that_has_chinese_and_latin_glyphs():
    properties = fonts.matplotlib_font(TEXT)
    font = TTFont(properties.get_file())
    assert {ord(c) for c in "信任Az09"} <= set(font.getBestCmap())


def test_matplotlib_keeps_its_own_font_for_latin_text():
    assert fonts.matplotlib_font("Trust").get_family() == ["DejaVu Sans"]


def test_a_missing_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "_PACKAGE", "no_such_package_of_fonts")
    fonts._source.cache_clear()
    fonts.subset_font.cache_clear()
    with pytest.raises(FileError, match="font") as caught:
        fonts.font_face("信任")
    assert caught.value.code == "font-missing"
    assert "justmytype-intl-cjk" in caught.value.hint
