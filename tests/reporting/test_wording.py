"""The message catalogue: every phrase in both languages, none missing, none left over."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import survey_sem.reporting as reporting
from survey_sem.reporting.wording import CATALOGUES, catalogue, phrase, translated
from survey_sem.reporting.wording.translations import SENTENCES

ROOM = Path(reporting.__file__).parent
SOURCES = [
    path.read_text("utf-8")
    for path in [*ROOM.rglob("*.py"), *ROOM.rglob("*.j2")]
    if "wording" not in path.parts and "diagram" not in path.parts
]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_no_key_is_given_twice():
    assert sum(len(part) for part in CATALOGUES) == len(catalogue())


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_have_the_phrase(key: str):
    english, chinese = catalogue()[key]
    assert english
    assert places(english) == places(chinese) or not chinese
    if not key.endswith(".help"):
        assert chinese
    assert not re.search(r"[\u4e00-\u9fff]", english)


def test_chinese_is_chinese():
    untranslated = {
        key
        for key, (english, chinese) in catalogue().items()
        if chinese
        and not re.search(r"[\u4e00-\u9fff]", chinese)
        and re.search(r"\b[a-z]{4}", re.sub(r"\{\w+\}", "", english))
    }
    assert untranslated == set()


def used_keys() -> set[str]:
    """Keys in the sources; a key that is made at run time counts for all that begin like it."""
    text = "\n".join(SOURCES)
    found = set(re.findall(r"""["']([a-z]+\.[\w.]+)["']""", text))
    starts = tuple(re.findall(r"""["']((?:\w+\.)+)\{""", text) + re.findall(r"""["']((?:\w+\.)+)["'] ~""", text))
    return found | {key for key in catalogue() if key.startswith(starts)}


def test_no_phrase_is_left_over():
    keys = used_keys()
    made = ("column.", "table.", "note.", "rule.", "treatment.", "key.path", "key.effect", "key.correlation")
    assert {key for key in catalogue() if key not in keys and not key.startswith(made)} == set()


def test_every_key_in_the_sources_exists():
    kinds = {key.split(".")[0] for key in catalogue()}
    wanted = {
        key
        for text in SOURCES
        for key in re.findall(r"""(?:said|phrase|say|Said)\(\s*["']([a-z_]+\.[\w.]+)["']""", text)
        if key.split(".")[0] in kinds and not key.endswith(".")
    }
    assert wanted
    assert wanted <= set(catalogue())


def test_unknown_key_is_the_callers_mistake():
    with pytest.raises(KeyError, match=r"section\.key"):
        phrase("section.kex", "en")


def test_known_sentences_are_translated_and_unknown_ones_kept():
    assert translated("df = 0: the model is saturated", "zh") == "自由度为 0：饱和模型"
    assert translated("listwise deletion dropped 8 of 344 rows (2.3%)", "zh") == "列删法剔除了 344 行中的 8 行（2.3%）"
    assert translated("df = 0: the model is saturated", "en") == "df = 0: the model is saturated"
    assert translated("something new", "zh") == "something new"
    assert translated("negative residual variance: y1 (-0.2); negative latent variance: f (-1)", "zh") == (
        "残差方差为负：y1 (-0.2)；潜变量方差为负：f (-1)"
    )


def test_translated_sentences_still_stand_in_the_sources():
    """A sentence whose English has changed would silently lose its Chinese."""
    package = ROOM.parent
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py") if "wording" not in path.parts)
    joined = re.sub(r"\"\s*\n\s*f?\"", "", sources)
    lost = [sentence for sentence in SENTENCES if sentence not in joined and sentence.replace('"', '\\"') not in joined]
    assert lost == []
