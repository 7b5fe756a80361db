"""A Kafka broker in one process, for demos, tests and small use on one machine.

    async with await EmbeddedBroker.start() as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.address)

It speaks the Kafka protocol (over the wire schemas of aiokafka, so the pinned version of that is part of it) and
keeps to what Apache Kafka does: topics with settings, consumer groups with expiry of the dead, idempotent and
transactional producers with fencing, read_committed readers, compaction and retention.

In memory it ends with the process; given a data directory it is on disk and survives the end of the process, `kill -9`
included (`fsync` says what a power cut may take).

What it is not: there is one node, so nothing is replicated; no security of any kind, so it listens on the loopback
interface only. For anything more, Apache Kafka.

    server, connection     starting, frames, one request after the other
    wire, handling         bytes and fields, and what handlers share
    data_api, group_api, transaction_api, admin_api, cluster_api      the requests by concern
    log, store, batch, producers        one partition: its batches, offsets, sequence numbers, aborted transactions
    compaction, retention, maintenance  what is forgotten, and when
    group, coordinator, rebalance       consumer groups
    transaction, transactions           transactional producers
    topics, configs, settings           topics, their settings, the broker's own
    storage, memory_storage, disk       where things are kept
    file_store, segment, manifest, partition_state     the log of a partition in files
    journal, recovery                   what is kept beside the logs, and taking it up at the start
    files, fsync, syncing, room         what is done to files, when it waits for the disk, when there is no room
"""

from topics.embedded.errors import (
    BrokenLog,
    DataDirTaken,
    DiskFailed,
    EmbeddedBrokerError,
    NotADataDir,
    NotLoopback,
    PortTaken,
)
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.server import EmbeddedBroker, serve
from topics.embedded.settings import BrokerSettings

__all__ = [
    "BrokenLog",
    "BrokerSettings",
    "DataDirTaken",
    "DiskFailed",
    "EmbeddedBroker",
    "EmbeddedBrokerError",
    "FsyncPolicy",
    "NotADataDir",
    "NotLoopback",
    "PortTaken",
    "serve",
]
