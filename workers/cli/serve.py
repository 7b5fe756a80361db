"""`dyads serve`: the read model and its HTTP API."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli.common import Broker
from workers.cli.errors import fail, for_people

Host = Annotated[str | None, typer.Option("--host", help="Address to serve at. Default: DYADS_SERVE_HOST, 127.0.0.1.")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port to serve at. Default: DYADS_SERVE_PORT, 8080.")
]


@for_people
def serve(broker: Broker = None, host: Host = None, port: Port = None) -> None:
    """Serve the tables over HTTP until Ctrl-C: /api/v1, described by /api/v1/openapi.json.

    Follows the relation topics into a database under DYADS_DATA_DIR, goes on where it was when it is started again, and
    never touches what the workers hold. Start as many as you like, each with a DYADS_NAME of its own.

    Example: `dyads serve --port 8080`
    """
    from workers.monitoring.serving import AddressTaken, DirectoryTaken
    from workers.monitoring.serving import serve as run
    from workers.monitoring.settings import ServeSettings

    options = {"broker": broker, "serve_host": host, "serve_port": port}
    settings = ServeSettings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    try:
        run(settings, lambda address: typer.echo(f"serving at {address}"))
    except (AddressTaken, DirectoryTaken) as error:
        fail(str(error))
