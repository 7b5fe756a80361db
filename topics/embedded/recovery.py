"""Taking up, at the start, what a data directory holds."""

from __future__ import annotations

from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.group import CommittedOffset
from topics.embedded.journal import OFFSET, PRODUCER_IDS, TOPIC, TRANSACTION, Journal, TopicRecord, TransactionRecord
from topics.embedded.topics import TopicRegistry
from topics.embedded.transactions import TransactionCoordinator


def restore(
    journal: Journal, topics: TopicRegistry, groups: GroupCoordinator, transactions: TransactionCoordinator
) -> None:
    """Topics first, whose logs are cut to their last whole batch; then the offsets of groups; then the transactions,
    decided or open, over the recovered logs. Raises `BrokenLog` and `OSError`."""
    topics.restore(journal.found(TOPIC, TopicRecord))
    for (group_id, topic, partition), offset in journal.found(OFFSET, CommittedOffset).items():
        where = (str(topic), int(partition))
        if topics.find_partition(*where) is not None:  # a topic was deleted, and the broker died before it forgot these
            groups.apply_offsets(str(group_id), {where: offset})
    transactions.restore(journal.found(TRANSACTION, TransactionRecord), journal.found(PRODUCER_IDS, int).get((), 0))
    journal.forget_found()
