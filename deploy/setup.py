"""Set up `.venv` from a bare python3, with nothing but the standard library. Run by the Makefile.

The lock file is complete, so pip resolves nothing: it installs exactly these files, by their hashes. Run again with the
same lock it does nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".locked"

WHAT_TO_INSTALL = """\
dyads: this python3 cannot make a virtual environment: the module {missing} is not there.
  Debian, Ubuntu:  sudo apt-get install python3-venv
  Fedora:          sudo dnf install python3
Then run make again."""


def main() -> int:
    """0 when `.venv` is as the lock says."""
    if sys.version_info < (3, 11):
        print(f"dyads needs Python 3.11 or later, {sys.executable} is {sys.version.split()[0]}", file=sys.stderr)
        return 1
    wanted = _fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return 0
    pip = _make_venv()
    if pip is None:
        return 1
    print("dyads: installing the locked dependencies into .venv (once)", flush=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "install", *quiet, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "install", *quiet, "--no-build-isolation", "--editable", str(ROOT)], check=True)
    STAMP.write_text(wanted)
    return 0


def _fingerprint() -> str:
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return f"{sys.version_info[:2]} {digest.hexdigest()}"


def _make_venv() -> list[str] | None:
    """A fresh `.venv`; how to call a pip that installs into it, or None where none can be had."""
    has = {name: importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip", "pip")}
    python = str(VENV / "bin" / "python")
    if not has["venv"] or not (has["ensurepip"] or has["pip"]):
        missing = "venv" if not has["venv"] else "ensurepip"
        print(WHAT_TO_INSTALL.format(missing=missing), file=sys.stderr)
        return None
    shutil.rmtree(VENV, ignore_errors=True)
    if has["ensurepip"]:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        return [python, "-m", "pip"]
    # Debian's python3 without python3-venv, but with python3-pip: its pip can install into another environment.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)
    return [sys.executable, "-m", "pip", "--python", python]


if __name__ == "__main__":
    sys.exit(main())
