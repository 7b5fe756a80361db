"""How Prometheus learns of an audit: a file for the textfile collector of node_exporter.

An audit is a process that ends, so nothing of it can be scraped. The file is replaced in one step at the end of an
audit that could be finished; one that could not leaves it as it was, and the time stamp in it grows old.
"""

from __future__ import annotations

import time
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from workers.cli.auditing.audit import Findings
from workers.cli.auditing.days import Days


def write_metrics(path: Path, findings: Findings, days: Days, seconds: float, generation: int | None = None) -> None:
    """Write the metrics of an audit that took so many seconds. Raises `OSError`.

    A generation that was named is a label: those of the current one go on as the same series when it is switched.
    """
    registry = CollectorRegistry()
    labels = {"scope": "all" if days.all else "days"}
    if generation is not None:
        labels["generation"] = str(generation)

    def gauge(name: str, help_: str, value: float) -> None:
        metric = Gauge(f"dyads_audit_last_{name}", help_, list(labels), registry=registry)
        metric.labels(**labels).set(value)

    gauge("timestamp_seconds", "When the last audit ended, in seconds since 1970", time.time())
    gauge("seconds", "How long the last audit took", seconds)
    gauge("rows", "Rows of relations.* that the last audit compared", findings.rows)
    gauge("differences", "Differences that the last audit found", findings.differences)
    gauge("differing_rows", "Rows in which the last audit found differences", findings.rows_differing)
    write_to_textfile(str(path), registry)
