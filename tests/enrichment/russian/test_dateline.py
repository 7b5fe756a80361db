"""Datelines as agencies write them; read on 5 June 2024."""

from __future__ import annotations

import datetime as dt

import pytest

from workers.enrichment.russian.dateline import dateline

PUBLISHED = dt.date(2024, 6, 5)

# dateline, place, day (or -); prose follows each
DATELINES = """
АЛМАТЫ, 29 мая - Sputnik. | АЛМАТЫ | 2024-05-29
МИНСК, 3 июня. /ТАСС/. | МИНСК | 2024-06-03
Астана. 12 марта. КазТАГ - | Астана | 2024-03-12
МОСКВА, 3 июн - РИА Новости, Иван Иванов. | МОСКВА | 2024-06-03
МОСКВА, 5 июн — ПРАЙМ. | МОСКВА | 2024-06-05
БИШКЕК, 5 мая /Кабар/. | БИШКЕК | 2024-05-05
МИНСК, 3 июня - БелТА. | МИНСК | 2024-06-03
Минск. Интерфакс-Запад - | Минск | -
МОСКВА, 12 марта (Рейтер) - | МОСКВА | 2024-03-12
3 июня, Минск /Корр. БЕЛТА/. | Минск | 2024-06-03
Москва. 12 марта. INTERFAX.RU - | Москва | 2024-03-12
АСТАНА. КАЗИНФОРМ – | АСТАНА | -
Баку, Азербайджан (Trend) -- | Баку | -
НЬЮ-ЙОРК, 4 июня. /Корр. ТАСС Иван Петров/. | НЬЮ-ЙОРК | 2024-06-04
Ереван, 4 июня, Арменпресс. | Ереван | 2024-06-04
САНКТ-ПЕТЕРБУРГ, 6 июня. /ТАСС/. | САНКТ-ПЕТЕРБУРГ | 2024-06-06
СТАМБУЛ, 12 марта. | СТАМБУЛ | 2024-03-12
СТАМБУЛ, 28 дек. | СТАМБУЛ | 2023-12-28
Вильнюс, 2 декабря 2021 года. | Вильнюс | 2021-12-02
АСТАНА, 5 июня 2024 г. – | АСТАНА | 2024-06-05
МЕХИКО, 6 апреля — | МЕХИКО | 2024-04-06
ВИЛЬНЮС — МИНСК, 27 мая. | ВИЛЬНЮС — МИНСК | 2024-05-27
КИЕВ/ДОНЕЦК, 11 марта 2016 г. — | КИЕВ/ДОНЕЦК | 2016-03-11
Джорджтаун / 2 марта. | Джорджтаун | 2024-03-02
"""

ROWS = [[field.strip() for field in line.split("|")] for line in DATELINES.strip().splitlines()]


@pytest.mark.parametrize(("head", "place", "day"), ROWS)
def test_dateline(head: str, place: str, day: str) -> None:
    for prose in ("Посол прибыл.", "«Договор» подписан."):
        found = dateline(f"{head} {prose}", PUBLISHED)
        assert found is not None
        assert (found.place, str(found.day or "-")) == (place, day)
        assert f"{head} {prose}"[found.length :] == prose


@pytest.mark.parametrize(
    ("text", "place", "day"),
    [
        ("БАКУ. Послы прибыли.", "БАКУ", None),
        ("ВАШИНГТОН — Президент прибыл.", "ВАШИНГТОН", None),
        ("19 апреля. Комиссии встретились.", None, dt.date(2024, 4, 19)),
    ],
)
def test_only_in_the_lead(text: str, place: str | None, day: dt.date | None) -> None:
    found = dateline(text, PUBLISHED, lead=True)
    assert found is not None
    assert (found.place, found.day) == (place, day)
    assert dateline(text, PUBLISHED) is None


@pytest.mark.parametrize(
    "text",
    [
        "Минск, 3 июня стороны подписали договор.",
        "Минск 3 июня. Стороны подписали договор.",
        "Россия, Казахстан и Беларусь подписали договор.",
        "Россия — Казахстан: план подписан.",
        "НАТО расширяется. Договор подписан.",
        "ОДКБ — это военный союз.",
        "БРЮССЕЛЬ, 30 февраля. Такого дня нет.",
        "МИНСК, 3 июня.",
        "МИНСК, 3 июня. и дальше со строчной.",
        "",
    ],
)
def test_prose(text: str) -> None:
    assert dateline(text, PUBLISHED, lead=True) is None
