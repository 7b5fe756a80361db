"""Headlines, leads, captions and boilerplate."""

from __future__ import annotations

import pytest

from workers.enrichment.russian.layout import kinds, patterns, repeats

LEAD = "Посол Турции вручил верительные грамоты президенту Армении."

BOILERPLATE = [
    "Подписаться",
    "Подписывайтесь на наш Telegram-канал",
    "Наш телеграм-канал: новости раньше всех",
    "Следите за новостями в Telegram и Instagram",
    "Поделиться",
    "Нашли ошибку? Выделите текст и нажмите Ctrl+Enter",
    "Реклама",
    "При использовании материалов ссылка на источник обязательна.",
    "Источник: ТАСС",
    "Автор: Иван Петров",
    "Теги: политика, визит",
    "Подробнее на сайте агентства",
    "Читать далее",
    "События",
    "О том, как проходят выборы, можете прочитать здесь.",
    "Пишите нам: +7 777 000 00 00",
    "redaktsiya@vestnik.example",
    "https://vestnik.example/news/5",
    "Тел.: 8 (7172) 00-00-00",
    "11:42, 31.10.2025",
    "31 октября 2025",
    "* * *",
    "0",
    "Динара Сагитова",
    "Читайте также: как живут послы",
    "По теме",
]

CAPTIONS = [
    "Фото: gov.example",
    "Видео - пресс-служба министерства",
    "На фото: посол Турции в Ереване",
    "© AP Photo / Иванов",
    "© Photo : Пресс-служба президента",
    "Посол на приеме - Sputnik Армения, 1920, 29.05.2024",
    "Посол Турции, министр Армении, фото - Вестник",
    "*Видео: встреча послов.*",
]

PROSE = [
    "Источник в правительстве рассказал о переговорах.",
    "Комментарии сторон разошлись: Анкара отрицает обстрел.",
    "Фотографии разрушенного моста опубликовал Минобороны Сирии.",
    "Подписание договора отложили до осени.",
    "Новости о перемирии рынок встретил ростом.",
    "Пресс-служба министерства сообщила, что посол вызван для объяснений.",
    "Реклама иностранных банков запрещена новым указом.",
    "Поделиться разведданными согласились оба союзника.",
    "Автор поправки предложил закрыть границу.",
    "Видео обстрела распространило ведомство.",
    "Видео-конференция послов отменена, видео-обращение президента отложено.",
    "При использовании химического оружия союзники ответят.",
    "Мы заблокируем Facebook, заявил министр.",
    "Подписаться под документом отказались три страны.",
    "Канал поставок оружия перекрыт.",
    "Комментарии послов разошлись.",
]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate(line: str) -> None:
    assert list(kinds([LEAD, line, LEAD])) == ["lead", "boilerplate", "body"]


@pytest.mark.parametrize("line", CAPTIONS)
def test_caption(line: str) -> None:
    assert list(kinds([line, LEAD])) == ["caption", "lead"]


@pytest.mark.parametrize("line", PROSE)
def test_prose(line: str) -> None:
    assert list(kinds([LEAD, line])) == ["lead", "body"]


def test_headlines_stand_before_the_lead() -> None:
    texts = ["Политика", "Посол прибыл в Ереван", "Визит продлится два дня", LEAD, "Подробности встречи", LEAD]
    assert list(kinds(texts)) == ["boilerplate", "headline", "headline", "lead", "body", "body"]


def test_a_line_by_itself_is_the_lead() -> None:
    assert list(kinds(["Посол прибыл в Ереван"])) == ["lead"]
    assert list(kinds([])) == []


def test_a_tail_runs_to_the_end() -> None:
    assert list(kinds([LEAD, "Лента новостей", LEAD, "0"])) == ["lead", *["boilerplate"] * 3]


def test_links_run_on_over_lines_without_a_stop() -> None:
    texts = [LEAD, "Читайте также:", "Как живут послы", "Где обедает министр", LEAD]
    assert list(kinds(texts)) == ["lead", "boilerplate", "boilerplate", "boilerplate", "body"]


def test_a_repeated_title() -> None:
    texts = ["События", "Посол прибыл в Ереван", LEAD]
    assert repeats("Посол прибыл в «Ереван»", texts)
    assert repeats("Посол Турции вручил верительные гра", texts)
    assert repeats(" - ", texts)
    assert repeats("Посол прибыл в Ереван с визитом - Вестник", ["Посол прибыл в Ереван с визитом", LEAD])
    assert not repeats("Посол прибыл в Баку", texts)
    assert not repeats("События недели: посол прибыл", texts)


def test_the_table_is_sound() -> None:
    assert {kind for kind, _ in patterns()} == {"boilerplate", "caption", "link", "tail"}
