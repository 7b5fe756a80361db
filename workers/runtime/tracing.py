"""Traces: what OpenTelemetry is told of a message's way, from the producer to the row.

A message carries its trace in the header `traceparent` (W3C Trace Context). Whoever handles it begins a span below the
one that is named there, from when it came to when its effect is committed, and what it publishes carries the new one.

Off unless `DYADS_TRACES` says otherwise. Then no message has the header, and OpenTelemetry is not even imported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from topics.headers import REASON, TRACEPARENT, Headers
from topics.message import Message
from workers.runtime.handler import Scope, Settlement

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from workers.runtime.overlay import Overlay

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Tracing:
    """Begins spans and has them sent. `service` is the process's name there, unless OTEL_SERVICE_NAME gives one."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("dyads")

    @classmethod
    def to_collector(cls, service: str, instance: str) -> Self:
        """Send spans by OTLP over HTTP, where to and how many as OpenTelemetry's own variables say
        (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, ...)."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        name = os.environ.get("OTEL_SERVICE_NAME", service)
        provider = TracerProvider(resource=Resource.create({"service.name": name, "service.instance.id": instance}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def sending(self, topic: str, article: str) -> Span:
        """Begin the span of a message that is sent, below the caller's own if there is one."""
        from opentelemetry.trace import SpanKind

        attributes = {"messaging.system": "kafka", "messaging.destination.name": topic, "dyads.article": article}
        return self._tracer.start_span(f"send {topic}", kind=SpanKind.PRODUCER, attributes=attributes)

    def handling(self, agent: str, message: Message) -> Span:
        """Begin the span of a message that is handled, below the one that it carries."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carried = {TRACEPARENT: message.headers.get(TRACEPARENT, b"").decode("ascii", "replace")}
        return self._tracer.start_span(
            agent,
            context=TraceContextTextMapPropagator().extract(carried),
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": message.topic,
                "messaging.destination.partition.id": str(message.partition),
                "messaging.kafka.offset": message.offset,
                "messaging.kafka.message.key": (message.key or b"").decode("utf-8", "replace"),
            },
        )

    def stop(self) -> None:
        """Send what is not sent yet, for some seconds at the most."""
        self._provider.shutdown()


class Traced:
    """A settlement with the span of its message; to be called like the settlement itself."""

    __slots__ = ("_settlement", "_span")

    def __init__(self, settlement: Settlement, span: Span) -> None:
        self._settlement = settlement
        self._span = span

    def __call__(self, scope: Scope) -> None:
        self._settlement(scope)

    def mark(self, changes: Overlay) -> None:
        """Have what the message publishes carry its span; of a dead letter the span tells the reason."""
        from opentelemetry.trace import StatusCode

        value = traceparent(self._span)
        changes.rewrite(lambda sent: sent._replace(headers=carrying(sent.headers, value)))
        for sent in changes.outbox:
            if reason := dict(sent.headers).get(REASON):
                self._span.set_status(StatusCode.ERROR, reason.decode())

    def end(self) -> None:
        """The effect is committed."""
        self._span.end()

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._span.get_span_context().trace_id:032x}"


def traceparent(span: Span) -> bytes:
    """The header that names a span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}".encode()


def carrying(headers: Iterable[tuple[str, bytes]], value: bytes) -> Headers:
    """The headers with this trace in place of any other."""
    return [*((name, held) for name, held in headers if name != TRACEPARENT), (TRACEPARENT, value)]


def trace_of(message: Message, settlement: Settlement) -> str | None:
    """The trace that a message belongs to, if any: known from its header even where traces are off."""
    if isinstance(settlement, Traced):
        return settlement.trace_id
    carried = _TRACEPARENT.fullmatch(message.headers.get(TRACEPARENT, b""))
    return carried[1].decode() if carried else None
