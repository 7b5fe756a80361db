"""Dead letters are shown whatever is in them."""

import datetime as dt
import io

import pytest
from rich.console import Console

from topics.message import Message
from workers.monitoring.dead import DeadLetter, dead_letter
from workers.monitoring.plain import excerpt, plain
from workers.monitoring.render_dead import show_letter, show_letters


def letter(key: bytes | None, value: bytes | None, **headers: bytes) -> DeadLetter:
    return dead_letter(
        Message(
            topic="articles.dead",
            partition=2,
            offset=17,
            timestamp=1_761_900_000_000,
            key=key,
            value=value,
            headers={"reason": b"undecodable", "stage": b"enrich", "origin": b"articles.raw:1:4", **headers},
        )
    )


def test_what_a_letter_says() -> None:
    found = letter(b"a", b"{", error=b"text: missing", version=b"4", attempt=b"1")

    assert (found.place, found.reason, found.stage, found.error) == ("2:17", "undecodable", "enrich", "text: missing")
    assert (found.origin, found.version, found.attempt) == ("articles.raw:1:4", "4", "1")
    assert found.at == dt.datetime(2025, 10, 31, 8, 40, tzinfo=dt.UTC)


def test_letter_without_headers() -> None:
    bare = dead_letter(
        Message(topic="articles.dead", partition=0, offset=0, timestamp=0, key=None, value=None, headers={})
    )
    assert (bare.reason, bare.error, bare.key, bare.value) == ("", "", None, None)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("value", [None, b"", b"\xff\xfe\x00{", b"\x1b[2J[red]boo[/red]\r\n\x07", "в".encode() * 9000])
def test_any_bytes_are_shown_within_the_width(width: int, value: bytes | None) -> None:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    found = letter(b"\xffkey\x1b]0;", value, error=b"line\none [/] \x1b[0m")
    show_letters(console, [found])
    show_letter(console, found)

    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "articles.raw:1:4" in text
    assert max(map(len, text.splitlines())) <= width


def test_excerpt() -> None:
    assert excerpt(None, 10) == "(null)"
    assert excerpt(b"short", 10) == "short"
    assert excerpt("длинный текст".encode(), 7) == "длинный…"
    assert excerpt(b"\xff\x00", 10) == "\\xff·"


def test_plain_keeps_every_character_in_its_place() -> None:
    text = "Иран\tи\u00a0Ирак\r\n\x1b\u200b\u202e\x85\u2028конец"
    assert plain(text) == "Иран и Ирак  ···  конец"
    assert len(plain(text)) == len(text)
