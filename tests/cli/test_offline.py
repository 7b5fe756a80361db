"""The whole job without a broker: `dyads code`, `dyads explain`, `dyads fold`."""

import json
from pathlib import Path

import pytest

from models import CodedArticle, DailyRelation, Dyad
from tests.aggregation.stories import PROTEST_NOTE, article, event
from tests.cli.runner import dyads
from topics.codec import decode, encode

MEETING = (
    '{"id": "a", "text": "Министр обороны Казахстана встретился с министром обороны Белоруссии в Минске.", '
    '"published_at": "2025-10-31T09:00:00+05:00", "source": "Агентство"}'
)
WEATHER = '{"id": "b", "text": "Завтра в столице ожидается дождь."}'


@pytest.fixture(scope="module")
def coded() -> list[str]:
    """What `dyads code` makes of two articles, a bad line and a withdrawal."""
    lines = f'{MEETING}\n{WEATHER}\n{{"id": "c"}}\n\n{{"id": "b", "withdraw": true}}\n'
    ran = dyads("code", "-", "--received", "2025-11-01", stdin=lines.encode())
    assert (ran.code, ran.err) == (1, "line 3: text: missing\n")
    return ran.out.splitlines()


def test_articles_are_coded_in_their_order(coded: list[str]) -> None:
    first, second = (decode(CodedArticle, line) for line in coded[:2])
    assert (first.id, first.version, first.source) == ("a", 0, "Агентство")
    assert [(e.source.country, e.target.country, e.type, e.date) for e in first.events] == [
        ("KAZ", "BLR", "CONSULT", "2025-10-31")
    ]
    assert (second.id, second.version, second.events) == ("b", 1, ())
    assert json.loads(coded[2]) == {"id": "b", "version": 4, "withdrawn": True}
    assert len(coded) == 3


def test_several_processes_code_the_same(coded: list[str]) -> None:
    lines = f"{MEETING}\n{WEATHER}\n".encode()
    ran = dyads("code", "-", "--received", "2025-11-01", "--processes", "2", stdin=lines)
    assert ran.out.splitlines() == coded[:2]


def test_coded_articles_fold_into_rows(coded: list[str]) -> None:
    ran = dyads("fold", "-", stdin="\n".join(coded).encode())
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["topic"], row["key"].partition("|")[0]) for row in rows[:1]] == [("relations.daily", "BLR-KAZ")]
    assert {row["topic"] for row in rows} == {"relations.daily", "relations.events", "relations.mentions"}
    daily = decode(DailyRelation, json.dumps(rows[0]["value"]))
    assert (daily.dyad, daily.day, daily.together.events) == (Dyad("BLR-KAZ"), "2025-10-31", 1)


def test_last_revision_counts_and_a_withdrawn_article_does_not(tmp_path: Path) -> None:
    file = tmp_path / "coded.jsonl"
    protest = event("POL", "BLR", PROTEST_NOTE)
    articles = (article("a", protest, version=5), article("a", version=3), article("b", event("KAZ", "RUS"), version=1))
    file.write_bytes(b"\n".join(map(encode, articles)) + b'\n{"id": "b", "version": 2, "withdrawn": true}\n')
    table = dyads("fold", str(file), "--table").out
    assert "BLR-POL" in table
    assert "KAZ-RUS" not in table


def test_coded_line_that_is_none_is_named() -> None:
    ran = dyads("fold", "-", stdin=b'\n{"id": "a"}\n')
    assert ran.code == 2
    assert ran.err == "dyads: line 2: version: missing\n"


def test_explanation_of_a_text() -> None:
    ran = dyads("explain", "--text", "Казахстан и Белоруссия подписали договор.", "--received", "2025-10-31")
    assert ran.code == 0
    for part in ("KAZ", "BLR", "подписали", "SUPPORT", "2025-10-31"):
        assert part in ran.out


def test_explanation_of_one_article_with_its_trees(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(f"{WEATHER}\n{MEETING}\n", encoding="utf-8")
    ran = dyads("explain", str(file), "--id", "a", "--tree")
    assert "дождь" not in ran.out
    assert "nsubj" in ran.out
    assert "встретиться" in ran.out


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "give either a file of JSON lines or --text"),
        (("-", "--text", "x"), "give either a file of JSON lines or --text"),
        (("--text", "  "), "--text is empty"),
        (("--text", "x", "--received", "31.10.2025"), "--received: '31.10.2025' is not a day"),
        (("-", "--id", "z"), "there is no article z in -"),
    ],
)
def test_what_cannot_be_explained(arguments: tuple[str, ...], fault: str) -> None:
    ran = dyads("explain", *arguments, stdin=WEATHER.encode())
    assert ran.code == 2
    assert fault in ran.err
