"""The settings of `dyads serve`, from the environment or a file `.env`, beside those of every process."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from workers.runtime.settings import Settings


class ServeSettings(Settings):
    """Settings of a server of the read model; frozen once read."""

    serve_host: str = Field("127.0.0.1", description="address that the API and the page are served at")
    serve_port: int = Field(8080, ge=0, le=65535, description="port that they are served at; 0 takes a free one")
    serve_token: str = Field("", description="bearer token that the API asks for; empty: it asks for none")
    serve_origins: str = Field(
        "", description="origins whose pages may read the API (CORS), separated by commas; * is all, empty none"
    )
    serve_audit: Path | None = Field(
        None, description="the file that `dyads audit --metrics-file` writes, for the health of the pipeline"
    )

    @property
    def serve_dir(self) -> Path:
        """This server's own directory, with its read model; no two servers may share one."""
        return self.data_dir / f"{self.app_id}.serve" / self.name

    @property
    def origins(self) -> list[str]:
        """The origins, taken apart."""
        return [origin.strip() for origin in self.serve_origins.split(",") if origin.strip()]
