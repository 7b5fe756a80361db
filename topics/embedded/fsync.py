"""When what was written is brought to disk.

What a process has written, the operating system keeps, however the process ends: `kill -9` loses nothing under any
policy. The policies differ in what a power cut, or a crash of the operating system, takes away.
"""

from __future__ import annotations

from enum import StrEnum


class FsyncPolicy(StrEnum):
    """When the broker waits for the disk."""

    ALWAYS = "always"
    """No answer leaves before all that it tells of is on disk. Requests that arrive meanwhile share the next wait."""
    INTERVAL = "interval"
    """Once a second, in the background. A power cut takes away the last second, of each partition a different one."""
    NEVER = "never"
    """When the operating system sees fit, except where a file is closed or put in the place of another."""
