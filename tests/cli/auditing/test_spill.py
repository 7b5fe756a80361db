"""The map on disk, and the directory it lies in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workers.cli.auditing.spill import Spill, SpillFailed


def test_keys_come_in_order_under_a_prefix_as_they_were_when_the_walk_began(tmp_path: Path) -> None:
    with Spill(tmp_path) as spill:
        for key in (b"b2", b"a", b"b1", b"c", b"b\xff"):
            spill.put(key, b"value of " + key)
        seen = []
        for key, value in spill.items(b"b"):
            seen.append((key, value))
            spill.put(b"b3")
            spill.delete(b"b2")
        assert seen == [(key, b"value of " + key) for key in (b"b1", b"b2", b"b\xff")]
        assert [key for key, _ in spill.items(b"b")] == [b"b1", b"b3", b"b\xff"]
        assert (spill.get(b"b3"), spill.get(b"b2")) == (b"", None)


def test_nothing_is_left_behind_and_what_a_killed_audit_left_is_removed(tmp_path: Path) -> None:
    left = "import os, sys; from pathlib import Path; from workers.cli.auditing.spill import Spill\n"
    left += "with Spill(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", left, str(tmp_path)], check=False, timeout=180)
    (killed,) = tmp_path.iterdir()
    with Spill(tmp_path) as one, Spill(tmp_path) as other:
        assert not killed.exists()
        assert len(list(tmp_path.iterdir())) == 2, "one that still runs is left alone"
        one.put(b"a")
        assert other.get(b"a") is None
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SpillFailed, match=f"^{file}: .*--scratch"), Spill(file):
        pass


def test_a_full_disk_is_told_in_a_line(tmp_path: Path) -> None:
    """A limit on the size of a file stands for the disk: RocksDB is told so by the same call."""
    script = """
import os, resource, signal, sys
from pathlib import Path
from workers.cli.auditing.spill import Spill, SpillFailed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    with Spill(Path(sys.argv[1])) as spill:
        for number in range(200):
            spill.put(number.to_bytes(8, "big"), os.urandom(1 << 19))
except SpillFailed as error:
    sys.exit(f"failed: {error}")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=180, check=False
    )
    assert ran.stderr.startswith(f"failed: {tmp_path}: IO error")
    assert list(tmp_path.iterdir()) == []
