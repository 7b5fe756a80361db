"""`dyads show`, `dyads dead` and `dyads topics`."""

import pytest

from tests.cli.published import dead, fill, raw, relations
from tests.cli.runner import dyads
from tests.monitoring.relations import MEETING, week
from topics.catalogue import CATALOGUE, DAILY, DEAD
from topics.partition import home_partition


def test_table_of_dyads(fresh_broker: str) -> None:
    fill(fresh_broker, [])
    assert dyads("show", broker=fresh_broker).out == "no relations yet\n"

    fill(fresh_broker, relations(week()))
    shown = dyads("show", broker=fresh_broker)
    assert shown.code == 0
    assert shown.out.index("BLR-POL") < shown.out.index("BLR-KAZ")


@pytest.mark.parametrize("name", ["BLR-KAZ", "KAZ-BLR", "kaz-blr", "Blr-Kaz"])
def test_dyad_in_any_order_and_case(fresh_broker: str, name: str) -> None:
    fill(fresh_broker, relations(week()))
    shown = dyads("show", name, broker=fresh_broker)
    assert shown.code == 0
    assert "Belarus – Kazakhstan" in shown.out
    assert MEETING in shown.out


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("KAZ", "'KAZ' is not a dyad such as BLR-KAZ"),
        ("KAZ-XXX", "no state has the code XXX"),
        ("KAZ-KAZ", "a dyad needs two states"),
        ("KAZ-BLR-RUS", "is not a state's three-letter code"),
        ("FRA-GBR", "nothing is known of FRA-GBR"),
    ],
)
def test_dyad_that_is_none(fresh_broker: str, name: str, fault: str) -> None:
    fill(fresh_broker, relations(week()))
    shown = dyads("show", name, broker=fresh_broker)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("dyads: ")
    assert fault in shown.err


def test_row_that_is_no_record_is_named(fresh_broker: str) -> None:
    fill(fresh_broker, [(DAILY.name, b"BLR-KAZ|2025-10-31", b'{"dyad": "KAZ-BLR"}', {})])
    shown = dyads("show", broker=fresh_broker)
    assert shown.code == 2
    assert "dyads: relations.daily, partition" in shown.err


def test_dead_letters(fresh_broker: str) -> None:
    fill(fresh_broker, [dead("a", 4, "articles.raw:1:4", b"\x00{"), dead("b", 5, "articles.raw:1:5")], partition=3)

    listed = dyads("dead", "list", broker=fresh_broker)
    assert listed.code == 0
    assert "2 dead letters" in listed.out
    assert "undecodable" in listed.out
    assert dyads("dead", "list", "--reason", "too-slow", broker=fresh_broker).out == "0 dead letters\n"

    shown = dyads("dead", "show", "3:0", broker=fresh_broker)
    assert "articles.raw:1:4" in shown.out
    assert dyads("dead", "show", "3:0", "--raw", broker=fresh_broker).out == "\x00{"
    assert dyads("dead", "show", "9:9", broker=fresh_broker).code == 2


def test_topics_are_made_and_checked(fresh_broker: str) -> None:
    assert dyads("topics", "check", broker=fresh_broker).code == 1
    made = dyads("topics", "create", "--partitions", "2", broker=fresh_broker)
    assert (made.code, made.out.splitlines()[-1]) == (0, f"{len(CATALOGUE)} made, 0 there before, 0 differences")
    assert dyads("topics", "check", broker=fresh_broker).out == "topics: 0 differences\n"

    other = dyads("topics", "create", "--partitions", "3", broker=fresh_broker)
    assert other.code == 1
    assert "articles.raw: partitions is 2 (it cannot change: versions are offsets), expected 3" in other.out
    assert "Partitions are never added" in other.out
    assert "docs/operators.md, More partitions" in other.out


def test_topics_are_tidied_without_a_trace_in_what_is_shown(fresh_broker: str) -> None:
    fill(fresh_broker, [dead("a", 4, "articles.raw:1:4")])
    assert dyads("topics", "tidy", broker=fresh_broker).out == "topics: 16 partitions tidied\n"
    assert "1 dead letter\n" in dyads("dead", "list", broker=fresh_broker).out
    assert dyads("audit", "--wait", "0", broker=fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


def test_dead_letters_that_cannot_be_redriven(fresh_broker: str) -> None:
    home = home_partition("a", 4)
    letters = [dead("a", 4, f"articles.raw:{(home + 1) % 4}:4"), dead("b", 5, "elsewhere:0:5"), dead("c", 6, "nowhere")]
    fill(fresh_broker, letters, partition=(home + 1) % 4)
    ran = dyads("dead", "redrive", "--all", broker=fresh_broker)
    assert ran.code == 1
    assert " a: refused: it died away from its home partition" in ran.out
    assert " b: refused: no agent reads elsewhere" in ran.out
    assert " c: refused: it does not say where it came from" in ran.out
    assert ran.out.splitlines()[-1].startswith("redrive: 0 sent, 3 refused")


def test_redriving_needs_a_choice_and_an_article_that_is_dead(fresh_broker: str) -> None:
    fill(fresh_broker, [dead("a", 4, "articles.raw:1:4"), (DEAD.name, b"b", None, {})])
    assert dyads("dead", "redrive", broker=fresh_broker).code == 2
    ran = dyads("dead", "redrive", "b", broker=fresh_broker)
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "b: there is no dead letter of this article"
    ran = dyads("dead", "redrive", "--reason", "too-slow", broker=fresh_broker)
    assert (ran.code, ran.out) == (0, "redrive: 0 sent; 0 done, 0 dead again, 0 without an answer\n")


def test_redriven_letter_without_a_worker_has_no_answer(fresh_broker: str) -> None:
    home = home_partition("a", 4)
    fill(fresh_broker, [raw("a"), dead("a", 0, f"articles.raw:{home}:0")], partition=home)
    ran = dyads("dead", "redrive", "a", "--wait", "0.5", broker=fresh_broker)
    assert ran.code == 1
    assert f"{home}:0 a: no answer within 0.5 s; is a worker running?" in ran.out


def test_settings_are_checked(fresh_broker: str) -> None:
    ran = dyads("topics", "create", "--partitions", "0", broker=fresh_broker)
    assert ran.code == 2
    assert ran.err.startswith("dyads: DYADS_PARTITIONS (or its option): ")


def test_topics_are_listed_without_a_broker() -> None:
    listed = dyads("topics", "list").out
    for topic in CATALOGUE:
        assert topic.name in listed


def test_looking_makes_no_topic(fresh_broker: str) -> None:
    """Not even at a broker that makes topics on demand, as the embedded one does."""
    assert dyads("show", broker=fresh_broker).code == 2
    assert dyads("topics", "check", broker=fresh_broker).out.splitlines()[-1] == f"topics: {len(CATALOGUE)} differences"
