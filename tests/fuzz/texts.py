"""Texts that no newsroom writes: noise of every script, and Russian news with its words shaken."""

from __future__ import annotations

import datetime as dt
from functools import cache
from random import Random
from typing import NamedTuple

from tests.enrichment.marked import DAY, sentences

Ranges = tuple[tuple[int, int], ...]
_RANGES: dict[str, Ranges] = {
    "control characters": ((0x00, 0x1F), (0x7F, 0x9F)),
    "marks that combine": ((0x300, 0x36F), (0x483, 0x489), (0x20D0, 0x20F0)),
    "right to left": ((0x5D0, 0x5EA), (0x620, 0x64A), (0x202A, 0x202E), (0x2066, 0x2069)),
    "invisible": ((0x200B, 0x200F), (0x2028, 0x2029), (0xFEFF, 0xFEFF), (0xAD, 0xAD), (0xA0, 0xA0), (0x2060, 0x2064)),
    "halves of pairs": ((0xD800, 0xDFFF),),
    "undecodable bytes, escaped": ((0xDC80, 0xDCFF),),
    "Cyrillic": ((0x400, 0x4FF),),
    "Latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F)),
    "scripts of the region": ((0x530, 0x58F), (0x10A0, 0x10FF), (0x1800, 0x18AA), (0x4E00, 0x4EFF)),
    "punctuation": ((0x20, 0x40), (0x2010, 0x2027), (0x3000, 0x3011), (0xAB, 0xAB), (0xBB, 0xBB)),
    "numbers": ((0x30, 0x39), (0x660, 0x669), (0xB2, 0xB3), (0xBC, 0xBE), (0x2150, 0x2189)),
    "beyond the first plane": ((0x1F1E6, 0x1F1FF), (0x1F600, 0x1F64F), (0x10FFF0, 0x10FFFF), (0xE0100, 0xE01EF)),
    "not characters": ((0xFFFE, 0xFFFF), (0xE000, 0xE010)),
}
_HTML = ("<p>", "</p>", "<br/>", "<b>", "&nbsp;", "&#1056;", "&amp;lt;", "<script>if(a<b)", "<!--", "]]>", "<", "&")
_LOOKALIKES = str.maketrans("аеорсухАВЕКМНОРСТХ", "aeopcyxABEKMHOPCTX")
_LAYOUT = (
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "\u2028",
    ". ",
    ", ",
    " — ",
    " и ",
    "; ",
    ": ",
    "«",
    "»",
    '"',
    "(",
    ")",
)
_NUMBERS = ("31 октября", "в 2010 году", "30 февраля", "00.00.0000", "99 декабря 9999 года", "в 0 году", "1,5 млн",
            "10" * 40, "²⁰²⁵", "вчера", "через 99999999 лет", "в прошлом году", "в понедельник", "12:61",
            "сто лет назад", "31.12.9999", "01.01.0001", "в IV квартале", "в 10000 году")  # fmt: skip

SHAPES: dict[str, str] = {
    # A piece of text which, said again and again, makes a long one.
    "sentences": "Министр обороны Казахстана посетил Минск и обвинил Литву в нарушении границы. ",
    "one endless sentence": "Россия и Китай осудили Францию, ",
    "every state accuses": (
        "Россия, Китай, Франция, Египет, Индия, Япония, Бразилия, Чили, Перу, Иран, Ирак, Сирия, Ливан, Израиль, "
        "Турция, Греция, Италия, Испания и Польша осудили Литву, Латвию, Эстонию, Норвегию, Швецию, Данию, Канаду, "
        "Кубу, Гаити, Кению, Уганду, Нигерию, Ливию, Алжир, Марокко, Тунис, Йемен, Оман и Непал, "
    ),
    "conjunctions": "и ",
    "a list of states": "Россия, ",
    "attributes on attributes": "министра президента России ",
    "relative clauses": "который посетил Минск, ",
    "open quotes": "«Мы ",
    "brackets": "(Россия ",
    "dates": "31 октября 2025 года ",
    "numbers": "1234567890",
    "a word without end": "осуд",
    "newlines": "\n",
    "paragraphs": "Россия осудила Китай.\n\n",
    "stops": ". ",
    "abbreviations": "г. ",
    "HTML": "<p>Россия</p>",
    "combining marks": "а\u0301",
    "invisible characters": "\u200b",
    "capitals": "МИД РОССИИ ",
    "hyphens": "казахстанско-",
}


class Published(NamedTuple):
    """An article to be coded, and the day on which it was received."""

    text: str
    title: str | None = None
    language: str | None = None
    source: str | None = None
    published_at: dt.datetime | None = None
    received: dt.date = DAY


@cache
def _russian() -> tuple[str, ...]:
    return tuple(text for _, _, text in sentences())


def noise(random: Random, most: int = 40) -> str:
    """Characters of one kind, or two mixed."""
    ranges = _RANGES[random.choice(list(_RANGES))] + _RANGES[random.choice(list(_RANGES))]
    return "".join(chr(random.randint(*random.choice(ranges))) for _ in range(random.randint(1, most)))


def news(random: Random) -> str:
    """A few sentences that the rules were written for."""
    return random.choice((" ", " ", "\n", "\n\n")).join(random.choices(_russian(), k=random.randint(1, 4)))


def _shaken_words(random: Random, text: str) -> str:
    words = text.split(" ")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(words))
        match random.randrange(8):
            case 0:
                del words[at : at + random.randint(1, 3)]
            case 1:
                words[at] = " ".join([words[at]] * random.randint(2, 12))
            case 2:
                words.insert(at, random.choice(random.choice(_russian()).split(" ")))
            case 3:
                words[at] = random.choice((str.upper, str.lower, str.swapcase, str.title))(words[at])
            case 4:
                words[at] = words[at].translate(_LOOKALIKES)
            case 5:
                random.shuffle(words)
            case 6:
                words[at] = words[at][::-1] if random.random() < 0.5 else words[at][: len(words[at]) // 2]
            case _:
                words.insert(at, random.choice(_NUMBERS))
        words = words or ["и"]
    return " ".join(words)


def _put_in(random: Random, text: str) -> str:
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(text))
        put = random.choice((noise(random, 6), random.choice(_HTML), random.choice(_LAYOUT), random.choice(_NUMBERS)))
        text = text[:at] + put + text[at:]
    return text


def _cut(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[at : at + random.randint(1, len(text))]


def _long(random: Random) -> str:
    """A shape said up to three hundred times between two sentences."""
    shape = random.choice(list(SHAPES.values()))
    return f"{news(random)} {shape * random.choice((10, 30, 100, 300))} {news(random)}"[
        : random.choice((400, 1500, 1500, 6000))
    ]


def any_text(random: Random) -> str:
    """A text of at least one character."""
    match random.randrange(12):
        case 0:
            return " ".join(noise(random) for _ in range(random.randint(1, 5)))
        case 1:
            return _long(random)
        case 2:
            return f"<html><body><p>{news(random)}</p><p>{_put_in(random, news(random))}</body>"
        case kind:
            text = news(random)
            for shake in random.sample((_shaken_words, _put_in, _cut), k=1 if kind < 8 else 2):
                text = shake(random, text) or "и"
            return text


_MOMENTS = tuple(
    dt.datetime.fromisoformat(moment)
    for moment in (
        "2025-10-31T12:00:00+00:00", "0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00+03:00",
        "2199-02-28T00:00:00+00:00", "9999-12-31T23:59:59-12:00", "2024-02-29T00:00:00+14:00",
    )
)  # fmt: skip


def any_published(random: Random) -> Published:
    """An article with any text, and fields that may be as strange."""
    text = any_text(random)
    return Published(
        text=text,
        title=random.choice((None, None, text.split("\n")[0][:300], noise(random), news(random)[:200])),
        language=random.choice((None, None, "ru", "ru", "RU-kz", "kk", "x", noise(random, 5))),
        source=random.choice((None, None, "agency.example", noise(random, 9))),
        published_at=random.choice((None, None, None, _MOMENTS[0], *_MOMENTS)),
        received=random.choice((DAY, DAY, DAY, dt.date.min, dt.date.max)),
    )
