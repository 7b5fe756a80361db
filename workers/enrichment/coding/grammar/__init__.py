"""The words by which the engine finds its way in any sentence: light verbs, verbs of speech, references, modality.

Data in `words.toml`, `status.toml` and `topics.toml`, read and checked once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from models import BrokenData
from workers.enrichment.coding.predicates import Control


class Words(Struct, frozen=True):
    """The lists of `words.toml`, each named by its table and key."""

    control: Control
    light_plain: frozenset[str]
    light_existential: frozenset[str]
    light_carrier: frozenset[str]
    light_announcing: frozenset[str]
    light_decreeing: frozenset[str]
    light_reporting: frozenset[str]
    light_paper: frozenset[str]
    light_blocking: frozenset[str]
    deponent: frozenset[str]
    setting: frozenset[str]
    troubles: frozenset[str]
    forums: frozenset[str]
    partner_prepositions: frozenset[str]
    mutual: frozenset[str]
    both: frozenset[str]
    these: frozenset[str]
    two: frozenset[str]
    parties: frozenset[str]
    plain_parties: frozenset[str]
    joint: frozenset[str]
    countries: frozenset[str]
    kingdoms: frozenset[str]
    neighbour: frozenset[str]
    counterpart: frozenset[str]
    companion: frozenset[str]
    own: frozenset[str]
    they: frozenset[str]
    people: frozenset[str]
    domestic: frozenset[str]
    envoys: frozenset[str]
    speech: frozenset[str]
    speech_nouns: frozenset[str]
    factual: frozenset[str]
    also: frozenset[str]
    currency: frozenset[str]
    treaties: frozenset[str]
    bygone: frozenset[str]
    times: frozenset[str]
    remembering: frozenset[str]
    press: frozenset[str]
    family: frozenset[str]
    ground: frozenset[str]
    standing_for: frozenset[str]
    the_same: frozenset[str]


class Modality(Struct, frozen=True):
    """The lists of `status.toml`."""

    planned: frozenset[str]
    hypothetical: frozenset[str]
    denied: frozenset[str]
    before_infinitive: frozenset[str]
    weighed: frozenset[str]
    conditional_marks: frozenset[str]
    purpose_marks: frozenset[str]
    implying: frozenset[str]
    aftermath: frozenset[str]
    advocating: frozenset[str]
    soon: frozenset[str]
    setting_out: frozenset[str]
    background: frozenset[str]


@cache
def words() -> Words:
    """The words, read once. Raises `BrokenData`."""
    table = _read("words.toml")

    def of(section: str, key: str) -> frozenset[str]:
        return _lemmas("words.toml", table.get(section, {}), key)

    return Words(
        control=Control(of("control", "addressee"), of("control", "stative")),
        light_plain=of("light", "plain"),
        light_existential=of("light", "existential"),
        light_carrier=of("light", "carrier"),
        light_announcing=of("light", "announcing"),
        light_reporting=of("light", "reporting"),
        light_decreeing=of("light", "decreeing"),
        light_paper=of("light", "paper"),
        light_blocking=of("light", "blocking"),
        deponent=of("light", "deponent"),
        setting=of("setting", "prepositions"),
        troubles=of("setting", "troubles"),
        forums=of("setting", "forums"),
        partner_prepositions=of("setting", "partner"),
        mutual=of("reference", "mutual"),
        both=of("reference", "both"),
        these=of("reference", "these"),
        two=of("reference", "two"),
        parties=of("reference", "parties"),
        plain_parties=of("reference", "plain_parties"),
        joint=of("reference", "joint"),
        countries=of("reference", "countries"),
        kingdoms=of("reference", "kingdoms"),
        neighbour=of("reference", "neighbour"),
        counterpart=of("reference", "counterpart"),
        companion=of("reference", "companion"),
        own=of("reference", "own"),
        they=of("reference", "they"),
        people=of("reference", "people"),
        domestic=of("reference", "domestic"),
        envoys=of("reference", "envoys"),
        speech=of("speech", "verbs"),
        speech_nouns=of("speech", "nouns"),
        factual=of("link", "factual"),
        currency=of("money", "currency"),
        treaties=of("treaty", "treaties"),
        bygone=of("bygone", "bygone"),
        times=of("time", "times"),
        remembering=of("memory", "remembering"),
        press=of("press", "press"),
        family=of("family", "family"),
        ground=of("force", "ground"),
        also=of("ellipsis", "also"),
        standing_for=of("ellipsis", "standing_for"),
        the_same=of("ellipsis", "same"),
    )


@cache
def modality() -> Modality:
    """The words of modality, read once. Raises `BrokenData`."""
    table = _read("status.toml")
    return Modality(**{key: _lemmas("status.toml", table, key) for key in Modality.__struct_fields__})


@cache
def topic_words() -> Mapping[str, tuple[str, ...]]:
    """The topics that each word of `topics.toml` shows, read once. Raises `BrokenData`."""
    table = _read("topics.toml").get("topics", {})
    found: dict[str, tuple[str, ...]] = {}
    for topic in table:
        for lemma in _lemmas("topics.toml", table, topic):
            found[lemma] = (*found.get(lemma, ()), topic)
    return MappingProxyType(found)


def _read(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenData(name, 1, str(error)) from None


def _lemmas(name: str, table: dict[str, Any], key: str) -> frozenset[str]:
    value = table.get(key)
    if not isinstance(value, str):
        raise BrokenData(name, 1, f"{key} is missing or is not a string of lemmas")
    found = frozenset(word.replace("_", " ") for word in value.split())
    if wrong := [w for w in found if w != w.lower() or "ё" in w]:
        raise BrokenData(name, 1, f"{key}: {wrong[0]!r} is no lemma: lower case, е for ё")
    return found
