"""A Kafka broker in one process, for demos, tests and small use on one machine.

    async with await EmbeddedBroker.start() as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.address)

It speaks the Kafka protocol (over the wire schemas of aiokafka, so the pinned version of that is part of it) and
keeps to what Apache Kafka does: topics with settings, consumer groups with expiry of the dead, idempotent and
transactional producers with fencing, read_committed readers, compaction and retention.

What it is not: there is one node, so nothing is replicated; no security of any kind, so it listens on the loopback
interface only; everything is in memory, so it ends with the process. For anything more, Apache Kafka.

    server, connection     starting, frames, one request after the other
    wire, handling         bytes and fields, and what handlers share
    data_api, group_api, transaction_api, admin_api, cluster_api      the requests by concern
    log, store, batch, producers        one partition: its batches, offsets, sequence numbers, aborted transactions
    compaction, retention, maintenance  what is forgotten, and when
    group, coordinator, rebalance       consumer groups
    transactions           transactional producers
    topics, configs, settings           topics, their settings, the broker's own
"""

from topics.embedded.errors import EmbeddedBrokerError, NotLoopback, PortTaken
from topics.embedded.server import EmbeddedBroker, serve
from topics.embedded.settings import BrokerSettings

__all__ = ["BrokerSettings", "EmbeddedBroker", "EmbeddedBrokerError", "NotLoopback", "PortTaken", "serve"]
