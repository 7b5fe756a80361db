"""The party that a frame's slots do not give, chosen among the candidates by what speaks for each.

A light statistical layer over the rules: where both parties stand in their slots nothing is asked. Else each pair of
candidates gets a probability from a logistic model over readable features (candidates.py), and the likeliest is taken
if it is likely enough. The weights (`completion.csv`) were fitted on articles written for this project and on nothing
else; `bench/fit_completion.py` fits them again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from msgspec import Struct

from models.coded import Status
from models.data import BrokenData, rows
from workers.enrichment.coding.candidates import (
    KINDS,
    WHERES,
    Candidate,
    Features,
    Known,
    filled,
    form_of,
    named,
    of_trigger,
    spoken_of,
)
from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.frames import Slot
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.verb_forms import is_passive, is_verbal

FIRM = frozenset({"name", "grammar", "memory", "anywhere"})
"""Ways of finding a party in the sentence by the frame's slots: nothing is asked."""
GUESSED = 0.33
"""The same for a pair that the rules guess too."""
LIKELY = 0.46
"""A pair below this probability is not coded. F1 gains by what is right more often than half of F1 itself."""


class Proposal(Struct, frozen=True):
    """A pair of parties with its probability and what it rests on: features of the trigger, the pair, each party."""

    source: Actor
    target: Actor
    probability: float
    parts: tuple[tuple[str, ...], ...]

    @property
    def features(self) -> Features:
        """All features."""
        return frozenset().union(*self.parts)


@cache
def weights() -> Mapping[str, float]:
    """The weight of each feature; `bias` is that of all pairs. Raises `BrokenData`."""
    found: dict[str, float] = {}
    for line, row in rows(__package__, "completion.csv", ("feature", "weight")):
        try:
            found[row["feature"]] = float(row["weight"])
        except ValueError:
            raise BrokenData("completion.csv", line, f"{row['weight']!r} is no number") from None
    return MappingProxyType(found)


def enough(pair: Proposal, *, guessed: bool) -> bool:
    """Whether a pair is likely enough to be coded; `guessed` if the rules guess it too."""
    return pair.probability >= (GUESSED if guessed else LIKELY)


def is_open(actors: tuple[Actor, ...]) -> bool:
    """Whether a role is empty or only guessed. Two who are spoken of as such ("обе страны") are no guess."""
    spoken_of_as_two = len(actors) > 1 and all(a.token >= 0 for a in actors)
    return not spoken_of_as_two and not any(a.via in FIRM for a in actors)


def proposals(
    view: View, sources: tuple[Actor, ...], targets: tuple[Actor, ...], state: Status, talk: Discourse
) -> list[Proposal]:
    """Every pair that may be meant, the likeliest first; empty where both roles are filled."""
    if not is_open(sources) and not is_open(targets):
        return []
    seen = named(view)
    fixed = frozenset(a.code for side in (sources, targets) if not is_open(side) for a in side)
    names = frozenset(c.actor.code for c in seen)
    others = spoken_of(talk, names | fixed)
    for_source = _side(sources, [*seen, *others], fixed)
    for_target = _side(targets, [*seen, *others], fixed)
    roles = f"open:{'s' * is_open(sources)}{'t' * is_open(targets)}"
    how = [roles, form_of(view)]
    if not view.nominal and not view.tokens(Slot("subj")):
        how.append("no subject")
    if not view.nominal and view.sentence[view.trigger.token].rel == "conj":
        how.append("coordinated")  # "обвинил X и закрыл границу": the parties go on
    fill = filled(view)
    about = [*of_trigger(view, len(names)), *how, "|".join(how), f"{view.frame.type.value}|{roles}"]
    about += [*fill, *(f"{roles}|{f}" for f in fill), f"status:{state.value}"]
    known, form = Known(talk, view.frame.type), _form(view)
    found: dict[tuple[str, str], Proposal] = {}
    for source in for_source:
        for target in for_target:
            one, other = source.actor.code, target.actor.code
            twice = view.frame.symmetric and one > other and is_open(sources) and is_open(targets)
            if one == other or not one or not other or twice:
                continue
            parts = (
                tuple(about),
                known.of_pair(one, other),
                _marked("s", source.features, _part(source, sources, known.of(one, other)), tuple(how), form),
                _marked("t", target.features, _part(target, targets, known.of(other, one)), tuple(how), form),
            )
            proposal = Proposal(source.actor, target.actor, probability(*parts), parts)
            held = found.get((one, other))
            if held is None or held.probability < proposal.probability:
                found[one, other] = proposal
    return sorted(found.values(), key=lambda p: (-p.probability, p.source.code, p.target.code))


def probability(*parts: tuple[str, ...]) -> float:
    """The logistic model: 1 / (1 + exp(-sum of weights)), of features in parts, each counted once.

    The sum is that of the exact weights, rounded once, so it has the same bits in whatever order it is taken.
    """
    told = {feature: weight for part in parts for feature, weight in _weighty(part)}
    return 1 / (1 + math.exp(-math.fsum([weights().get("bias", 0.0), *told.values()])))


@lru_cache(4096)
def _weighty(features: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Those of the features that have a weight, with it."""
    known = weights()
    return tuple((f, known[f]) for f in features if f in known)


def _side(given: tuple[Actor, ...], candidates: list[Candidate], fixed: frozenset[str]) -> list[Candidate]:
    if not is_open(given):
        return [Candidate(given[0], frozenset({"given"}))]
    distinct: dict[tuple[str, Features], Candidate] = {}
    for candidate in candidates:  # of those that look the same the first: long lists name a few states again and again
        if candidate.actor.code not in fixed:
            distinct.setdefault((candidate.actor.code, candidate.features), candidate)
    return list(distinct.values())


def _part(candidate: Candidate, given: tuple[Actor, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    """What part a candidate plays in the article, as told, and in what the rules give for the role."""
    if not given:
        return told
    by_rule = tuple(f"rule:{a.via}" for a in given if a.code == candidate.actor.code)
    return (*told, *(by_rule or ("rule says another",)))


@lru_cache(4096)
def _marked(side: str, features: Features, part: tuple[str, ...], how: tuple[str, ...], form: str) -> tuple[str, ...]:
    """The features of a candidate in a role, each named by the role, and those pairs of features that tell together.

    `how` is the trigger's part in such pairs: which roles are open, and whether it is a verb or a noun.
    """
    if features == {"given"}:
        return (f"{side}:given",)
    seen = sorted(features)
    kinds = [f for f in seen if f in KINDS]
    marks = [f for f in seen if f.startswith("mark:")]
    wheres = [f for f in seen if f in WHERES]
    together = [(k, f) for k in kinds for f in (*marks, *wheres)]
    alone = [f for f in seen if f in ("unnamed", "may be nominative")]
    together += [(f, h) for f in (*wheres, *alone, *part) for h in how]
    found = [*seen, *part, *(f"{form}|{f}" for f in (*marks, *wheres)), *("|".join(pair) for pair in together)]
    return tuple([f"{side}:{f}" for f in found])


def _form(view: View) -> str:
    """How the trigger marks its parties: as a verb by voice, as a noun by what its genitive is."""
    if view.nominal:
        return f"noun:{view.frame.gen}"
    token = view.sentence[view.trigger.token]
    verb = token if is_verbal(token) else view.sentence[view.trigger.token]
    return "passive" if is_passive(verb, reflexive=view.trigger.reflexive) else "active"
