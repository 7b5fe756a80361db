"""Telling languages: headlines as short as they come, and texts that quote another language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrichment.language import alphabets, language_of

MARKED = """
ru | Путин прибыл в Астану
ru | МИД РФ
ru | Токаев
ru | Токаев посетит Минск
ru | В Минске
ru | Переговоры
ru | Сирия
ru | Указ
ru | США и ЕС ввели санкции
ru | Обстрел Донецка
ru | Берлин и Прага договорились о газе
ru | Панама отвергла претензии США на канал
ru | Лукашенко заявил о готовности к диалогу
ru | Канал «Україна» прекратил вещание, сообщили в холдинге во вторник
ru | Токаев встретился с главой Samsung в Сеуле
ru | На сайте Қазақстан Республикасы появилось сообщение о визите министра обороны, передает пресс-служба в понедельник
ru | Sputnik: посол вручил ноту в Sochi
kk | Қазақстан Ауғанстанға көмек жіберді
kk | Тоқаев Минскіге барды
kk | Астанада министрлер кездесті
kk | Қорғаныс министрі сапармен келді
ky | Кыргызстан менен Казакстан келишимге кол койду
ky | Өкмөт жаңы чечим кабыл алды
uk | Зеленський зустрівся з Токаєвим
uk | Президент прибув до Києва
uk | Росія завдала удару по Харкову
uk | Уряд ухвалив рішення про санкції проти Росії
be | Лукашэнка сустрэўся з Токаевым
be | У Мінску прайшлі перамовы
be | Улады Беларусі заявілі пра санкцыі
bg | Правителството прие решение за санкциите, съобщи министърът на външните работи в София
sr | Председник Србије састао се са Путином
tg | Тоҷикистон ва Қирғизистон созишнома имзо карданд
uz | Ўзбекистон ва Тожикистон ўртасида битим имзоланди
en | EU slaps sanctions on Belarus
en | Kazakhstan, Russia sign defence deal
en | The minister said on Tuesday
de | Der Minister ist gestern nach Moskau gereist
fr | Le ministre des Affaires étrangères est arrivé à Moscou hier
tr | Cumhurbaşkanı Erdoğan dün Moskova'ya gitti
az | Prezident İlham Əliyev Moskvaya səfər edib
zh | 外交部长访问莫斯科
und | 123 — 45
und | ...
"""

ROWS = [[field.strip() for field in line.split("|")] for line in MARKED.strip().splitlines()]


@pytest.mark.parametrize(("language", "text"), ROWS)
def test_language(language: str, text: str) -> None:
    assert language_of(text) == language


def test_the_text_decides_against_the_publisher() -> None:
    assert language_of("Министр обороны прибыл в столицу с официальным визитом", "kk") == "ru"
    assert language_of("Қорғаныс министрі сапармен келді", "ru") == "kk"


def test_the_publisher_decides_where_the_text_cannot() -> None:
    assert language_of("Президент Радев", "bg-BG") == "bg"
    assert language_of("Президент Радев") == "ru"


def test_a_long_text_is_sampled() -> None:
    assert language_of("Министр подписал договор с послом. " * 20_000) == "ru"


@given(st.text(max_size=200), st.none() | st.text(max_size=8))
def test_any_text_has_a_tag(text: str, declared: str | None) -> None:
    assert language_of(text, declared).isalpha()


def test_letters_are_not_russian() -> None:
    assert all(not letters & set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя") for letters in alphabets().values())
