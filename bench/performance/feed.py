"""The texts that are measured, beside those that the caller names: samples, long articles, a mixed feed."""

from __future__ import annotations

import itertools
import json
import random
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "articles.jsonl"
LONG = (5_000, 10_000, 20_000)
"""Lengths in the mix of long articles, in characters."""
FEED = 100
"""Articles of the mixed feed."""

Article = dict[str, Any]


def samples() -> list[Article]:
    """The sample articles in Russian."""
    with SAMPLES.open(encoding="utf-8") as lines:
        return [article for line in lines if (article := json.loads(line)).get("language") == "ru"]


def of_length(characters: int, seed: int) -> Article:
    """An article as long as asked, made of the paragraphs of the samples in another order."""
    paragraphs = [p for article in samples() for p in article["text"].split("\n") if len(p) > 80]
    shuffled = random.Random(seed)
    text: list[str] = []
    size = 0
    while size < characters:
        text.append(shuffled.choice(paragraphs))
        size += len(text[-1]) + 2
    return _article(f"long/{characters}/{seed}", "\n\n".join(text)[:characters])


def long_mix() -> list[Article]:
    """Two articles of each length."""
    return [of_length(length, seed) for length in LONG for seed in range(2)]


def ordinary(count: int, seed: int = 1) -> Iterator[Article]:
    """Articles about the weather, courts, sport and so on, of five to nine sentences; none names two states."""
    table = tomllib.loads(Path(__file__).with_name("ordinary.toml").read_text(encoding="utf-8"))
    chance = random.Random(seed)
    for number in range(count):
        sentences = table["subjects"][chance.choice(sorted(table["subjects"]))]
        chosen = chance.sample(sentences, chance.randint(5, len(sentences)))
        text = " ".join(s.format(**{k: chance.choice(v) for k, v in table["slots"].items()}) for s in chosen)
        yield _article(f"ordinary/{number}", text[0].upper() + text[1:])


def mixed() -> list[Article]:
    """A feed of which four in five articles are ordinary; every fifth is a sample that tells of two states."""
    told = itertools.cycle(_of_two())
    plain = ordinary(FEED)
    return [next(told) if number % 5 == 4 else next(plain) for number in range(FEED)]


def write(articles: Sequence[Article], file: Path) -> Path:
    """As JSON lines, for contestants to load."""
    file.write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in articles), encoding="utf-8")
    return file


def _of_two() -> list[Article]:
    """The samples that name two parties, about as long as the ordinary articles: neither outweighs the other."""
    from workers.enrichment.coding.look import may_tell

    day = "2026-03-02"
    return [
        a for a in samples()
        if 400 <= len(a["text"]) <= 1_500 and may_tell(a.get("title") or "", a["text"], day, dated=True)
    ]  # fmt: skip


def _article(name: str, text: str) -> Article:
    return {"id": name, "text": text, "language": "ru", "published_at": "2026-03-02T09:00:00Z"}
