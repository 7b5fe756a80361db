"""Rules of alerts, as a TOML file has them: one table `[[rule]]` for each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from models import Dyad, InvalidValue, decode_hook
from models.ontology import ontology
from models.states import states

Days = Annotated[int, Meta(ge=7, le=3_660)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class BadRules(ValueError):
    """A file of rules is wrong: the message gives file, rule and reason."""


class _Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """`name` is the alerts' too; without `dyads` and `states` it watches every dyad."""

    name: Name
    dyads: frozenset[Dyad] = frozenset()
    states: frozenset[str] = frozenset()

    def watches(self, dyad: Dyad) -> bool:
        """Whether the dyad is one of `dyads`, or has one of `states`, or neither is given."""
        chosen = dyad in self.dyads or dyad.a in self.states or dyad.b in self.states
        return chosen or not (self.dyads or self.states)


class ConflictAboveNorm(_Rule, frozen=True, kw_only=True, tag="conflict-above-norm"):
    """A day with `least` conflict events or more, `score` standard deviations above the mean of the `window` before."""

    score: Annotated[float, Meta(gt=0)] = 3.0
    window: Days = 90
    least: Annotated[int, Meta(ge=1)] = 3


class ConflictShift(_Rule, frozen=True, kw_only=True, tag="conflict-shift"):
    """A change point: conflict events stay above their norm, by a one-sided CUSUM (Page 1954).

    The norm is learned over `window` days; what exceeds it by more than `drift` standard deviations adds up, and is
    told at `threshold`; then the norm is learned anew.
    """

    window: Days = 90
    drift: Annotated[float, Meta(ge=0)] = 0.5
    threshold: Annotated[float, Meta(gt=0)] = 5.0


class FirstMaterialConflict(_Rule, frozen=True, kw_only=True, tag="first-material-conflict"):
    """A day with material conflict, after `days` without any that the dyad is known for."""

    days: Days = 365


class Agreement(_Rule, frozen=True, kw_only=True, tag="agreement"):
    """An event that happened under one of these CAMEO codes: unless given, a formal agreement signed."""

    cameo: frozenset[str] = frozenset({"057"})


class SourceFlood(_Rule, frozen=True, kw_only=True, tag="source-flood"):
    """A day that `least` outlets or more tell of, `score` standard deviations above the mean of the `window` before."""

    score: Annotated[float, Meta(gt=0)] = 4.0
    window: Days = 90
    least: Annotated[int, Meta(ge=1)] = 10


Rule = ConflictAboveNorm | ConflictShift | FirstMaterialConflict | Agreement | SourceFlood


def load(path: Path) -> tuple[Rule, ...]:
    """The rules of a file, in its order. Raises `BadRules`, `OSError`."""
    return parse(path.read_bytes(), str(path))


def parse(text: bytes, name: str = "rules") -> tuple[Rule, ...]:
    """The rules of a file's text. Raises `BadRules`."""
    try:
        document = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRules(f"{name}: no TOML: {error}") from None
    if unknown := sorted(document.keys() - {"rule"}):
        raise BadRules(f"{name}: expected tables [[rule]] only, found {', '.join(unknown)}")
    tables = document.get("rule", [])
    if not isinstance(tables, list) or not tables:
        raise BadRules(f"{name}: no [[rule]] in it")
    found: dict[str, Rule] = {}
    for number, table in enumerate(tables, 1):
        said = table.get("name") if isinstance(table, dict) else None
        where = f"{name}, rule {number}" + (f" ({said})" if isinstance(said, str) else "")
        try:
            rule: Rule = msgspec.convert(table, Rule, dec_hook=decode_hook)
        except (msgspec.ValidationError, InvalidValue) as error:
            raise BadRules(f"{where}: {error}") from None
        if fault := _fault(rule, found):
            raise BadRules(f"{where}: {fault}")
        found[rule.name] = rule
    return tuple(found.values())


def _fault(rule: Rule, before: dict[str, Rule]) -> str | None:
    if rule.name in before:
        return "another rule has this name"
    codes = {code for dyad in rule.dyads for code in (dyad.a, dyad.b)} | rule.states
    if unknown := sorted(codes - states().keys()):
        return f"no state has the code {', '.join(unknown)}"
    if isinstance(rule, Agreement) and (unknown := sorted(rule.cameo - ontology().cameo.keys())):
        return f"no CAMEO code {', '.join(unknown)}"
    return None
