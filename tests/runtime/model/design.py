"""The ways in which the design is broken on purpose."""

from __future__ import annotations

from collections.abc import Set
from enum import Enum, auto


class Fault(Enum):
    """One promise of the write path taken away; each member tells how that goes wrong."""

    NO_FENCING = auto()
    """Every life of a task has a transactional id of its own, so nobody's epoch is raised.

    A worker folds a batch and is paused past its session. Another takes the partition over, settles the same messages
    and more. The first wakes up and commits: its rows, made of what it knew before the pause, lie on top of the newer
    ones, and its messages were counted twice.
    """

    ACK_BEFORE_COMMIT = auto()
    """A batch is acked before its transaction is committed.

    The worker dies between the two. The group's offset says that the messages are done, and nothing of them is in any
    row. With `@applied` as the place to read on from nothing is lost even so: it takes `TRUST_ACKS` as well for rows to
    be wrong. But whoever watches the lag is told of work that was never done.
    """

    TRUST_ACKS = auto()
    """The stream acks by itself, what it loses included, and a worker reads on from the group's offset and believes
    that nothing is missing before it.
    """

    STORE_BEFORE_COMMIT = auto()
    """The local store is written before the commit.

    The worker dies between the two and starts again on its disk. Its store holds rows of a transaction that was
    aborted, and an `@applied` that leaves out the very messages that were not committed: they are lost, and rows that
    were never published are built upon.
    """

    APPLIED_FIRST = auto()
    """`@applied` is committed in a transaction of its own, before that of the rows.

    The worker dies between the two. Its successor restores `@applied`, and leaves out messages whose rows never were.
    """

    APPLIED_LAST = auto()
    """`@applied` is committed in a transaction of its own, after that of the rows.

    The worker dies between the two. Its successor handles messages whose effect is in the rows already. relate's and
    aggregate's rows carry the version of what they hold, so the tables stay right by a second line of defence; but what
    has no such guard happens twice: a dead letter lies in articles.dead two times.
    """

    UNCOMMITTED = auto()
    """Whoever reads, reads what is not committed: agents, restore and readers of the tables.

    A worker dies with half of a batch sent. Its successor restores rows, and perhaps `@applied`, of a transaction that
    the broker aborts: the batch is left out, and half of it is built upon.
    """

    GUARD_PER_ROW = auto()
    """No transaction: each row carries the offset of the message that wrote it and ignores one that is not higher.

    One contribution changes several rows: references to an outlet, an event, a day. The worker dies when the first are
    written. When the message comes again, the guarded rows are left as they are, and what the others become is computed
    from rows that are one step ahead: an outlet that is known already is no new source, an event that has a mention
    already is no new event of the day.
    """


Design = Set[Fault]

AS_IT_IS: Design = frozenset()
