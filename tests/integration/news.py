"""Articles for the pipeline under load: true sentences of the language, varied by state and act."""

from __future__ import annotations

import datetime as dt
import random

from models import RawArticle
from workers.producing.lines import Withdrawal

STATES = ("Казахстан", "Узбекистан", "Таджикистан", "Туркменистан", "Азербайджан", "Пакистан", "Иран", "Китай")
ACTS = (
    "{a} ввёл санкции против компаний из государства {b}.",
    "{a} обвинил {b} в нарушении границы.",
    "{a} и {b} подписали соглашение о торговле.",
    "{a} направил гуманитарную помощь в {b}.",
    "{a} осудил действия {b}.",
    "{a} и {b} провели переговоры о границе.",
)
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

Message = RawArticle | Withdrawal


def history(seed: int, articles: int, messages: int) -> list[Message]:
    """Publications, revisions, exact duplicates and withdrawals of `articles` ids, withdrawals of unknown ids too."""
    rng = random.Random(seed)
    last: dict[str, RawArticle] = {}
    made: list[Message] = []
    for _ in range(messages):
        id = f"outlet-{rng.randrange(4)}.example/{rng.randrange(articles)}"
        act = rng.random()
        if act < 0.08:
            made.append(Withdrawal(id=id))
        elif act < 0.14 and last:
            made.append(last[rng.choice(sorted(last))])
        else:
            last[id] = article(rng, id)
            made.append(last[id])
    return made


def article(rng: random.Random, id: str) -> RawArticle:
    """An article of one to three sentences about as many pairs of states."""
    sentences = []
    for _ in range(rng.randint(1, 3)):
        a, b = rng.sample(STATES, 2)
        sentences.append(rng.choice(ACTS).format(a=a, b=b))
    return RawArticle(
        id=id,
        text=" ".join(sentences),
        source=id.partition("/")[0],
        published_at=START + dt.timedelta(hours=rng.randrange(72)),
    )


def at_length(act: str) -> str:
    """The same with so much beside it that coding takes a second or more."""
    return act + "\n\n" + "Днём в горах шёл снег, а к вечеру прояснилось, и дороги открыли. " * 700
