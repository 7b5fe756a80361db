"""What the lexicon knows of a name, and a place in a sentence where it stands."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from workers.enrichment.russian.lexicon.inflection import Case, Grammeme


class Kind(StrEnum):
    """What a name is."""

    NOUN = "noun"
    """The state itself: Казахстан, Республика Казахстан."""
    ADJECTIVE = "adjective"
    """казахстанский."""
    DEMONYM = "demonym"
    """A citizen: казахстанец."""
    ABBREVIATION = "abbreviation"
    """Of a state, by exact capitals: РФ."""
    COMBINING = "combining"
    """The first part of a compound adjective: российско-."""
    CAPITAL = "capital"
    """A capital, which may act for its state or be just a place."""
    SEAT = "seat"
    """A seat of power that acts for its state: Кремль. Has a sector."""
    FORMER = "former"
    """A state of the past, coded to its successor: СССР."""
    TERRITORY = "territory"
    """A disputed or partially recognized place, coded to the state it counts to: Абхазия."""
    CITY = "city"
    REGION = "region"
    PLACE_ADJECTIVE = "place_adjective"
    """Of a place or a capital: крымский, киевский."""
    ORGANIZATION = "organization"
    """An intergovernmental or international organization; `code` is the actor's (EUR, UNO or its own)."""
    METONYM = "metonym"
    """A place that acts for an organization: Брюссель."""
    GROUP = "group"
    """States named together: страны Балтии. `code` is the group's, see `Lexicon.members`."""
    OFFICE = "office"
    """министр обороны, президент. `role` says which."""
    BODY = "body"
    """A body, force, company or movement: МИД, Госдума, армия. `code` where only one state has it."""
    RANK = "rank"
    """генерал-лейтенант."""
    PROFESSION = "profession"
    """What somebody does who acts for no state: хирург. Found by `professions()` only."""
    RELATED = "related"
    """An adjective made from a state's name that says no more than that: советский, всероссийский."""
    PERSON = "person"
    """A leader's name, in the table of leaders only."""
    TRAP = "trap"
    """Looks like one of the above and is none: английский язык. Never returned."""


GEOGRAPHIC = frozenset(
    {
        Kind.NOUN,
        Kind.ADJECTIVE,
        Kind.DEMONYM,
        Kind.ABBREVIATION,
        Kind.COMBINING,
        Kind.CAPITAL,
        Kind.SEAT,
        Kind.FORMER,
        Kind.TERRITORY,
        Kind.CITY,
        Kind.REGION,
        Kind.PLACE_ADJECTIVE,
    }
)
"""The kinds whose `code` is a state."""


class Guard(StrEnum):
    """What to be careful of with a name; the matcher enforces `word` and `place`, the rest is told by `Hit`."""

    NONE = ""
    WORD = "word"
    """Written like a common word (Того): not at the start of a sentence nor in capitals throughout."""
    PLACE = "place"
    """Also a person's name or a word (Владимир, Орёл): only after a preposition of place in its case, or город."""
    DOCUMENT = "document"
    """Means other things elsewhere (РБ, РК): to be confirmed by the document."""
    ETHNIC = "ethnic"
    """Names a people or a language as often as the state (казахский, русский)."""


class Entry(Struct, frozen=True):
    """One name. `code` is a state's alpha-3 code, an actor's or a group's, or empty; `sector` is PLOVER's or empty.

    `role` of an office is one of `ROLES`, of a body one of `BODIES`, of an organization its own code.
    """

    name: str
    kind: Kind
    code: str = ""
    sector: str = ""
    role: str = ""
    guard: Guard = Guard.NONE
    note: str = ""


class Hit(Struct, frozen=True):
    """A name found in a sentence, `tokens[start:end]`.

    Two hits may share a span: an ambiguous name (`ambiguous` is true of each), or the two states of a compound
    adjective (российско-белорусский; `compound` is true of each). `former` is true of an
    office after экс- or бывший.
    """

    start: int
    end: int
    entry: Entry
    grammemes: frozenset[Grammeme]
    ambiguous: bool = False
    compound: bool = False
    former: bool = False

    @property
    def kind(self) -> Kind:
        """What the name is."""
        return self.entry.kind

    @property
    def code(self) -> str:
        """The state, actor or group; empty where the text must tell it."""
        return self.entry.code

    @property
    def sector(self) -> str:
        """PLOVER sector, or empty."""
        return self.entry.sector

    @property
    def cases(self) -> frozenset[Case]:
        """The cases that the form may stand in; those of every case for names that do not decline."""
        return frozenset(case for case, _ in self.grammemes)

    @property
    def plural(self) -> bool:
        """Whether the form can only be a plural: министры, россиян."""
        return all(number == "Plur" for _, number in self.grammemes)
