"""What a worker counts, for Prometheus. What each metric is for: docs/operators.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_LATENCIES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)

WORKER = Gauge("dyads_worker_info", "Always 1; which worker this is", ["name", "group"])
READY = Gauge("dyads_ready", "1 where /ready answers 200, else 0")

SETTLED = Counter("dyads_messages_settled", "Messages whose effect was committed", ["agent"])
PUBLISHED = Counter("dyads_messages_published", "Messages committed to topics", ["agent", "topic"])
LATENCY = Histogram(
    "dyads_settle_latency_seconds",
    "From a message's timestamp in the agent's source topic to the commit of its effect",
    ["agent"],
    buckets=_LATENCIES,
)
DEAD_LETTERS = Counter("dyads_dead_letters", "Messages sent to articles.dead", ["agent", "reason"])
REDRIVEN = Counter(
    "dyads_redriven_letters", "Dead letters tried again: handled, dead or overtaken", ["agent", "outcome"]
)
EVENTS_TOLD = Counter(
    "dyads_events_told", "Events that came into the tables, once for each article that tells one", ["type", "status"]
)
CORRECTIONS = Counter("dyads_corrections", "Events taken back or changed by a later word of the article", ["why"])

BATCH_SECONDS = Histogram("dyads_batch_seconds", "Seconds from folding a batch to its local store", ["agent"])
TASK_ROWS = Gauge("dyads_task_rows_at_open", "Rows a task held when it was opened", ["agent", "partition"])
TASKS = Gauge("dyads_tasks", "Tasks open in this worker", ["agent"])
READ_BY_LANE = Counter(
    "dyads_messages_read_by_lane", "Messages that were not delivered, or when there was no room, read apart", ["agent"]
)
STALE_DROPPED = Counter("dyads_stale_events_dropped", "Events of an earlier assignment, dropped", ["agent"])
REBALANCES = Counter("dyads_rebalances", "Assignments of partitions taken on")
LOOP_LAG = Histogram(
    "dyads_loop_lag_seconds",
    "How late the event loop was for a timer",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
CODING_SECONDS = Histogram("dyads_coding_seconds", "Seconds to code an article, waiting for a process included")
CODING_RETRIES = Counter("dyads_coding_retries", "Articles tried once more alone", ["reason"])
CODING_PROCESSES = Gauge("dyads_coding_processes", "Coding processes of this worker")
CODING_IN_FLIGHT = Gauge("dyads_coding_in_flight", "Articles that are coded or wait for a process")


class Stand(NamedTuple):
    """How far a task is; `end` is the end of its source partition, None where nothing was fetched from it yet."""

    agent: str
    partition: int
    applied: int
    end: int | None


class Stands(Collector):
    """How far the tasks of this worker are, asked when Prometheus asks: so a partition that went to another worker is
    told by that one alone."""

    def __init__(self, stands: Callable[[], Iterable[Stand]]) -> None:
        self._stands = stands

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The two metrics, a sample for each task."""
        applied, lag = self.describe()
        for stand in self._stands():
            labels = [stand.agent, str(stand.partition)]
            applied.add_metric(labels, stand.applied)
            if stand.end is not None:
                lag.add_metric(labels, max(0, stand.end - 1 - stand.applied))
        yield applied
        yield lag

    def describe(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        """The metrics without samples."""
        labels = ["agent", "partition"]
        return (
            GaugeMetricFamily("dyads_applied_offset", "Last source offset whose effect is committed", labels=labels),
            GaugeMetricFamily("dyads_lag_offsets", "Offsets of the source that are not settled", labels=labels),
        )
