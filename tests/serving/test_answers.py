"""What the API answers about a small news week, and in which forms."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest


def ask(address: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(f"{address}{quote(path, safe='/?=&:')}", headers=named)) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def get(address: str, path: str) -> Any:
    status, _, body = ask(address, f"/api/v1/{path}")
    assert status == 200, body
    return json.loads(body)


def problem(address: str, path: str, **headers: str) -> dict[str, Any]:
    status, headers, body = ask(address, f"/api/v1/{path}", **headers)
    assert headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(body)
    assert said["status"] == status
    return said


def test_dyads_by_events(address: str) -> None:
    rows = get(address, "dyads")["items"]
    assert [(row["dyad"], row["events"], row["mentions"]) for row in rows] == [("BLR-POL", 2, 2), ("BLR-KAZ", 1, 2)]
    assert rows[1]["quads"] == {"q1": 1, "q2": 0, "q3": 0, "q4": 0}
    assert rows[1]["other"] == 1  # a treaty is planned
    assert rows[1]["index"] == 62.0  # 50 + 12 * 1.0, the Goldstein score of a meeting


@pytest.mark.parametrize(
    ("query", "dyads"),
    [
        ("state=KAZ", ["BLR-KAZ"]),
        ("state=BLR&state=POL", ["BLR-POL"]),
        ("state=KAZ&state=POL", []),
        ("type=CONSULT", ["BLR-KAZ"]),
        ("quad=3", ["BLR-POL"]),
        ("quad=1&quad=3&sort=dyad", ["BLR-KAZ", "BLR-POL"]),
        ("from=2025-11-01", ["BLR-POL"]),
        ("to=2025-10-30", ["BLR-POL"]),
        ("from=2025-10-31&to=2025-10-31", ["BLR-KAZ"]),
        ("min_events=2", ["BLR-POL"]),
        ("sort=-index", ["BLR-KAZ", "BLR-POL"]),
        ("sort=goldstein_mean", ["BLR-POL", "BLR-KAZ"]),
    ],
)
def test_dyads_filtered_and_sorted(address: str, query: str, dyads: list[str]) -> None:
    assert [row["dyad"] for row in get(address, f"dyads?{query}")["items"]] == dyads


def test_one_dyad_in_either_order(address: str) -> None:
    dyad = get(address, "dyads/KAZ-BLR?until=2025-11-01")
    assert dyad == get(address, "dyads/BLR-KAZ?until=2025-11-01")
    week = dyad["windows"][0]
    assert (week["days"], week["first"], week["last"]) == (7, "2025-10-26", "2025-11-01")
    for direction in ("together", "a_to_b", "b_to_a"):  # a meeting is reciprocal
        assert week[direction]["events"] == 1
        assert week[direction]["mentions"] == 2
        assert week[direction]["sources"] == 2
        assert week[direction]["quads"]["q1"] == {"events": 1, "mentions": 2, "sources": 2}
        assert week[direction]["scores"]["goldstein_mean"] == 1.0
    assert week["reciprocity"] == {"events": 1.0, "cooperation": 1.0, "conflict": None, "goldstein_gap": 0.0}
    assert dyad["index"]["value"] == 62.0
    assert dyad["outlets"] == [{"outlet": "БелТА", "mentions": 1}, {"outlet": "ТАСС", "mentions": 1}]


def test_windows_end_on_the_last_day_with_news(address: str) -> None:
    assert get(address, "dyads/BLR-KAZ")["until"] == "2025-11-02"


def test_the_days_are_the_published_rows(address: str) -> None:
    (day,) = get(address, "dyads/BLR-KAZ/days?from=2025-10-01&to=2025-10-31")["items"]
    assert day["day"] == "2025-10-31"
    assert day["together"]["by_type"] == {"CONSULT": 1}
    assert get(address, "dyads/BLR-XXX/days")["items"] == []


def test_events_with_evidence(address: str) -> None:
    first = get(address, "events?dyad=BLR-KAZ&status=happened")["items"][0]
    assert (first["date"], first["type"], first["status"], first["mentions"]) == (
        "2025-10-31",
        "CONSULT",
        "happened",
        2,
    )
    said = first["evidence"]
    assert said["text"][said["trigger_start"] : said["trigger_end"]] in ("встретились", "встретился")
    planned = get(address, "events?status=planned")["items"]
    assert [event["date"] for event in planned] == ["2025-11-20"]


def test_one_event_with_who_tells_it(address: str) -> None:
    (event,) = get(address, "events?dyad=BLR-KAZ&status=happened&from=2025-10-31")["items"]
    full = get(address, f"events/{event['id']}")
    assert {mention["article"] for mention in full["told_by"]} == {"tass/1", "belta/1"}
    assert full["told_by_outlets"] == [
        {"outlet": "БелТА", "events": 1, "mentions": 1},
        {"outlet": "ТАСС", "events": 1, "mentions": 1},
    ]
    assert full["cameo_name"]


def test_what_an_article_tells(address: str) -> None:
    told = get(address, "mentions?article=belta/1")["items"]
    assert len(told) == 2
    assert {mention["dyad"] for mention in told} == {"BLR-KAZ"}


def test_a_state_and_its_neighbours(address: str) -> None:
    belarus = get(address, "states/BLR")
    assert belarus["state"]["name_ru"] == "Беларусь"
    poland, kazakhstan = belarus["neighbours"]
    assert poland["state"] == "POL"
    assert poland["quads_out"]["q3"] == 0
    assert poland["quads_in"]["q3"] == 2  # Poland protests, Belarus does nothing
    assert kazakhstan["quads_out"] == kazakhstan["quads_in"] == {"q1": 1, "q2": 0, "q3": 0, "q4": 0}
    assert [state["code"] for state in get(address, "states")["items"]] == ["BLR", "POL", "KAZ"]


def test_search(address: str) -> None:
    (hit,) = get(address, "search?q=министры обороны")["items"]
    assert hit["event"]["dyad"] == "BLR-KAZ"
    assert hit["snippet"].startswith("\x02Министры\x03 \x02обороны\x03 Казахстана")
    assert get(address, "search?q=...")["items"] == []


def test_outlets_and_letters(address: str) -> None:
    assert get(address, "outlets?state=POL")["items"] == [{"outlet": None, "events": 2, "mentions": 2}]
    (letter,) = get(address, "letters")["items"]
    assert (letter["article"], letter["reason"]) == ("pap/2", "undecodable")
    assert get(address, "letters?reason=too-slow")["items"] == []


def test_text_of_articles_comes_as_it_is(address: str) -> None:
    """Whatever shows it must take it as text: markup, escapes and overrides are not taken away here."""
    (protest,) = get(address, "events?dyad=BLR-POL&to=2025-10-30")["items"]
    assert "\x1b[31m" in protest["evidence"]["text"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("dyads?limit=0", 400, "limit"),
        ("dyads?limit=1001", 400, "limit"),
        ("dyads?state=kaz", 400, "state"),
        ("dyads?state=KAZ&state=BLR&state=POL", 400, "state"),
        ("dyads?type=HUG", 400, "type"),
        ("dyads?from=2025-13-01", 400, "from"),
        ("dyads?cursor=x", 400, "cursor"),
        ("search", 400, "q"),
        ("dyads/BLR", 400, "dyad"),
        ("dyads/AAA-BBB", 404, "AAA-BBB"),
        ("events/0", 404, "event"),
        ("states/AAA", 404, "AAA"),
        ("nowhere", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_said_as_a_problem(address: str, path: str, status: int, word: str) -> None:
    said = problem(address, path)
    assert said["status"] == status
    assert word in json.dumps(said, ensure_ascii=False)


def test_lists_as_csv(address: str) -> None:
    status, headers, body = ask(address, "/api/v1/events?dyad=BLR-POL", Accept="text/csv")
    assert status == 200
    assert headers["content-type"].startswith("text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [row["date"] for row in rows] == ["2025-11-02", "2025-10-30"]
    assert rows[0]["evidence.text"] == "Варшава осудила Минск."
    assert rows[0]["evidence.outlet"] == ""
    assert rows[0]["reciprocal"] == "false"


def test_a_part_of_a_csv_says_where_the_next_begins(address: str) -> None:
    _, headers, _ = ask(address, "/api/v1/events?limit=1", Accept="text/csv")
    assert headers["x-next-cursor"] == get(address, "events?limit=1")["next"]


def test_the_form_that_is_liked_most_is_given(address: str) -> None:
    def form(accept: str) -> str:
        return ask(address, "/api/v1/dyads", Accept=accept)[1]["content-type"].partition(";")[0]

    assert form("text/csv;q=0.5, application/json;q=0.9") == "application/json"
    assert form("application/json;q=0.5, text/csv") == "text/csv"
    assert form("text/*, */*;q=0.1") == "text/csv"
    assert problem(address, "dyads", Accept="image/png")["status"] == 406
    assert problem(address, "dyads/BLR-KAZ", Accept="text/csv")["status"] == 406


def test_what_is_known_already_is_not_sent_again(address: str) -> None:
    _, headers, body = ask(address, "/api/v1/dyads")
    status, again, nothing = ask(address, "/api/v1/dyads", If_None_Match=f'"other", {headers["etag"]}')
    assert (status, nothing, again["etag"]) == (304, b"", headers["etag"])
    assert ask(address, "/api/v1/dyads?limit=1", If_None_Match=headers["etag"])[0] == 200
    assert ask(address, "/api/v1/dyads", If_None_Match=headers["etag"], Accept="text/csv")[0] == 200
    assert body


def test_long_answers_are_packed_for_who_unpacks(address: str) -> None:
    _, plain, whole = ask(address, "/api/v1/events")
    _, packed, body = ask(address, "/api/v1/events", Accept_Encoding="br, gzip;q=0.8")
    assert "content-encoding" not in plain
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(body) == whole
    assert "accept-encoding" in packed["vary"]
    assert "content-encoding" not in ask(address, "/api/v1/events", Accept_Encoding="gzip;q=0")[1]


def test_nothing_is_said_to_other_origins_unless_set(address: str) -> None:
    assert "access-control-allow-origin" not in ask(address, "/api/v1/dyads", Origin="https://a.example")[1]


def test_health(address: str) -> None:
    health = get(address, "health")
    assert health["read_model"]["generation"] == 1
    assert health["dead_letters"] == {"total": 1, "by_reason": {"undecodable": 1}}
    assert health["audit"] is None
    assert ask(address, "/live")[0] == 200
    assert ask(address, "/ready")[2] == b"ready\n"
    metrics = ask(address, "/metrics")[2].decode()
    assert 'dyads_serve_request_seconds_count{resource="health",status="200"}' in metrics
    assert "dyads_serve_lag_offsets 0.0" in metrics
