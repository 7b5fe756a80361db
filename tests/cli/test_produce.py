"""`dyads produce`: bad lines are refused by name, the rest is sent."""

from pathlib import Path

from tests.cli.published import fill
from tests.cli.runner import dyads

GOOD = '{"id": "agency/1", "text": "Министры встретились в Астане."}\n'.encode()
LINES = (
    GOOD
    + b'{"id": "agency/2"}\n'
    + b"\n"
    + b'{"id": "agency/3", "text": "[red]x[/red]", "published_at": "\x1b[31m"}\n'
    + b'{"id": "agency/4", "text": "x", "published_at": "today"}\n'
    + b'{"id": "agency/1", "withdraw": true}\n'
    + b"no json \xff"
)


def test_good_lines_are_published(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, [])
    file = tmp_path / "articles.jsonl"
    file.write_bytes(GOOD * 3)
    ran = dyads("produce", str(file), broker=fresh_broker)
    assert (ran.code, ran.out, ran.err) == (0, "3 published, 0 withdrawn, 0 refused\n", "")


def test_bad_lines_are_refused_and_the_rest_is_sent(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, [])
    file = tmp_path / "articles.jsonl"
    file.write_bytes(LINES)
    ran = dyads("produce", str(file), broker=fresh_broker)

    assert ran.code == 1
    assert ran.out == "1 published, 1 withdrawn, 4 refused\n"
    refused = ran.err.splitlines()
    assert [line.split(":")[:2] for line in refused[:1]] == [["line 2", " text"]]
    assert refused[1].startswith("line 4: not JSON: ")
    assert refused[2].startswith("line 5: published_at: ")
    assert refused[3].startswith("line 7: not JSON: ")
    assert len(refused) == 4


def test_option_comes_before_the_environment(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, [])
    file = tmp_path / "articles.jsonl"
    file.write_bytes(GOOD)
    assert dyads("produce", str(file), "--broker", fresh_broker, broker="127.0.0.1:1").code == 0


def test_what_cannot_be_done_is_told_in_a_line(fresh_broker: str, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(GOOD)

    missing = dyads("produce", str(tmp_path / "none.jsonl"), broker=fresh_broker)
    assert (missing.code, missing.err) == (2, f"dyads: {tmp_path}/none.jsonl: No such file or directory\n")

    directory = dyads("produce", str(tmp_path), broker=fresh_broker)
    assert (directory.code, directory.err) == (2, f"dyads: {tmp_path}: Is a directory\n")

    topics = dyads("produce", str(file), broker=fresh_broker)
    assert topics.code == 2
    assert "has no topic articles.raw\n       make them with `dyads topics create`" in topics.err

    nobody = dyads("produce", str(file), broker="127.0.0.1:1")
    assert nobody.code == 2
    assert nobody.err.startswith("dyads: no Kafka broker answers at 127.0.0.1:1\n       start one with")
    assert len(nobody.err.splitlines()) == 2
