"""The columns of GDELT 2.0 and POLECAT, against lists written down from what reads their files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from models import Actor, Status
from tests.aggregation.stories import PROTEST_NOTE, article
from tests.monitoring.relations import told
from workers.aggregation.fold import fold
from workers.monitoring.exporting import gdelt, polecat
from workers.monitoring.exporting.scratch import ToldEvent

GDELT = [
    "GLOBALEVENTID",
    "SQLDATE",
    "MonthYear",
    "Year",
    "FractionDate",
    "Actor1Code",
    "Actor1Name",
    "Actor1CountryCode",
    "Actor1KnownGroupCode",
    "Actor1EthnicCode",
    "Actor1Religion1Code",
    "Actor1Religion2Code",
    "Actor1Type1Code",
    "Actor1Type2Code",
    "Actor1Type3Code",
    "Actor2Code",
    "Actor2Name",
    "Actor2CountryCode",
    "Actor2KnownGroupCode",
    "Actor2EthnicCode",
    "Actor2Religion1Code",
    "Actor2Religion2Code",
    "Actor2Type1Code",
    "Actor2Type2Code",
    "Actor2Type3Code",
    "IsRootEvent",
    "EventCode",
    "EventBaseCode",
    "EventRootCode",
    "QuadClass",
    "GoldsteinScale",
    "NumMentions",
    "NumSources",
    "NumArticles",
    "AvgTone",
    "Actor1Geo_Type",
    "Actor1Geo_Fullname",
    "Actor1Geo_CountryCode",
    "Actor1Geo_ADM1Code",
    "Actor1Geo_ADM2Code",
    "Actor1Geo_Lat",
    "Actor1Geo_Long",
    "Actor1Geo_FeatureID",
    "Actor2Geo_Type",
    "Actor2Geo_Fullname",
    "Actor2Geo_CountryCode",
    "Actor2Geo_ADM1Code",
    "Actor2Geo_ADM2Code",
    "Actor2Geo_Lat",
    "Actor2Geo_Long",
    "Actor2Geo_FeatureID",
    "ActionGeo_Type",
    "ActionGeo_Fullname",
    "ActionGeo_CountryCode",
    "ActionGeo_ADM1Code",
    "ActionGeo_ADM2Code",
    "ActionGeo_Lat",
    "ActionGeo_Long",
    "ActionGeo_FeatureID",
    "DATEADDED",
    "SOURCEURL",
]

POLECAT = """Event ID,Event Date,Event Type,Event Mode,Intensity,Quad Code,Contexts,Actor Name,Actor Country,Actor COW,
Primary Actor Sector,Actor Sectors,Actor Title,Actor Name Raw,Wikipedia Actor ID,Recipient Name,Recipient Country,
Recipient COW,Primary Recipient Sector,Recipient Sectors,Recipient Title,Recipient Name Raw,Wikipedia Recipient ID,
Placename,City,District,Province,Country,Latitude,Longitude,GeoNames ID,Raw Placename,Feature Type,Source,
Publication Date,Story People,Story Organizations,Story Locations,Language,Version""".replace("\n", "").split(",")


def protest(source: str = "POL", target: str = "BLR", **more: object) -> ToldEvent:
    """Poland's foreign ministry protests to Belarus, told by one outlet."""
    event = told(source, target, "Варшава вручила\tноту.", "вручила", PROTEST_NOTE, **{"on": "2025-10-30", **more})
    actor = Actor(country=source, sector="GOV", name="Анна Квятковская", office="министр")
    event = replace(event, source=actor, mode="demand", contexts=("diplomatic", "military"), place="Варшава")
    tables = fold([article("pap/1", event, outlet="PAP")])
    (row,), (mention,) = tables.events.values(), tables.mentions.values()
    return ToldEvent(row, dt.datetime(2025, 10, 31, 9, 5, tzinfo=dt.UTC), mention, False)


def as_gdelt(event: ToldEvent) -> Mapping[str, str]:
    """GDELT's row, by its columns."""
    row = gdelt.row(event)
    assert row is not None
    return dict(zip(GDELT, row, strict=True))


def test_columns() -> None:
    assert list(gdelt.COLUMNS) == GDELT
    assert len(GDELT) == 61
    assert list(polecat.COLUMNS) == POLECAT


def test_an_event_in_gdelt() -> None:
    event = protest()
    row = as_gdelt(event)
    said = {name: value for name, value in row.items() if value not in ("", "0")}
    assert said == {
        "GLOBALEVENTID": str(int(event.event.id, 16) % 2**63),
        "SQLDATE": "20251030",
        "MonthYear": "202510",
        "Year": "2025",
        "FractionDate": "2025.8219",  # 9 months of thirty days and 30 days, of 365
        "Actor1Code": "POLGOV",
        "Actor1Name": "POLAND",
        "Actor1CountryCode": "POL",
        "Actor1Type1Code": "GOV",
        "Actor2Code": "BLR",
        "Actor2Name": "BELARUS",
        "Actor2CountryCode": "BLR",
        "EventCode": "112",
        "EventBaseCode": "112",
        "EventRootCode": "11",
        "QuadClass": "3",
        "GoldsteinScale": "-2.0",
        "NumMentions": "1",
        "NumSources": "1",
        "NumArticles": "1",
        "ActionGeo_Fullname": "Варшава",
        "DATEADDED": "20251031090500",
        "SOURCEURL": "https://example.org/pap/1",
    }


def test_ids_fit_a_signed_integer_and_differ() -> None:
    ids = {gdelt.numeric_id(f"{number:016x}") for number in (0, 1, 2**63 - 1)}
    assert len(ids) == 3
    assert max(ids | {gdelt.numeric_id("f" * 16)}) < 2**63


def test_unions_are_organizations_in_gdelt() -> None:
    row = as_gdelt(protest("EUR"))
    assert (row["Actor1Code"], row["Actor1KnownGroupCode"], row["Actor1Type1Code"]) == ("IGOEUREEC", "EEC", "IGO")
    assert as_gdelt(protest("POL", "UNO"))["Actor2Code"] == "IGOUNO"


def test_every_sector_has_a_word_in_gdelt() -> None:
    assert gdelt.roles()["JRN"] == "MED"
    assert gdelt.roles()["MED"] == "HLH"


def test_an_event_in_polecat() -> None:
    event = protest()
    row = polecat.row(event)
    assert row is not None
    said = {name: value for name, value in zip(POLECAT, row, strict=True) if value != "None"}
    assert said == {
        "Event ID": event.event.id,
        "Event Date": "2025-10-30",
        "Event Type": "ACCUSE",
        "Event Mode": "demand",
        "Intensity": str(event.event.intensity),
        "Quad Code": "VERBAL CONFLICT",
        "Contexts": "diplomatic;military",
        "Actor Name": "Poland",
        "Actor Country": "Poland",
        "Primary Actor Sector": "GOV",
        "Actor Sectors": "GOV",
        "Actor Title": "министр",
        "Actor Name Raw": "Анна Квятковская",
        "Recipient Name": "Belarus",
        "Recipient Country": "Belarus",
        "Raw Placename": "Варшава",
        "Source": "PAP",
        "Version": "test/1",
    }


@pytest.mark.parametrize("event", [protest(status=Status.PLANNED), protest(on="2025-10"), protest(on=None)])
def test_what_did_not_happen_on_a_day_has_no_row(event: ToldEvent) -> None:
    assert gdelt.row(event) is None
    assert polecat.row(event) is None


def test_who_acts_is_found_whichever_comes_first_in_the_telling() -> None:
    event = protest("BLR", "POL", reciprocal=True)
    assert event.best is not None
    turned = replace(event, best=replace(event.best, source=event.best.target, target=event.best.source))
    assert as_gdelt(turned)["Actor1Code"] == as_gdelt(event)["Actor1Code"] == "BLRGOV"
