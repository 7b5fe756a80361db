"""What the article has spoken of so far: who acted last, which pair stands in focus, which states in which order.

By it "стороны", "министр", "страна" and silent actors are resolved. It goes forward with the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from msgspec import Struct

_CROWD = 6
"""A sentence that names more states is a list: who stands in it with whom says nothing."""
_FEW = 3
_REMEMBERED = 50
"""Events that the focus keeps: more are never referred to, and the work on an article stays linear."""


State = tuple[Any, ...]
"""What a discourse holds at one point of the text: to be compared, and to go back to."""


class Actor(Struct, frozen=True):
    """Who a phrase refers to: `code` of a state or organization, with its agent as far as known.

    `via` says how it was found: name (it stands there), grammar (its phrase's modifiers), memory (the person or office
    is known from elsewhere), discourse (last spoken of).
    """

    code: str
    sector: str = ""
    name: str = ""
    office: str = ""
    token: int = -1
    via: str = "name"


class Overview(Struct, frozen=True):
    """What the whole article speaks of: its states, the one named in most sentences first, and which stand together."""

    states: tuple[str, ...] = ()
    together: frozenset[tuple[str, str]] = frozenset()
    """Pairs named in one sentence, each in both orders."""
    title: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    """States that a single sentence names, where there are more than a few."""
    brief: bool = True
    """Whether there are no more than a few sentences."""
    topics: frozenset[str] = frozenset()
    """What the article is about besides (topics.py)."""
    acts: frozenset[tuple[str, str, str]] = frozenset()
    """Source, target and type of what the rules alone tell of the article, also further down."""

    @classmethod
    def of(cls, sentences: Iterable[tuple[bool, frozenset[str]]], topics: frozenset[str] = frozenset()) -> Overview:
        """From what each sentence names, with whether it is a headline."""
        counts: dict[str, int] = {}
        together: set[tuple[str, str]] = set()
        title: set[str] = set()
        length = 0
        for headline, codes in sentences:
            length += 1
            for code in sorted(codes):
                counts[code] = counts.get(code, 0) + 1
            if len(codes) <= _CROWD:
                together.update(itertools.permutations(sorted(codes), 2))
            if headline:
                title |= codes
        ranked = sorted(counts, key=lambda code: (-counts[code], list(counts).index(code)))
        brief = length <= _FEW
        once = frozenset(code for code, count in counts.items() if count == 1 and not brief)
        return cls(tuple(ranked), frozenset(together), frozenset(title), once, brief, topics)


Value = TypeVar("Value")


class Field(Generic[Value]):
    """What a discourse remembers of one kind; to read it is to ask."""

    def __set_name__(self, owner: type[Discourse], name: str) -> None:
        self._name = f"{name} remembered"

    def __get__(self, talk: Discourse, owner: type[Discourse]) -> Value:
        talk.asked = True
        value: Value = talk.__dict__[self._name]
        return value

    def __set__(self, talk: Discourse, value: Value) -> None:
        talk.__dict__[self._name] = value


class Discourse:
    """The focus of the text up to here."""

    pair = Field[tuple[str, ...]]()
    """The parties of the last event."""
    here = Field[tuple[str, ...]]()
    """The parties of the last event of the sentence that is read."""
    group = Field[tuple[str, ...]]()
    """The states of the last list of names."""
    speaker = Field[str]()
    home = Field[str]()
    """The state of the dateline, else of the first state named."""
    _agents = Field[list[str]]()
    _offices = Field[dict[str, Actor]]()
    _order = Field[list[str]]()
    _pairs = Field[list[tuple[str, ...]]]()
    _counts = Field[dict[str, int]]()
    _acts = Field[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]]()

    def __init__(self, overview: Overview | None = None) -> None:
        self.overview = overview or Overview()
        self.asked = False
        """Whether anything was asked since it was last set to False: what nobody asked plays no part in an answer."""
        self.go_back(((), (), (), (), "", "", (), (), (), (), ()))

    def state(self) -> State:
        """All that has been said so far; equal states answer alike, but for what the overview tells."""
        return (
            self.pair, self.here, self.group, tuple(self._agents), self.speaker, self.home, tuple(self._order),
            tuple(self._pairs), tuple(self._offices.items()), tuple(self._counts.items()), tuple(self._acts.items()),
        )  # fmt: skip

    def go_back(self, state: State) -> None:
        """To where the state was taken."""
        self.pair, self.here, self.group, agents, self.speaker, self.home, order, pairs, offices, counts, acts = state
        self._agents, self._order, self._pairs = list(agents), list(order), list(pairs)
        self._offices, self._counts, self._acts = dict(offices), dict(counts), dict(acts)

    @property
    def agent(self) -> str:
        """Who acted or spoke last."""
        return self._agents[-1] if self._agents else ""

    def acts(self, code: str) -> None:
        """A state acts or speaks."""
        if code in self._agents:
            self._agents.remove(code)
        self._agents.append(code)

    def mention(self, code: str) -> None:
        """A state is named; the first is the home of a text without a dateline."""
        if code in self._order:
            self._order.remove(code)
        self._order.append(code)
        self._counts[code] = self._counts.get(code, 0) + 1
        if not self.home:
            self.home = code

    def listed(self, codes: tuple[str, ...]) -> None:
        """Several states are named in a list."""
        self.group = codes

    def speaks(self, code: str) -> None:
        """A state speaks."""
        self.speaker = code

    def office(self, role: str, actor: Actor) -> None:
        """Someone of this role, of a known state, is named."""
        if role and actor.code:
            self._offices[role] = actor

    def holder(self, role: str) -> Actor | None:
        """The last of this role."""
        return self._offices.get(role)

    def event(self, sources: tuple[str, ...], targets: tuple[str, ...], kind: str = "") -> None:
        """An event of a type is told: who acts, and towards whom."""
        parties = tuple(dict.fromkeys((*sources, *targets)))
        self.pair = self.here = parties
        if kind:
            self._acts.pop(kind, None)
            self._acts[kind] = (sources, targets)
        self._pairs = [*self._pairs[1 - _REMEMBERED :], parties]

    def last(self, kinds: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Sources and targets of the last event of one of these types, empty if none was told."""
        return next((self._acts[kind] for kind in reversed(self._acts) if kind in kinds), ((), ()))

    def parties(self, without: frozenset[str]) -> tuple[str, ...]:
        """The parties of the last event in which none of `without` took part; else the two states named last."""
        fit = [p for p in self._pairs if len(p) >= 2 and not without & set(p)]
        if without and len(pair := self._others(without)) == 2:  # a third state speaks: of the pair of the article
            told = [p for p in fit if set(p) == set(pair)]
            return told[-1] if told else pair
        if fit and without:
            return max(reversed(fit), key=fit.count)
        if fit:
            return fit[-1]
        return tuple(c for c in self._order if c not in without)[-2:]

    def _others(self, without: frozenset[str]) -> tuple[str, ...]:
        """The two states that the whole article is most about, but for some, if they stand together in it."""
        pair = tuple(code for code in self.overview.states if code not in without)[:2]
        return pair if pair in self.overview.together and set(pair) <= set(self._order) else ()

    def partner(self, code: str) -> str:
        """The state most likely meant beside `code`: of the last event with it, else last named, else empty."""
        return self.told_partner(code) or next((c for c in reversed(self._order) if c != code), "")

    def told_partner(self, code: str) -> str:
        """The other party of the last event that `code` had with one state, empty if none was told."""
        for parties in reversed(self._pairs):
            if code in parties and len(parties) == 2:
                return next(c for c in parties if c != code)
        return ""

    def actor(self, without: frozenset[str] = frozenset()) -> str:
        """Who acted or spoke last, none of `without`."""
        return next((code for code in reversed(self._agents) if code not in without), "")

    def focus(self, without: frozenset[str] = frozenset()) -> str:
        """The state that a description most likely means, none of `without`: who acted last, else the other party."""
        if len(without) == 1 and (told := self.told_partner(next(iter(without)))):
            return told
        if acted := self.actor(without):
            return acted
        partner = self.partner(next(iter(without))) if len(without) == 1 else ""
        if partner:
            return partner
        return self.home if self.home and self.home not in without else self.recent(without=without)

    def frequent(self, count: int) -> tuple[str, ...]:
        """The states named most often so far, of equals the one named last first."""
        later = {code: place for place, code in enumerate(self._order)}
        return tuple(sorted(self._counts, key=lambda code: (-self._counts[code], -later[code]))[:count])

    def told(self, one: str, other: str) -> bool:
        """Whether an event between the two was told."""
        return any(one in parties and other in parties for parties in self._pairs)

    def recent(self, *, without: frozenset[str] = frozenset()) -> str:
        """The state named last, but for some."""
        return next((c for c in reversed(self._order) if c not in without), "")
