"""Who held which high office of a state or organization when, found by name in running text.

The table fills in what an article takes for granted (Путин, Токаев); it never goes against what the article says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from msgspec import Struct

from models.data import BrokenData, rows
from models.ontology import ontology
from models.states import states
from workers.enrichment.russian.lexicon.entries import Entry, Kind
from workers.enrichment.russian.lexicon.inflection import CannotInflect, Case, Forms, fold, name_forms, pieces
from workers.enrichment.russian.lexicon.matcher import Matcher
from workers.enrichment.russian.lexicon.names import ROLES
from workers.enrichment.russian.lexicon.organizations import organizations
from workers.enrichment.russian.lexicon.persons import person_genitive

_COLUMNS = ("name", "short", "inflection", "gender", "code", "role", "office", "sector", "start", "end", "source")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_Spelt = tuple[tuple[str, Forms], ...]
"""Spellings of a name, each with its forms."""
_PATRONYMIC = re.compile(r"(ович|евич|ич|ьич)(а|у|ем|е)?\Z|(овн|евн|ичн)(а|ы|е|у|ой)\Z")


class Leader(Struct, frozen=True):
    """One term of office. `name` is the usual spelling; `start` and `end` are ISO dates, as exact as known.

    `end` is empty where no end is known.
    """

    name: str
    code: str
    role: str
    office: str
    sector: str
    start: str
    end: str
    source: str

    def holds(self, day: str) -> bool:
        """Whether the office was held on a day (`2025-10-31`); a year or month counts whole."""
        return self.start <= day and (not self.end or day <= self.end or day.startswith(self.end))


class PersonHit(Struct, frozen=True):
    """A leader's name in a sentence, `tokens[start:end]`; `terms` are all terms of all who go by it.

    `full` tells a given name with a surname from a surname alone, which others may bear too.
    """

    start: int
    end: int
    terms: tuple[Leader, ...]
    full: bool
    cases: frozenset[Case]


class _Person(Struct, frozen=True):
    """A person of the table: the forms of all given names, and all terms."""

    given: frozenset[str]
    terms: list[Leader]


class Leaders:
    """The table of terms and the names in it."""

    def __init__(self, table: Iterable[tuple[Leader, _Spelt, _Spelt]]) -> None:
        self.terms: list[Leader] = []
        self._people: dict[str, _Person] = {}
        self._givens: set[str] = set()
        self._matcher = Matcher()
        self._surnames: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._full: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for leader, full, short in table:
            self.terms.append(leader)
            if leader.name in self._people:
                self._people[leader.name].terms.append(leader)
                continue
            surnames = {form for _, forms in short for form in forms}
            given = {p for _, forms in full for form in forms for p in form} - {p for form in surnames for p in form}
            self._people[leader.name] = _Person(frozenset(given), [leader])
            self._givens |= given
            for names, role, index in ((full, "full", self._full), (short, "", self._surnames)):
                for spelling, forms in names:
                    self._matcher.add(Entry(spelling, Kind.PERSON, leader.name, role=role), forms)
                    for form in forms:
                        index[form].add(leader.name)

    def on(self, code: str, role: str, day: str) -> tuple[Leader, ...]:
        """Who held an office of a state or organization on a day (`2025-10-31`)."""
        return tuple(t for t in self.terms if t.code == code and t.role == role and t.holds(day))

    @staticmethod
    def latest(terms: Sequence[Leader], day: str) -> Leader | None:
        """The term held on a day, else the last one that had ended by then; nothing where all began later.

        Of several held on the day the one that began last counts.
        """
        past = [t for t in terms if t.start <= day]
        return max(past, key=lambda t: (t.holds(day), t.start if t.holds(day) else t.end), default=None)

    def find(self, words: Sequence[str]) -> tuple[Leader, ...]:
        """All terms of those who may be called by these words, in any case: Владимира Путина, В. В. Путин, Путиным.

        Given names, patronymics and initials must fit. Empty where nobody of the table is meant.
        """
        parts = tuple(fold(p) for word in words for p in pieces(word))
        if parts in self._full:
            return self._terms(self._full[parts])
        for i in range(len(parts)):
            for surname, rest in ((parts[i:], parts[:i]), (parts[: len(parts) - i], parts[len(parts) - i :])):
                names = {n for n in self._surnames.get(surname, ()) if self._fits(n, rest)}
                if names:
                    return self._terms(names)
        return ()

    def match(self, tokens: Sequence[str]) -> list[PersonHit]:
        """The leaders named in the tokens of a sentence.

        A surname alone is left out where a given name stands before it that is another person's.
        """
        found: dict[tuple[int, int], list[tuple[str, bool, frozenset[Case]]]] = defaultdict(list)
        for hit in self._matcher.match(tokens):
            found[hit.start, hit.end].append((hit.code, bool(hit.entry.role), hit.cases))
        hits = []
        for (start, end), people in found.items():
            full = any(whole for _, whole, _ in people)
            names = {name for name, whole, _ in people if whole == full}
            while not full and start > 0 and (before := self._given(tokens[start - 1])):
                names = {n for n in names if self._fits(n, before)}
                start -= 1
            if names:
                cases = frozenset(case for name, _, of in people if name in names for case in of)
                whole = full or start < end - 1 or bool(_PATRONYMIC.search(fold(tokens[start])))
                hits.append(PersonHit(start, end, self._terms(names), whole, cases))
        return hits

    def spelled(self, words: Sequence[str]) -> Iterator[tuple[int, int, tuple[Leader, ...]]]:
        """Every name that runs of letters may spell, whatever stands beside: start, end and all terms of its bearer."""
        for start, end, entry in self._matcher.spelled(words):
            yield start, end, tuple(self._people[entry.code].terms)

    def _given(self, token: str) -> tuple[str, ...]:
        """The pieces of a token that is a given name of the table, a patronymic or initials, else nothing."""
        parts = tuple(fold(p) for p in pieces(token))
        if not parts or not token[0].isupper():
            return ()
        initials = all(len(p) == 1 for p in parts) and token.endswith(".")
        return parts if initials or parts[-1] in self._givens or _PATRONYMIC.search(parts[-1]) else ()

    def _fits(self, name: str, given: Sequence[str]) -> bool:
        own = self._people[name].given
        return all(
            any(g.startswith(p) for g in own) if len(p) == 1 else p in own or bool(_PATRONYMIC.search(p)) for p in given
        )

    def _terms(self, names: Iterable[str]) -> tuple[Leader, ...]:
        return tuple(term for name in sorted(names) for term in self._people[name].terms)


@cache
def leaders() -> Leaders:
    """The table of leaders, read and checked once. Raises `BrokenData`."""
    return Leaders(_table())


def _table(file: str = "leaders.csv") -> Iterator[tuple[Leader, _Spelt, _Spelt]]:
    seen: set[tuple[str, str, str, str]] = set()
    made: dict[tuple[str, str, str, str], tuple[_Spelt, _Spelt]] = {}
    for line, row in rows(__package__, file, _COLUMNS):
        _check(file, line, row)
        spellings = row["name"].split("|")
        name = spellings[0]
        if (key := (name, row["code"], row["role"], row["start"])) in seen:
            raise BrokenData(file, line, f"{name} is there twice as {row['role']} from {row['start']}")
        seen.add(key)
        alike = (row["name"], row["short"], row["inflection"], row["gender"])
        if alike not in made:
            try:
                made[alike] = _names(spellings, row["short"], row["inflection"].split("|"), row["gender"])
            except CannotInflect as error:
                raise BrokenData(file, line, str(error)) from None
        terms = (row["code"], row["role"], row["office"], row["sector"], row["start"], row["end"], row["source"])
        yield Leader(name, *terms), *made[alike]


def _names(spellings: list[str], short: str, genitives: list[str], gender: str) -> tuple[_Spelt, _Spelt]:
    """The forms of the full names and of the surnames alone."""
    padded = genitives + [""] * (len(spellings) - len(genitives))
    given = [g or person_genitive(s, gender) for s, g in zip(spellings, padded, strict=True)]
    full = tuple((s, name_forms(s, g, animate=True)) for s, g in zip(spellings, given, strict=True))
    if short == "-":
        return full, ()
    alone = dict.fromkeys(short.split("|"), "") if short else {}
    if not short:
        alone = {s.split()[-1]: g.split()[-1] for s, g in zip(spellings, given, strict=True)}
    surnames = tuple((s, name_forms(s, g or person_genitive(s, gender), animate=True)) for s, g in alone.items())
    return tuple(f for f in full if f[0] not in alone), surnames


def _check(file: str, line: int, row: dict[str, str]) -> None:
    if row["code"] not in states() and row["code"] not in organizations():
        raise BrokenData(file, line, f"{row['code']!r} is the code of no state or organization")
    if row["role"] not in ROLES or row["sector"] not in ontology().sectors:
        raise BrokenData(file, line, f"role {row['role']!r} or sector {row['sector']!r} is not known")
    if row["gender"] not in ("m", "f"):
        raise BrokenData(file, line, f"gender is m or f, not {row['gender']!r}")
    if not row["name"] or not row["office"] or not row["source"]:
        raise BrokenData(file, line, "a name, an office and a source are needed")
    if not _DATE.match(row["start"]) or (row["end"] and not _DATE.match(row["end"])):
        raise BrokenData(file, line, f"{row['start']!r} or {row['end']!r} is no date such as 2012-05-07 or 2012")
    if row["end"] and row["end"] < row["start"] and not row["start"].startswith(row["end"]):
        raise BrokenData(file, line, "the term ends before it begins")
