"""aggregate: from contributions to the tables of relations.

1. A contribution is all that one revision of one article says of one dyad. Per dyad and article the last version is
   kept; a version at or below it is stale or a duplicate and has no effect.
2. Mentions that are no longer there leave their event, new ones join it; what stays is not touched.
3. Each row that came out different is published once, whole; null where nothing is left of it. Mentions carry the
   version whose text their offsets are of, so a revision publishes the mentions of its article anew.
4. What left an event is told as a correction. A first contribution, and one that only adds, corrects nothing.
5. The contribution's row then holds the new version and its events.
"""

from __future__ import annotations

from models import Contribution, Event, InvalidValue, Mention
from topics.catalogue import CORRECTIONS, MENTIONS
from topics.codec import Undecodable, decode, encode
from topics.headers import ORIGIN
from topics.place import Place
from workers.aggregation import keys
from workers.aggregation.corrections import corrections
from workers.aggregation.identity import check_events, dyad_of, outlet_of
from workers.aggregation.ledger import Ledger
from workers.aggregation.rows import ContributionRow, read_row
from workers.runtime.handler import Message, Reject, Scope
from workers.runtime.metrics import CORRECTIONS as CORRECTED


def aggregate(message: Message, scope: Scope) -> None:
    """Handle one message of `relations.contributions`. Raises `Reject` where it is no valid contribution."""
    # 1.
    contribution = _read(message)
    row_key = keys.contribution_row(contribution.dyad, contribution.article)
    known = read_row(ContributionRow, scope, row_key)
    if known and contribution.version <= known.version:
        return

    # 2.
    outlet = outlet_of(contribution.source)
    before = {(event, known.outlet) for event in known.events} if known else set()
    events = {event.id: event for event in contribution.events}
    after = {(event, outlet) for event in events}
    ledger = Ledger(scope, contribution.dyad)
    left = [ledger.leave(event, old_outlet) for event, old_outlet in sorted(before - after)]
    joined = [ledger.join(events[event], outlet) for event, _ in sorted(after - before)]

    # 3.
    ledger.settle()
    for event in sorted({*events, *(known.events if known else ())}):
        telling = events.get(event)
        value = encode(_mention(contribution, telling)) if telling else None
        scope.publish(MENTIONS, keys.mention(event, contribution.article), value)

    # 4.
    if known and left:
        origin = {ORIGIN: str(Place(message.topic, message.partition, message.offset))}
        for correction in corrections(known, contribution, left, joined, ledger.now):
            scope.publish(CORRECTIONS, message.key, encode(correction), origin)
            scope.count(CORRECTED.labels(correction.why.value))

    # 5.
    coder = contribution.coder if events else None
    now = ContributionRow(version=contribution.version, outlet=outlet, events=tuple(sorted(events)), coder=coder)
    scope.put(row_key, encode(now))


def _read(message: Message) -> Contribution:
    if message.value is None:
        raise Reject("invalid", "value: missing; a contribution is taken back by one without events")
    try:
        contribution = decode(Contribution, message.value)
        check_events(contribution.events)
    except Undecodable as error:
        raise Reject("undecodable", str(error)) from None
    except InvalidValue as error:
        raise Reject("invalid", str(error)) from None
    if message.key != contribution.dyad.encode():
        raise Reject("invalid", f"key: {message.key!r}, but the contribution's dyad is {contribution.dyad}")
    if len({event.id for event in contribution.events}) < len(contribution.events):
        raise Reject("invalid", "events: one event is there twice")
    for place, event in enumerate(contribution.events):
        if dyad_of(event) != contribution.dyad:
            raise Reject("invalid", f"events[{place}]: not between {contribution.dyad.a} and {contribution.dyad.b}")
    return contribution


def _mention(contribution: Contribution, event: Event) -> Mention:
    return Mention(
        event=event.id,
        article=contribution.article,
        version=contribution.version,
        dyad=contribution.dyad,
        source=event.source,
        target=event.target,
        date_precision=event.date_precision,
        evidence=event.evidence,
        trigger=event.trigger,
        confidence=event.confidence,
        rule=event.rule,
        mode=event.mode,
        contexts=event.contexts,
        place=event.place,
        outlet=contribution.source,
        url=contribution.url,
        published_at=contribution.published_at,
        coder=contribution.coder,
    )
