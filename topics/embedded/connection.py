"""One client's connection: frames in, one request after the other, frames out.

Like Apache Kafka, the broker takes the next request of a connection only when the last one is answered. That keeps a
producer's batches in order, and answers in the order of the requests, which clients rely on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from topics.embedded import wire
from topics.embedded.errors import CloseConnection, DiskFailed, MalformedRequest
from topics.embedded.handling import Handlers, Request
from topics.embedded.wire import ApiKey

logger = logging.getLogger(__name__)

READ_BUFFER = 1024 * 1024


class Connection:
    """Serves one connection until the client closes it, or sends what is no request."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handlers: Handlers,
        max_request_bytes: int,
        settle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`settle` is awaited before each answer: it returns when what was written so far is safe."""
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._max_request_bytes = max_request_bytes
        self._settle = settle
        self._host = str(writer.get_extra_info("peername", ("unknown",))[0])
        self._peer = ":".join(str(part) for part in writer.get_extra_info("peername", ("unknown",))[:2])

    async def serve(self) -> None:
        """Serve until the end. What goes wrong is logged and ends this connection alone."""
        try:
            while (frame := await self._read_frame()) is not None:
                response = await answer(frame, self._handlers, self._host)
                if response is not None:
                    if self._settle is not None:
                        await self._settle()
                    self._writer.write(response)
                    await self._writer.drain()
        except (CloseConnection, DiskFailed) as reason:
            logger.warning("closed the connection from %s: %s", self._peer, reason)
        except ConnectionError:
            logger.debug("lost the connection from %s", self._peer)
        except Exception:
            logger.exception("closed the connection from %s: a fault of the broker", self._peer)
        finally:
            self._writer.close()

    async def _read_frame(self) -> bytes | None:
        """The next request, None at the end. Raises `MalformedRequest`."""
        try:
            (size,) = wire.FRAME_SIZE.unpack(await self._reader.readexactly(wire.FRAME_SIZE.size))
        except asyncio.IncompleteReadError:
            return None
        if not 0 < size <= self._max_request_bytes:
            raise MalformedRequest(f"a request of {size} bytes; 1 to {self._max_request_bytes} are possible")
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise MalformedRequest(f"ended after {len(error.partial)} of {size} bytes") from None


async def answer(frame: bytes, handlers: Handlers, client_host: str) -> bytes | None:
    """The response to the frame of a request; None if it gets none. Raises `CloseConnection`."""
    header = wire.read_header(frame)
    if header.api_key == ApiKey.API_VERSIONS and (header.api_key, header.api_version) not in wire.APIS:
        return wire.unsupported_api_versions(header.correlation_id)
    api = wire.find_api(header)
    fields = wire.decode(api, frame[header.body :])
    request = Request(fields, header.api_version, header.client_id, client_host)
    response = await handlers[api.key](request)
    return None if response is None else wire.encode(api, response, header.correlation_id)
