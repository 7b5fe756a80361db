"""The comparison of what belongs together: what a unit's rows should be, by the offline fold, against what they are.

A unit is looked at as a whole, from what is spilled of it and nothing else, so a comparison needs the memory of the
largest unit: the tellings of one dyad on one day, or those of one event with its live mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TypeVar

from msgspec import Struct

from models import DailyRelation, Day, InvalidValue, Mention, RelationEvent, Version
from topics.catalogue import CODED, DAILY, EVENTS, MENTIONS, RAW, Topic
from topics.codec import Undecodable, decode
from workers.aggregation import fold, keys
from workers.aggregation.audit import (
    Difference,
    DifferingRow,
    Revision,
    Teller,
    by_row,
    compare,
    compare_articles,
)
from workers.aggregation.fold import Telling
from workers.cli.auditing.days import Days
from workers.cli.auditing.layout import (
    ORIGINS,
    Item,
    Kind,
    Part,
    article_unit,
    load_coded,
    load_raw,
    load_stray,
    load_telling,
    name_of,
)
from workers.cli.auditing.spill import Spill

R = TypeVar("R", bound=Struct)


class Counts(Struct, frozen=True, array_like=True):
    """How much was compared: articles in force, and the live rows of the three tables."""

    articles: int = 0
    events: int = 0
    mentions: int = 0
    days: int = 0

    def plus(self, other: Counts, times: int = 1) -> Counts:
        """The sum; with `times` -1 the difference."""
        return Counts(
            self.articles + times * other.articles,
            self.events + times * other.events,
            self.mentions + times * other.mentions,
            self.days + times * other.days,
        )


class Checked(Struct, frozen=True):
    """What a comparison found: how much there was, and the rows that are not as they should be."""

    counts: Counts = Counts()
    rows: tuple[DifferingRow, ...] = ()


class Unreadable(Struct, frozen=True):
    """Stands for a published row that is no record of its topic."""

    unreadable: str


class Comparison:
    """Compares units. `days` are those whose rows count; with a limit to them, articles are not followed."""

    def __init__(self, spill: Spill, days: Days) -> None:
        self._spill = spill
        self._days = days

    def check(self, unit: bytes, items: Iterable[Item]) -> Checked:
        """Compare one unit, given its items."""
        name = name_of(unit)
        match Kind(unit[:1]):
            case Kind.MESSAGE:
                return self._message(items)
            case Kind.ARTICLE:
                return self._article(name.decode("utf-8", "replace"), items)
            case Kind.DAY:
                return self._day(name, items)
            case Kind.EVENT:
                return self._event(items)

    def check_now(self, unit: bytes) -> Checked:
        """Compare one unit as it is spilled now."""
        return self.check(unit, ((key[len(unit) :], value) for key, value in self._spill.items(unit)))

    def _message(self, items: Iterable[Item]) -> Checked:
        """A message away from home must be dead, or its article must have come home."""
        found = [load_stray(value) for _, value in items]
        differences = [
            Difference(
                topic=RAW.name,
                key=f"message {stray.place}",
                field="",
                expected="a revision at home or a dead letter",
                actual=None,
            )
            for stray in found
            if self._spill.get(ORIGINS + f"{RAW.name}:{stray.place}".encode()) is None
            and (stray.article is None or self._spill.get(article_unit(stray.article) + Part.RAW) is None)
        ]
        return Checked(rows=tuple(by_row(differences, {}, {})))

    def _article(self, article: str, items: Iterable[Item]) -> Checked:
        raw: dict[str, Revision] = {}
        coded: dict[str, Revision] = {}
        dead: list[int] = []
        in_force = 0
        broken: list[Difference] = []
        for part, value in items:
            if part == Part.RAW:
                last = load_raw(value)
                raw[article] = Revision(version=Version(last.version), withdrawn=last.withdrawn)
            elif part == Part.CODED:
                now = load_coded(value)
                if now.version is not None:
                    coded[article] = Revision(version=Version.parse(now.version), withdrawn=now.withdrawn)
                if now.broken is not None:
                    wrong, sound = now.broken, "a sound article"
                    broken.append(
                        Difference(topic=CODED.name, key=article, field="record", expected=sound, actual=wrong)
                    )
                in_force += not now.withdrawn and now.broken is None
            else:
                dead.append(int(part[1:]))
        followed = compare_articles(raw, coded, {article: dead}) if self._days.all else []
        return Checked(Counts(articles=in_force), tuple(by_row([*followed, *broken], raw, coded)))

    def _day(self, name: bytes, items: Iterable[Item]) -> Checked:
        if not self._covers(_day_of_key(name)):
            return Checked()
        told: dict[str, list[Telling]] = {}
        actual: dict[bytes, Struct] = {}
        for part, value in items:
            if part.startswith(Part.TELLING):
                telling = load_telling(value)
                told.setdefault(telling.event.id, []).append(telling)
            else:
                actual[name] = _record(DailyRelation, value)
        expected: dict[bytes, Struct] = {}
        if told:
            first = next(iter(told.values()))[0]
            day = first.event.day
            assert day is not None, "only such tellings are spilled by day"
            expected[name] = fold.daily_row(first.dyad, day, list(told.values()))
        tellings = [telling for same in told.values() for telling in same]
        return Checked(Counts(days=len(actual)), _rows(DAILY, expected, actual, dict.fromkeys([name], tellings)))

    def _event(self, items: Iterable[Item]) -> Checked:
        told: list[Telling] = []
        events: dict[bytes, Struct] = {}
        mentions: dict[bytes, Struct] = {}
        for part, value in items:
            if part.startswith(Part.TELLING):
                told.append(load_telling(value))
            elif part.startswith(Part.ROW):
                events[part[1:]] = _record(RelationEvent, value)
            elif part.startswith(Part.MENTION):
                mentions[part[1:]] = _record(Mention, value)
            else:
                return Checked()
        if not told and not self._counts(events.values()):
            return Checked()
        by_event = {
            keys.event(event): list(same) for event, same in groupby(told, key=lambda telling: telling.event.id)
        }
        by_mention = {keys.mention(telling.event.id, telling.article.id): [telling] for telling in told}
        return Checked(
            Counts(events=len(events), mentions=len(mentions)),
            (
                *_rows(EVENTS, {key: fold.event_row(same) for key, same in by_event.items()}, events, by_event),
                *_rows(
                    MENTIONS, {key: fold.mention_row(same[0]) for key, same in by_mention.items()}, mentions, by_mention
                ),
            ),
        )

    def _counts(self, rows: Iterable[Struct]) -> bool:
        """Whether an event that no article tells counts: by its live row's day, and always if that is unknown."""
        dates = [row.date for row in rows if isinstance(row, RelationEvent)]
        return not dates or any(self._days.have(_day(date)) for date in dates)

    def _covers(self, day: Day | None) -> bool:
        """Whether a live row under a key that says this day counts: one whose key says none is wrong on any day."""
        return day is None or self._days.have(day)


def _rows(
    topic: Topic,
    expected: Mapping[bytes, Struct],
    actual: Mapping[bytes, Struct],
    told: Mapping[bytes, Iterable[Telling]],
) -> tuple[DifferingRow, ...]:
    found = compare(topic, expected, actual)
    if not found:
        return ()
    names = {key.decode("utf-8", "replace"): key for key in {*expected, *actual}}
    return tuple(
        by_row(
            found,
            {name: expected[key] for name, key in names.items() if key in expected},
            {name: actual[key] for name, key in names.items() if key in actual},
            lambda name: {Teller(t.article.id, t.article.version) for t in told.get(names[name], ())},
        )
    )


def _record(kind: type[R], value: bytes) -> Struct:
    try:
        return decode(kind, value)
    except Undecodable as error:
        return Unreadable(str(error))


def _day_of_key(key: bytes) -> Day | None:
    return _day(key.decode("utf-8", "replace").partition("|")[2])


def _day(date: str | None) -> Day | None:
    try:
        return Day.parse(date or "")
    except InvalidValue:
        return None
