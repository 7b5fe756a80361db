"""Reading articles from JSON lines: whatever the bytes, each line says what it is or what is wrong with it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MAX_TEXT_CHARS, RawArticle
from workers.producing.lines import MAX_LINE_BYTES, BadLine, Withdrawal, read_line, read_lines, split_lines


def test_article() -> None:
    line = '{"id": "agency/1", "text": "Стороны обсудили торговлю.", "language": "ru", "unknown": 1}'.encode()
    assert read_line(line) == RawArticle(id="agency/1", text="Стороны обсудили торговлю.", language="ru")


def test_withdrawal() -> None:
    assert read_line(b'{"id": "agency/1", "withdraw": true}') == Withdrawal("agency/1")


def test_article_that_is_not_withdrawn() -> None:
    assert read_line(b'{"id": "a", "text": "b", "withdraw": false}') == RawArticle(id="a", text="b")


def test_article_about_the_word_withdraw() -> None:
    assert read_line(b'{"id": "a", "text": "\\"withdraw\\""}') == RawArticle(id="a", text='"withdraw"')


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"{}", "id", "missing"),
        (b'{"id": "a"}', "text", "missing"),
        (b'{"id": "", "text": "b"}', "id", "length >= 1"),
        (b'{"id": 7, "text": "b"}', "id", "got `int`"),
        (b'{"id": "a", "text": null}', "text", "got `null`"),
        (b'{"id": "a", "text": ""}', "text", "length >= 1"),
        (b'{"id": "a", "text": "b", "published_at": "yesterday"}', "published_at", "RFC3339"),
        (b'{"id": "a", "text": "b", "published_at": "2025-10-31T10:00:00"}', "published_at", "timezone"),
        (b'{"id": "a", "withdraw": "yes"}', "withdraw", "got `str`"),
        (b'{"withdraw": true}', "id", "missing"),
        (json.dumps({"id": "a", "text": "x" * (MAX_TEXT_CHARS + 1)}).encode(), "text", "length <= 400000"),
        (json.dumps({"id": "i" * 513, "text": "x"}).encode(), "id", "length <= 512"),
        (b'["a"]', "", "expected a JSON object, got list"),
        (b"id=a", "", "not JSON"),
        (b'{"id": "a", "te', "", "not JSON"),
        (b'{"id": "\xff", "text": "b"}', "", "not JSON"),
        (b'{"id": "\\ud800", "text": "b"}', "", "not JSON"),
        (b"[" * 100_000, "", "not JSON"),
        (b"\x1f\x8b\x08\x00\x00", "", "not JSON"),
    ],
)
def test_bad_line_is_refused_by_field_and_reason(line: bytes, field: str, reason: str) -> None:
    bad = read_line(line)
    assert isinstance(bad, BadLine)
    assert bad.field == field
    assert reason in bad.reason


def test_blank_lines_are_skipped_but_counted() -> None:
    lines = [b"\n", b'{"id": "a", "withdraw": true}\r\n', b"  \t\n", b'{"id": "b", "withdraw": true}']
    assert list(read_lines(lines)) == [(2, Withdrawal("a")), (4, Withdrawal("b"))]


def test_byte_order_mark_is_dropped_at_the_start_only() -> None:
    line = b'\xef\xbb\xbf{"id": "a", "withdraw": true}'
    first, second = read_lines([line, line])
    assert first == (1, Withdrawal("a"))
    assert isinstance(second[1], BadLine)


def test_endless_line_does_not_fill_the_memory() -> None:
    stream = io.BytesIO(b"x" * (5 * MAX_LINE_BYTES) + b"\n" + b'{"id": "a", "withdraw": true}\n')
    lines = list(split_lines(stream))
    assert [len(line) for line in lines] == [MAX_LINE_BYTES + 1, 30]
    (_, refused), (number, withdrawal) = read_lines(lines)
    assert isinstance(refused, BadLine)
    assert "longer than" in refused.reason
    assert (number, withdrawal) == (2, Withdrawal("a"))


@pytest.mark.parametrize("extra", [-1, 0, 1, 2])
def test_lines_about_the_limit_stay_apart(extra: int) -> None:
    stream = io.BytesIO(b"x" * (MAX_LINE_BYTES + extra) + b"\nnext\n")
    assert list(split_lines(stream))[-1] == b"next\n"
    stream.seek(0)
    assert len(list(split_lines(stream))) == 2


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    for _, item in read_lines(io.BytesIO(data)):
        assert isinstance(item, RawArticle | Withdrawal | BadLine)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(["id", "text", "withdraw", "published_at", "title"]) | st.text(max_size=3),
                inner,
                max_size=5,
            )
            | st.lists(inner, max_size=3)
        ),
    )
)
def test_no_json_raises(value: object) -> None:
    assert isinstance(read_line(json.dumps(value).encode()), RawArticle | Withdrawal | BadLine)
