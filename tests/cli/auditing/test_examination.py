"""The examination in bounded memory finds what a comparison with everything in memory finds, at every cut."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from models import CodedArticle, DailyRelation, Day, Mention, RelationEvent, Version
from tests.aggregation.memory_scope import Agents, coded_message
from tests.aggregation.stories import PROTEST_NOTE, Revision, article, event, histories
from topics.catalogue import CODED, DAILY, EVENTS, MENTIONS, RAW, Topic
from topics.codec import Undecodable, decode, encode
from topics.message import Message
from topics.partition import home_partition
from workers.aggregation.audit import Difference, compare, compare_articles
from workers.aggregation.audit import Revision as LastRevision
from workers.aggregation.fold import Tables, fold, last_revisions
from workers.cli.auditing.days import Days
from workers.cli.auditing.examination import Examination
from workers.cli.auditing.layout import DOUBTS, Kind, name_of, unit, unit_of, units
from workers.cli.auditing.spill import Spill
from workers.cli.auditing.units import Unreadable

PARTITIONS = 4
SHARED_MEMORY = Path("/dev/shm")
TABLES = {topic.name: topic for topic in (DAILY, EVENTS, MENTIONS)}
Sent = tuple[Topic, Message]


@contextmanager
def quick_spill() -> Iterator[Spill]:
    """A spill in a directory of its own; where there is one, on a file system that has no disk to wait for."""
    parent = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=parent) as directory, Spill(Path(directory)) as spill:
        yield spill


def message(topic: Topic, key: bytes, value: bytes | None, offset: int = 0, partition: int = 0) -> Sent:
    return topic, Message(
        topic=topic.name, partition=partition, offset=offset, timestamp=0, key=key, value=value, headers={}
    )


def published(history: Iterable[Revision]) -> list[Sent]:
    """Everything that is published while a history is handled, in its order."""
    agents, sent = Agents(), []
    for step in history:
        home = home_partition(step.name, PARTITIONS)
        value = None if step.article is None else b"{}"
        sent.append(message(RAW, step.name.encode(), value, step.version, home))
        sent.append((CODED, coded_message(*step.parts)))
        for row in agents.aggregate(agents.relate(*step.parts)):
            if row.topic not in TABLES:  # a correction, which no audit reads
                continue
            assert row.key is not None
            sent.append(message(TABLES[row.topic], row.key, row.value))
    return sent


def examined(spill: Spill, sent: Sequence[Sent], cuts: Sequence[int], days: Days | None = None) -> Examination:
    """An examination with a cut after so many messages each, and one at the end."""

    async def examine() -> Examination:
        examination = Examination(spill, PARTITIONS, days or Days())
        for start, end in zip((0, *cuts), (*cuts, len(sent)), strict=True):
            for topic, each in sent[start:end]:
                examination.take(topic, each)
            await examination.end_cut()
        return examination

    return asyncio.run(examine())


def differences(examination: Examination) -> list[Difference]:
    return [difference for row in examination.differing() for difference in row.fields]


ORPHANS = fold([article("z", event("KAZ", "RUS", PROTEST_NOTE, on="2025-11-01"), version=1)])


@st.composite
def faults(draw: st.DrawFn, right: Tables) -> list[Sent]:
    """Wrong rows written over right ones: missing, too many, of another article or day, no record at all."""
    sent = []
    for topic, rows, orphans in (
        (DAILY, right.daily, ORPHANS.daily),
        (EVENTS, right.events, ORPHANS.events),
        (MENTIONS, right.mentions, ORPHANS.mentions),
    ):
        known = [*sorted(rows), *orphans, b"a|b|c\0\1", b"\0", b"\xff|2025-10-30"]
        values = [None, b"no json", *(encode(row) for row in [*rows.values(), *orphans.values()])]
        some = draw(st.lists(st.tuples(st.sampled_from(known), st.sampled_from(values)), max_size=2))
        sent += [message(topic, key, value) for key, value in some]
    return sent


def all_in_memory(sent: Iterable[Sent]) -> list[Difference]:
    """The differences, computed from everything at once."""
    raw: dict[str, LastRevision] = {}
    coded: dict[str, LastRevision] = {}
    revisions = []
    live: dict[Topic, dict[bytes, Message]] = {DAILY: {}, EVENTS: {}, MENTIONS: {}}
    for topic, each in sent:
        assert each.key is not None
        name = each.key.decode("utf-8", "replace")
        if topic is RAW:
            raw[name] = LastRevision(version=Version(each.offset), withdrawn=each.value is None)
        elif topic is CODED:
            version = Version.parse(each.headers["version"])
            coded[name] = LastRevision(version=version, withdrawn=each.value is None)
            revisions.append((name, version, None if each.value is None else decode(CodedArticle, each.value)))
        else:
            live[topic][each.key] = each

    def records(topic: Topic, kind: type[Struct]) -> dict[bytes, Struct]:
        rows: dict[bytes, Struct] = {}
        for key, each in live[topic].items():
            if each.value is not None:
                try:
                    rows[key] = decode(kind, each.value)
                except Undecodable as error:
                    rows[key] = Unreadable(str(error))
        return rows

    tables = fold(last_revisions(revisions).values())
    return [
        *compare_articles(raw, coded, {}),
        *compare(DAILY, tables.daily, records(DAILY, DailyRelation)),
        *compare(EVENTS, tables.events, records(EVENTS, RelationEvent)),
        *compare(MENTIONS, tables.mentions, records(MENTIONS, Mention)),
    ]


@settings(max_examples=60, deadline=None)
@given(st.data(), histories())
def test_the_same_is_found_as_in_memory_and_whatever_the_cuts(data: st.DataObject, history: list[Revision]) -> None:
    right = fold(last_revisions(step.parts for step in history).values())
    sent = published(history)
    lost = data.draw(st.sets(st.integers(0, max(len(sent) - 1, 0)), max_size=3))
    behind = data.draw(st.integers(0, min(len(sent), 8)))
    kept = [each for place, each in enumerate(sent[: len(sent) - behind]) if place not in lost]
    kept += data.draw(faults(right))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(kept)), max_size=4)))
    with quick_spill() as once, quick_spill() as parts:
        at_once, by_and_by = examined(once, kept, ()), examined(parts, kept, cuts)
        found = differences(at_once)
        assert {repr(each) for each in found} == {repr(each) for each in all_in_memory(kept)}
        assert len(found) == at_once.doubts.differences
        assert [key for key, _ in once.items(DOUBTS)] == [key for key, _ in parts.items(DOUBTS)]
        assert by_and_by.compared == at_once.compared


@settings(max_examples=20, deadline=None)
@given(st.data(), histories())
def test_right_tables_have_no_differences(data: st.DataObject, history: list[Revision]) -> None:
    sent = published(history)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    days = data.draw(st.sampled_from((Days(), Days(Day("2025-10-31")), Days(last=Day("2025-10-30")))))
    with quick_spill() as spill:
        assert differences(examined(spill, sent, cuts, days)) == []


def test_a_row_says_what_it_is_what_it_should_be_and_who_tells_it(tmp_path: Path) -> None:
    told = [article(name, event("KAZ", "BLR"), version=n, outlet=name) for n, name in enumerate(("a", "b"))]
    sent = published(Revision(each.id, int(each.version), each) for each in told)
    ((key, right),) = fold(told).daily.items()
    wrong = replace(right, together=replace(right.together, events=7))
    with Spill(tmp_path) as spill:
        (row,) = examined(spill, [*sent, message(DAILY, key, encode(wrong))], ()).differing()
    assert (row.topic, row.key) == (DAILY.name, key.decode())
    assert (row.expected, row.actual) == (right, wrong)
    assert [(teller.article, teller.version) for teller in row.told_by] == [("a", 0), ("b", 1)]
    assert [str(field) for field in row.fields] == [
        "relations.daily BLR-KAZ|2025-10-31 together.events: expected 1, found 7"
    ]


def test_only_the_days_asked_for_are_compared(tmp_path: Path) -> None:
    days = ("2025-10-30", "2025-10-31", "2025-11-01", "2025-11", None)
    told = [article(f"on {on}", event("KAZ", "BLR", on=on), version=n) for n, on in enumerate(days)]
    tables = fold(told)
    wrong = [
        *(message(DAILY, key, None) for key in tables.daily),
        *(message(EVENTS, key, None) for key in tables.events),
        *(message(MENTIONS, key, None) for key in tables.mentions),
    ]
    sent = [*published(Revision(each.id, int(each.version), each) for each in told), *wrong]
    asked = Days(Day("2025-10-31"), Day("2025-11-01"))
    with Spill(tmp_path) as spill:
        found = [(row.topic, row.key.partition("|")[2]) for row in examined(spill, sent, (), asked).differing()]
    assert sorted(found) == [
        (DAILY.name, "2025-10-31"),
        (DAILY.name, "2025-11-01"),
        (EVENTS.name, ""),
        (EVENTS.name, ""),
        (MENTIONS.name, "on 2025-10-31"),
        (MENTIONS.name, "on 2025-11-01"),
    ]


def test_no_unit_is_taken_for_another_whatever_its_name() -> None:
    names = [b"", b"a", b"a\0", b"a\0\1", b"a\0\xff", b"\0\1", b"a\0\1b"]
    keys = sorted(unit(Kind.EVENT, name) + b"t" + rest for name in names for rest in (b"", b"\0\1"))
    walked = [(name_of(each), len(list(items))) for each, items in units((key, b"") for key in keys)]
    assert sorted(walked) == sorted((name, 2) for name in names)
    assert all(unit_of(key) == unit(Kind.EVENT, name_of(unit_of(key))) for key in keys)
