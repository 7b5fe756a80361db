"""The settings of a process, from the environment (12-factor) or a file `.env`; `.env.example` lists them."""

from __future__ import annotations

import os
import socket
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from topics.catalogue import DEFAULT_PARTITIONS, FIRST_GENERATION


class StoreKind(StrEnum):
    """Where a worker keeps its copy of its rows."""

    MEMORY = "memory"
    """In the process; read from the state topic at every start."""
    ROCKSDB = "rocksdb"
    """On disk under the data directory; a start reads only what was committed since."""


class LogFormat(StrEnum):
    """How a worker's log is written."""

    HUMAN = "human"
    """Lines to read."""
    JSON = "json"
    """A JSON object a line."""


class Settings(BaseSettings):
    """Settings of a worker and of the commands; frozen once read."""

    model_config = SettingsConfigDict(env_prefix="DYADS_", env_file=".env", frozen=True, extra="ignore")

    broker: str = Field("127.0.0.1:9092", description="bootstrap servers, host:port separated by commas")
    app_id: str = Field("dyads", pattern=r"^[A-Za-z0-9._-]+$", description="consumer group and transactional id prefix")
    name: str = Field(
        default_factory=socket.gethostname, pattern=r"^[A-Za-z0-9._-]+$", description="this worker's name: its own data"
    )
    agents: str = Field(
        "enrich,relate,aggregate",
        pattern=r"^(enrich|relate|aggregate)(,(enrich|relate|aggregate))*$",
        description="agents this worker runs, separated by commas",
    )
    generation: int = Field(
        FIRST_GENERATION, ge=1, description="generation of the tables that this worker makes (dyads replay)"
    )
    partitions: int = Field(
        DEFAULT_PARTITIONS, ge=1, le=1024, description="partitions of topics made by `topics create`"
    )
    replication: int = Field(1, ge=1, le=7, description="replication factor of topics made by `topics create`")

    store: StoreKind = Field(StoreKind.MEMORY, description="local copy of the rows: memory or rocksdb")
    data_dir: Path = Field(Path(".dyads"), description="directory for rocksdb and for the web server's lock files")

    coders: int = Field(0, ge=0, le=256, description="coding processes; 0 is one for each core")
    window: int = Field(16, ge=1, le=1024, description="articles in flight in a worker")
    article_timeout: float = Field(30.0, gt=0, description="seconds after which coding an article is given up")

    batch: int = Field(256, ge=1, le=10_000, description="messages in one transaction at the most")
    session_timeout: float = Field(
        10.0, ge=6, description="seconds without a heartbeat until a worker counts as dead; Kafka takes no less than 6"
    )
    transaction_timeout: float = Field(15.0, ge=1, description="seconds until the broker aborts an unfinished batch")

    http_host: str = Field("127.0.0.1", description="address of /live, /ready and /metrics")
    http_port: int = Field(6066, ge=0, le=65535, description="port of /live, /ready and /metrics; 0 turns them off")
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="least severe line logged")
    log_format: LogFormat = Field(LogFormat.HUMAN, description="how the log is written: human or json")
    traces: bool = Field(
        False, description="send OpenTelemetry traces by OTLP, where to by OTEL_EXPORTER_OTLP_ENDPOINT"
    )

    @property
    def coding_processes(self) -> int:
        """Coding processes to run: as set, else one for each core this process may use."""
        return self.coders or len(os.sched_getaffinity(0))

    @property
    def group(self) -> str:
        """Consumer group and transactional id prefix of this worker's generation."""
        return group_of(self.app_id, self.generation)

    @property
    def worker_dir(self) -> Path:
        """This worker's own directory; no two workers, nor generations, may share one."""
        return self.data_dir / self.group / self.name


def group_of(app_id: str, generation: int) -> str:
    """Consumer group and transactional id prefix of a deployment's generation."""
    return app_id if generation == FIRST_GENERATION else f"{app_id}.g{generation}"
