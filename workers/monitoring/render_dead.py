"""Dead letters as a terminal shows them. What came with a message is never read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from workers.monitoring.dead import DeadLetter
from workers.monitoring.plain import excerpt, plain

KEY_CHARS = 100
LINE_CHARS = 120
FULL_CHARS = 2000


def show_letters(console: Console, letters: Sequence[DeadLetter]) -> None:
    """All dead letters, a few lines each: where and when, why, and how the message begins."""
    for letter in letters:
        head = Text.assemble(
            (f"{letter.place:<6} ", "bold"),
            (f"{letter.at:%Y-%m-%d %H:%M}  ", "dim"),
            (plain(letter.reason), "red"),
            f"  {plain(letter.error)}",
        )
        message = Text.assemble((excerpt(letter.key, KEY_CHARS), "cyan"), f"  {excerpt(letter.value, LINE_CHARS)}")
        console.print(Group(head, Padding(message, (0, 0, 0, 7), expand=False)))


def show_letter(console: Console, letter: DeadLetter) -> None:
    """One dead letter with everything that is known of it."""
    size = "" if letter.value is None else f"  ({len(letter.value)} bytes)"
    for name, value in (
        ("letter", letter.place),
        ("time", f"{letter.at:%Y-%m-%d %H:%M:%S} UTC"),
        ("reason", letter.reason),
        ("error", letter.error),
        ("stage", f"{letter.stage}, attempt {letter.attempt or '1'}"),
        ("origin", letter.origin),
        ("version", letter.version),
        ("key", excerpt(letter.key, KEY_CHARS)),
        ("value", excerpt(letter.value, FULL_CHARS) + size),
    ):
        console.print(Text.assemble((f"{name:<8} ", "bold"), plain(value)))
