"""What a server of the read model counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "dyads_serve_request_seconds",
    "Seconds from a request of the API to its whole answer, streams left out",
    ["resource", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
LISTENERS = Gauge("dyads_serve_listeners", "Listeners of the stream")
LAG = Gauge("dyads_serve_lag_offsets", "Offsets of the followed topics that are not read yet")
ROWS = Counter("dyads_serve_messages", "Messages of the followed topics that were taken in")
UNREADABLE = Counter("dyads_serve_unreadable_rows", "Published rows that were no record of their topic, and left out")
TAKE_SECONDS = Histogram("dyads_serve_take_seconds", "Seconds to take in a batch and commit it")
