"""One set of models for all tests of the coder."""

from __future__ import annotations

import pytest

from workers.enrichment.coder import Coder
from workers.enrichment.russian.reader import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def coder(reader: Reader) -> Coder:
    return Coder(reader)
