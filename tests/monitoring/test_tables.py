"""What the terminal shows is computed from the published rows alone."""

import pytest

from models import Dyad
from tests.monitoring.relations import week
from workers.monitoring.tables import dyad_rows, dyad_view

TABLES = week()
BLR_KAZ, BLR_POL = Dyad("BLR-KAZ"), Dyad("BLR-POL")


def test_dyads_with_most_events_come_first() -> None:
    poland, kazakhstan = dyad_rows(TABLES.daily.values())

    assert (poland.dyad, poland.events, poland.last) == (BLR_POL, 2, "2025-11-02")
    assert (kazakhstan.dyad, kazakhstan.events, kazakhstan.mentions) == (BLR_KAZ, 1, 2)


def test_planned_events_are_counted_apart_and_are_no_last_event() -> None:
    kazakhstan = dyad_rows(TABLES.daily.values())[1]
    assert (kazakhstan.events, kazakhstan.other, kazakhstan.last) == (1, 1, "2025-10-31")


def test_goldstein_is_the_mean_over_events() -> None:
    poland, kazakhstan = dyad_rows(TABLES.daily.values())
    assert poland.goldstein == pytest.approx(-2.0)
    assert kazakhstan.goldstein == pytest.approx(1.0)


def test_quads_add_up_to_the_events() -> None:
    for row in dyad_rows(TABLES.daily.values()):
        assert sum(row.quads) == row.events


def test_one_dyad() -> None:
    view = dyad_view(BLR_KAZ, TABLES.daily.values(), TABLES.events.values(), TABLES.mentions.values())

    assert view is not None
    assert [day.day for day in view.days] == ["2025-11-20", "2025-10-31"]
    assert [row.event.date for row in view.events] == ["2025-11-20", "2025-10-31", "2025-10"]
    assert [mention.article for mention in view.events[1].mentions] == ["belta/1", "tass/1"]
    assert view.outlets == (("БелТА", 2), ("(no outlet named)", 1), ("ТАСС", 1))


def test_dyad_of_which_nothing_is_known() -> None:
    rows = TABLES.daily.values(), TABLES.events.values(), TABLES.mentions.values()
    assert dyad_view(Dyad("FRA-GBR"), *rows) is None


def test_no_rows() -> None:
    assert dyad_rows([]) == []
