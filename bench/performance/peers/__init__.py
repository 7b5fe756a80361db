"""The peers that the benches compare with, each in an environment of its own, outside the project's dependencies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
_HERE = Path(__file__).parent


def python(peer: str) -> Path:
    """The interpreter of a peer's environment in .bench/, made at first use from the peer's list of packages."""
    folder = ROOT / ".bench" / peer
    interpreter, wanted = folder / "bin" / "python", (_HERE / f"{peer}.txt").read_text(encoding="utf-8")
    made = folder / "made-from.txt"
    if not made.is_file() or made.read_text(encoding="utf-8") != wanted:
        print(f"setting up {peer} in {folder.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(_HERE / f"{peer}.txt")], check=True)
        made.write_text(wanted, encoding="utf-8")
    return interpreter
