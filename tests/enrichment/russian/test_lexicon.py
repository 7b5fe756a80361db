"""The Russian lexicon: names found in every case, traps left alone, broken rows refused."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import razdel
from rumorph import Analyzer

from models.data import BrokenData
from models.states import states
from workers.enrichment.russian.lexicon import (
    GEOGRAPHIC,
    Entry,
    Guard,
    Hit,
    Kind,
    Lexicon,
    leaders,
    lexicon,
    professions,
    settle,
)
from workers.enrichment.russian.lexicon import leaders as leaders_function
from workers.enrichment.russian.lexicon.inflection import fold
from workers.enrichment.russian.lexicon.leaders import Leaders
from workers.enrichment.russian.lexicon.membership import memberships
from workers.enrichment.russian.lexicon.organizations import organizations

CASES = ("Nom", "Gen", "Dat", "Acc", "Ins", "Loc")
CARRIER = "Сегодня обсуждали {} вместе с соседями"
NAMES = [entry for entry in lexicon().entries if entry.kind is not Kind.TRAP]
MORPH = Analyzer()
HIGH_OFFICES = ("head_of_state", "head_of_government", "foreign_minister", "defence_minister")
UNSOURCED = ("general knowledge", "unnamed report")


def tokens(text: str) -> list[str]:
    return [token.text for token in razdel.tokenize(text)]


def found(text: str) -> list[Hit]:
    return lexicon().match(tokens(text))


def codes(text: str) -> set[str]:
    """The states and organizations that a sentence's hits are coded to."""
    return {hit.code for hit in found(text) if hit.code}


def spans(text: str) -> list[str]:
    words = tokens(text)
    return [" ".join(words[hit.start : hit.end]) for hit in found(text)]


def dictionary_forms(name: str, case: str) -> set[str]:
    """The forms of a place's name in a case, as rumorph's dictionary has them; empty where it lacks the name."""
    forms: set[str] = set()
    for analysis in MORPH.analyze(name):
        place = analysis.feats.get("NameType") == "Geo" and analysis.feats.get("Case") == "Nom"
        if place and fold(analysis.lemma) == fold(name) and analysis.source == "dictionary":
            number = analysis.feats.get("Number")
            forms |= {
                form.word.capitalize()
                for form in analysis.forms()
                if form.feats.get("Case") == case and form.feats.get("Number") == number
            }
    return forms


# Every name of the data


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.COMBINING, Kind.TRAP, Kind.PERSON)])
def test_every_name_is_found_whole_as_its_row_has_it(kind: Kind) -> None:
    """Another name of the same code may be found in its place (Алжир the capital as Алжир the state)."""
    for entry in NAMES:
        if entry.kind is kind and entry.guard is not Guard.PLACE:
            words = tokens(CARRIER.format(entry.name))
            end = 2 + len(tokens(entry.name))
            whole = [hit for hit in lexicon().match(words) if (hit.start, hit.end) == (2, end)]
            assert entry.code in {hit.code for hit in whole}, entry


@pytest.mark.parametrize("code", sorted(states()))
def test_every_state_has_a_noun_and_every_member_a_capital(code: str) -> None:
    kinds = {entry.kind for entry in NAMES if entry.code == code}
    assert Kind.NOUN in kinds
    assert states()[code].standing != "member" or Kind.CAPITAL in kinds


# The forms, against a dictionary that knows nothing of our paradigms


@pytest.mark.parametrize("code", sorted(states()))
def test_dictionary_forms_of_states_and_capitals_are_found_in_their_case(code: str) -> None:
    for entry in NAMES:
        if entry.code == code and entry.kind in (Kind.NOUN, Kind.CAPITAL) and entry.guard is Guard.NONE:
            for case in CASES:
                forms = dictionary_forms(entry.name, case)
                hits = [hit for form in forms for hit in found(CARRIER.format(form)) if hit.code == code]
                assert not forms or any(case in hit.cases for hit in hits), (entry.name, case, forms)


@pytest.mark.parametrize("code", sorted(states()))
def test_adjectives_are_found_in_every_gender_number_and_case(code: str) -> None:
    for entry in NAMES:
        if entry.code == code and entry.kind is Kind.ADJECTIVE and "-" not in entry.name:
            known = [a for a in MORPH.analyze(entry.name) if a.pos == "ADJ" and a.lemma == entry.name]
            forms = {f.word for a in known for f in a.forms() if f.feats.get("Case") and f.feats.get("Degree") == "Pos"}
            lost = [f for f in forms | {entry.name} if code not in codes(f"Об этом узнал {f} дипломат")]
            assert not [f for f in lost if "-" not in f and not f.endswith(("ою", "ею"))], (entry.name, lost)


def test_most_states_are_checked_against_the_dictionary() -> None:
    checked = {e.code for e in NAMES if e.kind is Kind.NOUN and dictionary_forms(e.name, "Gen")}
    assert len(checked) > 140


# Hard ones, by hand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Переговоры прошли в Саудовской Аравии", {"SAU"}),
        ("Договор с Объединёнными Арабскими Эмиратами подписан", {"ARE"}),
        ("Договор с Объединенными Арабскими Эмиратами подписан", {"ARE"}),
        ("Граница с Белоруссией открыта", {"BLR"}),
        ("Жители Беларуси и Киргизии", {"BLR", "KGZ"}),
        ("Посольства Чили, Перу и Гаити закрыты", {"CHL", "PER", "HTI"}),
        ("Власти Катара, Омана, Чада и Мали", {"QAT", "OMN", "TCD", "MLI"}),
        ("Президенты Бенина и Того встретились", {"BEN", "TGO"}),
        ("Совместное заявление Ганы, Гвинеи и Кубы", {"GHA", "GIN", "CUB"}),
        ("Переговоры с Гвинеей-Бисау и Экваториальной Гвинеей", {"GNB", "GNQ"}),
        ("Посол в Папуа — Новой Гвинее отозван", {"PNG"}),
        ("Соглашение с Кот-д’Ивуаром и Кот-д'Ивуаром", {"CIV"}),
        ("Помощь Боснии и Герцеговине, Тринидаду и Тобаго", {"BIH", "TTO"}),
        ("Встреча с Соломоновыми Островами", {"SLB"}),
        ("В Демократической Республике Конго и ДРК", {"COD"}),
        ("Войска Южного Судана и Судана", {"SSD", "SDN"}),
        ("Северной Кореей и Республикой Корея", {"PRK", "KOR"}),
        ("Визит в Республику Казахстан", {"KAZ"}),
        ("Премьер Соединённого Королевства", {"GBR"}),
        ("Столица Нидерландов и Филиппин", {"NLD", "PHL"}),
        ("Торговля с США и Китаем", {"USA", "CHN"}),
        ("Делегация РФ, КНР, КНДР и ФРГ", {"RUS", "CHN", "PRK", "DEU"}),
        ("ОАЭ и ЮАР поддержали ИРИ", {"ARE", "ZAF", "IRN"}),
        ("Россияне и казахстанцы вернулись, украинка задержана", {"RUS", "KAZ", "UKR"}),
        ("Двух китайцев и троих турок выслали", {"CHN", "TUR"}),
        ("казахстанской стороне и кыргызстанским пограничникам", {"KAZ", "KGZ"}),
        ("российско-казахстанского саммита", {"RUS", "KAZ"}),
        ("американо-китайских и франко-германских переговоров", {"USA", "CHN", "FRA", "DEU"}),
        ("ирано-израильский конфликт и индо-пакистанская граница", {"IRN", "ISR", "IND", "PAK"}),
        ("российско-белорусско-казахстанское предприятие", {"RUS", "BLR", "KAZ"}),
        ("диалог США–Китай и связка Москва-Пекин", {"USA", "CHN", "RUS"}),
        ("Акорда и Белый дом молчат, Елисейский дворец возразил", {"KAZ", "USA", "RUS", "KGZ", "FRA"}),
        ("СССР и Советский Союз распались", {"RUS"}),
        ("Приднестровье, Абхазия и Южная Осетия", {"MDA", "GEO"}),
        ("Нагорного Карабаха и сектора Газа", {"AZE", "PSE"}),
        ("в Гонконге, Крыму, Тибете и на Тайване", {"CHN", "UKR", "TWN"}),
        ("Госдумы, Верховной рады, бундестага и кнессета", {"RUS", "UKR", "DEU", "ISR"}),
        ("ЦАХАЛ, КСИР, НОАК и бундесвер", {"ISR", "IRN", "CHN", "DEU"}),
        ("хуситами, ХАМАСом, талибами и Хезболлой", {"YEM", "PSE", "AFG", "LBN"}),
        ("Росатома, Газпрома и КазМунайГаза", {"RUS", "KAZ"}),
        ("Международный суд ООН и Совбез ООН, МАГАТЭ и ВОЗ", {"UNO"}),
        ("ЕС, Евросоюзом, Еврокомиссии, Европарламентом", {"EUR"}),
        ("ОДКБ, СНГ, ШОС, ЕАЭС, НАТО и БРИКС", {"CSTO", "CIS", "SCO", "EAEU", "NATO", "BRICS"}),
        ("саммит G7 и G20, «Большой семёрки»", {"G7", "G20"}),
        ("Организация тюркских государств и ОТГ", {"OTS"}),
        ("странам Центральной Азии и государств Балтии", {"CENTRASIA", "BALTICS"}),
        ("ВСТРЕЧА ГЛАВ РОССИИ И КАЗАХСТАНА", {"RUS", "KAZ"}),
    ],
)
def test_hard_names_are_found(text: str, expected: set[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "После того как переговоры завершились, все разошлись",
        "Того, кто опоздал, ждать не стали",
        "КРОМЕ ТОГО, ВСЕ МОЛЧАЛИ",
        "Он писал пером, и перу его принадлежат стихи",
        "Этого мало, но мали и перу тут ни при чём",
        "Над городом стоял чад, вместо куба нарисовали шар",
        "Она надела панаму и съела чили, не заметив обмана",
        "Он вышел из дома и пошёл к гане",
        "пророссийский и антироссийский, анти-американский и про-китайский курс",
        "Выступил на английском языке, переводил с русского языка",
        "Судно шло по Южно-Китайскому морю в Индийский океан и Персидский залив",
        "Женевская конвенция и Парижское соглашение действуют",
        "Минские соглашения и Римский статут",
        "Латиница: mali, peru, togo",
        "нато, снг и рф строчными не пишут",
        "Владимир рассказал, что Роман Киров и Львов приехали",
        "Королёв запустил ракету, Саратов забил гол",
        "Орёл летел над полем, грозный и мирный",
        "Он остался в долгу после посева",
        "Корабль шёл мимо двух судов",
    ],
)
def test_traps_give_no_state(text: str) -> None:
    named = [hit for hit in found(text) if hit.kind in GEOGRAPHIC or hit.kind is Kind.ORGANIZATION]
    assert not named, spans(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Взрыв прогремел во Владимире", "Владимире"),
        ("Поезд идёт в Орёл", "Орёл"),
        ("Поезд вышел из Кирова", "Кирова"),
        ("Бои идут под Изюмом", "Изюмом"),
        ("Он живёт в городе Николаев", "Николаев"),
        ("Он живёт в г. Львов", "Львов"),
        ("Колонна вошла в Грозный", "Грозный"),
    ],
)
def test_towns_that_are_also_people_or_words_need_a_preposition(text: str, place: str) -> None:
    assert place in spans(text)
    assert place not in spans(f"Об этом пишет {place}")


def test_the_longest_name_wins() -> None:
    assert spans("Министр обороны Северной Кореи") == ["Министр обороны", "Северной Кореи"]
    assert spans("Совет Безопасности ООН") == ["Совет Безопасности ООН"]
    assert spans("Министерству иностранных дел Узбекистана") == ["Министерству иностранных дел", "Узбекистана"]


def test_abbreviations_are_case_sensitive_and_may_decline() -> None:
    assert [hit.entry.name for hit in found("Заявление МИДа и МИД")] == ["МИД", "МИД"]
    assert not found("мид и рф, Ес и оон")


def test_odd_tokens_do_no_harm() -> None:
    assert lexicon().match([]) == []
    assert lexicon().match(["", "-", "«", "\u0301", "💥", "Киев" + "-Киев" * 50_000, "Иран"])[-1].code == "IRN"
    assert len(lexicon().match(["Иран"] * 50_000)) == 50_000
    assert leaders().match(["", "В.", "Путин"])[0].full
    assert leaders().find(["", "."]) == ()


# What a hit tells


def test_cases_come_from_the_form() -> None:
    (hit,) = found("Передали Казахстану")
    assert hit.cases == {"Dat"}
    (hit,) = found("Посетили США")
    assert hit.cases == set(CASES)
    ministers, _ = found("Министры Ирана")
    assert ministers.plural


@pytest.mark.parametrize(
    ("text", "sector", "role"),
    [
        ("министром обороны", "MIL", "defence_minister"),
        ("замминистра обороны", "MIL", "deputy_minister"),
        ("министры иностранных дел", "GOV", "foreign_minister"),
        ("главы МИД", "GOV", "foreign_minister"),
        ("министр внутренних дел", "COP", "police"),
        ("министра энергетики", "GOV", "minister"),
        ("президентом", "GOV", "head_of_state"),
        ("премьер-министру", "GOV", "head_of_government"),
        ("канцлера", "GOV", "head_of_government"),
        ("послов", "GOV", "envoy"),
        ("депутатами", "LEG", "legislator"),
        ("официального представителя МИД", "GOV", "spokesman"),
        ("начальника Генштаба", "MIL", "commander"),
        ("генпрокурору", "JUD", "prosecutor"),
        ("директора", "", "head"),
    ],
)
def test_offices_tell_sector_and_role(text: str, sector: str, role: str) -> None:
    (hit,) = found(f"Об этом сказали {text}")
    assert (hit.kind, hit.sector, hit.entry.role) == (Kind.OFFICE, sector, role)


def test_past_offices_are_marked() -> None:
    assert [hit.former for hit in found("экс-президент, бывшего министра обороны и главы МИД")] == [True, True, False]


def test_bodies_without_a_state_leave_it_to_the_text() -> None:
    ministry, army = found("внешнеполитическое ведомство и армия")
    assert (ministry.code, ministry.sector, ministry.entry.role) == ("", "GOV", "ministry")
    assert (army.code, army.sector, army.entry.role) == ("", "MIL", "armed_forces")


def test_ranks_are_found_in_any_case() -> None:
    assert [hit.entry.name for hit in found("генерал-лейтенанту и генерала армии") if hit.kind is Kind.RANK] == [
        "генерал-лейтенант",
        "генерал армии",
    ]


@pytest.mark.parametrize("entry", professions().entries, ids=lambda entry: entry.name)
def test_every_profession_is_found_whole(entry: Entry) -> None:
    words = tokens(entry.name)
    assert [(hit.start, hit.end) for hit in professions().match(words)] == [(0, len(words))]


def test_professions_hide_no_office() -> None:
    offices = {entry.name for entry in NAMES if entry.kind in (Kind.OFFICE, Kind.RANK)}
    assert offices.isdisjoint(entry.name for entry in professions().entries)
    assert not {hit.kind for hit in found("Хирург и скрипачка спорили.")}


def test_ethnic_words_are_marked() -> None:
    assert [hit.entry.guard for hit in found("казахского и казахстанского")] == [Guard.ETHNIC, Guard.NONE]


def test_ambiguous_abbreviations_are_settled_by_the_document() -> None:
    hits = found("Власти РБ")
    assert {hit.code for hit in hits if hit.ambiguous} == {"BLR", "RUS"}
    assert [hit.code for hit in settle(hits, set()) if hit.kind is not Kind.BODY] == ["BLR"]
    assert [hit.code for hit in settle(hits, {"RUS"}) if hit.kind is not Kind.BODY] == ["RUS"]


def test_settling_keeps_both_states_of_a_compound() -> None:
    assert [hit.code for hit in settle(found("российско-китайский"), set())] == ["RUS", "CHN"]


def test_brussels_is_a_town_and_the_union() -> None:
    assert {(hit.kind, hit.code) for hit in found("Решил Брюссель")} == {(Kind.CAPITAL, "BEL"), (Kind.METONYM, "EUR")}


def test_organizations_act_for_themselves_or_for_their_union() -> None:
    (hit,) = found("Доклад ЮНИСЕФ")
    assert (hit.code, hit.entry.role, hit.sector) == ("UNO", "UNICEF", "IGO")
    organization = lexicon().organization("CSTO")
    assert organization is not None
    assert organization.actor == "CSTO"


# Tables by date


def test_membership_is_dated() -> None:
    members: Callable[[str, str], frozenset[str]] = Lexicon.members
    assert "UZB" in members("CSTO", "2010-01-01")
    assert "UZB" not in members("CSTO", "2020-01-01")
    assert "GBR" in members("EUR", "2020-01-31")
    assert "GBR" not in members("EUR", "2020-02-01")
    assert "FIN" not in members("NATO", "2023-04-03")
    assert members("CENTRASIA", "2025-01-01") == {"KAZ", "KGZ", "TJK", "TKM", "UZB"}
    assert members("SCO", "2025-01-01") >= {"BLR", "IRN", "IND", "PAK"}
    assert len(members("EUR", "2025-01-01")) == 27
    assert len(members("NATO", "2025-01-01")) == 32
    assert members("WEST", "2025-01-01") == frozenset()
    assert len(members("UNO", "2025-01-01")) == 193
    assert "RUS" not in members("COE", "2024-01-01")


def test_most_organizations_have_members_with_dates() -> None:
    dated = [c for c, found in memberships().items() if c in organizations() and all(m.since for m in found)]
    assert len(dated) >= 60


def test_leaders_are_found_by_name_in_any_case() -> None:
    for name in ("Владимира Путина", "В. В. Путиным", "Путину", "Владимиром Владимировичем Путиным"):
        assert {term.name for term in leaders().find(name.split())} == {"Владимир Путин"}
    assert {t.name for t in leaders().find(["Марией", "Захаровой"])} == {"Мария Захарова"}
    assert {t.name for t in leaders().find(["Касым-Жомарта", "Токаева"])} == {"Касым-Жомарт Токаев"}
    assert {t.name for t in leaders().find(["Си", "Цзиньпином"])} == {"Си Цзиньпин"}
    assert leaders().find(["Алексеем", "Путиным"]) == ()
    assert leaders().find(["Ли"]) == ()


def test_leaders_in_a_sentence_tell_full_names_from_surnames() -> None:
    text = "Урсулу фон дер Ляйен ждали Токаев и Касым-Жомарт Кемелевич Токаев"
    hits = leaders().match(tokens(text))
    assert [(hit.end - hit.start, hit.full) for hit in hits] == [(4, True), (1, False), (3, True)]
    assert leaders().match(tokens("Дмитрий Путин пришёл")) == []


def test_the_term_on_a_day() -> None:
    (minister,) = leaders().on("KAZ", "defence_minister", "2025-10-31")
    assert minister.name == "Даурен Косанов"
    terms = leaders().find(["Медведев"])
    held = leaders().latest(terms, "2010-01-01")
    assert held is not None
    assert (held.role, held.holds("2010-01-01")) == ("head_of_state", True)
    assert leaders().latest(terms, "1999-01-01") is None


def test_the_table_of_leaders_is_broad() -> None:
    high = [t for t in leaders().terms if t.role in HIGH_OFFICES]
    assert len(high) > 2900
    for role, least in zip(HIGH_OFFICES, (160, 120, 145, 130), strict=True):
        assert len({t.code for t in high if t.role == role and not t.end}) >= least, role
    sourced = {(t.code, t.role) for t in high if not t.source.startswith(UNSOURCED)}
    complete = [code for code in states() if all((code, role) in sourced for role in HIGH_OFFICES)]
    assert len(complete) >= 105
    assert {"RUS", "KAZ", "UKR", "GEO", "CHN", "GBR", "DEU", "FRA", "TUR", "EGY", "SYR"} <= set(complete)


def test_nearly_all_high_offices_have_a_source() -> None:
    high = [t for t in leaders().terms if t.role in HIGH_OFFICES]
    assert sum(not t.source.startswith(UNSOURCED) for t in high) / len(high) >= 0.96


def test_the_head_of_the_table_of_leaders_counts_what_has_no_source() -> None:
    terms = leaders().terms
    bare = [t for t in terms if t.source.startswith(UNSOURCED)]
    counts = [len(some) for few in (bare, terms) for some in (few, [t for t in few if t.role in HIGH_OFFICES])]
    path = Path(sys.modules[Leaders.__module__].__file__ or "").parent / "leaders.csv"
    (line,) = [row for row in path.read_text(encoding="utf-8").splitlines() if row.startswith("# general knowledge: ")]
    assert [int(n) for n in re.findall(r"\d+", line)] == [counts[0], counts[2], counts[1], counts[3]]


@pytest.mark.parametrize(
    ("day", "name", "code", "role"),
    [
        ("2005-06-01", "Ширак", "FRA", "head_of_state"),
        ("2008-08-10", "Саакашвили", "GEO", "head_of_state"),
        ("2009-03-06", "Клинтон", "USA", "foreign_minister"),
        ("2010-09-01", "Каддафи", "LBY", "head_of_state"),
        ("2011-06-01", "Гуттенберг", None, ""),
        ("2012-05-20", "Фабиус", "FRA", "foreign_minister"),
        ("2014-07-17", "Абэ", "JPN", "head_of_government"),
        ("2016-07-15", "Йылмаз", None, ""),
        ("2026-06-01", "Мадьяр", "HUN", "head_of_government"),
    ],
)
def test_who_held_an_office_on_the_day(day: str, name: str, code: str | None, role: str) -> None:
    terms = {(t.code, t.role) for hit in leaders().match([name]) for t in hit.terms if t.holds(day)}
    assert terms == ({(code, role)} if code else set())


@pytest.mark.parametrize("words", ["Лиги чемпионов", "Банда напала", "Тени прошлого", "Медина и Мекка", "Душа болит"])
def test_a_surname_that_is_a_common_word_or_a_town_never_stands_alone(words: str) -> None:
    assert leaders().match(words.split()) == []


def test_no_high_office_is_held_by_three_at_once() -> None:
    """Two may hold one on the day it passes on, and in Iran the president stands beside the supreme leader."""
    for term in leaders().terms:
        if term.role in HIGH_OFFICES:
            holders = {t.name for t in leaders().on(term.code, term.role, term.start)}
            assert len(holders) < 3 + (term.code == "IRN"), holders


def test_loading_is_quick() -> None:
    started = time.process_time()
    lexicon.__wrapped__()
    leaders_function.__wrapped__()
    assert time.process_time() - started < 3


def test_no_trap_hides_a_name() -> None:
    traps = {fold(e.name) for e in lexicon().entries if e.kind is Kind.TRAP}
    assert not traps & {fold(entry.name) for entry in NAMES}


# Broken rows


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Puts a data file before the loader in place of the lexicon's own; returns its name."""
    package = tmp_path / "other_lexicon"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("names", "leaders", "organizations", "membership"):
        monkeypatch.setattr(sys.modules[f"workers.enrichment.russian.lexicon.{module}"], "__package__", "other_lexicon")
    monkeypatch.delitem(sys.modules, "other_lexicon", raising=False)

    def put(name: str, text: str) -> str:
        (package / name).write_text(text, encoding="utf-8")
        return name

    return put


def module(name: str) -> object:
    return sys.modules[f"workers.enrichment.russian.lexicon.{name}"]


STATES = "code,kind,name,inflection,guard,note\n"
BODIES = "code,name,inflection,sector,kind,domain,guard,note\n"
OFFICES = "name,inflection,sector,role,domain,code,guard,note\n"
LEADERS = "name,short,inflection,gender,code,role,office,sector,start,end,source\n"


@pytest.mark.parametrize(
    ("loader", "file", "text", "message"),
    [
        ("state_names", "states.csv", STATES + "QQQ,noun,Нигдея,,,\n", "line 2: 'QQQ' is no state's code"),
        ("state_names", "states.csv", STATES + "RUS,name,Россия,,,\n", "'name' is none of"),
        ("state_names", "states.csv", STATES + "RUS,noun,Россия,,,\n" * 2, "line 3: Россия is there twice"),
        ("state_names", "states.csv", STATES + "RUS,noun,Тверь,,,\n", "the genitive of 'Тверь' cannot be told"),
        ("state_names", "states.csv", STATES + "RUS,noun,Москва Река,Москвы,,\n", "has not the words"),
        ("state_names", "states.csv", STATES + "RUS,adjective,русь,,,\n", "no adjective"),
        ("state_names", "states.csv", STATES + "RUS,noun,Россия,,odd,\n", "'odd' is none of"),
        ("state_names", "states.csv", STATES + "RUS,noun,Россия,,,\n", "AFG .Afghanistan. has no noun"),
        ("body_names", "bodies.csv", BODIES + ",армия,,ARM,armed_forces,,,\n", "'ARM' is no sector"),
        ("body_names", "bodies.csv", BODIES + ",армия,,MIL,troop,,,\n", "kind 'troop'"),
        ("office_names", "offices.csv", OFFICES + "король,короля,GOV,king,,,,\n", "role 'king'"),
        ("office_names", "offices.csv", OFFICES + "король,короля,GOV,head_of_state,,XX,,\n", "'XX' is the code of no"),
        ("profession_names", "professions.csv", "name,inflection\nврач,\nврач,\n", "line 3: врач is there twice"),
        ("profession_names", "professions.csv", "name,inflection\nмодель,\n", "genitive of 'модель' cannot be told"),
        ("place_names", "places.csv", STATES + "RUS,village,Ухта,,,\n", "'village' is none of"),
    ],
)
def test_broken_rows_are_refused_by_file_and_line(
    table: Callable[[str, str], str], loader: str, file: str, text: str, message: str
) -> None:
    table(file, text)
    with pytest.raises(BrokenData, match=message) as error:
        list(getattr(module("names"), loader)())
    assert re.match(rf"{file}, line \d+: ", str(error.value))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Иван Иванов,,,m,QQQ,head_of_state,президент,GOV,2001,,x", "'QQQ' is the code of no state"),
        ("Иван Иванов,,,m,RUS,king,президент,GOV,2001,,x", "role 'king'"),
        ("Иван Иванов,,,x,RUS,head_of_state,президент,GOV,2001,,x", "gender is m or f"),
        ("Иван Иванов,,,m,RUS,head_of_state,президент,GOV,01.02.2001,,x", "is no date"),
        ("Иван Иванов,,,m,RUS,head_of_state,президент,GOV,2001,2000,x", "ends before it begins"),
        ("Иван Иванов,,,m,RUS,head_of_state,президент,GOV,2001,,", "a source are needed"),
    ],
)
def test_broken_terms_are_refused(table: Callable[[str, str], str], row: str, message: str) -> None:
    table("leaders.csv", LEADERS + row + "\n")
    with pytest.raises(BrokenData, match=f"leaders.csv, line 2: .*{message}"):
        leaders_function.__wrapped__()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("NOPE,RUS,,", "'NOPE' is no organization or group"),
        ("CSTO,QQQ,,", "'QQQ' is no state's code"),
        ("CSTO,RUS,01/2002,", "is no date"),
        ("CSTO,RUS,2002,2001", "ends before it begins"),
        ("CSTO,RUS,2002,\nCSTO,RUS,2003,", "RUS is in CSTO already"),
    ],
)
def test_broken_memberships_are_refused(table: Callable[[str, str], str], row: str, message: str) -> None:
    table("groups.csv", "code,name,inflection,note\n")
    table("members.csv", "organization,state,since,until\n" + row + "\n")
    memberships = getattr(module("membership"), "memberships").__wrapped__  # noqa: B009
    with pytest.raises(BrokenData, match=message):
        memberships()
