"""Every questionnaire in `instruments/` loads and is complete in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import survey_sem as ss
from survey_sem.instrument import Instrument, Texts
from survey_sem.instrument.section import ANY_LANGUAGE

FOLDER = Path(__file__).resolve().parents[2] / "instruments"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
LANGUAGES = {"zh", "en"}
LIVESTREAM = FOLDER / "livestream_purchase_intent.yaml"


@pytest.fixture(params=SHIPPED, ids=[path.stem for path in SHIPPED])
def instrument(request: pytest.FixtureRequest) -> Instrument:
    """Each of them."""
    return ss.load_instrument(request.param)


@pytest.fixture(scope="module")
def livestream() -> Instrument:
    """The questionnaire of the founding study."""
    return ss.load_instrument(LIVESTREAM)


def named_texts(instrument: Instrument) -> Iterator[tuple[str, Texts]]:
    """Every text that a respondent or a reader sees, with its place."""
    for key in ("title", "population", "mode", "dates", "consent", "ethics"):
        yield key, getattr(instrument, key)
    for kind in ("items", "matrices"):
        yield from ((f"{kind} {each.id}", each.text) for each in getattr(instrument, kind))
    for kind in ("constructs", "partitions"):
        yield from ((f"{kind} {each.id}", each.label) for each in getattr(instrument, kind))
    for partition in instrument.partitions:
        yield from ((f"part {partition.id}.{part.id}", part.label) for part in partition.parts)
    yield from ((f"missing code {missing.code}", missing.text) for missing in instrument.missing)


def test_there_are_questionnaires() -> None:
    assert {path.stem for path in SHIPPED} >= {"livestream_purchase_intent", "personality", "corporate_reputation"}


def test_its_name_is_that_of_its_file(instrument: Instrument) -> None:
    assert (FOLDER / f"{instrument.id}.yaml").is_file()


def test_every_text_is_there_in_both_languages(instrument: Instrument) -> None:
    assert set(instrument.languages) == LANGUAGES
    incomplete = [place for place, texts in named_texts(instrument) if set(texts) != LANGUAGES]
    assert not incomplete


def test_a_chinese_text_is_chinese_and_an_english_one_is_not(instrument: Instrument) -> None:
    def has_chinese(text: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in text)

    swapped = [
        place for place, texts in named_texts(instrument) if not has_chinese(texts["zh"]) or has_chinese(texts["en"])
    ]
    assert not swapped


def test_every_code_is_labelled_in_both_languages(instrument: Instrument) -> None:
    for scale in instrument.scales.values():
        assert set(scale.labels) == LANGUAGES, scale.id
        chinese, english = (set(scale.labels[language]) for language in ("zh", "en"))
        assert chinese == english, scale.id
        # A scale with numbered ends may leave the points between them without words; options may not.
        assert chinese == set(scale.codes) or (scale.min in chinese and scale.max in chinese), scale.id


def test_no_two_options_of_a_scale_read_the_same(instrument: Instrument) -> None:
    for scale in instrument.scales.values():
        for labels in scale.labels.values():
            assert len(set(labels.values())) == len(labels), scale.id


def test_no_two_questions_read_the_same(instrument: Instrument) -> None:
    for language in LANGUAGES:
        texts = [item.text[language] for item in instrument.items]
        assert len(set(texts)) == len(texts)


def test_wording_and_constructs_say_where_they_come_from(instrument: Instrument) -> None:
    assert all(item.source for item in instrument.items)
    assert all(construct.source for construct in instrument.constructs)


def test_no_text_is_without_a_language(instrument: Instrument) -> None:
    assert not [place for place, texts in named_texts(instrument) if ANY_LANGUAGE in texts]


class TestLivestream:
    """What the founding study needs of its questionnaire."""

    def test_question_numbers_follow_the_order_of_the_items(self, livestream: Instrument) -> None:
        numbers = [[int(part) for part in item.column.split(".")] for item in livestream.items]
        assert numbers == sorted(numbers)
        assert sorted({number[0] for number in numbers}) == list(range(1, 28))

    def test_items_of_a_matrix_stand_together(self, livestream: Instrument) -> None:
        order = [item.id for item in livestream.items]
        for matrix in livestream.matrices:
            first = order.index(matrix.items[0])
            assert tuple(order[first : first + len(matrix.items)]) == matrix.items

    def test_every_agreement_item_measures_something_or_checks_attention(self, livestream: Instrument) -> None:
        used = [name for construct in livestream.constructs for name in construct.items]
        used += [check.item for check in livestream.quality.attention]
        agreement = [item.id for item in livestream.items if item.scale is not None and item.scale.id == "agree7"]
        assert sorted(used) == sorted(agreement)

    def test_some_items_of_a_construct_are_reversed_but_never_all(self, livestream: Instrument) -> None:
        reverse = {item.id for item in livestream.items if item.reverse}
        assert len(reverse) >= 3
        assert all(not construct.items or set(construct.items) - reverse for construct in livestream.constructs)

    def test_attention_checks_ask_for_the_answer_that_they_expect(self, livestream: Instrument) -> None:
        assert len(livestream.quality.attention) == 2
        for check in livestream.quality.attention:
            item = livestream.item(check.item)
            assert item.scale is not None
            for language, quoted in {"zh": "“{}”", "en": "'{}'"}.items():
                wanted = [quoted.format(item.scale.labels[language][code]) for code in check.answers]
                assert all(answer in item.text[language] for answer in wanted)

    def test_purchases_are_asked_of_buyers_only(self, livestream: Instrument) -> None:
        routed = {item.id for item in livestream.items if item.relevant is not None}
        purchase = {construct.id: construct.items for construct in livestream.constructs}
        assert routed == {*purchase["SATIS"], *purchase["REPUR"], "last_purchase", "reasons", "spend"}
        assert {str(item.relevant) for item in livestream.items if item.relevant is not None} == {"bought = 1"}

    def test_routes_and_weights_rest_on_mandatory_questions(self, livestream: Instrument) -> None:
        assert livestream.weighting is not None
        partitions = {partition.id: partition.of for partition in livestream.partitions}
        needed = {partitions.get(target.of, target.of) for target in livestream.weighting.targets}
        assert all(livestream.item(name).required for name in (*needed, "bought", *livestream.design.psu))

    def test_only_adults_are_asked(self, livestream: Instrument) -> None:
        start = livestream.paradata.field_start
        latest = livestream.item("birth_year").max
        assert start is not None and isinstance(latest, (int, float))
        assert start.year - latest > 18  # born in December, they came of age the year before

    def test_personal_data_do_not_enter(self, livestream: Instrument) -> None:
        assert set(livestream.privacy.drop) >= {"phone"}
        assert set(livestream.privacy.pseudonymise) >= {"ip"}
        assert set(livestream.privacy.free_text) >= {"comment"}
