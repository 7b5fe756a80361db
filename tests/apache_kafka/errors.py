"""Why Apache Kafka cannot be had here."""

from __future__ import annotations


class KafkaUnavailable(Exception):
    """The broker cannot be run on this machine; the message says why and what to do."""


class NotInstalled(KafkaUnavailable):
    """Java or Maven is not there, or too old."""


class Unobtainable(KafkaUnavailable):
    """Maven could not fetch the artifacts."""


class WrongArtifacts(KafkaUnavailable):
    """What was fetched is not what `artifacts.sha256` says."""


class DidNotStart(KafkaUnavailable):
    """The broker ended, or was not ready in time."""
