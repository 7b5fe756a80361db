"""The Russian reader: an article to a document, by the stages language, segment, morphology, ner, syntax, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from msgspec import Struct

from models.articles import RawArticle
from workers.enrichment.document import DateExpr, Dateline, Document, Kind, Paragraph, Part, Sentence, Token
from workers.enrichment.language import language_of
from workers.enrichment.russian import layout, segment, text
from workers.enrichment.russian.dateline import dateline
from workers.enrichment.russian.dates import dates
from workers.enrichment.russian.finite import verbs_for_nouns
from workers.enrichment.russian.morphology import Morphology, Word, shouted
from workers.enrichment.russian.names import named, without_words
from workers.enrichment.russian.neural import Neural, Tree
from workers.enrichment.russian.prepositions import joined
from workers.enrichment.russian.text import Block

DEPTH = ("language", "segment", "morphology", "ner", "syntax", "dates")
"""The stages in order."""
LOOK = "look"
"""The stage after the language where a first look found nothing worth reading."""


class Draft(Struct, frozen=True):
    """A sentence found and not yet analysed: the forms that the models see, and where the tokens stand."""

    forms: list[str]
    spans: list[tuple[int, int]]
    paragraph: Paragraph


class Reader:
    """Reads Russian articles; holds the models (150 MB, half a second to load), so one object a process.

    Raises `MissingWeights` where the files of the models are not installed.
    """

    def __init__(self) -> None:
        self._morphology = Morphology()
        self._neural = Neural()

    def read(self, article: RawArticle, published: dt.date, worth: Callable[[], bool] | None = None) -> Document:
        """The article as a document; `published` is the day from which its relative dates count.

        Any text is read; one that is not Russian comes back without sentences, its `depth` ending at "language".
        The same article and day give the same document. A title that the text repeats is read in the text only;
        boilerplate gets a paragraph and no sentences.

        `worth` is the first look at a Russian text: where it says no, the text is read no further, and `depth` ends at
        "look".
        """
        language = language_of(f"{article.title or ''}\n{article.text}", article.language)
        if language != "ru":
            return _document(article, published, language, depth=DEPTH[:1])
        if worth is not None and not worth():
            return _document(article, published, language, depth=(*DEPTH[:1], LOOK))
        blocks = text.paragraphs(text.clean(article.text), self._morphology.known)
        kinds = list(layout.kinds([block.text for block in blocks]))
        parts: list[tuple[Part, Kind, Block]] = [("text", k, b) for k, b in zip(kinds, blocks, strict=True)]
        if article.title:
            title = text.clean(article.title)
            title = title.spelled(title.text.replace("\n", " ")).cut(0, len(title))
            if not layout.repeats(title.text, [block.text for block in blocks]):
                parts.insert(0, ("title", "headline", title))
        head: Dateline | None = None
        paragraphs: list[Paragraph] = []
        drafts: list[Draft] = []
        for part, kind, block in parts:
            paragraph = Paragraph(len(paragraphs), *block.span(0, len(block)), part, kind)
            paragraphs.append(paragraph)
            if kind == "boilerplate":
                continue
            if kind in ("lead", "body") and (found := dateline(block.text, published, lead=kind == "lead")):
                if head is None:
                    day = found.day.isoformat() if found.day else None
                    head = Dateline(found.place, day, *block.span(0, found.length))
                block = block.cut(found.length, len(block))
            drafts += self._drafts(block, paragraph)
        sentences = tuple(self._sentences(article, drafts))
        found_dates = tuple(date for sentence in sentences for date in dates(sentence, published))
        return _document(article, published, language, DEPTH, tuple(paragraphs), sentences, head, found_dates)

    def _drafts(self, block: Block, paragraph: Paragraph) -> list[Draft]:
        loud = shouted(block.text)
        drafts = []
        for cuts in segment.sentences(block.text, self._morphology.known):
            forms = [block.text[a:b] for a, b in cuts]
            spans = [block.span(a, b) for a, b in cuts]
            drafts.append(Draft(self._morphology.truecased(forms) if loud else forms, spans, paragraph))
        return drafts

    def _sentences(self, article: RawArticle, drafts: Sequence[Draft]) -> list[Sentence]:
        read = self._neural([draft.forms for draft in drafts])
        out = []
        for index, (draft, (tags, tree)) in enumerate(zip(drafts, read, strict=True)):
            words, analyze = self._morphology(draft.forms), self._morphology.analyze
            ner = without_words(draft.forms, words, _bio(tags), analyze)
            words = named(draft.forms, words, ner, analyze)
            words = verbs_for_nouns(draft.forms, words, tree, analyze)
            source = article.text if draft.paragraph.part == "text" else article.title or ""
            out.append(_sentence(index, source, draft, words, ner, joined(draft.forms, words, tree)))
        return out


def _bio(tags: Sequence[str]) -> list[str]:
    """The tags with every name beginning in B: the model now and then opens one with I."""
    out: list[str] = []
    for tag in tags:
        tag = tag if tag[1:2] == "-" else "O"
        follows = bool(out) and out[-1][2:] == tag[2:] and out[-1] != "O"
        out.append(f"B-{tag[2:]}" if tag.startswith("I-") and not follows else tag)
    return out


def _sentence(index: int, source: str, draft: Draft, words: Sequence[Word], ner: Sequence[str], tree: Tree) -> Sentence:
    tokens = tuple(
        Token(
            index=i, text=source[start:end], start=start, end=end, lemma=word.lemma, pos=word.pos, feats=word.feats,
            head=head if head != i else -1, rel=rel, ner=tag,
        )
        for i, ((start, end), word, head, rel, tag) in enumerate(
            zip(draft.spans, words, tree.heads, tree.relations, ner, strict=True)
        )
    )  # fmt: skip
    start, end = tokens[0].start, tokens[-1].end
    paragraph = draft.paragraph
    return Sentence(index, tokens, start, end, source[start:end], paragraph.index, paragraph.part, paragraph.kind)


def _document(
    article: RawArticle,
    published: dt.date,
    language: str,
    depth: tuple[str, ...],
    paragraphs: tuple[Paragraph, ...] = (),
    sentences: tuple[Sentence, ...] = (),
    head: Dateline | None = None,
    dates: tuple[DateExpr, ...] = (),
) -> Document:
    return Document(
        id=article.id, language=language, published=published, text=article.text, title=article.title,
        source=article.source, paragraphs=paragraphs, sentences=sentences, dateline=head, dates=dates, depth=depth,
        dated=article.published_at is not None,
    )  # fmt: skip
