"""Sentences and tokens, and that hostile text costs no more than its length."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrichment.russian.segment import LONGEST, PIECE, sentences

WORDS = {"казахстана", "глава", "договор", "посол"}


def known(word: str) -> bool:
    return word.lower() in WORDS


def split(text: str) -> list[list[str]]:
    return [[text[a:b] for a, b in cuts] for cuts in sentences(text, known)]


def sentence_texts(text: str) -> list[str]:
    return [text[cuts[0][0] : cuts[-1][1]] for cuts in sentences(text, known)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Посол прибыл в Минск.", "Его встретил министр."],
        ['"Мы рады гостям.', 'Ждем вас снова", - сказал премьер.'],
        ["- Мы рады, - сказал премьер.", "- Мы тоже, - ответил посол."],
        ["Договор подписал А. С. Иванов в г. Астане.", "Он вступил в силу 1 янв. 2024 г. после обмена."],
        ["Встреча прошла 18 окт.", "Представитель министерства доволен."],
        ["Что решили послы?", "Ничего!"],
    ],
)
def test_sentences(expected: list[str]) -> None:
    assert sentence_texts(" ".join(expected)) == expected


def test_glued_sentences() -> None:
    assert sentence_texts('План принят "на год".Пресс-служба сообщила.Посол доволен.') == [
        'План принят "на год".',
        "Пресс-служба сообщила.",
        "Посол доволен.",
    ]
    assert sentence_texts("Служба президента КазахстанаГлава государства прибыл.") == [
        "Служба президента Казахстана",
        "Глава государства прибыл.",
    ]
    assert len(sentence_texts("Компания КазМунайГаз и БелАЗ, а также А.С.Пушкин и ул.Абая.")) == 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Россия–Казахстан", ["Россия", "–", "Казахстан"]),
        ("военно-технический", ["военно-технический"]),
        ("в 1920, 29.05.2024", ["в", "1920", ",", "29.05.2024"]),
        ("обороны -совершенствуется", ["обороны", "-", "совершенствуется"]),
        ("сайт Zakon.kz и Лента.ру.", ["сайт", "Zakon.kz", "и", "Лента.ру", "."]),
        ("по адресу https://a.example/b?c=1.", ["по", "адресу", "https://a.example/b?c=1", "."]),
        ("почта press@mid.example, телефон", ["почта", "press@mid.example", ",", "телефон"]),
        ("2024–2026 годы", ["2024–2026", "годы"]),
        ("МиГ-29 и F-16", ["МиГ-29", "и", "F-16"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert split(text) == [tokens]


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    parts = split("слово " * 150 + ", " + "слово " * 150)
    assert [len(part) for part in parts] == [151, 150]
    assert [len(part) for part in split("слово " * (2 * LONGEST + 1))] == [LONGEST, LONGEST, 1]


def test_nothing_to_say() -> None:
    assert split("") == split("... !!! — «»") == []


@given(st.text(st.sampled_from('аБ1 .,-–!?"«»();:@/\\_\n😀a\x00'), max_size=200))
def test_tokens_hold_every_letter_in_order(text: str) -> None:
    cuts = [cut for part in sentences(text, known) for cut in part]
    assert all(a < b for a, b in cuts)
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(cuts))
    read = "".join(text[a:b] for a, b in cuts)
    assert [c for c in read if c.isalnum()] == [c for c in text if c.isalnum()]
    assert not any(c.isspace() for c in read)


@pytest.mark.parametrize("unit", ["а", "а-", '"', "(", ".", "а.", "1,", "<", "@", "a.", "- ", "; "])
def test_hostile_text_in_pieces(unit: str) -> None:
    size = 100_000
    parts = split(unit * (size // len(unit)))
    assert all(len(token) <= PIECE for part in parts for token in part)
    assert all(len(part) <= LONGEST for part in parts)
