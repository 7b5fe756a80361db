"""Articles of every shape through the whole reader."""

from __future__ import annotations

import datetime as dt
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import RawArticle
from workers.enrichment.document import Document
from workers.enrichment.russian.reader import DEPTH, Reader

DAY = dt.date(2024, 5, 29)

STORY = """\
Политика
Послы Чили и Перу подписали план сотрудничества
Фото: пресс-служба министерства

САНТЬЯГО, 28 мая - ТАСС. Послы Чили и Перу Хуан Сото и Мария Льоса подписали план&nbsp;сотрудничества на 2025 год.
"Мы довольны. План поможет обеим странам", - сказал посол.
Читайте также:
Как живут послы
Ранее страны закрыли границу.Пресс-служба посольства
Лента новостей
0
"""


def read(reader: Reader, text: str, title: str | None = None) -> Document:
    return reader.read(RawArticle(id="a", text=text, title=title), DAY)


def check(document: Document) -> None:
    """Offsets, order, and a graph inside the sentence."""
    for index, sentence in enumerate(document.sentences):
        source = document.part(sentence.part)
        assert sentence.index == index
        assert sentence.text == source[sentence.start : sentence.end]
        assert document.paragraphs[sentence.paragraph].part == sentence.part
        at = sentence.start
        for place, token in enumerate(sentence):
            assert token.index == place
            assert token.text == source[token.start : token.end] != ""
            assert at <= token.start < token.end <= sentence.end
            assert -1 <= token.head < len(sentence)
            assert token.head != place
            assert token.lemma
            at = token.end
        before = "O"
        for token in sentence:
            assert token.ner == "O" or token.ner[:2] == "B-" or before[2:] == token.ner[2:]
            before = token.ner
    for date in document.dates:
        assert document.sentences[date.sentence].slice(date.start, date.end) == date.text


def test_a_story(reader: Reader) -> None:
    document = read(reader, STORY)
    check(document)
    assert [p.kind for p in document.paragraphs] == [
        "boilerplate", "headline", "caption", "lead", "body", "boilerplate", "boilerplate", "body", "boilerplate",
        "boilerplate",
    ]  # fmt: skip
    assert [s.text for s in document.sentences if s.kind != "caption"] == [
        "Послы Чили и Перу подписали план сотрудничества",
        "Послы Чили и Перу Хуан Сото и Мария Льоса подписали план&nbsp;сотрудничества на 2025 год.",
        '"Мы довольны.',
        'План поможет обеим странам", - сказал посол.',
        "Ранее страны закрыли границу.",
        "Пресс-служба посольства",
    ]
    assert document.dateline is not None
    assert (document.dateline.place, document.dateline.date) == ("САНТЬЯГО", "2024-05-28")
    assert STORY[document.dateline.start : document.dateline.end] == "САНТЬЯГО, 28 мая - ТАСС. "
    assert [(d.date, d.role) for d in document.dates] == [("2025", "term")]
    assert document.depth == DEPTH
    names = [t.text for t in document.sentences[2] if t.ner.endswith("-PER")]
    assert names == ["Хуан", "Сото", "Мария", "Льоса"]


@pytest.mark.parametrize(
    ("text", "word", "lemma"),
    [
        ("Министры прибыли в Минск.", "прибыли", "прибыть"),
        ("Половина прибыли ушла на налоги.", "прибыли", "прибыль"),
    ],
)
def test_a_verb_and_a_noun_of_one_form(reader: Reader, text: str, word: str, lemma: str) -> None:
    tokens = read(reader, text).sentences[0]
    assert [t.lemma for t in tokens if t.text == word] == [lemma]


def test_a_title_is_read_once(reader: Reader) -> None:
    text = "Послы встретились в Лиме\nПослы Чили и Перу провели переговоры."
    for title in ("Послы встретились в Лиме", "Послы встретились в Ли", "Послы встретились в «Лиме»"):
        assert [s.part for s in read(reader, text, title).sentences] == ["text", "text"]


def test_another_title_has_offsets_of_its_own(reader: Reader) -> None:
    document = read(reader, "Послы Чили и Перу провели переговоры.", " Лима:\n «Встреча» в&nbsp;верхах ")
    check(document)
    first, second = document.sentences
    assert (first.part, first.kind, second.part, second.kind) == ("title", "headline", "text", "lead")
    assert first.tokens[0].start == 1


@pytest.mark.parametrize(
    "text", ["The ministers met in Minsk on Tuesday.", "Қорғаныс министрі Минскіге сапармен келді.", "12"]
)
def test_another_language_is_not_read(reader: Reader, text: str) -> None:
    document = read(reader, text)
    assert document.language in ("en", "kk", "und")
    assert (document.sentences, document.depth) == ((), ("language",))


def test_natasha_is_never_imported(reader: Reader) -> None:
    assert "natasha" not in sys.modules


def test_the_same_again(reader: Reader) -> None:
    assert read(reader, STORY) == read(reader, STORY) == read(Reader(), STORY)


ALPHABET = 'аяЁБ1 .,-–\n\r\t\u00a0\u00ad\u200b\u0301\u0306и<>/&;pbr!?"«»()\x00😀Lorem'


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(ALPHABET, min_size=1, max_size=300), title=st.none() | st.text(ALPHABET, max_size=60))
def test_any_text(reader: Reader, text: str, title: str | None) -> None:
    check(read(reader, "Посол прибыл в Минск. " + text, title))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_characters(reader: Reader, text: str) -> None:
    check(read(reader, "Министр обороны прибыл в столицу с визитом\n" + text))


SENTENCE = "Министр обороны Чили прибыл в Лиму и обсудил с коллегой учения на 2025 год. "


@pytest.mark.parametrize("joint", ["", "\n", "\n\n"])
def test_two_hundred_kilobytes(reader: Reader, joint: str) -> None:
    """As many tokens as the short text has, times its repetitions."""
    once = read(reader, SENTENCE.strip())
    count = 100_000 // len(SENTENCE)
    document = read(reader, (SENTENCE + joint) * count)
    check(document)
    assert len(document.sentences) == count
    assert sum(map(len, document.sentences)) == count * len(once.sentences[0])


@pytest.mark.parametrize(
    "text",
    [
        "\n\n \n\t\n",
        "... — !!! «»",
        "\x00\x01\x02 посол \x00 прибыл",
        "😀😀😀 посол прибыл 😀",
        "а" * 100_000,
        "а-" * 50_000,
        "слово " * 20_000,
        "слово, " * 15_000,
        '"' * 50_000 + " посол",
        "<" * 50_000 + " посол",
        "<!--" * 20_000 + " посол",
        "&" * 50_000 + " посол",
        "посол\n" * 15_000,
        "посол\n" * 15_000 + "Конец.",
        "посол -\n" * 10_000,
        "МИНСК, 3 июня. " * 5_000,
        "29 мая, " * 10_000,
        "ПОСОЛ ПРИБЫЛ " * 5_000,
        "Фото: " * 10_000,
        "http://" + "а" * 100_000,
        "посол\u00ad" * 15_000,
    ],
    ids=range(21),
)
def test_hostile_text(reader: Reader, text: str) -> None:
    prose = SENTENCE * 25 + "\n"  # the language is told from the beginning and the middle
    document = read(reader, prose + text[: len(text) // 2] + "\n" + prose + text[len(text) // 2 :])
    check(document)
    assert len(document.sentences) >= 25
    check(read(reader, text))
