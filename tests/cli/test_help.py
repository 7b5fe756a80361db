"""`dyads --help` answers at once and reads like a page of the manual."""

import subprocess
import sys

import pytest
import typer

from tests.cli.runner import dyads
from workers.cli import app

COMMANDS = {
    *(
        "demo",
        "run",
        "broker",
        "alerts",
        "topics",
        "replay",
        "produce",
        "show",
        "watch",
        "trace",
        "dead",
        "export",
        "audit",
    ),
    *("code", "explain", "fold"),
}


def leaves(group: typer.Typer, *path: str) -> list[tuple[str, ...]]:
    """The paths of all commands."""
    found = [(*path, c.name or c.callback.__name__) for c in group.registered_commands if c.callback]
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        found += leaves(inner.typer_instance, *path, str(inner.name))
    return found


def test_help_names_every_command() -> None:
    page = dyads("--help").out
    assert {line.split()[1] for line in page.splitlines() if line.startswith("│ ") and line[2] != " "} >= COMMANDS
    for panel in ("Try it", "Run it", "Publish", "Look", "Without a broker"):
        assert panel in page


@pytest.mark.parametrize("path", leaves(app), ids=" ".join)
def test_every_command_has_an_example(path: tuple[str, ...]) -> None:
    page = dyads(*path, "--help").out
    example = page[page.index("Example: dyads ") :].splitlines()[0]
    assert f"dyads {' '.join(path)}" in example


def test_nothing_heavy_is_loaded_for_the_help() -> None:
    heavy = "{'aiokafka', 'faust', 'models', 'msgspec', 'numpy', 'orjson', 'pydantic', 'topics'}"
    script = f"import sys, workers.cli; sys.exit(' '.join({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=180, check=False)
    assert ran.stderr == "\n" or ran.stderr == ""
