"""Events and articles in one line each, for tests that read like news, and random histories of them."""

from __future__ import annotations

import dataclasses

from hypothesis import strategies as st

from models import (
    Actor,
    CodedArticle,
    Event,
    EventType,
    Precision,
    Span,
    Status,
    Version,
    event_id,
)
from models.ontology import ontology

MEETING = "040"
TREATY = "057"
PROTEST_NOTE = "112"


def event(
    source: str,
    target: str,
    cameo: str = MEETING,
    *,
    on: str | None = "2025-10-31",
    status: Status = Status.HAPPENED,
    reciprocal: bool = False,
    precision: Precision | None = None,
    evidence: str = "The ministers met.",
    at: int = 0,
    confidence: float = 0.9,
) -> Event:
    """`source` does to `target` what the CAMEO code says, type and scores as the ontology has them."""
    kind = ontology().cameo[cameo].type or EventType.CONSULT
    forms = {None: Precision.NONE, 4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}
    identity = event_id(
        date=on, source=source, target=target, reciprocal=reciprocal, type=kind, cameo=cameo, status=status
    )
    return Event(
        id=identity,
        source=Actor(country=source),
        target=Actor(country=target),
        type=kind,
        cameo=cameo,
        quad=ontology().quads[kind],
        goldstein=ontology().cameo[cameo].goldstein,
        intensity=ontology().intensity(kind),
        status=status,
        reciprocal=reciprocal,
        date=on,
        date_precision=precision or forms[len(on) if on else None],
        evidence=Span(evidence, at, at + len(evidence)),
        trigger=Span("met", at + 14, at + 17),
        confidence=confidence,
        rule="meet",
    )


def article(name: str, *events: Event, version: int = 0, outlet: str | None = None) -> CodedArticle:
    """A coded revision of the article `name`."""
    return CodedArticle(
        id=name,
        version=Version(version),
        language="ru",
        coder="test/1",
        depth=("frames",),
        events=events,
        source=outlet,
        url=f"https://example.org/{name}",
    )


# Random histories. Few names, dyads, days and outlets, so that stories, revisions and sources collide all the time.

STATES = ("BLR", "KAZ", "RUS")
NAMES = ("a", "b", "c", "d|e")
OUTLETS = (None, "", "tass", "belta", "kaz|inform")
DAYS = ("2025-10-30", "2025-10-31")
DATES = (*DAYS, "2025-10", "2025", None)
CODES = (MEETING, TREATY, PROTEST_NOTE, "036", "190")


@dataclasses.dataclass(frozen=True)
class Revision:
    """What one message of articles.coded says; no article withdraws."""

    name: str
    version: int
    article: CodedArticle | None

    @property
    def parts(self) -> tuple[str, Version, CodedArticle | None]:
        return self.name, Version(self.version), self.article


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Mostly between states of which there are few; some with an organization, some of a state with itself."""
    source = draw(st.sampled_from(STATES))
    target = draw(st.sampled_from((*STATES, "EUR", "CSTO")))
    on = draw(st.sampled_from((*DAYS, *DATES)))
    return event(
        source,
        target,
        draw(st.sampled_from(CODES)),
        on=on,
        status=draw(st.sampled_from((Status.HAPPENED, Status.HAPPENED, *Status))),
        reciprocal=draw(st.booleans()),
        precision=draw(st.sampled_from((Precision.DAY, Precision.REPORTED))) if on in DAYS else None,
        evidence=draw(st.sampled_from(("The ministers met.", "They signed a treaty."))),
        at=draw(st.sampled_from((0, 40))),
        confidence=draw(st.sampled_from((0.5, 0.9))),
    )


@st.composite
def histories(draw: st.DrawFn, max_size: int = 10) -> list[Revision]:
    """Revisions and withdrawals of a few articles in the order of their versions, which have gaps as offsets have."""
    history: list[Revision] = []
    version = 0
    for _ in range(draw(st.integers(0, max_size))):
        version += draw(st.integers(1, 3))
        name = draw(st.sampled_from(NAMES))
        told = draw(st.none() | st.lists(events(), max_size=4))
        outlet = draw(st.sampled_from(OUTLETS))
        revision = None if told is None else article(name, *told, version=version, outlet=outlet)
        history.append(Revision(name, version, revision))
    return history
