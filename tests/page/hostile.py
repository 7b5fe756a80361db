"""A news week in which some articles try what they can on whoever reads of them."""

from __future__ import annotations

from msgspec.structs import replace

from models import CodedArticle
from tests.aggregation.stories import TREATY, article
from tests.monitoring.relations import MEETING, VISIT, told
from workers.aggregation.fold import Tables, fold

SCRIPT = "<script>window.hit = 1</script> Казахстан встретился с Польшей <img src=x onerror='window.hit = 2'>."
HANDLER = "\"><svg onload='window.hit = 3'><a href='javascript:window.hit = 4'>Польша</a> подписала договор."
BIDI = "Посол \u202e\u2066Казахстана\u202e встретился в Варшаве \u200f\u0627\u0644\u0633\u0644\u0627\u0645."
LONG = f"Литва встретилась {'Ы' * 3_000} с Польшей."
ASTRAL = "\U0001f54a\U0001f91d\U0001f1f0\U0001f1ff Казахстан встретился с Литвой."

OUTLET = "<b onmouseover='window.hit = 5'>Агентство</b>"
NAME = "<i>1</i>"


def hostile_week() -> Tables:
    """Ordinary news of Kazakhstan and Belarus, and hostile news of Kazakhstan, Lithuania and Poland."""
    return fold([*_ordinary(), *hostile_articles()])


def hostile_articles() -> list[CodedArticle]:
    """Text, outlets, names and addresses that are code, or would break out of their place."""
    return [
        replace(
            article(NAME, told("KAZ", "POL", SCRIPT, "встретился", on="2025-11-02"), outlet=OUTLET),
            url="javascript:window.hit = 6",
        ),
        replace(
            article("h/2", told("POL", "KAZ", HANDLER, "подписала", TREATY, on="2025-11-03"), outlet="\u202eвиток"),
            url="data:text/html,<script>window.hit = 7</script>",
        ),
        article("h/3", told("KAZ", "POL", BIDI, "встретился", on="2025-11-04"), outlet="a.example"),
        article("h/4", told("LTU", "POL", LONG, "встретилась", on="2025-11-05"), outlet="в" * 400),
        article("h/5", told("KAZ", "LTU", ASTRAL, "встретился", on="2025-11-05"), outlet="a.example"),
    ]


def _ordinary() -> list[CodedArticle]:
    return [
        article(
            "tass/1", told("KAZ", "BLR", MEETING, "встретились", on="2025-10-31", reciprocal=True), outlet="a.example"
        ),
        replace(
            article(
                "belta/1",
                told("KAZ", "BLR", VISIT, "встретился", on="2025-10-31", reciprocal=True),
                told("BLR", "KAZ", "Минск отказался платить.", "отказался", "120", on="2025-11-01"),
                outlet="b.example",
            ),
        ),
    ]
