"""What is taken back is said: stories of single corrections, and the laws that make them a history of the tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models import CodedArticle, Correction, Mention, RelationEvent, Status, Why
from tests.aggregation.memory_scope import Agents, Published, corrections_in
from tests.aggregation.stories import MEETING, PROTEST_NOTE, TREATY, Revision, article, event, histories
from topics.catalogue import CORRECTIONS, EVENTS, MENTIONS
from topics.codec import decode
from workers.aggregation.fold import Tables, fold, last_revisions
from workers.aggregation.identity import outlet_of
from workers.runtime.handler import Message


def by_coder(coder: str, told: CodedArticle) -> CodedArticle:
    return replace(told, coder=coder)


def told_of(agents: Agents, told: CodedArticle) -> list[Correction]:
    """The corrections that a revision gives rise to."""
    return corrections_in(agents.publish(told))


def test_what_is_said_for_the_first_time_corrects_nothing() -> None:
    agents = Agents()
    assert told_of(agents, article("a", event("KAZ", "BLR"), version=1)) == []
    assert told_of(agents, article("b", event("KAZ", "BLR"), version=2)) == [], "another article"
    assert told_of(agents, article("a", event("KAZ", "BLR"), event("KAZ", "RUS"), version=3)) == [], "another dyad"
    added = article("a", event("KAZ", "BLR"), event("KAZ", "RUS"), event("BLR", "KAZ", TREATY), version=4)
    assert told_of(agents, added) == [], "one event more takes none back"


def test_a_revision_that_says_the_same_corrects_nothing() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR"), version=1, outlet="tass"))
    moved = event("KAZ", "BLR", evidence="Yesterday the ministers met.", at=40, confidence=0.5)
    assert told_of(agents, article("a", moved, version=2, outlet="tass")) == []
    assert told_of(agents, by_coder("test/2", article("a", moved, version=3, outlet="tass"))) == []


def test_a_plan_that_was_fulfilled_is_one_correction_with_both_sides() -> None:
    agents = Agents()
    plan, deed = event("KAZ", "BLR", TREATY, status=Status.PLANNED), event("KAZ", "BLR", TREATY)
    agents.publish(article("a", plan, version=3, outlet="tass"))
    agents.publish(article("b", plan, version=4, outlet="belta"))
    (correction,) = told_of(agents, article("a", deed, version=7, outlet="tass"))

    assert (correction.dyad, correction.article, correction.version) == ("BLR-KAZ", "a", 7)
    assert correction.why is Why.REVISION
    before, after = correction.before, correction.after
    assert after is not None
    assert (before.version, before.outlet, before.coder) == (3, "tass", "test/1")
    assert (after.version, after.outlet, after.coder) == (7, "tass", "test/1")
    assert (before.event.id, before.event.status, before.event.date) == (plan.id, Status.PLANNED, "2025-10-31")
    assert (after.event.id, after.event.status) == (deed.id, Status.HAPPENED)
    assert (before.event.mentions, after.event.mentions) == (1, 1), "the other article tells the plan still"


def test_a_withdrawal_takes_back_each_event_of_each_dyad() -> None:
    agents = Agents()
    told = (event("KAZ", "BLR"), event("BLR", "KAZ", PROTEST_NOTE), event("KAZ", "RUS"))
    agents.publish(article("a", *told, version=1))
    corrections = corrections_in(agents.withdraw("a", 2))
    assert sorted(correction.before.event.id for correction in corrections) == sorted(each.id for each in told)
    for correction in corrections:
        assert (correction.why, correction.version, correction.after) == (Why.WITHDRAWAL, 2, None)
        assert (correction.before.event.mentions, correction.before.event.outlets) == (0, 0), "its row is gone"


def test_a_revision_that_says_no_more_of_a_dyad_is_no_withdrawal() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR"), version=1))
    (correction,) = told_of(agents, article("a", event("KAZ", "RUS"), version=2))
    assert (correction.dyad, correction.why, correction.after) == ("BLR-KAZ", Why.REVISION, None)


def test_an_outlet_that_is_corrected_leaves_the_event_as_it_is() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR"), version=1, outlet="tass"))
    (correction,) = told_of(agents, article("a", event("KAZ", "BLR"), version=2, outlet="belta"))
    assert correction.after is not None
    assert correction.before.event == correction.after.event
    assert (correction.before.outlet, correction.after.outlet) == ("tass", "belta")


def test_where_another_coder_read_the_revision_it_says_so() -> None:
    agents = Agents()
    agents.publish(by_coder("test/1", article("a", event("KAZ", "BLR"), event("KAZ", "BLR", TREATY), version=1)))
    (again,) = told_of(agents, by_coder("test/2", article("a", event("KAZ", "BLR"), version=2)))
    (silent,) = told_of(agents, by_coder("test/3", article("a", version=3)))
    assert (again.why, again.before.coder) == (Why.RECODING, "test/1")
    assert (silent.why, silent.before.coder) == (Why.RECODING, "test/2")


def test_the_closest_event_is_the_one_that_was_told_instead() -> None:
    """A status is corrected more often than a date, a date more often than what was done or who did it."""
    treaty = event("KAZ", "BLR", TREATY, status=Status.PLANNED)
    one_thing_else = [
        event("KAZ", "BLR", TREATY),
        event("KAZ", "BLR", TREATY, status=Status.PLANNED, on="2025-11-01"),
        event("KAZ", "BLR", MEETING, status=Status.PLANNED),
        event("BLR", "KAZ", TREATY, status=Status.PLANNED),
    ]
    for closest, instead in enumerate(one_thing_else):
        agents = Agents()
        agents.publish(article("a", treaty, version=1))
        (correction,) = told_of(agents, article("a", *reversed(one_thing_else[closest:]), version=2))
        assert correction.after is not None
        assert correction.after.event.id == instead.id

    agents = Agents()
    agents.publish(article("a", treaty, version=1))
    (correction,) = told_of(agents, article("a", event("BLR", "KAZ", TREATY), version=2))
    assert correction.after is None, "two things else are another event"


def test_two_corrected_events_share_no_successor() -> None:
    agents = Agents()
    agents.publish(article("a", *(event("KAZ", "BLR", on=day) for day in ("2025-10-29", "2025-10-30")), version=1))
    one, other = told_of(agents, article("a", event("KAZ", "BLR", on="2025-10-31"), version=2))
    assert one.after is not None
    assert other.after is None


# The laws.

Telling = tuple[str, str, str]
"""Event, article, outlet."""


def oracle(history: list[Revision]) -> Tables:
    return fold(last_revisions(revision.parts for revision in history).values())


def tellings(tables: Tables) -> set[Telling]:
    return {(mention.event, mention.article, outlet_of(mention.outlet)) for mention in tables.mentions.values()}


class Follower:
    """A reader who hears of an event from `relations.mentions` once, and for the rest believes corrections alone: he
    looks at no tombstone and at no row that is published anew."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], str] = {}
        self.facts: dict[str, RelationEvent] = {}

    def follow(self, sent: Iterable[Published]) -> None:
        for topic, _, value in sent:
            if value is None:
                continue
            if topic == EVENTS.name:
                row = decode(RelationEvent, value)
                self.facts.setdefault(row.id, row)
            elif topic == MENTIONS.name:
                mention = decode(Mention, value)
                self.told.setdefault((mention.event, mention.article), outlet_of(mention.outlet))
            elif topic == CORRECTIONS.name:
                self.correct(decode(Correction, value))

    def correct(self, correction: Correction) -> None:
        self.told.pop((correction.before.event.id, correction.article), None)
        if after := correction.after:
            self.told[after.event.id, correction.article] = outlet_of(after.outlet)

    def days(self) -> dict[str, dict[str, Any]]:
        """What he has of each day, both directions together."""
        outlets: dict[str, list[str]] = {}
        for (id, _), outlet in self.told.items():
            outlets.setdefault(id, []).append(outlet)
        days: dict[str, dict[str, Any]] = {}
        sources: dict[str, set[str]] = {}
        for id, told_by in outlets.items():
            fact = self.facts[id]
            if fact.date is None or len(fact.date) < 10:
                continue
            key = f"{fact.dyad}|{fact.date}"
            day = days.setdefault(key, dict.fromkeys(("events", "mentions", "sources", "tenths", *list(Status)[1:]), 0))
            if fact.status is not Status.HAPPENED:
                day[fact.status] += 1
                continue
            day["events"] += 1
            day["mentions"] += len(told_by)
            day["tenths"] += round(fact.goldstein * 10)
            sources.setdefault(key, set()).update(told_by)
            day["sources"] = len(sources[key])
        return days


def days_of(tables: Tables) -> dict[str, dict[str, Any]]:
    return {
        key.decode(): {
            "events": row.together.events,
            "mentions": row.together.mentions,
            "sources": row.together.sources,
            "tenths": round(row.together.goldstein * 10),
            "planned": row.together.planned,
            "hypothetical": row.together.hypothetical,
            "denied": row.together.denied,
        }
        for key, row in tables.daily.items()
    }


@settings(max_examples=200, deadline=None)
@given(histories())
def test_who_follows_the_corrections_comes_to_the_same_days_as_the_rows(history: list[Revision]) -> None:
    agents, follower = Agents(), Follower()
    for step, revision in enumerate(history, 1):
        follower.follow(agents.aggregate(agents.relate(*revision.parts)))
        right = oracle(history[:step])
        assert {(*key, outlet) for key, outlet in follower.told.items()} == tellings(right)
        assert follower.days() == days_of(right)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_a_message_corrects_what_is_lost_by_it_each_once_and_nothing_else(history: list[Revision]) -> None:
    agents = Agents()
    for step, revision in enumerate(history, 1):
        corrections = corrections_in(agents.aggregate(agents.relate(*revision.parts)))
        was, now = tellings(oracle(history[: step - 1])), tellings(oracle(history[:step]))
        lost = [(each.before.event.id, each.article, outlet_of(each.before.outlet)) for each in corrections]
        assert sorted(lost) == sorted(was - now)
        instead = [(c.after.event.id, c.article, outlet_of(c.after.outlet)) for c in corrections if c.after]
        assert len(set(instead)) == len(instead)
        assert set(instead) <= now - was
        for each in corrections:
            assert (each.article, each.version) == (revision.name, revision.version)
            assert (each.why is Why.WITHDRAWAL) == (revision.article is None)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_the_counters_of_a_correction_are_those_of_the_rows_after_it(history: list[Revision]) -> None:
    agents = Agents()
    for revision in history:
        for contribution in agents.relate(*revision.parts):
            for correction in corrections_in(agents.aggregate([contribution])):
                for told in (correction.before, correction.after):
                    if told is None:
                        continue
                    row = agents.tables.events.get(told.event.id.encode())
                    assert told.event == row if row else (told.event.mentions, told.event.outlets) == (0, 0)


@st.composite
def with_repeats(draw: st.DrawFn, messages: list[Message]) -> list[Message]:
    """The messages in their order, and after each of them some of those that came before, again."""
    delivered: list[Message] = []
    for place, message in enumerate(messages, 1):
        delivered += [message, *draw(st.lists(st.sampled_from(messages[:place]), max_size=2))]
    return delivered


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
def test_the_same_contributions_tell_the_same_corrections_however_often_they_come(
    history: list[Revision], data: Any
) -> None:
    once, again = Agents(), Agents()
    contributions = [message for revision in history for message in once.relate(*revision.parts)]
    told = [sent for sent in once.aggregate(contributions) if sent.topic == CORRECTIONS.name]
    repeated = again.aggregate(data.draw(with_repeats(contributions)))
    assert [sent for sent in repeated if sent.topic == CORRECTIONS.name] == told


@settings(max_examples=200, deadline=None)
@given(histories())
def test_publishing_everything_once_more_corrects_nothing(history: list[Revision]) -> None:
    agents = Agents()
    for revision in history:
        agents.aggregate(agents.relate(*revision.parts))
    for told in last_revisions(revision.parts for revision in history).values():
        assert told_of(agents, replace(told, version=told.version + 1_000)) == []
