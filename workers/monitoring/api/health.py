"""The health of the pipeline, dead letters, and what supervisors ask."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Meta, Struct
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from workers.monitoring.api.parameters import MOST_VALUES, CursorQuery, Limit
from workers.monitoring.api.source import Source
from workers.monitoring.pipeline import AgentLag, LastAudit, Pipeline
from workers.monitoring.readmodel.queries.letters import count_letters, list_letters
from workers.monitoring.readmodel.records import Letters


class ReadModel(Struct, frozen=True, kw_only=True):
    """The read model that answers: of which generation, how many offsets behind its topics; rows it could not read."""

    generation: int | None
    lag: int
    unreadable: int
    listeners: int
    trouble: str | None


class Agents(Struct, frozen=True, kw_only=True):
    """How far each agent is, and when that was looked at."""

    lag: int
    looked_at: dt.datetime | None
    trouble: str | None
    agents: list[AgentLag]


class DeadLetters(Struct, frozen=True, kw_only=True):
    """Dead letters in force, by reason."""

    total: int
    by_reason: dict[str, int]


class Health(Struct, frozen=True, kw_only=True):
    """`ok` if the broker answers, the read model follows, and the last audit, if there is one, found no difference."""

    status: Literal["ok", "degraded"]
    problems: list[str]
    read_model: ReadModel
    pipeline: Agents
    dead_letters: DeadLetters | None
    audit: LastAudit | None


@get("/health", summary="Health of the pipeline", operation_id="getHealth")
async def get_health(source: Source, pipeline: Pipeline) -> Health:
    """Lag of the read model and of each agent, dead letters by reason, and the last audit."""
    follower, audit = source.follower, pipeline.last_audit()
    problems = [problem for problem in (follower.trouble, pipeline.trouble) if problem]
    if audit is not None and audit.differences:
        problems.append(f"the last audit found {audit.differences} differences")
    served = follower.served
    letters = await source.ask(count_letters) if served else None
    return Health(
        status="degraded" if problems else "ok",
        problems=list(dict.fromkeys(problems)),
        read_model=ReadModel(
            generation=served.generation if served else None,
            lag=follower.lag,
            unreadable=follower.unreadable,
            listeners=source.hub.listeners,
            trouble=follower.trouble,
        ),
        pipeline=Agents(
            lag=sum(agent.lag for agent in pipeline.agents),
            looked_at=pipeline.looked_at,
            trouble=pipeline.trouble,
            agents=pipeline.agents,
        ),
        dead_letters=None if letters is None else DeadLetters(total=sum(letters.values()), by_reason=letters),
        audit=audit,
    )


@get("/letters", summary="Dead letters", operation_id="listLetters")
async def get_letters(
    source: Source,
    reasons: Annotated[
        list[Annotated[str, Meta(max_length=64), QueryParameter(max_length=64)]] | None,
        QueryParameter(name="reason", max_items=MOST_VALUES, description="only of these reasons"),
    ] = None,
    limit: Limit = 100,
    cursor: CursorQuery = None,
) -> Letters:
    """Messages that could not be handled, newest first; without their text."""
    return await source.ask(list_letters, tuple(reasons or ()), limit, cursor)


@get("/live", include_in_schema=False)
async def live() -> Response[str]:
    """200 while the event loop turns."""
    return Response("live\n", media_type="text/plain")


@get("/ready", include_in_schema=False)
async def ready(source: Source) -> Response[str]:
    """200 when it answers from a whole read model, if perhaps an old one, as the health tells; else 503 and why."""
    trouble = None if source.follower.served else source.follower.trouble or "starting"
    return Response(f"{trouble or 'ready'}\n", status_code=503 if trouble else 200, media_type="text/plain")


@get("/metrics", include_in_schema=False)
async def metrics() -> Response[bytes]:
    """Prometheus text."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
