"""What Russian news calls states, bodies, offices and organizations, as data with one way in:

    from workers.enrichment.russian.lexicon import Kind, leaders, lexicon, settle

    hits = lexicon().match(["Главы", "МИД", "России", "и", "РБ", "обсудили", "российско-китайские", "связи"])
    for hit in hits:
        hit.start, hit.end          # tokens[start:end]
        hit.kind                    # Kind.OFFICE, BODY, NOUN, ABBREVIATION, ADJECTIVE, ... (entries.py)
        hit.code                    # "RUS"; "CSTO", "EUR", "UNO"; a group's code; "" where the text must tell it
        hit.sector                  # "GOV", "MIL", ... or ""
        hit.entry.name              # dictionary form: "министр обороны"
        hit.entry.role              # of an office ("foreign_minister", names.ROLES), a body ("ministry",
                                    # names.BODIES), an organization (its own code: UNICEF where hit.code is UNO)
        hit.entry.guard             # Guard.DOCUMENT: РБ, РК mean other things elsewhere; Guard.ETHNIC: казахский
        hit.cases, hit.plural       # {"Gen"}; every case for names that do not decline
        hit.ambiguous               # another hit shares the span and says another thing: Брюссель, Белый дом
        hit.compound                # one of the states of российско-китайские, США-Китай: both share the span
        hit.former                  # экс-президент, бывший министр обороны
    hits = settle(hits, {"BLR"})    # one hit a span: that which the document names elsewhere, else the usual one
    lexicon().members("CSTO", "2025-10-31")    # states of an organization or group on a day
    lexicon().organization("CSTO").sector      # "IGO"

    leaders().find(["Владимира", "Путина"])    # all terms of who goes by these words, for a person that NER found
    leaders().match(tokens)                    # leaders named in a sentence: full names, and surnames alone
    leaders().on("RUS", "foreign_minister", "2025-10-31"), leaders().latest(terms, "2025-10-31")

Names match by their own case forms (inflection.py), never by lemmas, which go wrong on names (Того, Мали, Перу); ё is
read as е. A capital in the data is demanded of the text (Чад is not чад), abbreviations are matched in capitals (МИДа).
Names are matched over runs of letters and of digits, so hyphens and apostrophes do not matter. The longest name wins;
traps.csv holds longer names that mean no state (английский язык, Персидский залив). пророссийский and анти-российский
give no hit.

To add a name, add a row to a CSV file here; where its genitive cannot be told from its ending the loader asks for it.

states.csv      nouns, adjectives, demonyms, abbreviations, capitals, former states
seats.csv       Кремль, Белый дом: places that act for their state
places.csv      towns, regions, disputed places
traps.csv       what only looks like one
organizations.csv, organization_names.csv, groups.csv, members.csv
professions.csv what people do who act for no state: a lexicon of its own, `professions()`
offices.csv, bodies.csv, both with domains.csv (министр, министерство + обороны), ranks.csv
leaders.csv     who held which office when
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from workers.enrichment.russian.lexicon.entries import GEOGRAPHIC, Entry, Guard, Hit, Kind
from workers.enrichment.russian.lexicon.leaders import Leader, Leaders, PersonHit, leaders
from workers.enrichment.russian.lexicon.matcher import Matcher, settle
from workers.enrichment.russian.lexicon.membership import members, memberships
from workers.enrichment.russian.lexicon.names import (
    Named,
    body_names,
    group_names,
    office_names,
    organization_names,
    place_names,
    profession_names,
    rank_names,
    seat_names,
    state_names,
    trap_names,
)
from workers.enrichment.russian.lexicon.organizations import Organization, organizations

__all__ = [
    "GEOGRAPHIC",
    "Entry",
    "Guard",
    "Hit",
    "Kind",
    "Leader",
    "Leaders",
    "Lexicon",
    "Organization",
    "PersonHit",
    "indeclinable",
    "leaders",
    "lexicon",
    "professions",
    "proper_names",
    "settle",
]


class Lexicon:
    """All names in one trie, and the tables behind them."""

    def __init__(self, named: Iterable[Named]) -> None:
        self._matcher = Matcher()
        self.entries: list[Entry] = []
        for entry, forms in named:
            self.entries.append(entry)
            self._matcher.add(entry, forms)

    def match(self, tokens: Sequence[str]) -> list[Hit]:
        """The names in the tokens of one sentence, left to right; only ambiguous and compound hits share a span."""
        return self._matcher.match(tokens)

    def spelled(self, words: Sequence[str]) -> Iterator[tuple[int, int, Entry]]:
        """Every name that runs of letters or digits may spell, whatever stands beside: start, end and entry."""
        return self._matcher.spelled(words)

    @staticmethod
    def members(code: str, day: str) -> frozenset[str]:
        """The states that belonged to an organization or group on a day (`2025-10-31`); empty where not known."""
        return members(code, day)

    @staticmethod
    def organization(code: str) -> Organization | None:
        """An organization by its own code (`hit.entry.role`)."""
        return organizations().get(code)


@cache
def lexicon() -> Lexicon:
    """The lexicon, read and checked once. Raises `BrokenData` with file, line and reason."""
    memberships()
    return Lexicon(
        chain(
            state_names(), seat_names(), organization_names(), group_names(), place_names(), body_names(),
            office_names(), rank_names(), trap_names(),
        )
    )  # fmt: skip


@cache
def indeclinable() -> frozenset[str]:
    """Names of states in one word and one form, as written: Перу, Чили. Not those that are common words too (Того)."""
    return frozenset(
        entry.name for entry, forms in state_names()
        if entry.kind is Kind.NOUN and len(forms) == 1 and entry.name.isalpha() and entry.guard is Guard.NONE
    )  # fmt: skip


@cache
def proper_names() -> frozenset[str]:
    """States and capitals in one word, as written in the nominative: Канада, Кампала. Not common words too."""
    return frozenset(
        entry.name for entry, _ in state_names()
        if entry.kind in (Kind.NOUN, Kind.CAPITAL) and entry.name.isalpha() and entry.guard is Guard.NONE
    )  # fmt: skip


@cache
def professions() -> Lexicon:
    """The professions, which only name what somebody does: kept apart, so that no name is hidden behind them."""
    return Lexicon(profession_names())
