"""What a message says: typed, validated, immutable records. No I/O, imports nothing of ours.

articles   what a producer publishes            coded      what enrichment says of it
relations  what the tables are made of          values     a dyad, a day, a version
ontology   PLOVER types and CAMEO codes         states     states and their codes
corrections  what the tables take back          generations  which coder's tables are current
alerts     what rules make of the tables
"""

from models.alerts import Alert
from models.articles import MAX_ID_CHARS, MAX_TEXT_CHARS, RawArticle
from models.coded import (
    Actor,
    CodedArticle,
    Entity,
    EntityKind,
    Event,
    EventType,
    Precision,
    Quad,
    Span,
    Status,
    event_id,
)
from models.corrections import Correction, Told, Why
from models.data import BrokenData
from models.generations import Generation, Stage
from models.relations import Contribution, DailyRelation, Mention, RelationEvent, Tally
from models.values import Day, Dyad, InvalidValue, Version, decode_hook, encode_hook

__all__ = [
    "MAX_ID_CHARS",
    "MAX_TEXT_CHARS",
    "Actor",
    "Alert",
    "BrokenData",
    "CodedArticle",
    "Contribution",
    "Correction",
    "DailyRelation",
    "Day",
    "Dyad",
    "Entity",
    "EntityKind",
    "Event",
    "EventType",
    "Generation",
    "InvalidValue",
    "Mention",
    "Precision",
    "Quad",
    "RawArticle",
    "RelationEvent",
    "Span",
    "Stage",
    "Status",
    "Tally",
    "Told",
    "Version",
    "Why",
    "decode_hook",
    "encode_hook",
    "event_id",
]
