"""Running a target: seeded, counted, and what fails made smaller and written down as a test.

The inputs come from a `random.Random`, not from hypothesis: the same frames drawn by hypothesis were thirty times
slower, and half a million were to be had. The price is a cruder shrinking, which is at the end of this file.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple

from tests.fuzz.targets import Target

FAILURES = Path(".dyads") / "fuzz"
MOST_SECONDS = 120
"""For one made input, by the clock; then it hangs."""
SHRINK_SECONDS = 30.0
TELL_SECONDS = 30.0


class Hung(Exception):
    """An input was not dealt with in `MOST_SECONDS`."""


class Failed(AssertionError):
    """An input broke what must hold. The message is a test that shows it."""


class Ran(NamedTuple):
    """What a run came to."""

    inputs: int
    seconds: float


def run(
    target: Target, seed: int, inputs: int, *, failures: Path = FAILURES, tell: Callable[[Ran], None] | None = None
) -> Ran:
    """Check inputs until there were `inputs` of them; `tell` is told now and then how far it is. Raises `Failed` at
    the first that does not hold."""
    done, number, begun = 0, 0, time.perf_counter()
    told = begun
    watch = _Watch()
    try:
        while done < inputs:
            watch.go_on()
            made = target.make(Random(f"{seed}/{target.name}/{number}"))
            error = broken_by(target, made)
            if error is not None:
                watch.rest()
                raise Failed(report(target, seed, number, made, error, failures)) from error
            done += target.count(made)
            number += 1
            if tell is not None and time.perf_counter() - told > TELL_SECONDS:
                told = time.perf_counter()
                tell(Ran(done, told - begun))
    finally:
        watch.rest()
    return Ran(done, time.perf_counter() - begun)


def broken_by(target: Target, made: Any) -> Exception | None:
    """What the input breaks."""
    try:
        target.check(made)
    except Exception as error:
        return error
    return None


def report(target: Target, seed: int, number: int, made: Any, error: Exception, failures: Path) -> str:
    """Write the smallest input found that fails in the same way to a file, as a test ready to be kept."""
    small = smaller(target, made, type(error))
    digest = hashlib.sha256(repr(small).encode("utf-8", "backslashreplace")).hexdigest()[:8]
    lines = [
        f"# {type(error).__name__}: {str(error)[:500]!r}",
        f"# found by target {target.name}, seed {seed}, number {number}",
        "import datetime",
        "",
        "from tests.fuzz.articles import Sent",
        f"from tests.fuzz.targets import {target.check.__name__}",
        "from tests.fuzz.texts import Published",
        "",
        "",
        f"def test_{target.name}_{digest}() -> None:",
        f"    {target.check.__name__}({small!a})",
        "",
    ]
    failures.mkdir(parents=True, exist_ok=True)
    file = failures / f"test_{target.name}_{digest}.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    return f"written to {file}:\n\n" + "\n".join(lines)


class _Watch:
    """Raises `Hung` in the middle of an input that takes too long. Wound up once a second, not for every input."""

    def __init__(self) -> None:
        self._wound = 0.0
        self._before = signal.signal(signal.SIGALRM, _ring)

    def go_on(self) -> None:
        if time.perf_counter() - self._wound > 1:
            self._wound = time.perf_counter()
            signal.alarm(MOST_SECONDS)

    def rest(self) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self._before)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise Hung(f"not done after {MOST_SECONDS} s")


# Shrinking -----------------------------------------------------------------------------------------------------


def smaller(target: Target, made: Any, kind: type[Exception]) -> Any:
    """The input with everything left out that the failure does not need, as far as half a minute goes."""
    until = time.perf_counter() + SHRINK_SECONDS
    progress = True
    while progress:
        progress = False
        for tried in _less(made):
            if time.perf_counter() > until:
                return made
            if type(broken_by(target, tried)) is kind:
                made, progress = tried, True
                break
    return made


def _less(made: Any) -> Iterator[Any]:
    """The input with less in it, in big pieces first: a sequence shorter, a part of it, or a field, less itself."""
    if isinstance(made, tuple) and hasattr(made, "_fields"):
        for name, value in made._asdict().items():
            yield from (made._replace(**{name: less}) for less in _less(value))
    elif isinstance(made, (list, bytes, str)):
        yield from _shorter(made)
        if isinstance(made, list):
            for at, item in enumerate(made):
                yield from ([*made[:at], less, *made[at + 1 :]] for less in _less(item))


def _shorter(made: Sequence[Any]) -> Iterator[Any]:
    piece = len(made) // 2
    while piece:
        for at in range(0, len(made), piece):
            if rest := made[:at] + made[at + piece :]:  # type: ignore[operator]
                yield rest
        piece //= 2
