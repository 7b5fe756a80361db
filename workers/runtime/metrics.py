"""What a worker counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SETTLED = Counter("dyads_messages_settled", "Messages whose effect was committed", ["agent"])
DEAD_LETTERS = Counter("dyads_dead_letters", "Messages sent to articles.dead", ["agent", "reason"])
REDRIVEN = Counter(
    "dyads_redriven_letters", "Dead letters tried again: handled, dead or overtaken", ["agent", "outcome"]
)
BATCH_SECONDS = Histogram("dyads_batch_seconds", "Seconds from folding a batch to its local store", ["agent"])
TASK_ROWS = Gauge("dyads_task_rows_at_open", "Rows a task held when it was opened", ["agent", "partition"])
TASKS = Gauge("dyads_tasks", "Tasks open in this worker", ["agent"])
APPLIED_OFFSET = Gauge("dyads_applied_offset", "Last source offset whose effect is committed", ["agent", "partition"])
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
