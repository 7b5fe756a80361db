"""Whom words without a name refer to, by what was said before: "стороны", "министр", "республика", "он"."""

from __future__ import annotations

from collections.abc import Sequence

from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.grammar import words
from workers.enrichment.document import Sentence, Token
from workers.enrichment.russian.lexicon import Hit, Kind

POSTS = frozenset({"head_of_state", "head_of_government", "foreign_minister", "defence_minister", "speaker"})
"""Roles that one person of a state holds."""
_OFFICIAL = frozenset({"GOV", "MIL", "LEG", "COP", "SPY", "JUD"})
"""Sectors whose unnamed members belong to the state in focus."""
_COMMON = frozenset({"side", "government", "authorities", "delegation", "armed_forces"})
"""Bodies that every state has and every sentence may mean anew."""


def described(
    talk: Discourse, sentence: Sentence, token: Token, title: Hit | None, without: frozenset[str]
) -> tuple[Actor, ...]:
    """Whom a description without a name refers to, by what was said before."""
    known = words()
    plural = token.feats.get("Number") == "Plur"
    lemmas = {sentence[c].lemma for c in sentence.children(token.index)}
    lemmas |= {sentence[i].lemma for i in range(max(0, token.index - 2), token.index)}
    if lemmas & known.neighbour or token.lemma in known.neighbour or token.lemma in known.counterpart:
        told = talk.told_partner(next(iter(without))) if len(without) == 1 else ""
        if plural and not told and without and len(parties := talk.parties(without)) >= 2:
            return spoken_of(parties, token.index)
        one = next(iter(without), talk.agent)
        code = talk.partner(one) if one else ""
        return (Actor(code, token=token.index, via="discourse"),) if code else ()
    if token.lemma in known.companion and without and (not plural or token.lemma == "хозяин"):
        code = talk.partner(next(iter(without))) if len(without) == 1 else talk.focus(without)
        return (Actor(code, token=token.index, via="discourse"),) if code else ()
    pair = (
        (lemmas & (known.both | known.two) and token.lemma in known.parties)
        or (plural and (token.lemma in known.plain_parties or (title is None and token.lemma in known.parties)))
        or (plural and title is not None and title.kind is Kind.OFFICE and token.lemma in known.parties)
    )
    if pair:
        parties = talk.parties(without)
        return spoken_of(parties, token.index)
    if token.lemma in known.joint and without and (parties := talk.parties(without)):
        return spoken_of(parties, token.index)
    if plural and token.lemma in known.countries and lemmas & known.these:
        return spoken_of([code for code in talk.group if code not in without], token.index)
    if token.lemma in known.countries:
        code = talk.focus(without)
        return (Actor(code, token=token.index, via="discourse"),) if code else ()
    if title is not None and title.kind in (Kind.OFFICE, Kind.BODY):
        held = talk.holder(post(title))
        if held is not None and held.code in without:
            return ()
        if held is not None:
            return (Actor(held.code, held.sector or title.sector, held.name, held.office, token.index, "memory"),)
    if (title is not None and title.sector in _OFFICIAL) or token.lemma in known.people:
        code = talk.focus(without)
        sector = title.sector if title is not None else "GOV"
        return (Actor(code, sector, token=token.index, via="discourse"),) if code else ()
    return ()


def pronoun(talk: Discourse, token: Token, without: frozenset[str]) -> tuple[Actor, ...]:
    """Whom a personal pronoun refers to: the speaker, the last pair, or who acted last."""
    if token.lemma == "они" and len(talk.pair) >= 2:
        return spoken_of(talk.pair, token.index)
    if token.lemma in ("мы", "я", "наш"):
        return (Actor(talk.speaker, token=token.index, via="discourse"),) if talk.speaker else ()
    others = [c for c in talk.here if c not in without]
    if token.lemma in ("он", "она") and token.case != "Nom" and len(talk.here) == 2 and len(others) == 1:
        # "позвонил президенту и поблагодарил его"
        return (Actor(others[0], token=token.index, via="discourse"),)
    if token.lemma in ("он", "она") and token.rel == "nsubj:pass":  # who suffered goes on suffering
        code = talk.pair[1] if len(talk.pair) == 2 else talk.actor(without) or talk.focus(without)
        return (Actor(code, token=token.index, via="discourse"),) if code else ()
    if token.lemma in ("он", "она") and token.case == "Nom" and (code := talk.actor(without)):
        return (Actor(code, token=token.index, via="memory"),)
    if token.lemma in ("он", "она", "они", "оно") and (code := talk.actor(without) or talk.focus(without)):
        return (Actor(code, token=token.index, via="discourse"),)
    return ()


def spoken_of(codes: Sequence[str], token: int) -> tuple[Actor, ...]:
    """The parties as the discourse gives them; none where there is only one, since a pair is meant."""
    return tuple(Actor(code, token=token, via="discourse") for code in codes) if len(codes) >= 2 else ()


def post(hit: Hit) -> str:
    """Under what a title is remembered: by its role where one person of a state holds it, else by its name."""
    if hit.kind is Kind.BODY and hit.entry.role in _COMMON:
        return ""
    return hit.entry.role if hit.entry.role in POSTS else hit.entry.name
