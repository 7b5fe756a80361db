"""Speed changes nothing that is coded: each short way against the long one, on samples, labelled, generated texts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest
import razdel

from models import CodedArticle, RawArticle, Version, encode_hook
from tests.enrichment.generated import articles
from workers.enrichment import language
from workers.enrichment.coder import Coder
from workers.enrichment.coding.look import may_tell
from workers.enrichment.russian.reader import Reader
from workers.enrichment.russian.tokens import _trimmed, tokens

DAY = dt.date(2026, 3, 2)
ROOT = Path(__file__).parents[2]
GENERATED = list(articles(80, seed=20))


def told(file: Path, most: int | None = None) -> list[RawArticle]:
    items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[:most]]
    return [RawArticle(id=item["id"], text=item["text"], title=item.get("title")) for item in items if "text" in item]


CORPORA: dict[str, Sequence[RawArticle]] = {
    "samples": [*told(ROOT / "samples/articles.jsonl"), *told(ROOT / "samples/revisions.jsonl")],
    "written": told(ROOT / "tests/enrichment/labelled/written.jsonl", 30),
    "plain": told(ROOT / "tests/enrichment/labelled/heldout-plain.jsonl", 30),
    "generated": GENERATED,
}


@pytest.fixture(params=CORPORA)
def corpus(request: pytest.FixtureRequest) -> Sequence[RawArticle]:
    return CORPORA[request.param]


def code(coder: Coder, article: RawArticle) -> CodedArticle:
    return coder.code(article, version=Version(0), received=DAY)


def wire(coded: CodedArticle) -> bytes:
    return msgspec.json.encode(coded, enc_hook=encode_hook)


def test_the_second_reading_uses_the_first_and_tells_the_same(coder: Coder, corpus: Sequence[RawArticle]) -> None:
    """A trace works everything out again and tries every frame; what is coded is the same."""
    for article in corpus:
        long_way = coder.code_with_trace(article, version=Version(0), received=DAY).coded
        assert wire(code(coder, article)) == wire(long_way)


def test_generated_articles_tell_of_many_acts(coder: Coder) -> None:
    coded = [code(coder, article) for article in GENERATED]
    assert sum(len(c.events) for c in coded) > 2 * len(coded)
    assert len({e.rule for c in coded for e in c.events}) > 20


def test_what_was_coded_before_does_not_matter(coder: Coder) -> None:
    """Words, stretches and sentences that are remembered from other articles change no byte."""
    wanted = {article.id: wire(code(coder, article)) for article in GENERATED}
    shuffled = Random(3).sample(GENERATED, len(GENERATED))
    fresh = Coder()
    assert all(wire(code(fresh, article)) == wanted[article.id] for article in shuffled)


def test_the_first_look_passes_over_no_event(coder: Coder, reader: Reader, corpus: Sequence[RawArticle]) -> None:
    looking = Coder(reader, look=True)
    for article in corpus:
        quick, whole = code(looking, article), code(coder, article)
        assert (quick.events, quick.organization_events) == (whole.events, whole.organization_events)
        assert quick.depth == whole.depth or (quick.depth == ("language", "look") and not quick.entities)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Чад осудил Норвегию.", True),
        ("Путин и Лукашенко обсудили поставки.", True),
        ("Осло предупредил Лиму.", True),
        ("Кремль поблагодарил Белый дом.", True),
        ("НАТО усилит присутствие в Эстонии.", True),
        ("Лидеры стран Балтии собрались на совет.", True),
        ("Антироссийские меры одобрил Берлин.", True),
        ("российско-белорусские учения", True),
        ("Переговоры прошли в столицеКазахстанаГлава Японии доволен.", True),
        ("МИД Японии выразил протест послу.", False),
        ("Токаев посетил Алматы, президент Казахстана доволен.", False),
        ("Суд в Осло приговорил чадского торговца.", True),
        ("Школьники того класса мали ростом, чад в кухне.", False),
        ("", False),
    ],
)
def test_a_first_look(text: str, tells: bool) -> None:
    assert may_tell("", text, "2026-03-02", dated=True) is tells


def test_a_title_is_looked_at_too() -> None:
    assert may_tell("Перу отвечает", "Япония ждёт ответа.", "2026-03-02", dated=True)


def test_a_leader_counts_for_his_day_alone() -> None:
    text = "Меркель уехала в Канаду."
    assert may_tell("", text, "2015-06-01", dated=True)
    assert not may_tell("", text, "2026-03-02", dated=True)
    assert may_tell("", text, "2026-03-02", dated=False)


def test_languages_by_way_of_words(corpus: Sequence[RawArticle]) -> None:
    for article in corpus:
        words = article.text.lower().split()[:200]
        scores, known = language._rank_cyrillic(words), language._rank(" ".join(words))
        assert all(abs(score - known[name]) < 0.1 for name, score in scores.items())


def test_stretches_are_cut_as_in_the_whole() -> None:
    """Words, numbers and marks in any order: what stands over the next blank may join, and is asked."""
    chance = Random(11)
    parts = [*'--–—.,,/\\_"«»()!?…:; 1 2 а б a €☺\n', "привет", "12", "1920", "yahoo", ":)", "  ", "ё", "x-1"]
    for _ in range(3_000):
        text = "".join(chance.choice(parts) for _ in range(chance.randrange(1, 14)))
        assert list(tokens(text, 0, len(text))) == list(whole(text))


def whole(text: str) -> Iterator[tuple[int, int]]:
    """razdel's tokens of the text at once, trimmed."""
    for token in razdel.tokenize(text):
        if token.stop - token.start > 1 and any(c.isalnum() for c in token.text):
            yield from _trimmed(text, token.start, token.stop)
        else:
            yield token.start, token.stop
