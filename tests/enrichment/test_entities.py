"""The entities of an article: names with their spans, offices and professions among them."""

from __future__ import annotations

import datetime as dt

import pytest

from models import Entity, EntityKind, RawArticle, Version
from workers.enrichment.coder import Coder


def entities(coder: Coder, text: str) -> tuple[Entity, ...]:
    coded = coder.code(RawArticle(id="x", text=text), version=Version(0), received=dt.date(2025, 10, 31))
    assert all(e.text == text[e.start : e.end] for e in coded.entities)
    return coded.entities


def of(coder: Coder, kind: EntityKind, text: str) -> list[str]:
    return [e.text for e in entities(coder, text) if e.kind is kind]


@pytest.mark.parametrize(
    ("text", "offices"),
    [
        ("Министр иностранных дел Кипра принял посла.", ["Министр иностранных дел", "посла"]),
        ("Хирург и скрипачка получили премию.", ["Хирург", "скрипачка"]),
        ("Об этом рассказал солдат-срочник.", ["солдат-срочник"]),
        ("Говорили о политике и о критике.", []),
    ],
)
def test_offices_and_professions_are_entities(coder: Coder, text: str, offices: list[str]) -> None:
    assert of(coder, EntityKind.OFFICE, text) == offices


def test_an_office_has_the_state_that_stands_by_it(coder: Coder) -> None:
    found = [e for e in entities(coder, "Президент Кипра принял посла Дании.") if e.kind is EntityKind.OFFICE]
    assert [(e.text, e.country) for e in found] == [("Президент", "CYP"), ("посла", "DNK")]


def test_states_inside_the_names_of_bodies_are_told(coder: Coder) -> None:
    text = "Банк России и Сенат США молчат."
    assert of(coder, EntityKind.STATE, text) == ["России", "США"]
    assert of(coder, EntityKind.ORGANIZATION, text) == ["Банк России", "Сенат США"]


def test_seats_and_unions_are_organizations_and_territories_places(coder: Coder) -> None:
    assert of(coder, EntityKind.ORGANIZATION, "Белый дом и Европейский союз молчат.") == [
        "Белый дом",
        "Европейский союз",
    ]
    assert of(coder, EntityKind.PLACE, "Они отдыхали в Крыму.") == ["Крыму"]
    assert of(coder, EntityKind.STATE, "Они отдыхали в Абхазии.") == ["Абхазии"]


def test_a_name_is_no_state(coder: Coder) -> None:
    text = "Галерея купила картину Сальвадора Дали."
    assert of(coder, EntityKind.STATE, text) == []
    assert of(coder, EntityKind.PERSON, text) == ["Сальвадора Дали"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("В зале говорил Пол Смит (Paul Smith), фермер.", ["Пол Смит", "Paul Smith"]),
        ("Он учился в школе имени Вавилова.", ["Вавилова"]),
        ("Книгу написал А. П. Чехов.", ["А. П. Чехов"]),
        ("Сегодня Иванов уехал.", ["Иванов"]),
        ("Успокоил он только детей.", []),
        ("Поп-звезда Мария Лунд пела.", ["Мария Лунд"]),
    ],
)
def test_a_persons_name_has_its_ends(coder: Coder, text: str, names: list[str]) -> None:
    assert of(coder, EntityKind.PERSON, text) == names


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Выставку открыли в начале мая.", ["начале мая"]),
        ("Роман «Берег» (1987) переиздали.", ["1987"]),
        ("Дом построили в 1987.", ["1987"]),
        ("Завод выпустил 1987 тракторов.", []),
    ],
)
def test_dates_have_their_ends(coder: Coder, text: str, dates: list[str]) -> None:
    assert of(coder, EntityKind.DATE, text) == dates
