"""What any broker must do that this project runs on: the embedded one, or Apache Kafka.

By default these tests start an embedded broker. To hold Apache Kafka to them, name it: DYADS_TEST_BROKER=host:port. It
should be a broker of its own for the tests, started with settings that do not make them wait for its defaults:
group.initial.rebalance.delay.ms=200, log.retention.check.interval.ms=500, log.cleaner.backoff.ms=500,
log.segment.delete.delay.ms=500, transaction.abort.timed.out.transaction.cleanup.interval.ms=1000.
"""
