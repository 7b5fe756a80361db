"""Settings come from the environment, and `.env.example` lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from workers.monitoring.settings import ServeSettings
from workers.runtime.settings import Settings, StoreKind

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYADS_BROKER", "kafka:19092")
    monkeypatch.setenv("DYADS_STORE", "rocksdb")
    settings = Settings()
    assert (settings.broker, settings.store) == ("kafka:19092", StoreKind.ROCKSDB)


@pytest.mark.parametrize(("name", "value"), [("STORE", "sqlite"), ("BATCH", "0"), ("AGENTS", "enrich,guess")])
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"DYADS_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_the_example_lists_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = dict(re.findall(r"^#?DYADS_([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert {name.lower() for name in listed} == set(ServeSettings.model_fields)
    examples = {"NAME", "SERVE_AUDIT"}
    for name, value in listed.items():
        if name not in examples:
            monkeypatch.setenv(f"DYADS_{name}", value)
    for name, field in ServeSettings.model_fields.items():
        if name.upper() not in examples:
            assert getattr(ServeSettings(), name) == field.default, name
