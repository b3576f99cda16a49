"""The page's server: uvicorn, with an end to connections that are slow."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from framing.errors import FramingError
from framing.views.guard import App

HEADER_SECONDS = 9.0
"""Seconds in which the head of a request must arrive, counted from the connection or the last answer; within ten all told."""

ANSWER_SECONDS = 100.0
"""Seconds from a request's head to the end of its answer: its body, its wait, its scoring, and a reader that reads slowly."""

HEAD_LIMIT = 16 << 10
"""Most bytes of a request's head."""


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which by itself waits for ever for the head of a request."""

    _timer: asyncio.TimerHandle | None = None
    header_seconds, answer_seconds = HEADER_SECONDS, ANSWER_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait(self.header_seconds)

    def data_received(self, data: bytes) -> None:
        """Once the head is whole, wait for the answer instead."""
        answering = self._answering()
        super().data_received(data)
        if self._answering() and not answering:
            self._wait(self.answer_seconds)

    def on_response_complete(self) -> None:
        """Wait for the next head, unless one waited already."""
        self._wait(self.header_seconds)
        super().on_response_complete()
        if self._answering():
            self._wait(self.answer_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def listen(host: str, port: int) -> socket.socket:
    """A socket at that address, or a `FramingError` that says in plain words why there is none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError, UnicodeError) as error:
        raise FramingError(_why(error, host, port)) from None


def _why(error: Exception, host: str, port: int) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use, perhaps by another framing serve. Choose another: --port {port + 1 if port < 65535 else 8765}"
    if number == errno.EACCES:
        return f"The system does not let you use port {port}. Choose one from 1024 up: --port 8765"
    if number == errno.EADDRNOTAVAIL or isinstance(error, (socket.gaierror, UnicodeError)):
        return f"This machine has no address {host!r}. Leave --host out for this machine only, or give one of its addresses."
    return f"Cannot listen at {host} port {port}: {error}."


class _Server(uvicorn.Server):
    """uvicorn, which tells when it answers: from then on, and not before, a Ctrl+C is sure to be heeded."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets=sockets)
        self._ready()


def run(app: App, listening: socket.socket, ready: Callable[[], object]) -> None:
    """Serve until told to stop; `ready` is called once requests are answered."""
    options: dict[str, Any] = {
        "http": DeadlineProtocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "off",
        "interface": "asgi3",
        "log_level": "error",
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "h11_max_incomplete_event_size": HEAD_LIMIT,
        "timeout_graceful_shutdown": 3,
    }
    _Server(uvicorn.Config(app, **options), ready).run(sockets=[listening])
