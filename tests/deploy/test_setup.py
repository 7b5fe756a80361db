"""The lock is complete, and set-up says what a bare machine lacks."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def test_every_locked_distribution_has_hashes() -> None:
    entries = re.split(r"\n(?=[a-zA-Z0-9])", LOCK)
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\s=<>;]", line)[0].lower() for line in wanted}
    assert names <= set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.M))


def test_the_image_has_the_same_versions_and_no_tools() -> None:
    everything = set(re.findall(r"^([a-z0-9-]+==\S+)", LOCK, re.M))
    image = set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / "deploy" / "requirements.lock").read_text(), re.M))
    assert image < everything
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & {entry.partition("==")[0] for entry in image}


def test_the_weights_come_without_what_natasha_would_bring() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.M))
    assert "natasha" in locked
    assert not locked & {"pymorphy2", "yargy", "ipymarkup"}


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_setup_says_what_to_install(missing: str, tmp_path: Path) -> None:
    script = f"""
import importlib.util, sys
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ({missing!r}, "pip") else real(name, *rest)
sys.path.insert(0, {str(ROOT / "deploy")!r})
import setup
setup.STAMP = setup.Path({str(tmp_path / "none")!r})
setup.VENV = setup.Path({str(tmp_path / "venv")!r})
sys.exit(setup.main())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f"the module {missing} is not there" in ran.stderr
    assert "sudo apt-get install python3-venv" in ran.stderr


def test_the_project_itself_is_installed() -> None:
    assert importlib.util.find_spec("workers.cli") is not None
