"""The API put together: routes, errors, the token, CORS, forms, and its document."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Router, get
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import License
from litestar.types import ASGIApp, ControllerRouterHandler

from workers.monitoring.api import dyads, events, health, states, stream
from workers.monitoring.api.document import Records, document
from workers.monitoring.api.forms import Forms
from workers.monitoring.api.problems import problem
from workers.monitoring.api.source import Source
from workers.monitoring.pipeline import Pipeline

PREFIX = "/api/v1"
VERSION = "1.0.0"
"""Of the API: the first number is that of its path, the second goes up with every field that is added."""

ROUTES: Sequence[ControllerRouterHandler] = (
    dyads.get_dyads,
    dyads.get_dyad,
    dyads.get_days,
    events.get_events,
    events.get_event,
    events.get_mentions,
    events.get_outlets,
    events.get_search,
    states.get_states,
    states.get_state,
    health.get_health,
    health.get_letters,
    stream.get_stream,
)


def api(
    source: Source,
    pipeline: Pipeline,
    *,
    token: str = "",
    origins: Sequence[str] = (),
    pages: Sequence[ControllerRouterHandler] = (),
) -> ASGIApp:
    """The application. With a `token` the API asks for it; `origins` may read it from their pages (CORS).

    `pages` are routes of other kinds, beside the API: they need no token.
    """

    def needs_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = connection.headers.get("Authorization", "").encode()
        if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise NotAuthorizedException("a bearer token is needed", headers={"WWW-Authenticate": "Bearer"})

    @get("/openapi.json", include_in_schema=False)
    async def get_document(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """The OpenAPI document."""
        return document(request.app, token=bool(token))

    def give_source() -> Source:
        return source

    def give_pipeline() -> Pipeline:
        return pipeline

    router = Router(PREFIX, route_handlers=[*ROUTES, get_document], guards=[needs_token])
    app = Litestar(
        [router, health.live, health.ready, health.metrics, *pages],
        dependencies={
            "source": Provide(give_source, sync_to_thread=False),
            "pipeline": Provide(give_pipeline, sync_to_thread=False),
        },
        exception_handlers={Exception: problem},
        plugins=[Records()],
        cors_config=CORSConfig(allow_origins=list(origins), allow_methods=["GET"]) if origins else None,
        openapi_config=OpenAPIConfig(
            title="Dyads",
            version=VERSION,
            description="How states treat each other, from the news as it streams in. Read only.",
            license=License(name="Apache 2.0", identifier="Apache-2.0"),
            path="/openapi-unused",
            render_plugins=(),
        ),
    )
    return Forms(app, PREFIX)
