"""Score the entities against two public corpora: python bench/entities.py --factrueval DIR --nerel DIR

The corpora are read as they come, from folders that the user names. They are no part of the project, and nothing in it
is trained on them, because of their licences: factRuEval-2016 is github.com/dialogue-evaluation/factRuEval-2016 (DIR
holds devset and testset), NEREL is github.com/nerel-ds/NEREL (DIR is NEREL-v1.1 and holds train, dev and test; of these
dev and test are read, and train as well with --train).

What is compared, and how what the corpora and the project mean by a word is brought together:

    person   factRuEval: the name, surname, patronymic and nickname spans of one Person object, joined where nothing but
             blanks, dots and hyphens parts them; an object whose parts lie apart ("Ивана и Марии Петровых") gives
             each. NEREL: PERSON. Against the entities of kind person.
    state    NEREL: COUNTRY, which holds nouns and adjectives (Россия, российский). Against the entities of kind state.
             Citizens (россиянин) are NATIONALITY in NEREL and states here: a state coded on one counts neither way.
    office   NEREL: PROFESSION. Against the entities of kind office.
    date     NEREL: DATE. Against the entities of kind date.

Of gold spans of one kind that lie in one another the outermost counts. Strict: both ends agree, save for a dot at the
end and, of dates, the preposition at the beginning (в 2010 году), which NEREL has inside the span and the project
before it. Overlap: a coded span is right if it overlaps a gold one of its kind, a gold one is found if a coded one
overlaps it. Texts have no day of publication; a fixed one is given, on which no span depends.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from models import RawArticle, Version
from workers.enrichment.coder import Coder

Span = tuple[int, int]

_FACTRUEVAL = ("devset", "testset")
_PARTS = frozenset({"name", "surname", "patronymic", "nickname"})
_NEREL = {"PERSON": "person", "COUNTRY": "state", "PROFESSION": "office", "DATE": "date", "NATIONALITY": "citizen"}
_PREPOSITION = re.compile(r"(в|во|на|с|со|до|к|ко|по|от|из|за|после)\s+", re.IGNORECASE)
_NEITHER = {"state": "citizen"}
"""The kind whose gold spans make a coded one of the key's kind neither right nor false."""


class Labelled(Struct, frozen=True):
    """A text of a corpus and its gold spans by kind."""

    name: str
    text: str
    gold: Mapping[str, tuple[Span, ...]]


class Count(Struct):
    """Of one kind: coded and gold spans, and how many of each agree with one of the other, strictly and by overlap."""

    coded: int = 0
    gold: int = 0
    strict: int = 0
    right: int = 0
    found: int = 0


def read_factrueval(folder: Path) -> Iterator[Labelled]:
    """The texts of factRuEval-2016 with their persons."""
    for file in _files(folder, _FACTRUEVAL, ".objects"):
        text = _text(file)
        spans: dict[str, tuple[str, Span]] = {}
        for line in file.with_suffix(".spans").read_text(encoding="utf-8").splitlines():
            if line.strip():
                key, tag, start, length, *_ = line.split()
                spans[key] = tag, (int(start), int(start) + int(length))
        found: list[Span] = []
        for line in file.with_suffix(".objects").read_text(encoding="utf-8").splitlines():
            key, kind, *parts = line.partition("#")[0].split() or ("", "")
            if kind == "Person":
                found += joined(text, [spans[p][1] for p in parts if p in spans and spans[p][0] in _PARTS])
        yield Labelled(f"{file.parent.name}/{file.stem}", text, {"person": outermost(found)})


def read_nerel(folder: Path, parts: Sequence[str] = ("dev", "test")) -> Iterator[Labelled]:
    """The texts of NEREL with their persons, states, offices, dates and citizens."""
    for file in _files(folder, parts, ".ann"):
        found: dict[str, list[Span]] = defaultdict(list)
        for line in file.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
            if line.startswith("T"):
                tag, *ends = re.split(r"[ ;]", line.split("\t")[1])
                if tag in _NEREL:
                    found[_NEREL[tag]].append((int(ends[0]), int(ends[-1])))
        gold = {kind: outermost(found[kind]) for kind in _NEREL.values()}
        yield Labelled(f"{file.parent.name}/{file.stem}", _text(file), gold)


def _files(folder: Path, parts: Sequence[str], ends: str) -> list[Path]:
    found = [
        file for part in parts for file in sorted((folder / part).glob("*.txt")) if file.with_suffix(ends).exists()
    ]
    if not found:
        raise SystemExit(f"{folder}: no texts in {' or '.join(parts)}")
    return found


def _text(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as opened:  # offsets count the characters of a line's end
        return opened.read()


def joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans that nothing but blanks, dots and hyphens parts, made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and re.fullmatch(r"[\s.-]*", text[out[-1][1] : start]):
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def outermost(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans that lie in no other, in order, each once."""
    out: list[Span] = []
    for start, end in sorted(set(spans), key=lambda s: (s[0], -s[1])):
        if not out or end > out[-1][1]:
            out.append((start, end))
    return tuple(out)


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Whether a span shares a character with one of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def bare(text: str, span: Span, kind: str) -> Span:
    """The span without a dot at its end and, of a date, without a preposition at its beginning."""
    start, end = span
    words = text[start:end]
    before = _PREPOSITION.match(words) if kind == "date" else None
    return (start + (before.end() if before else 0), end - words.endswith("."))


def compare(item: Labelled, kind: str, coded: Sequence[Span], count: Count, errors: Counter[str]) -> None:
    """Add one text's agreement in one kind to the count, and what does not agree to the errors."""
    gold = item.gold[kind]
    neither = item.gold.get(_NEITHER.get(kind, ""), ())
    coded = [s for s in coded if overlaps(s, gold) or not overlaps(s, neither)]
    ends = {bare(item.text, span, kind) for span in gold}
    count.coded, count.gold = count.coded + len(coded), count.gold + len(gold)
    count.strict += sum(bare(item.text, span, kind) in ends for span in coded)
    for span in coded:
        right = overlaps(span, gold)
        count.right += right
        if bare(item.text, span, kind) not in ends:
            beside = " | ".join(item.text[a:b] for a, b in gold if overlaps(span, [(a, b)]))
            errors[f"{'ends ' if right else 'false'} {_shown(item.text, span)}   {beside}"] += 1
    for span in gold:
        found = overlaps(span, coded)
        count.found += found
        if not found:
            errors[f"miss  {_shown(item.text, span)}"] += 1


def _shown(text: str, span: Span) -> str:
    return " ".join(text[span[0] : span[1]].split())


def f1(coded: int, gold: int, right: int, found: int) -> str:
    """Precision, recall and F1 as they are printed."""
    precision, recall = right / max(coded, 1), found / max(gold, 1)
    return f"P {precision:.3f}  R {recall:.3f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}"


def score(coder: Coder, corpus: str, items: Iterable[Labelled], kinds: Sequence[str], errors: Sequence[str]) -> None:
    """Code a corpus, print a line for each kind, and the errors of the kinds that are asked for."""
    counts = {kind: Count() for kind in kinds}
    wrong: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    texts = 0
    for item in items:
        texts += 1
        article = RawArticle(id=item.name, text=item.text, language="ru")
        entities = coder.code(article, version=Version(0), received=dt.date(2020, 1, 1)).entities
        for kind in kinds:
            spans = sorted({(e.start, e.end) for e in entities if e.kind.value == kind})
            compare(item, kind, spans, counts[kind], wrong[kind])
    for kind, n in counts.items():
        strict, overlap = f1(n.coded, n.gold, n.strict, n.strict), f1(n.coded, n.gold, n.right, n.found)
        print(f"{corpus:11} {texts:4} texts  {kind:7} {n.gold:5}  strict {strict}   overlap {overlap}")
    for kind in errors:
        for error, times in wrong.get(kind, Counter[str]()).most_common():
            print(f"{times:4} {kind} {error}")


def main() -> None:
    """Print a line for each corpus and kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factrueval", type=Path, metavar="DIR")
    parser.add_argument("--nerel", type=Path, metavar="DIR")
    parser.add_argument("--train", action="store_true", help="read the training part of NEREL as well")
    parser.add_argument("--errors", nargs="*", default=(), metavar="KIND", help="list the errors of these kinds")
    options = parser.parse_args()
    coder = Coder()
    if options.factrueval:
        score(coder, "factRuEval", read_factrueval(options.factrueval), ("person",), options.errors)
    if options.nerel:
        parts = ("dev", "test", "train") if options.train else ("dev", "test")
        kinds = ("person", "state", "office", "date")
        score(coder, "NEREL", read_nerel(options.nerel, parts), kinds, options.errors)


if __name__ == "__main__":
    main()
