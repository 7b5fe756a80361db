"""Imported by the fork server: the coder is made here, once, and shared by the coding processes forked from it.

Where it cannot be made nothing is said yet: each coding process then tries itself, and tells why not.
"""

from __future__ import annotations

import contextlib

from workers.enrichment.process import prepare

with contextlib.suppress(Exception):
    prepare()
