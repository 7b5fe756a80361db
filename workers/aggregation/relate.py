"""relate: from coded articles to contributions.

1. A message of `articles.coded` is one revision of one article, or its withdrawal.
2. A version at or below the one known is stale and has no effect.
3. A newer one sends one contribution to every dyad of the old and of the new revision, in the order of the dyads; one
   without events takes back what an earlier one said.
4. The article's row then holds the new version and its dyads.
"""

from __future__ import annotations

from models import MAX_ID_CHARS, CodedArticle, Contribution, Dyad, Event, InvalidValue, Version
from topics import headers
from topics.catalogue import CONTRIBUTIONS
from topics.codec import Undecodable, decode, encode
from workers.aggregation import keys
from workers.aggregation.identity import check_events, dyad_of, precedence
from workers.aggregation.rows import ArticleRow, read_row
from workers.runtime.handler import Message, Reject, Scope


def relate(message: Message, scope: Scope) -> None:
    """Handle one message of `articles.coded`. Raises `Reject` where it is no valid revision."""
    # 1.
    article_id, version, article = _read(message)

    # 2.
    row_key = keys.article_row(article_id)
    known = read_row(ArticleRow, scope, row_key)
    if known and version <= known.version:
        return

    # 3.
    events = events_by_dyad(article) if article else {}
    for dyad in sorted({*events, *(known.dyads if known else ())}):
        contribution = _contribution(dyad, article_id, version, article, events.get(dyad, ()))
        scope.publish(CONTRIBUTIONS, dyad.encode(), encode(contribution))

    # 4.
    after = ArticleRow(version=version, dyads=tuple(sorted(events)), withdrawn=article is None)
    scope.put(row_key, encode(after))


def events_by_dyad(article: CodedArticle) -> dict[Dyad, tuple[Event, ...]]:
    """An article's events by dyad, in the order of their ids; of several tellings of one event the best is kept."""
    best: dict[str, Event] = {}
    for event in article.events:
        known = best.get(event.id)
        best[event.id] = event if known is None else min(known, event, key=precedence)
    found: dict[Dyad, list[Event]] = {}
    for _, event in sorted(best.items()):
        if dyad := dyad_of(event):
            found.setdefault(dyad, []).append(event)
    return {dyad: tuple(events) for dyad, events in found.items()}


def _contribution(
    dyad: Dyad, article_id: str, version: Version, article: CodedArticle | None, events: tuple[Event, ...]
) -> Contribution:
    if article is None:
        return Contribution(dyad=dyad, article=article_id, version=version, withdrawn=True)
    if not events:
        return Contribution(dyad=dyad, article=article_id, version=version, coder=article.coder)
    return Contribution(
        dyad=dyad,
        article=article_id,
        version=version,
        events=events,
        source=article.source,
        url=article.url,
        published_at=article.published_at,
        coder=article.coder,
    )


def _read(message: Message) -> tuple[str, Version, CodedArticle | None]:
    """The article's id, its version and the revision, None when withdrawn."""
    try:
        article_id = (message.key or b"").decode()
    except UnicodeDecodeError as error:
        raise Reject("invalid", f"key: not UTF-8: {error}") from None
    if not 1 <= len(article_id) <= MAX_ID_CHARS:
        raise Reject("invalid", f"key: the article id has {len(article_id)} characters, expected 1 to {MAX_ID_CHARS}")
    stamp = message.headers.get(headers.VERSION)
    if stamp is None:
        raise Reject("invalid", f"header {headers.VERSION}: missing")
    try:
        version = Version.parse(stamp)
    except InvalidValue as error:
        raise Reject("invalid", f"header {headers.VERSION}: {error}") from None
    if message.value is None:
        return article_id, version, None
    try:
        article = decode(CodedArticle, message.value)
        check_events(article.events)
    except Undecodable as error:
        raise Reject("undecodable", str(error)) from None
    except InvalidValue as error:
        raise Reject("invalid", str(error)) from None
    if article.id != article_id:
        raise Reject("invalid", f"key: {article_id!r}, but the record's id is {article.id!r}")
    if article.version != version:
        raise Reject("invalid", f"header {headers.VERSION}: {version}, but the record's version is {article.version}")
    return article_id, version, article
