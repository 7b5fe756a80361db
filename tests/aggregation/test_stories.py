"""What the tables say of small stories, told article by article."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

from msgspec.structs import replace

from models import DailyRelation, EventType, Precision, Quad, RelationEvent, Status, Tally
from models.ontology import ontology
from tests.aggregation.memory_scope import Agents, Published
from tests.aggregation.stories import MEETING, PROTEST_NOTE, TREATY, article, event
from topics.catalogue import DAILY, EVENTS, MENTIONS
from workers.aggregation import keys

DAY_KEY = b"BLR-KAZ|2025-10-31"


def day(agents: Agents, key: bytes = DAY_KEY) -> DailyRelation:
    return agents.tables.daily[key]


def the_event(agents: Agents) -> RelationEvent:
    (row,) = agents.tables.events.values()
    return row


def topics(sent: list[Published]) -> list[str]:
    return sorted(message.topic for message in sent)


def test_one_meeting_told_by_three_outlets_is_one_event_with_three_mentions() -> None:
    agents = Agents()
    for version, outlet in enumerate(("tass", "belta", "kazinform")):
        meeting = event("KAZ", "BLR", MEETING, reciprocal=True, evidence=f"The ministers met, {outlet} says.")
        agents.publish(article(f"from-{outlet}", meeting, version=version, outlet=outlet))

    assert (the_event(agents).mentions, the_event(agents).outlets) == (3, 3)
    assert day(agents).together == Tally(
        events=1,
        mentions=3,
        sources=3,
        by_type={EventType.CONSULT: 1},
        by_quad={Quad.VERBAL_COOPERATION: 1},
        goldstein=1.0,
        intensity=2.5,
    )
    sentences = {mention.outlet: mention.evidence.text for mention in agents.tables.mentions.values()}
    assert sentences["belta"] == "The ministers met, belta says."
    assert len(sentences) == 3


def test_an_outlet_that_tells_it_twice_is_one_source() -> None:
    agents = Agents()
    agents.publish(article("morning", event("KAZ", "BLR"), version=1, outlet="tass"))
    agents.publish(article("evening", event("KAZ", "BLR"), version=2, outlet="tass"))
    assert (day(agents).together.mentions, day(agents).together.sources) == (2, 1)
    assert (the_event(agents).mentions, the_event(agents).outlets) == (2, 1)

    agents.withdraw("morning", 3)
    assert (day(agents).together.mentions, day(agents).together.sources) == (1, 1)


def test_articles_that_name_no_outlet_are_one_source_together() -> None:
    agents = Agents()
    for version in range(3):
        agents.publish(article(f"copy-{version}", event("KAZ", "BLR"), version=version, outlet=None))
    assert (day(agents).together.mentions, day(agents).together.sources) == (3, 1)


def test_a_revision_that_changes_the_status_moves_the_event_from_the_plans_to_the_counts() -> None:
    agents = Agents()
    agents.publish(article("visit", event("KAZ", "BLR", TREATY, status=Status.PLANNED), version=1, outlet="tass"))
    assert day(agents).together == Tally(planned=1)
    plan = the_event(agents).id

    sent = agents.publish(article("visit", event("KAZ", "BLR", TREATY), version=2, outlet="tass"))
    assert day(agents).together.planned == 0
    assert day(agents).together.events == 1
    assert the_event(agents).id != plan
    assert (EVENTS.name, plan.encode(), None) in sent
    assert (MENTIONS.name, keys.mention(plan, "visit"), None) in sent


def test_a_withdrawal_takes_back_what_the_article_said_and_nothing_else() -> None:
    agents = Agents()
    agents.publish(article("kept", event("KAZ", "BLR"), version=1, outlet="tass"))
    before = agents.tables
    agents.publish(article("wrong", event("KAZ", "BLR"), event("BLR", "KAZ", PROTEST_NOTE), version=2, outlet="belta"))
    assert agents.tables != before
    agents.withdraw("wrong", 3)
    assert agents.tables == before

    agents.withdraw("kept", 4)
    assert (agents.tables.daily, agents.tables.events, agents.tables.mentions) == ({}, {}, {})


def test_a_late_revision_does_not_bring_a_withdrawn_article_back() -> None:
    agents = Agents()
    agents.withdraw("a", 7)
    assert agents.publish(article("a", event("KAZ", "BLR"), version=6)) == []
    assert agents.tables.events == {}
    agents.publish(article("a", event("KAZ", "BLR"), version=8))
    assert len(agents.tables.events) == 1


def test_a_reciprocal_event_counts_in_both_directions_and_once_together() -> None:
    agents = Agents()
    agents.publish(article("one", event("KAZ", "BLR", reciprocal=True), version=1, outlet="tass"))
    agents.publish(article("other", event("BLR", "KAZ", reciprocal=True), version=2, outlet="belta"))
    row = day(agents)
    assert row.together == row.a_to_b == row.b_to_a
    assert (row.together.events, row.together.mentions) == (1, 2)
    assert (the_event(agents).source, the_event(agents).target) == ("BLR", "KAZ")


def test_an_act_counts_in_its_direction() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR", PROTEST_NOTE), event("BLR", "KAZ", TREATY), version=1))
    row = day(agents)
    assert row.b_to_a.by_type == {EventType.ACCUSE: 1}
    assert row.a_to_b.by_type == {EventType.SUPPORT: 1}
    assert row.together.by_type == {EventType.ACCUSE: 1, EventType.SUPPORT: 1}
    assert (row.b_to_a.goldstein, row.a_to_b.goldstein, row.together.goldstein) == (-2.0, 8.0, 6.0)


def test_what_did_not_happen_is_counted_apart_and_never_in_the_scores() -> None:
    agents = Agents()
    told = [event("KAZ", "BLR", TREATY, status=status) for status in Status]
    agents.publish(article("a", *told, version=1, outlet="tass"))
    together = day(agents).together
    assert (together.events, together.planned, together.hypothetical, together.denied) == (1, 1, 1, 1)
    assert (together.mentions, together.sources, together.goldstein) == (1, 1, 8.0)
    assert len(agents.tables.events) == len(agents.tables.mentions) == 4


def test_an_event_of_unknown_day_has_a_row_and_mentions_but_no_day() -> None:
    agents = Agents()
    told = [event("KAZ", "BLR", on=date) for date in ("2025-10", "2025", None)]
    agents.publish(article("a", *told, version=1))
    assert len(agents.tables.events) == len(agents.tables.mentions) == 3
    assert agents.tables.daily == {}


def test_the_day_of_the_text_and_the_day_of_the_report_join() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR", precision=Precision.DAY), version=1))
    agents.publish(article("b", event("KAZ", "BLR", precision=Precision.REPORTED), version=2))
    assert the_event(agents).mentions == 2
    assert {mention.date_precision for mention in agents.tables.mentions.values()} == {
        Precision.DAY,
        Precision.REPORTED,
    }


def test_an_article_that_tells_one_event_twice_mentions_it_once_with_its_surest_sentence() -> None:
    unsure = event("KAZ", "BLR", evidence="They may have met.", confidence=0.4)
    sure = event("KAZ", "BLR", evidence="They met in Minsk.", at=90, confidence=0.8)
    for told in ((unsure, sure), (sure, unsure)):
        agents = Agents()
        agents.publish(article("a", *told, version=1))
        (mention,) = agents.tables.mentions.values()
        assert mention.evidence.text == "They met in Minsk."
        assert day(agents).together.mentions == 1


def test_equally_sure_tellings_are_chosen_between_by_place_and_then_by_content() -> None:
    late = event("KAZ", "BLR", evidence="Later they met.", at=90)
    early, same_place = (event("KAZ", "BLR", evidence=text, at=0) for text in ("At noon they met.", "They met again."))
    kept = set()
    for told in permutations((late, early, same_place)):
        agents = Agents()
        agents.publish(article("a", *told, version=1))
        (mention,) = agents.tables.mentions.values()
        kept.add(mention.evidence.text)
    assert kept == {"At noon they met."}


def test_organizations_and_a_state_with_itself_make_no_dyad_but_unions_do() -> None:
    agents = Agents()
    told = (event("KAZ", "CSTO"), event("CIS", "BLR"), event("KAZ", "KAZ"), event("KAZ", "EUR"), event("UNO", "KAZ"))
    agents.publish(article("a", *told, version=1))
    assert sorted(agents.tables.daily) == [b"EUR-KAZ|2025-10-31", b"KAZ-UNO|2025-10-31"]
    assert len(agents.tables.mentions) == 2


def test_a_source_that_is_corrected_moves_from_outlet_to_outlet() -> None:
    agents = Agents()
    agents.publish(article("a", event("KAZ", "BLR"), version=1, outlet="tass"))
    agents.publish(article("b", event("KAZ", "BLR"), version=2, outlet="tass"))
    agents.publish(article("b", event("KAZ", "BLR"), version=3, outlet="belta"))
    assert (the_event(agents).mentions, the_event(agents).outlets, day(agents).together.sources) == (2, 2, 2)
    agents.publish(article("b", event("KAZ", "BLR"), version=4, outlet="tass"))
    assert (the_event(agents).mentions, the_event(agents).outlets, day(agents).together.sources) == (2, 1, 1)


def test_a_revision_that_counts_the_same_publishes_only_its_mention() -> None:
    agents = Agents()
    first = agents.publish(article("a", event("KAZ", "BLR"), version=1, outlet="tass"))
    assert topics(first) == sorted([DAILY.name, EVENTS.name, MENTIONS.name])
    second = agents.publish(article("a", event("KAZ", "BLR", at=5), version=2, outlet="tass"))
    assert topics(second) == [MENTIONS.name]


def test_scores_are_those_of_the_ontology_whatever_the_article_says() -> None:
    agents = Agents()
    odd = replace(event("KAZ", "BLR", TREATY), goldstein=-9.9, intensity=-9.9, quad=Quad.MATERIAL_CONFLICT)
    agents.publish(article("odd", odd, version=1))
    agents.publish(article("even", event("KAZ", "BLR", TREATY), version=2))
    assert (the_event(agents).goldstein, the_event(agents).quad) == (8.0, Quad.VERBAL_COOPERATION)
    agents.withdraw("odd", 3)
    assert day(agents).together.goldstein == 8.0


def test_a_thousand_mentions_do_not_make_the_rows_of_the_event_longer() -> None:
    agents = Agents()
    for version in range(1_000):
        agents.publish(
            article(f"copy-{version}", event("KAZ", "BLR"), version=version, outlet=f"outlet-{version % 70}")
        )
    assert (the_event(agents).mentions, the_event(agents).outlets) == (1_000, 70)
    assert max(len(row) for row in agents.scope.rows.values()) < 500


def test_sums_of_many_decimals_are_exact_on_the_way_up_and_down() -> None:
    """-0.4 and 3.4 are no binary fractions: adding and subtracting floats would leave crumbs."""
    agents = Agents()
    codes = [code for code, cameo in ontology().cameo.items() if cameo.type]
    for version, code in enumerate(codes):
        agents.publish(article(f"about-{code}", event("KAZ", "BLR", code), version=version))
    total = day(agents).together
    assert total.events == len(codes) > 200
    assert Decimal(str(total.goldstein)) == sum(Decimal(str(ontology().cameo[code].goldstein)) for code in codes)

    first, *others = codes
    for version, code in enumerate(others, 1_000):
        agents.withdraw(f"about-{code}", version)
    assert day(agents).together.goldstein == ontology().cameo[first].goldstein
    assert day(agents).together.by_type == {ontology().cameo[first].type: 1}


def test_the_example_of_the_documentation() -> None:
    """docs/tables.md, "An example"."""
    agents = Agents()
    meeting = event("KAZ", "BLR", MEETING, reciprocal=True)
    aid = event("BLR", "KAZ", "073", status=Status.PLANNED)
    agents.publish(article("1", meeting, aid, version=1, outlet="tass"))
    agents.publish(article("2", meeting, version=2, outlet="belta"))
    agents.publish(article("3", event("BLR", "KAZ", PROTEST_NOTE), version=3, outlet="tass"))

    row = day(agents)
    assert (
        row.together
        == row.a_to_b
        == Tally(
            events=2,
            mentions=3,
            sources=2,
            by_type={EventType.CONSULT: 1, EventType.ACCUSE: 1},
            by_quad={Quad.VERBAL_COOPERATION: 1, Quad.VERBAL_CONFLICT: 1},
            goldstein=-1.0,
            intensity=-0.5,
            planned=1,
        )
    )
    assert (row.b_to_a.events, row.b_to_a.mentions, row.b_to_a.sources) == (1, 2, 2)
    assert (row.b_to_a.goldstein, row.b_to_a.intensity) == (1.0, 2.5)
    assert sorted((told.mentions, told.outlets) for told in agents.tables.events.values()) == [(1, 1), (1, 1), (2, 2)]
    assert len(agents.tables.mentions) == 4

    agents.withdraw("2", 4)
    assert (day(agents).together.mentions, day(agents).together.sources) == (2, 1)

    agents.publish(article("1", meeting, event("BLR", "KAZ", "073"), version=5, outlet="tass"))
    assert (day(agents).together.events, day(agents).together.planned) == (3, 0)
