"""The audit's comparison: what should be in the topics against what is there. Pure; its inputs are plain mappings.

`compare` takes the rows of one topic; `compare_articles` follows every raw article to its coded revision. Both take as
many rows as one likes: all, or the few that belong together. `by_row` gathers what they find.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import asdict

from models import Version
from topics.catalogue import CODED, Topic


class Difference(Struct, frozen=True, kw_only=True):
    """One place where a topic is not as it should be. `field` is a path such as `together.mentions`.

    Where a whole row is missing or should not be there, `field` is empty and the side that lacks it is None.
    """

    topic: str
    key: str
    field: str
    expected: object
    actual: object

    def __str__(self) -> str:
        where = f"{self.topic} {self.key}"
        if self.field:
            return f"{where} {self.field}: expected {_shown(self.expected)}, found {_shown(self.actual)}"
        if self.actual is None:
            return f"{where}: missing, expected {_shown(self.expected)}"
        return f"{where}: expected nothing, found {_shown(self.actual)}"


class Teller(Struct, frozen=True, order=True):
    """An article in force that a row is made of."""

    article: str
    version: Version


class DifferingRow(Struct, frozen=True, kw_only=True):
    """One row that is not as it should be: in which fields, what it should be, what it is, and what it is made of.

    `expected` and `actual` are whole records, None where there is no row. `told_by` are the articles in force whose
    tellings make the row, by id; none where no article does, and none for an article's own revision.
    """

    topic: str
    key: str
    fields: tuple[Difference, ...]
    expected: Struct | None = None
    actual: Struct | None = None
    told_by: tuple[Teller, ...] = ()


class Revision(Struct, frozen=True, kw_only=True):
    """The last that a topic says of an article: its version, and whether it is withdrawn."""

    version: Version
    withdrawn: bool = False

    def __str__(self) -> str:
        return f"version {self.version}{', withdrawn' if self.withdrawn else ''}"


def compare(topic: Topic, expected: Mapping[bytes, Struct], actual: Mapping[bytes, Struct]) -> list[Difference]:
    """Every difference between the rows a topic should hold and those it holds, in the order of keys and fields."""
    found: list[Difference] = []
    for key in sorted({*expected, *actual}):
        wanted, there = expected.get(key), actual.get(key)
        if wanted == there:
            continue
        name = key.decode("utf-8", "replace")
        if wanted is None or there is None:
            found.append(Difference(topic=topic.name, key=name, field="", expected=wanted, actual=there))
            continue
        left, right = _fields(wanted), _fields(there)
        found += [
            Difference(topic=topic.name, key=name, field=field, expected=left.get(field), actual=right.get(field))
            for field in sorted({*left, *right})
            if left.get(field) != right.get(field)
        ]
    return found


def compare_articles(
    raw: Mapping[str, Revision], coded: Mapping[str, Revision], dead: Mapping[str, Collection[int]]
) -> list[Difference]:
    """Every article whose last raw revision is neither coded nor dead, in the order of ids.

    `raw` and `coded` hold the last of each article in `articles.raw` and `articles.coded`, tombstones included as
    withdrawn; `dead` the versions of each that are in `articles.dead`. A raw message below the coded version is stale
    and no difference. A withdrawal must be coded as one, unless nothing of the article ever was. A coded article
    without a raw one must be a withdrawal, whose raw tombstone compaction has removed.
    """
    found: list[Difference] = []
    for article in sorted({*raw, *coded}):
        wanted, there = raw.get(article), coded.get(article)
        if not _is_settled(wanted, there, dead.get(article, ())):
            field = "revision" if wanted and there else ""
            found.append(Difference(topic=CODED.name, key=article, field=field, expected=wanted, actual=there))
    return found


def by_row(
    found: Iterable[Difference],
    expected: Mapping[str, Struct],
    actual: Mapping[str, Struct],
    tellers: Callable[[str], Iterable[Teller]] = lambda _: (),
) -> list[DifferingRow]:
    """The differences of one topic gathered by row, in their order. The mappings are by key, as `Difference` has it."""
    rows: dict[str, list[Difference]] = {}
    for difference in found:
        rows.setdefault(difference.key, []).append(difference)
    return [
        DifferingRow(
            topic=fields[0].topic,
            key=key,
            fields=tuple(fields),
            expected=expected.get(key),
            actual=actual.get(key),
            told_by=tuple(sorted(tellers(key))),
        )
        for key, fields in rows.items()
    ]


def _is_settled(raw: Revision | None, coded: Revision | None, dead: Collection[int]) -> bool:
    if raw is None:
        return coded is None or coded.withdrawn
    if coded is None:
        return raw.withdrawn or raw.version in dead
    if coded.version == raw.version:
        return coded.withdrawn == raw.withdrawn
    return coded.version > raw.version or (not raw.withdrawn and raw.version in dead)


def _fields(record: Struct) -> dict[str, object]:
    """The leaves of a record by their paths; a tuple is one leaf."""
    return dict(_leaves("", record))


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Struct):
        value = asdict(value)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    else:
        yield path, value


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
