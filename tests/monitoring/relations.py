"""A small news week, told by three outlets, as the rows of the relation topics."""

from __future__ import annotations

from msgspec.structs import replace

from models import Event, Span, Status
from tests.aggregation.stories import PROTEST_NOTE, TREATY, article, event
from workers.aggregation.fold import Tables, fold


def told(source: str, target: str, sentence: str, trigger: str, cameo: str = "040", **more: object) -> Event:
    """An event with the sentence that tells it and the words that carry it; the sentence starts at character 100."""
    told = event(source, target, cameo, evidence=sentence, at=100, **more)  # type: ignore[arg-type]
    start = 100 + sentence.index(trigger)
    return replace(told, trigger=Span(trigger, start, start + len(trigger)))


MEETING = "Министры обороны Казахстана и Белоруссии встретились в Минске."
VISIT = "Глава ведомства [bold]Казахстана[/bold] встретился с белорусским коллегой."
ESCAPE = "Польша вручила Белоруссии ноту \x1b[31mпротеста\u202e из-за дрона."


def week() -> Tables:
    """Kazakhstan and Belarus meet (two outlets tell it) and plan a treaty; Poland protests to Belarus twice."""
    return fold(
        [
            article(
                "tass/1",
                told("KAZ", "BLR", MEETING, "встретились", on="2025-10-31", reciprocal=True),
                outlet="ТАСС",
            ),
            article(
                "belta/1",
                told("KAZ", "BLR", VISIT, "встретился", on="2025-10-31", reciprocal=True),
                told(
                    "BLR",
                    "KAZ",
                    "Договор подпишут в ноябре.",
                    "подпишут",
                    TREATY,
                    on="2025-11-20",
                    status=Status.PLANNED,
                ),
                outlet="БелТА",
            ),
            article(
                "pap/1",
                told("POL", "BLR", ESCAPE, "вручила", PROTEST_NOTE, on="2025-10-30"),
                told("POL", "BLR", "Варшава осудила Минск.", "осудила", PROTEST_NOTE, on="2025-11-02"),
                told("KAZ", "BLR", "В октябре стороны торговали.", "торговали", on="2025-10"),
            ),
        ]
    )
