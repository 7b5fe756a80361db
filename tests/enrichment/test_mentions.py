"""Who is who: persons with office and state, and what the article says of them elsewhere."""

from __future__ import annotations

import datetime as dt

import pytest

from models import EntityKind, RawArticle, Version
from workers.enrichment.coder import Coder
from workers.enrichment.coding.surnames import same_surname

DAY = dt.date(2025, 10, 31)


def people(coder: Coder, text: str) -> dict[str, str | None]:
    coded = coder.code(RawArticle(id="x", text=text), version=Version(0), received=DAY)
    return {e.text: e.country for e in coded.entities if e.kind is EntityKind.PERSON}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Министр обороны Казахстана Руслан Жаксылыков прибыл.", {"Руслан Жаксылыков": "KAZ"}),
        ("Глава МО РК Даурен Косанов провел совещание в Казахстане.", {"Даурен Косанов": "KAZ"}),
        ("Российский министр обороны генерал армии Сергей Петров выступил.", {"Сергей Петров": "RUS"}),
        ("Посол Франции в Нигере Жан Дюваль уехал.", {"Жан Дюваль": "FRA"}),
        (
            "Министры обороны Казахстана и Беларуси Руслан Жаксылыков и Виктор Хренин встретились.",
            {"Руслан Жаксылыков": "KAZ", "Виктор Хренин": "BLR"},
        ),
        ("Иван Петров, министр обороны Болгарии, выступил в парламенте.", {"Иван Петров": "BGR"}),
    ],
)
def test_offices_give_persons_their_state(coder: Coder, text: str, expected: dict[str, str]) -> None:
    assert people(coder, text) == expected


def test_a_surname_keeps_its_state_through_the_article_in_either_spelling(coder: Coder) -> None:
    text = (
        "Министр обороны Казахстана Руслан Жаксылыков прибыл в Минск.\n"
        "Жаксалыков осмотрел завод. Гостей встретил Виктор Хренин, министр обороны Белоруссии.\n"
        "Затем Хренин и Жаксылыков посетили музей."
    )
    found = people(coder, text)
    assert {found[name] for name in found if "ксалык" in name or "ксылык" in name} == {"KAZ"}
    assert {found[name] for name in found if "Хренин" in name} == {"BLR"}


def test_the_table_of_leaders_never_goes_against_the_article(coder: Coder) -> None:
    assert people(coder, "Президент России Владимир Путин выступил.")["Владимир Путин"] == "RUS"
    assert people(coder, "Министр обороны Болгарии Владимир Путин выступил.")["Владимир Путин"] == "BGR"


def test_the_table_of_leaders_goes_by_the_day_of_the_article(coder: Coder) -> None:
    text = "Лавров и Керри встретились в Женеве."
    then = RawArticle(id="x", text=text, published_at=dt.datetime(2014, 3, 10, 9, tzinfo=dt.UTC))
    found = {e.text: e.country for e in coder.code(then, version=Version(0), received=DAY).entities}
    assert (found["Лавров"], found["Керри"]) == ("RUS", "USA")
    assert people(coder, text)["Керри"] is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("жаксылыков", "жаксалыков", True),
        ("хренин", "хренина", True),
        ("иванов", "петров", False),
        ("ли", "лю", False),
        ("токаев", "назарбаев", False),
    ],
)
def test_surnames_are_the_same_but_for_an_ending_or_a_letter(one: str, other: str, same: bool) -> None:
    assert same_surname(one, other) is same


def test_entities_stand_in_the_text_as_they_say(coder: Coder) -> None:
    text = "«Новости». В Астане 29 мая министр обороны РК Даурен Косанов принял посла Турции. Казахстан рад."
    coded = coder.code(RawArticle(id="x", text=text), version=Version(0), received=DAY)
    assert {e.kind for e in coded.entities} >= {EntityKind.STATE, EntityKind.PERSON, EntityKind.PLACE, EntityKind.DATE}
    assert all(e.text == text[e.start : e.end] for e in coded.entities)


def named(coder: Coder, text: str) -> dict[str, tuple[str | None, str | None]]:
    coded = coder.code(RawArticle(id="x", text=text), version=Version(0), received=DAY)
    return {e.text: (e.name, e.office) for e in coded.entities if e.kind is EntityKind.PERSON}


@pytest.mark.parametrize(
    ("text", "written", "name"),
    [
        ("Тео Лунд встретил Юхана Берга.", "Юхана Берга", "Юхан Берг"),
        ("Тео Лунд встретил Юхана Берга.", "Тео Лунд", "Тео Лунд"),
        ("Министр обороны Дании Метте Хольм выступила.", "Метте Хольм", "Метте Хольм"),
        ("Переговоры провели с Мохамедом Муиззу.", "Мохамедом Муиззу", "Мохамед Муиззу"),
        ("В Осло встретили Кира Стармера.", "Кира Стармера", "Кир Стармер"),
        ("Премьер-министр Казахстана Олжас Бектенов выступил.", "Олжас Бектенов", "Олжас Бектенов"),
        ("Представитель МИД КНР Линь Цзянь выступил.", "Линь Цзянь", "Линь Цзянь"),
    ],
)
def test_names_are_told_in_the_nominative_and_none_is_made_up(coder: Coder, text: str, written: str, name: str) -> None:
    assert named(coder, text)[written][0] == name


def test_the_office_is_told_in_the_nominative_and_each_of_several_has_his_own(coder: Coder) -> None:
    assert named(coder, "Бишкек принял премьера Грузии Ивана Петрова.")["Ивана Петрова"] == (
        "Иван Петров",
        "премьер Грузии",
    )
    found = named(coder, "Министры обороны Болгарии и Кипра Иван Петров и Георгий Попов встретились.")
    assert {office for _, office in found.values()} == {"министр обороны"}
    assert named(coder, "Помощник Путина выступил в Осло.")["Путина"] == ("Путин", None)


@pytest.mark.parametrize(
    "text",
    ["Крейсер «Теодор Рузвельт» вошёл в порт.", "Трёхстороннюю встречу провели в Осло.", "Упрёк адресован Осло."],
)
def test_ships_and_capitalised_common_words_are_no_persons(coder: Coder, text: str) -> None:
    assert people(coder, text) == {}


def test_an_adjective_between_does_not_hide_which_office_it_is(coder: Coder) -> None:
    text = "Глава турецкого МВД Али Ялчин выступил. Затем выступил глава турецкого института Осман Демир."
    coded = coder.code(RawArticle(id="x", text=text), version=Version(0), received=DAY)
    sectors = {e.text: e.sector for e in coded.entities if e.kind is EntityKind.PERSON}
    assert (sectors["Али Ялчин"], sectors["Осман Демир"]) == ("COP", "GOV")
