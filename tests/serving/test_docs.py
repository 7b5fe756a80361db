"""docs/api.md tells of every route that there is, and of no other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.request import urlopen

from workers.monitoring.readmodel.queries.dyads import DyadOrder
from workers.monitoring.readmodel.taking import KEPT

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_on_the_page(address: str) -> None:
    with urlopen(f"{address}/api/v1/openapi.json") as answer:
        document = json.load(answer)
    listed = set(re.findall(r"^\| `(/api/v1/\S+)` \|", PAGE, re.M))
    assert listed == set(document["paths"])


def test_what_is_asked_on_the_page_can_be_asked(address: str) -> None:
    with urlopen(f"{address}/api/v1/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    asked = re.findall(r"^    GET (/api/v1/[^?\s]+)\??(\S*)", PAGE, re.M)
    assert asked
    for path, query in asked:
        template = next(t for t in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", t), path))
        known = {parameter["name"] for parameter in paths[template]["get"].get("parameters", ())}
        assert {one.partition("=")[0] for one in query.split("&") if one} <= known


def test_numbers_and_names_on_the_page() -> None:
    assert all(f"`{order}`" in PAGE for order in DyadOrder)
    assert f"{KEPT:,} changes" in PAGE
