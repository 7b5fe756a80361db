"""The engine: each sentence's triggers against the frames, slots to actors, status, and what is content of what.

One generic way for all events: (1) each trigger and frame whose needs hold, (2) its parties from the slots, else from
the discourse, (3) its status, (4) acts that are only the content of a demand, promise, charge or threat fall away.
What fell away and why is kept in the trace.
"""

from __future__ import annotations

import itertools

from msgspec import Struct

from models.coded import Status
from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.applies import objection
from workers.enrichment.coding.completion import FIRM, enough, proposals
from workers.enrichment.coding.content import Found, fallen
from workers.enrichment.coding.discourse import Actor, Discourse, Overview, State
from workers.enrichment.coding.ellipsis import repeated
from workers.enrichment.coding.findings import (
    CONFIDENCE,
    FIRM_GUESSES,
    Tried,
    Weighed,
    acts_mutually,
    as_guessed,
    doubtful,
    event_of,
    guessed,
    likely_event,
    only_guessed,
    pairs_of,
    spoken,
    titular,
    with_fellows,
)
from workers.enrichment.coding.frames import Frame, Frames
from workers.enrichment.coding.moves import Move, moves
from workers.enrichment.coding.naming import unique
from workers.enrichment.coding.needs import possible
from workers.enrichment.coding.parties import Parties
from workers.enrichment.coding.phrases import STATES, Names
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.status import status
from workers.enrichment.coding.triggers import Trigger, triggers
from workers.enrichment.document import Sentence

_RATHER = 0.7
"""A stricter frame with a party of this probability is meant rather than a laxer one with both."""

Lacking = tuple[View, tuple[Actor, ...], tuple[Actor, ...]]
"""A frame that applies and lacks a party, or only guesses it: what was found of source and target."""


Attempt = list[Found] | Lacking | None
"""What a frame comes to: its events, itself where it lacks a party, None where it does not apply."""


class Reading(Struct):
    """How a sentence was read: from which state of the discourse to which, and whether a frame lacked a party."""

    start: State
    last: list[Found]
    lacking: bool = False
    told: list[Found] = []
    end: State = ()
    attempts: dict[int, tuple[State, dict[int, tuple[Attempt, bool]]]] = {}
    """Of each trigger by its token: the state there, what each frame came to, the strictest first, and whether it asked
    the discourse."""
    moves: dict[int, tuple[Move, ...]] = {}
    """How the discourse moves on at each token, where that does not depend on the discourse itself."""
    triggers: list[tuple[int, list[tuple[Trigger, Frame]]]] | None = None


class Engine:
    """Reads the sentences of one article in order; `tried` and `weighed` collect the trace if asked to.

    An article is read twice, first by the rules alone; `again` begins the second reading, which completes what lacks a
    party. Where that meets the same state of the discourse, what the rules told is not worked out once more.
    """

    def __init__(self, known: Frames, resolver: Resolver, discourse: Discourse) -> None:
        self._frames, self._resolver, self._talk = known, resolver, discourse
        self._parties = Parties(resolver, discourse)
        self._trace = self._completes = False
        self._start = discourse.state()
        self._readings: dict[int, Reading] = {}
        self._now = Reading(self._start, [])
        self._last: list[Found] = []
        self.tried: list[Tried] = []
        self.weighed: list[Weighed] = []

    def again(self, overview: Overview, *, trace: bool = False) -> None:
        """Go back to the beginning, to read with what the whole article tells."""
        self._talk.go_back(self._start)
        self._talk.overview = overview
        self._trace, self._completes, self._last = trace, True, []

    def read(self, sentence: Sentence, names: Names) -> list[Found]:
        """The events of one sentence; the discourse moves on."""
        if self._trace:
            self._now = Reading((), [])
            return self._read(sentence, names)
        start, before = self._talk.state(), self._readings.get(sentence.index)
        if before is None:
            self._now = self._readings[sentence.index] = Reading(start, self._last)
            self._now.told = self._read(sentence, names)
            self._now.end = self._talk.state()
            return self._now.told
        if not before.lacking and (before.start, before.last) == (start, self._last):
            self._talk.go_back(before.end)
            self._last = before.told or self._last
            return before.told
        self._now = before
        return self._read(sentence, names)

    def _read(self, sentence: Sentence, names: Names) -> list[Found]:
        found: list[Found] = []
        self._talk.here = ()
        self._take_in(sentence, names, -1)
        position = 0
        for token, tries in self._triggers(sentence, names):
            self._move(sentence, names, position, token)
            position = token
            events = self._first(sentence, names, tries)
            found += events
            sure = [e for e in events if e.guesses <= FIRM_GUESSES]
            if sure:
                self._talk.event(
                    tuple(dict.fromkeys(e.source.code for e in sure)),
                    tuple(dict.fromkeys(e.target.code for e in sure)),
                    sure[0].frame.type,
                )
                self._talk.acts(sure[0].source.code)
        self._move(sentence, names, position, len(sentence))
        told = self._settled(sentence, found)
        told += repeated(sentence, names, told, self._last, CONFIDENCE[1])
        self._last = told or self._last
        return told

    def _triggers(self, sentence: Sentence, names: Names) -> list[tuple[int, list[tuple[Trigger, Frame]]]]:
        """The tokens that may tell of an event, with their frames, the strictest first.

        For a trace those whose needs cannot hold are among them.
        """
        if self._now.triggers is None:
            found = triggers(sentence, self._frames, lambda frame: self._trace or possible(frame, sentence))
            self._now.triggers = [
                (token, sorted(tries, key=lambda pair: -pair[1].strictness))
                for token, tries in itertools.groupby(found, key=lambda pair: pair[0].token)
                if not names.kind(token, STATES) and not titular(sentence, token)  # "Соединённые Штаты" unites nobody
            ]
        return self._now.triggers

    def _first(self, sentence: Sentence, names: Names, tries: list[tuple[Trigger, Frame]]) -> list[Found]:
        """The events of one trigger: by the frame that asks most of the sentence and whose parties stand in it.

        A frame that lacks a party, or only guesses it, has the likeliest.
        """
        best: list[Found] = []
        state = self._talk.state()
        held, attempts = self._now.attempts.setdefault(tries[0][0].token, (state, {}))
        for rank, (trigger, frame) in enumerate(tries):
            attempt, asked = attempts.get(rank, (None, True))
            if rank not in attempts or (asked and held != state):
                self._talk.asked = False
                attempt = self._try(sentence, names, trigger, frame)
                attempts[rank] = attempt, self._talk.asked
            self._now.lacking |= isinstance(attempt, tuple)
            if isinstance(attempt, list):
                return attempt
            if attempt is not None and self._completes:
                likely = self._complete(*attempt)
                if likely and likely[0].confidence >= _RATHER:
                    return likely
                if likely and (not best or likely[0].confidence > best[0].confidence):
                    best = likely
        return best

    def _complete(self, view: View, sources: tuple[Actor, ...], targets: tuple[Actor, ...]) -> list[Found]:
        """The likeliest pair for a frame that lacks a party, if it is likely enough."""
        state = self._status(view)
        found = proposals(view, sources, targets, state, self._talk)
        if self._trace and found:
            self.weighed.append(Weighed(view.sentence.index, view.trigger.token, view.frame, tuple(found)))
        likely = [p for p in found if enough(p, guessed=as_guessed(p, sources, targets))]
        taken = [*likely[:1], *(p for p in likely[1:] if as_guessed(p, sources, targets))]
        for p in taken or found[:1]:
            outcome = f"{'likely' if taken else 'unlikely'}, {p.probability:.2f}"
            self._note(view.sentence, view.trigger, view.frame, outcome, (p.source,), (p.target,))
        return [likely_event(view, pair, state) for p in taken for pair in with_fellows(p, sources, targets)]

    def _move(self, sentence: Sentence, names: Names, start: int, end: int) -> None:
        """Take in what is named between two tokens."""
        for index in range(start, end):
            self._take_in(sentence, names, index)

    def _take_in(self, sentence: Sentence, names: Names, index: int) -> None:
        """Take in what a token says, or with -1 who speaks in the sentence."""
        known = self._now.moves.get(index)
        if known is not None:
            for name, values in known:
                getattr(self._talk, name)(*values)
            return
        asked, made = False, []
        self._talk.asked = False
        for move in moves(sentence, names, self._resolver, index):
            asked |= self._talk.asked
            getattr(self._talk, move[0])(*move[1])
            made.append(move)
            self._talk.asked = False
        if not asked | self._talk.asked:
            self._now.moves[index] = tuple(made)

    def _try(self, sentence: Sentence, names: Names, trigger: Trigger, frame: Frame) -> Attempt:
        """The events of a frame with both its parties, or what it has of them; None where it does not apply."""
        view = View(sentence, names, self._resolver, trigger, frame)
        if why := objection(view):
            self._note(sentence, trigger, frame, why)
            return None
        sources = self._parties.sources(view)
        if sources and all(a.via == "discourse" for a in sources) and not frame.symmetric:
            named = self._parties.targets(view, (), anywhere=False)
            if len(sources) == 1 and sources[0].code in {a.code for a in named if a.via != "discourse"}:
                sources = self._parties.sources(view, frozenset(a.code for a in named))
        if not sources and view.act_done is not None:
            self._note(sentence, trigger, frame, "the noun that it stands by tells it")
            return None
        targets = self._parties.targets(view, sources)
        if frame.symmetric:
            everyone = unique((*sources, *targets))
            sources, targets = self._parties.pooled(view, sources, targets)
            if not sources:
                sources = everyone[:1]
        mutual = frame.symmetric
        if (
            len(sources) > 1
            and not any(a.via in FIRM for a in targets)
            and acts_mutually(view, sources, targets, self._talk)
        ):
            targets, mutual = sources, True
        if not any(a.via in FIRM for a in targets) and self._parties.domestic(view, sources):
            self._note(sentence, trigger, frame, "one state only", sources, targets)
            return None
        if not sources or not targets:
            missing = "source" if not sources else "target"
            self._note(sentence, trigger, frame, f"no {missing}", sources, targets)
            return view, sources, targets
        if frame.person and not self._parties.personal(view, sources):
            self._note(sentence, trigger, frame, "no person acts", sources, targets)
            return None
        if frame.foreign_speaker:
            sources = tuple(a for a in sources if a.via != "discourse")
            if not sources:
                self._note(sentence, trigger, frame, "nobody says it", sources, targets)
                return None
        if only_guessed(mutual, sources, targets):
            self._note(sentence, trigger, frame, "guessed", sources, targets)
            return view, *((sources[:1], ()) if mutual and sources == targets else (sources, targets))
        state = self._status(view)
        events = [event_of(view, s, t, state, mutual) for s, t in pairs_of(mutual, sources, targets)]
        if doubtful(view, events):
            self._note(sentence, trigger, frame, "guessed twice", sources, targets)
            return view, *((guessed(sources[:1]), ()) if frame.symmetric else (guessed(sources), guessed(targets)))
        self._note(sentence, trigger, frame, "taken" if events else "one state only", sources, targets)
        return events or None

    def _status(self, view: View) -> Status:
        trigger = view.trigger
        state = status(view.sentence, trigger.token, trigger.support, setting=trigger.relation == "setting")
        return spoken(view.frame, state)

    def _settled(self, sentence: Sentence, found: list[Found]) -> list[Found]:
        """Without the acts that are only the content of another's words."""
        away: set[int] = set()
        for event, why in fallen(sentence, found):
            away.add(id(event))
            self._note(sentence, event.trigger, event.frame, why, (event.source,), (event.target,))
        return [event for event in found if id(event) not in away]

    def _note(
        self, sentence: Sentence, trigger: Trigger, frame: Frame, outcome: str,
        sources: tuple[Actor, ...] = (), targets: tuple[Actor, ...] = (),
    ) -> None:  # fmt: skip
        if self._trace:
            self.tried.append(
                Tried(sentence.index, trigger.token, frame.rule, " ".join(f"{a.code}({a.via})" for a in sources),
                      " ".join(f"{a.code}({a.via})" for a in targets), outcome)
            )  # fmt: skip
