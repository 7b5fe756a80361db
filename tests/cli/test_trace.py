"""`dyads trace` says where an article is, from the topics as agents would have filled them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from models import CodedArticle, Status
from tests.aggregation.memory_scope import Agents
from tests.aggregation.stories import PROTEST_NOTE, article, event
from tests.cli.published import Sent, coded, dead, fill, grave, raw, relations, story
from tests.cli.runner import Ran, dyads
from topics.catalogue import CODED, CORRECTIONS, DAILY, DEAD, MENTIONS, RAW, state_topic
from topics.codec import encode
from topics.letters import PREFIX, letter_key
from topics.partition import home_partition
from workers.aggregation import keys
from workers.aggregation.fold import fold
from workers.aggregation.rows import ArticleRow

ID = "tass/1"
HOME = home_partition(ID, 4)
AWAY = (HOME + 1) % 4
MEETING = article(ID, event("KAZ", "BLR", reciprocal=True), event("KAZ", "UZB", PROTEST_NOTE, on="2025-10"), outlet="T")


def handled(address: str, *, last: int, partition: int = HOME) -> None:
    """enrich has come to this offset of articles.raw."""
    fill(address, [(state_topic("enrich").name, b"@applied", b"%d" % last, {})], partition=partition)


def related(address: str, version: int, *dyads: str, withdrawn: bool = False) -> None:
    """relate has taken in this version."""
    row = encode(ArticleRow(version=version, dyads=dyads, withdrawn=withdrawn))  # type: ignore[arg-type]
    fill(address, [(state_topic("relate").name, keys.article_row(ID), row, {})], partition=HOME)


def trace(address: str, name: str = ID) -> Ran:
    return dyads("trace", name, broker=address)


def told(address: str) -> dict[str, Any]:
    ran = dyads("trace", ID, "--json", broker=address)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    found: dict[str, Any] = orjson.loads(ran.out)
    return found


def all_the_way(address: str, revision: CodedArticle = MEETING) -> None:
    fill(address, story(revision))
    handled(address, last=0)
    related(address, revision.version, "BLR-KAZ", "KAZ-UZB")


def test_nobody_knows_the_id(fresh_broker: str) -> None:
    all_the_way(fresh_broker)
    ran = trace(fresh_broker, "tass/10")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "nothing is known of tass/10: no topic holds a message of it\n"
    assert dyads("trace", "tass/10", "--json", broker=fresh_broker).code == 1


@pytest.mark.parametrize("name", ["", "x" * 513])
def test_what_is_no_id(fresh_broker: str, name: str) -> None:
    assert trace(fresh_broker, name).code == 2


def test_no_topics(fresh_broker: str) -> None:
    ran = trace(fresh_broker)
    assert ran.code == 2
    assert "make them with `dyads topics create`" in ran.err


def test_article_in_force_with_its_rows(fresh_broker: str) -> None:
    all_the_way(fresh_broker)
    fill(fresh_broker, story(article("other/1", *MEETING.events)))
    fill(fresh_broker, relations(fold([MEETING, article("other/1", *MEETING.events)])))
    ran = trace(fresh_broker)
    assert ran.code == 0
    lines = " ".join(ran.out.split())
    assert ran.out.startswith(f"{ID}  in force\n")
    assert "received version 0, 20" in lines
    assert f"articles.raw {HOME}:0, 39 bytes" in lines
    assert "by test/1, language ru 0 entities, 2 events between states, 0 with an organization" in lines
    assert "related version 0: BLR-KAZ, KAZ-UZB" in lines
    assert "BLR-KAZ 2025-10-31: BLR → KAZ CONSULT 040 happened, told by 2" in lines
    assert "KAZ-UZB no day: KAZ → UZB" in lines

    found = told(fresh_broker)
    assert (found["id"], found["fate"], found["home"], found["handled"]) == (ID, "in force", HOME, 0)
    by_day = {row["day"]: row for row in found["rows"]}
    assert (by_day["2025-10-31"]["dyad"], by_day["2025-10-31"]["daily"]) == ("BLR-KAZ", True)
    assert (by_day[None]["dyad"], by_day[None]["daily"]) == ("KAZ-UZB", False)
    assert (found["missing"], found["left"], found["dead"]) == ([], [], [])


def test_article_that_waits(fresh_broker: str) -> None:
    fill(fresh_broker, [raw(ID), raw(ID)])
    handled(fresh_broker, last=0)
    ran = trace(fresh_broker)
    assert ran.out.startswith(f"{ID}  waiting\n")
    assert "overtaken by version 1" in " ".join(ran.out.split())
    assert "waiting, 1 message behind the last handled" in " ".join(ran.out.split())
    assert [revision.get("overtaken_by") for revision in told(fresh_broker)["received"]] == [1, None]


def test_article_in_a_partition_that_is_not_its_home(fresh_broker: str) -> None:
    fill(fresh_broker, [raw(ID)], partition=AWAY)
    ran = trace(fresh_broker)
    assert ran.out.startswith(f"{ID}  waiting\n")
    assert f"waiting to be sent home to partition {HOME}" in " ".join(ran.out.split())

    fill(fresh_broker, [(RAW.name, ID.encode(), None, {"moved": HOME})], partition=AWAY)
    assert trace(fresh_broker).code == 1


def test_of_other_partitions_only_what_is_not_handled_is_read(fresh_broker: str) -> None:
    fill(fresh_broker, [raw(ID)], partition=AWAY)
    handled(fresh_broker, last=0, partition=AWAY)
    assert trace(fresh_broker).code == 1


def test_article_that_is_coded_and_not_in_the_tables_yet(fresh_broker: str) -> None:
    fill(fresh_broker, [raw(ID), coded(MEETING)])
    handled(fresh_broker, last=0)
    found = told(fresh_broker)
    assert (found["fate"], found["rows"], found["left"]) == ("in motion", [], [])
    assert found["missing"] == sorted(f"{each.id}|{ID}" for each in MEETING.events)


def test_rows_of_an_overtaken_revision_are_to_be_taken_out(fresh_broker: str) -> None:
    all_the_way(fresh_broker)
    newer = article(ID, event("KAZ", "BLR", reciprocal=True), version=1)
    fill(fresh_broker, [raw(ID), coded(newer)])
    handled(fresh_broker, last=1)
    found = told(fresh_broker)
    assert (found["fate"], found["coded"]["version"], found["related"]["version"]) == ("in motion", 1, 0)
    assert found["missing"] == [f"{MEETING.events[0].id}|{ID}"]
    assert found["left"] == [f"{MEETING.events[1].id}|{ID}"]
    assert trace(fresh_broker).out.count("to be taken out") == 1


def test_withdrawn_article(fresh_broker: str) -> None:
    all_the_way(fresh_broker)
    fill(fresh_broker, [raw(ID, None), grave(ID, 1)])
    handled(fresh_broker, last=1)
    assert told(fresh_broker)["fate"] == "in motion"
    related(fresh_broker, 1, withdrawn=True)
    gone = [(topic, key, None, {}) for topic, key, _, _ in relations(fold([MEETING]))]
    fill(fresh_broker, gone)
    assert trace(fresh_broker).out.startswith(f"{ID}  withdrawn\n")
    assert told(fresh_broker)["rows"] == []


def test_withdrawn_article_of_which_compaction_left_only_a_grave(fresh_broker: str) -> None:
    fill(fresh_broker, [])
    related(fresh_broker, 7, withdrawn=True)
    assert trace(fresh_broker).out.splitlines()[:2] == [f"{ID}  withdrawn", "related  version 7: withdrawn"]


def test_dead_article(fresh_broker: str) -> None:
    fill(fresh_broker, [raw(ID), dead(ID, 0, f"articles.raw:{HOME}:0")], partition=HOME)
    handled(fresh_broker, last=0)
    ran = trace(fresh_broker)
    assert ran.out.startswith(f"{ID}  dead\n")
    assert f"articles.dead {HOME}:0, by enrich, attempt 1: undecodable: not JSON" in " ".join(ran.out.split())

    back: Sent = (RAW.name, PREFIX + ID.encode(), b"{", {})
    fill(fresh_broker, [back], partition=HOME)
    assert trace(fresh_broker).out.startswith(f"{ID}  waiting\n")
    assert "dead letter on its way back" in trace(fresh_broker).out
    fill(fresh_broker, [(RAW.name, PREFIX + ID.encode(), None, {"moved": HOME})], partition=HOME)
    handled(fresh_broker, last=2)
    assert told(fresh_broker)["fate"] == "dead"


def test_dead_revision_beside_an_earlier_one_in_force(fresh_broker: str) -> None:
    all_the_way(fresh_broker)
    fill(fresh_broker, [raw(ID), dead(ID, 1, f"articles.raw:{HOME}:1")], partition=HOME)
    handled(fresh_broker, last=1)
    found = told(fresh_broker)
    assert (found["fate"], [letter["version"] for letter in found["dead"]]) == ("in force", ["1"])

    fill(fresh_broker, [(DEAD.name, ID.encode(), None, {})], partition=HOME)
    assert told(fresh_broker)["dead"] == []


def test_letters_of_the_later_agents_are_found_under_the_article(fresh_broker: str) -> None:
    def letter(agent: str, name: str, about: bytes) -> Sent:
        _, _, value, headers = dead(name, 0, "x:0:0")
        return DEAD.name, letter_key(agent, name.encode(), about), value, {**headers, "stage": agent, "key": b"BLR-KAZ"}

    fill(
        fresh_broker, [letter("aggregate", ID, b"BLR-KAZ"), letter("relate", ID, b""), letter("relate", "tass/2", b"")]
    )
    assert sorted(letter["stage"] for letter in told(fresh_broker)["dead"]) == ["aggregate", "relate"]


def test_what_was_taken_back_is_told(fresh_broker: str) -> None:
    """The corrections are aggregate's own, of a revision that changes a status, and of a withdrawal."""
    agents = Agents()
    sent = [
        *agents.publish(article(ID, event("KAZ", "UZB", status=Status.PLANNED), version=0, outlet="tass")),
        *agents.publish(article(ID, event("KAZ", "UZB"), version=1, outlet="tass")),
        *agents.withdraw(ID, 2),
        *agents.publish(article("tass/2", event("KAZ", "UZB"), version=3)),
        *agents.withdraw("tass/2", 4),
    ]
    all_the_way(fresh_broker)
    fill(fresh_broker, [(CORRECTIONS.name, key, value, {}) for topic, key, value in sent if topic == CORRECTIONS.name])
    told_of = told(fresh_broker)["corrections"]
    assert [(each["version"], each["why"], "after" in each) for each in told_of] == [
        (1, "revision", True),
        (2, "withdrawal", False),
    ]
    lines = trace(fresh_broker).out
    one, other = (f"KAZ → UZB CONSULT 040 {status} 2025-10-31 by tass" for status in ("planned", "happened"))
    assert f"changed  version 1 (revision), KAZ-UZB: {one}, now {other}\n" in lines
    assert f"         version 2 (withdrawal), KAZ-UZB: no longer {other}\n" in lines


def test_rows_that_are_no_records_do_not_stop_it(fresh_broker: str) -> None:
    mention = f"10a99d0844dfb405|{ID}".encode()
    rows: list[Sent] = [
        (MENTIONS.name, mention, b"{", {}),
        (CODED.name, ID.encode(), b"{", {}),
        (DAILY.name, b"x", b"{", {}),
        (CORRECTIONS.name, b"KAZ-UZB", b"{", {}),
    ]
    fill(fresh_broker, [raw(ID), *rows])
    assert trace(fresh_broker).code == 0


def test_what_came_with_a_message_is_shown_plain(fresh_broker: str) -> None:
    name = "a\x1b[2J[red]"
    fill(fresh_broker, [(RAW.name, name.encode(), b"{}", {})])
    assert "\x1b" not in trace(fresh_broker, name).out
    assert "[red]" in trace(fresh_broker, name).out
