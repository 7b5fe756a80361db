"""Lemmas, names and prepositions, as the reader gives them."""

from __future__ import annotations

import datetime as dt

import pytest

from models import RawArticle
from workers.enrichment.document import Sentence, Token
from workers.enrichment.russian.morphology import Morphology, shouted
from workers.enrichment.russian.prepositions import prepositions
from workers.enrichment.russian.reader import Reader


def sentence(reader: Reader, text: str) -> Sentence:
    (found,) = reader.read(RawArticle(id="a", text=text), dt.date(2024, 5, 29)).sentences
    return found


def word(reader: Reader, text: str, form: str) -> Token:
    return next(token for token in sentence(reader, text) if token.text == form)


@pytest.mark.parametrize(
    ("text", "form", "lemma", "pos"),
    [
        ("Ещё посол встретился со всеми.", "Ещё", "еще", "ADV"),
        ("Посол встретился со всеми.", "со", "с", "ADP"),
        ("Посол рассказал обо всём.", "обо", "о", "ADP"),
        ("Договор, подписанный послом, вступил в силу.", "подписанный", "подписать", "VERB"),
        ("Переговоры сорваны.", "Переговоры", "переговоры", "NOUN"),
        ("Министр обороны РК прибыл в Минск.", "РК", "рк", "PROPN"),
    ],
)
def test_lemma(reader: Reader, text: str, form: str, lemma: str, pos: str) -> None:
    found = word(reader, text, form)
    assert (found.lemma, found.pos) == (lemma, pos)


@pytest.mark.parametrize(
    ("text", "form", "lemma", "case"),
    [
        ("Министр обороны Виктор Хренин подписал план.", "Хренин", "хренин", "Nom"),
        ("Посол встретил министра Виктора Хренина.", "Хренина", "хренин", "Acc"),
        ("Переговоры прошли с министром Виктором Хрениным.", "Хрениным", "хренин", "Ins"),
        ("Об этом сообщила министр Мария Пескова.", "Пескова", "пескова", "Nom"),
        ("Президент Касым-Жомарт Токаев прибыл в Минск.", "Токаев", "токаев", "Nom"),
        ("Президент позвонил Касым-Жомарту Токаеву.", "Токаеву", "токаев", "Dat"),
        ("Министр Ван И прибыл в Минск.", "И", "и", ""),
        ("Посол Д. Хренин прибыл в Минск.", "Д", "д", ""),
    ],
)
def test_surnames_that_look_like_words(reader: Reader, text: str, form: str, lemma: str, case: str) -> None:
    found = word(reader, text, form)
    assert (found.lemma, found.pos, found.case) == (lemma, "PROPN", case)


@pytest.mark.parametrize(
    ("text", "form", "preposition"),
    [
        ("В ходе визита министры подписали план.", "визита", "в ходе"),
        ("В ходе рабочего визита министры подписали план.", "визита", "в ходе"),
        ("По итогам переговоров стороны подписали договор.", "переговоров", "по итогам"),
        ("Обвинения прозвучали со стороны Киева.", "Киева", "со стороны"),
        ("Делегация во главе с министром прибыла в Минск.", "министром", "во главе с"),
        ("Санкции в отношении Ирана продлены.", "Ирана", "в отношении"),
        ("По отношению к Ирану введены санкции.", "Ирану", "по отношению к"),
        ("Посол прибыл во время грозы.", "грозы", "во время"),
        ("Переговоры прошли с Россией и Беларусью.", "Беларусью", "с"),
        ("По словам министра, план готов.", "словам", "по"),
    ],
)
def test_preposition(reader: Reader, text: str, form: str, preposition: str) -> None:
    read = sentence(reader, text)
    index = next(token.index for token in read if token.text == form)
    assert read.preposition(index) == preposition


def test_the_noun_of_a_compound_preposition_is_no_adjunct(reader: Reader) -> None:
    read = sentence(reader, "По итогам переговоров стороны подписали договор.")
    signed = next(token.index for token in read if token.lemma == "подписать")
    assert [read[child].text for child in read.children(signed)] == ["переговоров", "стороны", "договор", "."]


def test_the_table_of_prepositions() -> None:
    assert (("во", "главе", "с"), "Ins") in prepositions()["во"]


def test_capitals_are_read_as_words(reader: Reader) -> None:
    read = sentence(reader, "МИНИСТР ОБОРОНЫ РФ СЕРГЕЙ ЛАВРОВ ПРИБЫЛ В МИНСК ИЗ США.")
    assert read.text == "МИНИСТР ОБОРОНЫ РФ СЕРГЕЙ ЛАВРОВ ПРИБЫЛ В МИНСК ИЗ США."
    assert [t.text for t in read if t.ner.endswith("-PER")] == ["СЕРГЕЙ", "ЛАВРОВ"]
    assert Morphology().truecased(["ПОСОЛ", "США", "ПРИБЫЛ", "В", "МИНСК"]) == ["Посол", "США", "прибыл", "в", "Минск"]


def test_what_is_shouted() -> None:
    assert shouted("МИНИСТР ПРИБЫЛ В МИНСК")
    assert not shouted("МИД РФ")
    assert not shouted("Министр ОБОРОНЫ прибыл в Минск")


def test_words_of_any_length() -> None:
    morphology = Morphology()
    words = morphology(["а" * 100_000, "посол", "\x00", ""])
    assert [w.pos for w in words] == ["X", "NOUN", "X", "X"]
    assert not morphology.known("а" * 100_000)
    assert morphology.analyze("а" * 100_000) == []
