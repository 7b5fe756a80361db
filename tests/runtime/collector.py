"""A collector of traces: takes what is sent by OTLP over HTTP, as OpenTelemetry's own collector would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.runtime.test_health import free_port
from tests.web import served


class Seen(NamedTuple):
    """One span as it was received."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    failed: str
    """Why, where the span says that what it is of has failed."""
    seconds: float


class Collector:
    """The spans that came."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.spans: list[Seen] = []

    async def take(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        for resource in sent.resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [
                    Seen(
                        service=names["service.name"],
                        name=span.name,
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        attributes={a.key: a.value.string_value or str(a.value.int_value) for a in span.attributes},
                        failed=span.status.message,
                        seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                    )
                    for span in scope.spans
                ]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """A collector that listens until the end of the block."""
    port = free_port()
    collector = Collector(f"http://127.0.0.1:{port}")
    async with served(port, web.post("/v1/traces", collector.take)):
        yield collector
