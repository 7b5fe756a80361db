"""What makes events the same, and whether an event is what it says it is.

The live tables and the offline fold share this module and the keys, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from models import Dyad, Event, InvalidValue, Precision, event_id
from models.ontology import ontology
from models.states import states
from topics.codec import encode

UNNAMED = ""
"""The outlet of every article that names none. Together they count as one: better too few sources than too many."""

_DATE_FORMS = {Precision.DAY: "", Precision.REPORTED: "", Precision.MONTH: "-01", Precision.YEAR: "-01-01"}


def dyad_of(event: Event) -> Dyad | None:
    """The dyad an event belongs to: only two different states make one.

    The European Union and the United Nations count as states; other intergovernmental organizations are actors only.
    """
    source, target = event.source.code, event.target.code
    if source == target or source not in states() or target not in states():
        return None
    return Dyad.of(source, target)


def outlet_of(source: str | None) -> str:
    """The outlet by which an article counts."""
    return source or UNNAMED


def precedence(event: Event) -> tuple[float, int, int, bytes]:
    """Sorts tellings of one event by one article, the one to keep first: the most confident, then the earliest.

    The last element makes the order total, so that it does not depend on the order in the article.
    """
    return (-event.confidence, event.evidence.start, event.trigger.start, encode(event))


def check_events(events: Iterable[Event]) -> None:
    """Raises `InvalidValue`, naming the event and the field, unless id, code and date of each event hold together."""
    for place, event in enumerate(events):
        if fault := _fault(event):
            raise InvalidValue(f"events[{place}].{fault}")


def _fault(event: Event) -> str | None:
    identity = event_id(
        date=event.date,
        source=event.source.code,
        target=event.target.code,
        reciprocal=event.reciprocal,
        type=event.type,
        cameo=event.cameo,
        status=event.status,
    )
    if event.id != identity:
        return f"id: {event.id!r} is not the id of an event with these fields, which is {identity}"
    if event.cameo not in ontology().cameo:
        return f"cameo: {event.cameo!r} is no CAMEO code"
    if not _dated(event.date, event.date_precision):
        return f"date: {event.date!r} is no date of precision {event.date_precision}"
    return None


def _dated(date: str | None, precision: Precision) -> bool:
    """Whether the date has the form that its precision promises: so the date alone tells whether the day is known."""
    rest = _DATE_FORMS.get(precision)
    if date is None or rest is None:
        return date is None and rest is None
    try:
        return dt.date.fromisoformat(date + rest).isoformat() == date + rest
    except ValueError:
        return False
