"""The coder as a whole: what it returns for an article, the same each time, and that nothing breaks it."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import CodedArticle, EventType, Precision, Quad, RawArticle, Status, Version, encode_hook, event_id
from models.ontology import ontology
from workers.aggregation.identity import dyad_of
from workers.enrichment.coder import Coder, merged
from workers.enrichment.explain import explain
from workers.enrichment.version import CODER

DAY = dt.date(2025, 10, 31)
STORY = """Парагвай и Боливия подписали договор о границе

АСУНСЬОН, 30 октября. Глава МИД Парагвая Рубен Рамирес и глава МИД Боливии Хуан Перес подписали договор.
«Мы поблагодарили Бразилию за посредничество», — сказал Рамирес.
Напомним, в 2010 году Боливия обвинила Парагвай в нарушении границы.
В декабре президент Боливии посетит Парагвай."""


def code(coder: Coder, text: str, **fields: object) -> CodedArticle:
    return coder.code(RawArticle(id="x", text=text, **fields), version=Version(3), received=DAY)  # type: ignore[arg-type]


def wire(coded: CodedArticle) -> bytes:
    return msgspec.json.encode(coded, enc_hook=encode_hook)


def test_a_story(coder: Coder) -> None:
    coded = code(coder, STORY, title=STORY.splitlines()[0])
    told = {(e.source.code, e.target.code, e.type, e.status) for e in coded.events}
    assert {
        ("PRY", "BOL", EventType.SUPPORT, Status.HAPPENED),
        ("PRY", "BRA", EventType.SUPPORT, Status.HAPPENED),
        ("BOL", "PRY", EventType.ACCUSE, Status.HAPPENED),
        ("BOL", "PRY", EventType.CONSULT, Status.PLANNED),
    } == told
    assert (coded.coder, coded.version, coded.language) == (CODER, 3, "ru")


def test_every_event_is_whole(coder: Coder) -> None:
    for event in code(coder, STORY).events:
        assert STORY[event.evidence.start : event.evidence.end] == event.evidence.text
        assert STORY[event.trigger.start : event.trigger.end] == event.trigger.text
        assert event.evidence.start <= event.trigger.start < event.trigger.end <= event.evidence.end
        assert event.quad == ontology().quads[event.type]
        assert event.goldstein == ontology().cameo[event.cameo].goldstein
        assert event.intensity == ontology().intensity(event.type)
        assert event.id == event_id(
            date=event.date, source=event.source.code, target=event.target.code, reciprocal=event.reciprocal,
            type=event.type, cameo=event.cameo, status=event.status,
        )  # fmt: skip


def test_actors_carry_person_office_and_sector(coder: Coder) -> None:
    [event] = code(coder, "Министр обороны Казахстана Руслан Жаксылыков посетил Минск.").events
    assert (event.source.name, event.source.sector, event.quad) == ("Руслан Жаксылыков", "MIL", Quad.VERBAL_COOPERATION)
    assert event.source.office == "министр обороны Казахстана"


def test_history_is_dated_by_its_year_and_never_today(coder: Coder) -> None:
    accused = next(e for e in code(coder, STORY).events if e.type is EventType.ACCUSE)
    assert (accused.date, accused.date_precision) == ("2010", Precision.YEAR)
    [event] = code(coder, "Ранее Боливия обвинила Парагвай в нарушении границы.").events
    assert (event.date, event.date_precision) == (None, Precision.NONE)


def test_the_date_of_another_clause_is_not_the_act_s(coder: Coder) -> None:
    (left, closed) = code(coder, "Кения, чьи солдаты покинули Сомали в мае, закрыла посольство Уганды.").events
    assert (left.type, left.date, closed.type, closed.date) == ("RETREAT", "2025-05", "SANCTION", "2025-10-31")
    (event,) = code(coder, "Греция отменила пошлины для Грузии, введённые в 2019 году.").events
    assert (event.type, event.date) == ("RETREAT", "2025-10-31")
    (event,) = code(coder, "В мае Греция, чьи порты пустовали, отменила пошлины для Грузии.").events
    assert (event.type, event.date) == ("RETREAT", "2025-05")


def test_without_a_date_in_the_text_it_is_the_day_of_publication_else_of_the_message(coder: Coder) -> None:
    text = "Боливия обвинила Парагвай в нарушении границы."
    published = dt.datetime(2024, 3, 5, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-4)))
    [event] = code(coder, text, published_at=published).events
    assert (event.date, event.date_precision) == ("2024-03-05", Precision.REPORTED)
    [event] = code(coder, text).events
    assert (event.date, event.date_precision) == ("2025-10-31", Precision.REPORTED)


def test_the_headline_and_the_lead_tell_one_event(coder: Coder) -> None:
    text = "Чехия выслала российских дипломатов\n\nВласти Чехии выслали российских дипломатов, сообщил МИД."
    assert [e.type for e in code(coder, text, title=text.splitlines()[0]).events] == [EventType.SANCTION]


def test_an_organization_that_is_no_union_is_an_actor_of_its_own(coder: Coder) -> None:
    coded = code(coder, "Россия осудила действия НАТО.")
    assert coded.events == ()
    [event] = coded.organization_events
    assert (event.source.country, event.target.country, event.target.organization) == ("RUS", None, "NATO")
    assert dyad_of(event) is None
    assert {"RUS", "NATO"} <= {e.country for e in coded.entities}


@pytest.mark.parametrize(
    "text",
    [
        "The president of France visited Egypt on Monday and met his counterpart for talks on trade.",
        "Қазақстан мен Өзбекстан президенттері келіссөз жүргізді, деп хабарлады баспасөз қызметі.",
    ],
)
def test_other_languages_are_passed_on_empty(coder: Coder, text: str) -> None:
    coded = code(coder, text)
    assert (coded.entities, coded.events, coded.depth) == ((), (), ("language",))


def test_merging_prefers_the_surer_and_the_finer(coder: Coder) -> None:
    events = code(coder, STORY).events
    assert merged([*events, *reversed(events)]) == events


def test_the_same_article_gives_the_same_bytes(reader: object, coder: Coder) -> None:
    first = wire(code(coder, STORY))
    code(coder, "Франция осудила действия Египта. Стороны обсудили границу.")
    assert wire(code(coder, STORY)) == first
    assert wire(code(Coder(), STORY)) == first


NASTY = [
    " ", "\n\n\n", ".", "«»", "—" * 500, "А" * 5000, "и " * 2000, "МИД " * 300, "Россия, " * 200,
    "<p>Франция <b>осудила</b> действия&nbsp;Египта</p>", "ФРАНЦИЯ ОСУДИЛА ДЕЙСТВИЯ ЕГИПТА",
    "\u200bФранция\ufeff осудила",
    "Россия и и и и, , и Китай подписали подписали подписали договор договор с с с", "министр министр министр министра",
    "«Мы», — сказал. «Они», — сказал он. Оба. Обе стороны. Их.", "\x00\x01\x02 Франция", "🇫🇷 осудила 🇪🇬",
    "президент " * 50 + "Путин", "который которого которому Франция которую Египет осудил",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_do_no_harm(coder: Coder, text: str) -> None:
    explain(coder.code_with_trace(RawArticle(id="x", text=text), version=Version(0), received=DAY))


VOCABULARY = """
Россия Китай Франции Египту министр президента Путин осудил осудили подписали договор визит в с и , . « »
— который не если бы стороны обе страны МИД встреча войска из по заявил что переговоры удар санкции против их он"""
WORDS = st.sampled_from(VOCABULARY.split())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(min_size=1, max_size=200), st.lists(WORDS, min_size=1, max_size=60).map(" ".join)))
def test_no_text_breaks_it_and_all_spans_hold(coder: Coder, text: str) -> None:
    coded = code(coder, text)
    assert all(e.text == text[e.start : e.end] for e in coded.entities)
    for event in coded.events:
        assert text[event.trigger.start : event.trigger.end] == event.trigger.text
        assert event.source.code != event.target.code
