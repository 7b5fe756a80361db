"""`dyads dead redrive`: have dead letters handled again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, tables_at
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from topics.letters import Mark
    from topics.message import Message
    from topics.reader import Reader
    from workers.monitoring.dead import DeadLetter


@for_people
def redrive(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only letters of these articles.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Only letters with this reason.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="All letters.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for what becomes of them.")] = 30.0,
    broker: Broker = None,
    generation: GenerationNumber = None,
) -> None:
    """Have dead letters handled again, each as the message it was: the same bytes under the same version.

    What is handled now leaves articles.dead; what fails again is there again with a higher attempt. A letter that a
    newer revision or a withdrawal overtakes on the way has no effect and leaves too: this is always safe, and safe to
    repeat. Exit code 1 where a letter could not be sent, died again, or has no answer yet.

    Example: `dyads dead redrive --reason too-slow --dry-run`
    """
    if not (ids or reason or every):
        fail("name articles, or give --reason or --all")
    run = Run(Wanted(frozenset(ids or ()), reason), dry_run, wait)
    asyncio.run(run.go(*tables_at(broker, generation)))
    typer.echo(run.summary)
    raise typer.Exit(1 if run.faults else 0)


@dataclass(frozen=True)
class Wanted:
    """Which letters: those of the articles, all unless named, with the reason, any unless given."""

    ids: Collection[str]
    reason: str | None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether the letter is one of them."""
        return self.reason in (None, letter.reason) and (not self.ids or letter.article in self.ids)


@dataclass
class Run:
    """One run of the command, and what has become of the letters."""

    wanted: Wanted
    dry: bool
    wait: float
    sent: dict[Mark, str] = field(default_factory=dict)
    """What was sent and has no answer yet: the letter's mark, and how it is called."""
    answered: int = 0
    again: int = 0
    refused: int = 0
    unknown: int = 0

    @property
    def faults(self) -> int:
        """How much is not as it should be."""
        return self.again + self.refused + self.unknown + (0 if self.dry else len(self.sent))

    @property
    def summary(self) -> str:
        """What was done, in a line."""
        refused = f", {self.refused} refused" if self.refused else ""
        if self.dry:
            return f"redrive: {len(self.sent)} would be sent{refused}"
        total = len(self.sent) + self.answered + self.again
        return (
            f"redrive: {total} sent{refused}; {self.answered} done, {self.again} dead again, "
            f"{len(self.sent)} without an answer"
        )

    async def go(self, address: str, generation: int) -> None:
        """Find the letters, send them, wait. Raises `BrokerError`."""
        from topics.admin import require
        from topics.catalogue import DEAD, RAW
        from topics.reader import Reader
        from workers.monitoring.dead import dead_letter
        from workers.monitoring.read import living_letters

        partitions = (await require(address, RAW.name, DEAD.of(generation).name))[RAW.name]
        async with Reader(address, generation) as reader:
            ends = {at.partition: end for at, end in (await reader.ends(DEAD)).items()}
            # Without their values, of which there may be more than memory: what is wanted is read once more.
            found = await living_letters(reader, lambda message: dead_letter(message, value=False))
            chosen = {letter.place for letter in found if self.wanted.takes(letter)}
            for name in sorted(set(self.wanted.ids) - {letter.article for letter in found}):
                self.unknown += 1
                self._say(name, "there is no dead letter of this article")
            if chosen:
                await self._send(reader, address, chosen, partitions)
            if self.sent and not self.dry and self.wait:
                await self._answers(reader, ends)

    async def _send(self, reader: Reader, address: str, chosen: Collection[str], partitions: int) -> None:
        from topics.catalogue import DEAD
        from topics.letters import NotRedrivable, mark_of
        from workers.monitoring.dead import dead_letter
        from workers.producing.redrive import Redriver, check_redrive

        async with Redriver(address) as redriver:
            async for message in reader.read(DEAD):
                letter = dead_letter(message)
                if letter.place not in chosen:
                    continue
                called = f"{letter.place} {letter.article}"
                try:
                    back = check_redrive(message, partitions, reader.generation)
                    if not self.dry:
                        await redriver.send(back)
                except NotRedrivable as error:
                    self.refused += 1
                    self._say(called, f"refused: {error}")
                else:
                    self.sent[mark_of(message)] = called
                    tried = f"{letter.reason}, attempt {letter.attempt}, version {letter.version}"
                    self._say(called, f"{tried}: {'would be sent' if self.dry else 'sent'}")

    async def _answers(self, reader: Reader, ends: dict[int, int]) -> None:
        """Follow articles.dead until each letter is gone or there again."""
        from topics.catalogue import DEAD

        try:
            async with asyncio.timeout(self.wait):
                async for message in reader.read(DEAD, since=ends, only=ends, follow=True):
                    self._answer(message)
                    if not self.sent:
                        return
        except TimeoutError:
            for called in self.sent.values():
                self._say(called, f"no answer within {self.wait:g} s; is a worker running?")

    def _answer(self, message: Message) -> None:
        from topics.letters import is_letter, mark_of
        from workers.monitoring.dead import dead_letter

        called = self.sent.pop(mark_of(message), None)
        if called is None:
            return
        if not is_letter(message):
            self.answered += 1
            return
        self.again += 1
        letter = dead_letter(message)
        self._say(called, f"dead again, attempt {letter.attempt}: {letter.reason}: {letter.error}")

    def _say(self, called: str, what: str) -> None:
        from workers.monitoring.plain import plain

        typer.echo(plain(f"{called}: {what}"))
