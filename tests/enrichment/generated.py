"""Articles made by chance of sentences written for this project: acts told by verbs, nouns, participles, with and
without parties, with words that mean whom the text spoke of before."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from models import RawArticle

_STATES = (
    # nominative, genitive, dative, accusative, instrumental, adjective, capital in the locative
    ("Чад", "Чада", "Чаду", "Чад", "Чадом", "чадский", "Нджамене"),
    ("Норвегия", "Норвегии", "Норвегии", "Норвегию", "Норвегией", "норвежский", "Осло"),
    ("Перу", "Перу", "Перу", "Перу", "Перу", "перуанский", "Лиме"),
    ("Япония", "Японии", "Японии", "Японию", "Японией", "японский", "Токио"),
    ("Гана", "Ганы", "Гане", "Гану", "Ганой", "ганский", "Аккре"),
    ("Индонезия", "Индонезии", "Индонезии", "Индонезию", "Индонезией", "индонезийский", "Джакарте"),
    ("Эквадор", "Эквадора", "Эквадору", "Эквадор", "Эквадором", "эквадорский", "Кито"),
    ("Казахстан", "Казахстана", "Казахстану", "Казахстан", "Казахстаном", "казахстанский", "Астане"),
)
_PEOPLE = ("Олаф Берген", "Хуан Карденас", "Ама Менса", "Кэндзи Мори", "Айдос Сарым", "Мария Лопес")
_TOLD = (
    "{A} и {B} подписали соглашение о торговле.",
    "{A} осудила действия {b} на границе.",
    "Министр иностранных дел {a} {P} прибыл в {B4} с визитом.",
    "Президент {a} {P} провёл переговоры с президентом {b}.",
    "В {where} состоялась встреча министров обороны {a} и {b}.",
    "Стороны договорились развивать сотрудничество в энергетике.",
    "Санкции против {b}, введённые {a5} весной, продлены на год.",
    "{P} заявил, что {A} не признает договор, и обвинил {B4} в нарушении границы.",
    "В МИД {a} выразили протест послу {b}.",
    "Министр поблагодарил {B4} за помощь.",
    "«Мы готовы направить {b3} зерно», — сказал глава правительства {a}.",
    "Если {A} закроет порт, {B} ответит пошлинами, предупредили в {where}.",
    "Высланные {a5} дипломаты покинули страну.",
    "{adj} военные нанесли удар по складам {b}.",
    "Республика намерена отозвать посла из {b}.",
    "Парламент {a} принял резолюцию, осуждающую {B4}.",
    "Переговоры {a} с {b5} могут начаться 12 мая.",
    "Ранее {A} поставила {b3} двадцать тысяч тонн риса, {B} — тоже.",
    "В пятницу лидеры обсудили ход переговоров по телефону.",
    "Погода в {where} стоит тёплая, рынки открыты до вечера.",
    "Матч сборных {a} и {b} завершился вничью.",
    "{P} призвал обе страны прекратить огонь.",
    "Посол {a} в {where} вручил верительные грамоты.",
    "Ни {A}, ни {B} войска с границы не отвели.",
)


def articles(count: int, seed: int) -> Iterator[RawArticle]:
    """So many articles of three to nine sentences."""
    chance = Random(seed)
    for number in range(count):
        text = " ".join(_sentence(chance) for _ in range(chance.randint(3, 9)))
        yield RawArticle(id=f"generated/{seed}/{number}", text=text, title=_sentence(chance) if number % 3 else None)


def _sentence(chance: Random) -> str:
    one, other = chance.sample(_STATES, 2)
    return chance.choice(_TOLD).format(
        A=one[0], a=one[1], a3=one[2], a5=one[4], adj=one[5].capitalize().replace("ий", "ие"), where=one[6],
        B=other[0], b=other[1], b3=other[2], B4=other[3], b5=other[4], P=chance.choice(_PEOPLE),
    )  # fmt: skip
