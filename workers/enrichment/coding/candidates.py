"""Who might be a party of an act where its frame's slots do not tell, and what speaks for each of them.

Every state that the sentence names, and those that the article has spoken of, is a candidate for the empty role. What
speaks for one is a set of named features: how the phrase that names it stands to the trigger, and what part the state
has played so far. The weights of the features are in `weights.py`; here nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from models import EventType
from models.ontology import ontology
from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.frames import Slot
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.speech import speakers
from workers.enrichment.coding.verb_forms import is_verbal
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Kind

_PHRASE = frozenset(
    {"nmod", "amod", "appos", "flat", "flat:name", "flat:foreign", "nummod", "nummod:gov", "det", "conj"}
)
_PREPOSITIONS = frozenset(
    {"с", "в", "на", "к", "против", "по", "из", "от", "у", "за", "для", "между", "о", "со стороны"}
)
_TITLES = frozenset({Kind.OFFICE, Kind.BODY, Kind.RANK})
_FAR = 12
_SPOKEN_OF = 4

KINDS = frozenset({"a person", "a state", "an official", "people", "a thing", "a thing by adjective"})
"""What the phrase that names a state means."""
WHERES = frozenset({"hangs on it", "hangs above it", "below it", "governs it", "elsewhere"})
"""How it stands to the trigger in the tree."""

Features = frozenset[str]
Act = tuple[str, str, str]
"""Source, target and type of an event, as an overview has it."""


class Candidate(Struct, frozen=True):
    """A state that may be a party, and what is seen of it from the trigger."""

    actor: Actor
    features: Features


def named(view: View) -> list[Candidate]:
    """The states that the sentence names, by the order of the words."""
    trigger = view.trigger.token
    found = [
        (index, actor) for index in range(len(view.sentence)) if index != trigger
        for actor in view.resolver.named(view.sentence, index)
    ]  # fmt: skip
    said = {a.code for a in speakers(view.sentence, view.names, view.resolver, trigger)}
    nearest = min(found, key=lambda pair: abs(pair[0] - trigger), default=None)
    return [
        Candidate(
            actor,
            frozenset(
                (
                    *_seen(view, index),
                    *((f"sector:{actor.sector or 'none'}",) if actor.name else ()),
                    *(("says it",) if actor.code in said else ()),
                    *(("nearest",) if nearest is not None and index == nearest[0] else ()),
                )
            ),
        )
        for index, actor in found
    ]


def spoken_of(talk: Discourse, aside: frozenset[str]) -> list[Candidate]:
    """The states of the article so far, and those it is about as a whole; none of `aside`."""
    codes = dict.fromkeys((*talk.frequent(_SPOKEN_OF + len(aside)), *talk.overview.states[:_SPOKEN_OF]))
    fit = [code for code in codes if code not in aside]
    return [Candidate(Actor(code, via="discourse"), frozenset({"unnamed"})) for code in fit[: _SPOKEN_OF + 1]]


# Asked for each pair of candidates, of which long lists of states have thousands; of one article the acts are the same.


@lru_cache(maxsize=4)
def _parties(acts: frozenset[Act]) -> tuple[frozenset[str], frozenset[str]]:
    """Who acts, and who is acted upon."""
    return frozenset(source for source, _, _ in acts), frozenset(target for _, target, _ in acts)


@lru_cache(maxsize=4)
def _by_pair(acts: frozenset[Act]) -> Mapping[frozenset[str], tuple[Act, ...]]:
    """The acts between each two, whichever way."""
    grouped: dict[frozenset[str], tuple[Act, ...]] = {}
    for act in acts:
        pair = frozenset(act[:2])
        grouped[pair] = (*grouped.get(pair, ()), act)
    return grouped


class Known:
    """What the discourse tells at one point of pairs of states, each asked once, for an act of a type."""

    def __init__(self, talk: Discourse, act: EventType) -> None:
        self._talk, self._act = talk, act
        self._frequent = talk.frequent(3)
        self._of: dict[tuple[str, str], tuple[str, ...]] = {}
        self._pairs: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, code: str, other: str) -> tuple[str, ...]:
        """What part a state has played in the article so far, beside the other party."""
        found = self._of.get((code, other))
        if found is None:
            found = self._of[code, other] = tuple(_of_discourse(self._talk, self._frequent, code, other))
        return found

    def of_pair(self, source: str, target: str) -> tuple[str, ...]:
        """What else the whole article tells of the two, by the rules alone."""
        found = self._pairs.get((source, target))
        if found is None:
            found = self._pairs[source, target] = tuple(_of_pair(self._talk, source, target, self._act))
        return found


def _of_discourse(talk: Discourse, frequent: tuple[str, ...], code: str, other: str) -> Iterator[str]:
    overview = talk.overview
    if code in overview.states[:3]:
        yield f"overall:{overview.states.index(code)}"
    if code in overview.title:
        yield "in the title"
    if code in overview.once:
        yield "named in one sentence"
    acting, acted_upon = _parties(overview.acts)
    if code in acting:
        yield "acts elsewhere"
    if code in acted_upon:
        yield "acted upon elsewhere"
    if len(overview.states) == 2:
        yield "one of only two"
    if other and (code, other) in overview.together:
        yield "stands with the other"
    if other and set(overview.states[:2]) == {code, other}:
        yield "the whole article's two"
    if code in frequent:
        yield f"frequent:{frequent.index(code)}"
    if code == talk.agent:
        yield "acted last"
    if code == talk.speaker:
        yield "spoke last"
    if code == talk.home:
        yield "home"
    if code in talk.pair:
        yield "of the last pair"
    if code in talk.here:
        yield "first of the sentence's pair" if code == talk.here[0] else "second of the sentence's pair"
    if other:
        if talk.partner(other) == code:
            yield "partner"
        if talk.told(other, code):
            yield "told of the two"
        if set(frequent[:2]) == {code, other}:
            yield "the article's two"


def _of_pair(talk: Discourse, source: str, target: str, act: EventType) -> Iterator[str]:
    quads = ontology().quads
    yield f"acts told:{'brief' if talk.overview.brief else min(3, len(talk.overview.acts))}"
    for topic in talk.overview.topics:
        yield f"topic:{topic}"
        yield f"topic:{topic}|{quads[act].value}"
    between = _by_pair(talk.overview.acts).get(frozenset((source, target)), ())
    if not between:
        yield "nothing else of the two"
    if any(s == source for s, _, _ in between):
        yield "this way too"
    if any(s == target for s, _, _ in between):
        yield "the other way too"
    if any(quads[EventType(kind)] is quads[act] for _, _, kind in between):
        yield "of the same quad class too"
    if any(kind == act and s == target for s, _, kind in between):
        yield "the same act the other way"


def of_trigger(view: View, states: int) -> Iterator[str]:
    """What kind of act is told, and how, in a sentence that names so many states."""
    frame = view.frame
    yield f"rule:{frame.rule}"
    yield f"type:{frame.type.value}"
    yield f"quad:{ontology().quads[frame.type].value}"
    for flag in ("symmetric", "explicit", "foreign", "foreign_object", "foreign_speaker", "embeds", "person"):
        if getattr(frame, flag):
            yield flag
    if not frame.needs:
        yield "needs nothing"
    yield f"states:{min(4, states)}"


def filled(view: View) -> list[str]:
    """What stands where the frame looks for its source and its target by name of the slot, though it names no state."""
    return [f"subject:{_filler(view, 'subj')}", f"object:{_filler(view, 'obj')}"]


def form_of(view: View) -> str:
    """Whether a verb tells the act, a noun that a verb carries, or a noun alone."""
    if not view.nominal:
        return "verb"
    return "carried noun" if view.trigger.support is not None else "bare noun"


def _filler(view: View, slot: str) -> str:
    sentence = view.sentence
    held = [t for t in view.tokens(Slot(slot)) if t != view.trigger.token]
    if not held:
        return "none"
    token = sentence[held[0]]
    if view.resolver.named(sentence, held[0]) or view.resolver.owner(sentence, held[0], guess=False):
        return "a state's"
    if token.pos in ("PRON", "DET"):
        return "a pronoun"
    if view.resolver.is_person(sentence, held[0]):
        return "a person"
    if view.names.kind(held[0], _TITLES):
        return "an office"
    if token.feats.get("Animacy") == "Anim":
        return "people"
    return "a name" if token.pos == "PROPN" else "a thing"


def _seen(view: View, index: int) -> Iterator[str]:
    """How the phrase that names a state at `index` stands in the sentence, seen from the trigger."""
    sentence, trigger = view.sentence, view.trigger
    host = _host(sentence, index, trigger.token)
    token = sentence[host]
    preposition = sentence.preposition(host)
    case = view.resolver.case(sentence, host) or "none"
    mark = preposition if preposition in _PREPOSITIONS or not preposition else "other"
    yield f"mark:{mark}:{case}"
    yield f"rel:{token.rel.split(':')[0]}"
    yield _kind(view, index, host)
    tops = {trigger.token} | ({trigger.support} if trigger.support is not None else set())
    above = tuple(sentence.ancestors(trigger.token))
    if token.head in tops:
        yield "hangs on it"
    elif token.head in above:
        yield "hangs above it"
    elif host in sentence.subtree(trigger.token):
        yield "below it"
    elif host in above:
        yield "governs it"
    else:
        yield "elsewhere"
    if any("Nom" in h.cases for h in view.names.kind(index, ACTORS)) and host == index and not preposition:
        yield "may be nominative"
    yield "before" if index < trigger.token else "after"
    between = sentence.tokens[min(index, trigger.token) + 1 : max(index, trigger.token)]
    if any(t.feats.get("VerbForm") == "Fin" for t in between):
        yield "a verb between"
    if any(t.text in (",", ":", ";", "—", "(", "«", "»") for t in between):
        yield "a stop between"
    yield "near" if len(between) < 3 else "far" if len(between) > _FAR else "not far"


def _host(sentence: Sentence, index: int, trigger: int) -> int:
    """The head of the phrase whose modifiers name the state: глава in "с главой МИД Турции"."""
    seen = {index}
    while True:
        token = sentence[index]
        head = token.head
        if not 0 <= head < len(sentence) or head in seen or head == trigger or token.rel not in _PHRASE:
            return index
        if is_verbal(sentence[head]) or any(sentence[c].rel == "case" and c < index for c in sentence.children(index)):
            return index
        seen.add(head)
        index = head


def _kind(view: View, index: int, host: int) -> str:
    sentence, names = view.sentence, view.names
    if view.resolver.is_person(sentence, host) or view.resolver.is_person(sentence, index):
        return "a person"
    if host == index and names.kind(index, ACTORS):
        return "a state"
    if names.kind(host, _TITLES) or sentence[host].lemma in words().people:
        return "an official"
    if sentence[host].feats.get("Animacy") == "Anim":
        return "people"
    if names.kind(index, ADJECTIVES):
        return "a thing by adjective"
    return "a thing"
