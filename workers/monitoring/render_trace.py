"""An article's trace as a terminal shows it. What came with a message is never read as markup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import orjson
from rich.console import Console
from rich.text import Text

from models import Correction, Told, encode_hook
from workers.monitoring.plain import plain
from workers.monitoring.trace import Counted, DeadRevision, Revision, Trace

INDENT = 9

SHOWN = 20
"""Messages and rows shown of each kind, the last ones; --json has all."""


def show_trace(console: Console, trace: Trace) -> None:
    """The fate in a line, then each station of the way."""
    console.print(Text.assemble((plain(trace.id), "bold cyan"), "  ", (trace.fate.value, "bold")))
    stations = (
        ("received", _received(trace)),
        ("coded", _coded(trace)),
        ("related", _related(trace)),
        ("counts", _rows(trace)),
        ("changed", map(_correction, trace.corrections)),
        ("dead", map(_dead, trace.dead)),
    )
    for name, lines in stations:
        shown = list(lines)
        if len(shown) > SHOWN:
            shown = [f"({len(shown) - SHOWN} more)", *shown[-SHOWN:]]
        for number, line in enumerate(shown):
            text = Text.assemble((f"{'' if number else name:<{INDENT}}", "bold"), plain(line))
            console.print(text, soft_wrap=True)


def trace_json(trace: Trace) -> str:
    """The trace as one JSON object: its fate, and its fields by their names."""
    fields = msgspec.to_builtins(trace, str_keys=True, enc_hook=encode_hook)
    return orjson.dumps({"fate": trace.fate.value, **fields}).decode()


def _received(trace: Trace) -> Iterator[str]:
    for revision in trace.received:
        yield _revision(revision, trace)
    for revision in trace.elsewhere:
        yield f"{_place(revision)}: waiting to be sent home to partition {trace.home}"


def _revision(revision: Revision, trace: Trace) -> str:
    what = "dead letter on its way back" if revision.redriven else f"version {revision.offset}"
    kind = "withdrawal" if revision.withdraws else f"{revision.bytes} bytes"
    fate = ""
    if revision.overtaken_by is not None:
        fate = f"; overtaken by version {revision.overtaken_by}"
    if revision.offset > trace.handled:
        behind = revision.offset - trace.handled
        fate += f"; waiting, {behind} message{'' if behind == 1 else 's'} behind the last handled"
    return f"{what}, {_place(revision)}, {kind}{fate}"


def _place(revision: Revision) -> str:
    return f"{_time(revision.at)}, articles.raw {revision.partition}:{revision.offset}"


def _coded(trace: Trace) -> Iterator[str]:
    if (coded := trace.coded) is None:
        return
    where = f"version {coded.version}, {_time(coded.at)}, articles.coded {coded.partition}:{coded.offset}"
    if coded.withdrawn:
        yield f"{where}: withdrawn"
        return
    yield f"{where}, by {coded.coder}, language {coded.language}"
    entities = f"{coded.entities} {'entity' if coded.entities == 1 else 'entities'}"
    events = f"{coded.events} event{'' if coded.events == 1 else 's'} between states"
    yield f"{entities}, {events}, {coded.organization_events} with an organization"


def _related(trace: Trace) -> Iterator[str]:
    if (related := trace.related) is None:
        return
    what = "withdrawn" if related.withdrawn else ", ".join(related.dyads) or "no dyad"
    yield f"version {related.version}: {what}"


def _rows(trace: Trace) -> Iterator[str]:
    left = set(trace.left)
    for row in trace.rows:
        yield _row(row) + ("; to be taken out" if row.mention in left else "")
    for name in trace.missing:
        yield f"not yet: relations.mentions {name}"


def _row(row: Counted) -> str:
    day = f"{row.dyad} {row.day or 'no day'}"
    event = "event without a row"
    if row.type is not None:
        event = f"{row.source} → {row.target} {row.type} {row.cameo} {row.status}, told by {row.mentions}"
    daily = "" if row.daily or row.day is None else "; no row in relations.daily"
    return f"{day}: {event}, event {row.event}, version {row.version}{daily}"


def _correction(correction: Correction) -> str:
    before, after = correction.before, correction.after
    what = f"{_told(before)}, now {_told(after)}" if after else f"no longer {_told(before)}"
    return f"version {correction.version} ({correction.why}), {correction.dyad}: {what}"


def _told(told: Told) -> str:
    event = told.event
    act = f"{event.source} → {event.target} {event.type} {event.cameo} {event.status} {event.date or 'no day'}"
    return act if told.outlet is None else f"{act} by {told.outlet}"


def _dead(letter: DeadRevision) -> str:
    return (
        f"version {letter.version}, {_time(letter.at)}, articles.dead {letter.place}, by {letter.stage}, "
        f"attempt {letter.attempt or 1}: {letter.reason}: {letter.error}"
    )


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
