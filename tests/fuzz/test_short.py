"""A short part of `make fuzz`, the same at every run: thousands of inputs that nobody would write."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.engine import Failed, run
from tests.fuzz.sockets import abuse
from tests.fuzz.targets import TARGETS, Target, growth

SEED = 4


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_breaks(target: Target, tmp_path: Path) -> None:
    assert run(target, SEED, target.short, failures=tmp_path).inputs >= target.short


async def test_a_good_client_does_not_notice_bad_ones() -> None:
    assert "each read once and in order" in await abuse(SEED, connections=150)


@pytest.mark.parametrize("shape", ["open quotes", "a list of states", "newlines"])
def test_coding_time_grows_with_the_text_and_no_faster(shape: str) -> None:
    """Twice as much as the text is left for a busy machine."""
    small, large = growth(shape, chars=500, times=8)
    assert large <= 16 * max(small, 0.02)


def test_what_fails_is_made_small_and_written_as_a_test_that_fails(tmp_path: Path) -> None:
    def check(number: bytes) -> None:
        assert b"\xff" not in number

    target = Target("bytes", lambda random: random.randbytes(300), check, len, short=0, long=0)
    with pytest.raises(Failed, match="seed 4, number"):
        run(target, SEED, 10_000, failures=tmp_path)
    [file] = tmp_path.iterdir()
    assert file.read_text().endswith("    check(b'\\xff')\n")
    compile(file.read_text(), file.name, "exec")


def test_the_same_seed_makes_the_same_inputs() -> None:
    for target in TARGETS:
        first, again, other = (target.make(Random(seed)) for seed in ("1", "1", "2"))
        assert repr(first) == repr(again) != repr(other)
