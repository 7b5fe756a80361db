"""When and where an event took place, as its sentence tells."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from models.coded import Precision, Status
from workers.enrichment.coding.grammar import modality
from workers.enrichment.coding.phrases import Names
from workers.enrichment.coding.verb_forms import is_verbal
from workers.enrichment.document import DateExpr, Document, Sentence
from workers.enrichment.russian.lexicon import Kind

_PLACES = frozenset({Kind.CITY, Kind.CAPITAL, Kind.REGION, Kind.TERRITORY})
_NEAR = 25
_APART = frozenset({"acl", "acl:relcl", "amod", "parataxis", "advcl"})
"""Clauses below an act that tell of another."""


class When(Struct, frozen=True):
    """A date as `models.Event` has it."""

    date: str | None
    precision: Precision


def when(document: Document, sentence: Sentence, trigger: int, status: Status) -> When:
    """The date of the act: the expression nearest its trigger in its clause, else the day of the report.

    Background ("ранее", "напомним") without a date has none: it is never put on the day of the report.
    """
    future = status in (Status.PLANNED, Status.HYPOTHETICAL)
    times = [
        d for d in document.dates_in(sentence.index)
        if d.role == "time" and _fits(d, future) and _of_the_act(sentence, d, trigger)
    ]  # fmt: skip
    if times:
        nearest = min(times, key=lambda d: (_distance(sentence, d, trigger), d.start))
        if _distance(sentence, nearest, trigger) <= _NEAR:
            return When(nearest.when(future=future), nearest.precision)
    if not future and _background(sentence, trigger):
        return When(None, Precision.NONE)
    return reported(document.published)


def reported(day: dt.date) -> When:
    """The day of the report."""
    return When(day.isoformat(), Precision.REPORTED)


def place(sentence: Sentence, names: Names, trigger: int) -> str | None:
    """The town or region where the act took place, if the sentence says one in the locative."""
    found = [
        hit for hit in names.hits
        if hit.kind in _PLACES
        and sentence[hit.start].case == "Loc"
        and sentence.preposition(hit.start) in ("в", "на", "под")
    ]  # fmt: skip
    return min(found, key=lambda h: abs(h.start - trigger)).entry.name if found else None


def _fits(date: DateExpr, future: bool) -> bool:
    return future or date.direction != "future"


def _of_the_act(sentence: Sentence, date: DateExpr, trigger: int) -> bool:
    """Whether a date may be the act's: it stands in the act's clause or in one that governs or carries it.

    A relative clause or a clause beside with a subject of its own dates another act.
    """
    when, act = _verb(sentence, date.start), _verb(sentence, trigger)
    if when is None or act is None or when == act or _beside(sentence, date.start, trigger):
        return True
    path = [act, *sentence.ancestors(act)]
    if when not in path:
        # below the act: a relative clause or a participle dates itself, a clause of content may carry the date
        steps = [when, *sentence.ancestors(when)]
        below = steps[: steps.index(act)] if act in steps else steps
        own = trigger if not is_verbal(sentence[trigger]) else -1  # "обстрел, которому город подвергли в мае"
        return not any(sentence[i].rel in _APART and sentence[i].head != own for i in below)
    between = path[: path.index(when)]
    return not any(sentence[i].rel == "conj" and _own_subject(sentence, i) for i in between)


def _beside(sentence: Sentence, date: int, trigger: int) -> bool:
    """Whether no border of a clause and no verb stands between, whatever the tree says."""
    low, high = sorted((date, trigger))
    return not any(t.pos == "PUNCT" or is_verbal(t) for t in sentence.tokens[low + 1 : high])


def _verb(sentence: Sentence, index: int) -> int | None:
    """The verb of the clause that a token stands in."""
    return next((i for i in (index, *sentence.ancestors(index)) if is_verbal(sentence[i])), None)


def _own_subject(sentence: Sentence, verb: int) -> bool:
    return any(sentence[c].rel.startswith("nsubj") for c in sentence.children(verb))


def _distance(sentence: Sentence, date: DateExpr, trigger: int) -> int:
    """Tokens between, clause borders counting for more."""
    low, high = sorted((date.start, trigger))
    return high - low + 8 * sum(t.text in (";", "«", "»", "—") for t in sentence.tokens[low:high])


def _background(sentence: Sentence, trigger: int) -> bool:
    words = modality().background
    clause_start = max((t.index for t in sentence.tokens[:trigger] if t.text in (";", ":")), default=-1) + 1
    return any(t.lemma in words and t.pos in ("ADV", "VERB") for t in sentence.tokens[clause_start : trigger + 3])
