"""What stands before the page: who may ask, how much, how long, and what a browser may do with the answer."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 1 << 20
"""Most bytes of a request's body."""

BODY_SECONDS = 9.0
"""Seconds in which a body must arrive; with the way there and back, within ten."""

HELD_LIMIT = 64 << 20
"""Most bytes of all bodies that are held at one time."""

SWALLOWED = 8
"""So many times the limit is read and thrown away, so that a browser that sends too much still reads why it was refused."""

LOOPBACK = frozenset(["localhost", "127.0.0.1", "::1"])

_ANSWERS = {
    400: "Bad request",
    403: "Forbidden",
    404: "Not found",
    408: "Too slow",
    413: "Too large",
    503: "Busy",
}


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A request that is answered here."""

    status: int
    message: str


@dataclass(frozen=True)
class Guard:
    """The ASGI application before `app`.

    Attributes
    ----------
    app : ASGI application
        Gets whole bodies within the limits only, and `scope["nonce"]` for its styles and scripts.
    hosts : frozenset of str
        Names that a request's `Host` may have, without ports; `*` lets any numeric address pass.
    """

    app: App
    hosts: frozenset[str] = LOOPBACK
    body_seconds: float = BODY_SECONDS
    _held: list[int] = field(default_factory=lambda: [0])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["nonce"] = secrets.token_urlsafe(16)
        guarded = _with_headers(send, scope)
        try:
            self._check_sender(scope)
            body = await self._body(scope, receive)
        except Refused as refused:
            await _refuse(refused, scope, guarded)
            return
        try:
            await self.app(scope, _replay(body, receive), guarded)
        finally:
            self._held[0] -= len(body)

    def _check_sender(self, scope: Scope) -> None:
        """Only our own names as host, and no other site's page as sender of a form."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or not self._ours(hosts[0]):
            raise Refused(400, "This server does not go by that name. Use the address that it printed, or start it with --allow-host NAME.")
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return
        origins = _values(scope, b"origin")
        foreign = any(urlsplit(origin).netloc.lower() != hosts[0].lower() for origin in origins)
        if foreign or any(site not in ("same-origin", "none") for site in _values(scope, b"sec-fetch-site")):
            raise Refused(403, "Another site's page sent this. Send texts from this server's own page, or without an Origin header.")

    def _ours(self, host: str) -> bool:
        name = _name(host)
        return name in self.hosts or ("*" in self.hosts and _numeric(name))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body; it counts as held until the request is answered."""
        declared = "".join(_values(scope, b"content-length")) or "0"
        if not declared.isdecimal() or len(declared) > 12:
            raise Refused(400, "The Content-Length is no number.")
        if int(declared) > SWALLOWED * BODY_LIMIT:
            raise _too_large()
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(self.body_seconds):
                await self._gather(receive, chunks)
        except BaseException as error:
            self._held[0] -= sum(map(len, chunks))
            if isinstance(error, TimeoutError):
                raise Refused(408, f"The text did not arrive within {self.body_seconds:.0f} seconds.") from None
            raise
        return b"".join(chunks)

    async def _gather(self, receive: Receive, chunks: list[bytes]) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "The connection was closed before the text had arrived.")
            chunk = message.get("body", b"")
            size, more = size + len(chunk), message.get("more_body", False)
            if size <= BODY_LIMIT:
                self._hold(chunk, chunks)
            elif size > SWALLOWED * BODY_LIMIT:
                break
        if size > BODY_LIMIT:
            raise _too_large()

    def _hold(self, chunk: bytes, chunks: list[bytes]) -> None:
        if self._held[0] + len(chunk) > HELD_LIMIT:
            raise Refused(503, "Too many texts are being sent at once. Try again in a moment.")
        self._held[0] += len(chunk)
        chunks.append(chunk)


def _too_large() -> Refused:
    return Refused(413, f"A request may have {BODY_LIMIT:,} bytes. Send less, or score files with: framing score FOLDER --out FILE")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _name(host: str) -> str:
    """The name of a `Host` without its port; empty where it is none."""
    try:
        split = urlsplit(f"//{host}")
        return "" if split.port == 0 or "@" in host or "/" in host else (split.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _numeric(name: str) -> bool:
    """Whether it is an address in figures, which no name server can point elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes after it."""
    waiting = [body]

    async def given() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return given


def _with_headers(send: Send, scope: Scope) -> Send:
    """A `send` that adds what a browser must hold to."""
    nonce = scope["nonce"]
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [(key.lower(), value) for key, value in message.get("headers", [])]
            cache = [] if any(key == b"cache-control" for key, _ in given) else [(b"cache-control", b"no-store")]
            message = {**message, "headers": [*given, *headers, *cache]}
        await send(message)

    return guarded


async def _refuse(refused: Refused, scope: Scope, send: Send) -> None:
    """Say why, as a page to a browser, else as JSON; the connection ends, since the body may not have been read."""
    if wants_page(scope):
        body, kind = plain_page(refused.status, refused.message, scope["nonce"]), b"text/html; charset=utf-8"
    else:
        body, kind = error_json(refused.message), b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    if refused.status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def error_json(message: str) -> bytes:
    """The body of every error of the API."""
    return json.dumps({"error": message}).encode()


def wants_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not a program for data."""
    return any("text/html" in value for value in _values(scope, b"accept"))


def plain_page(status: int, message: str, nonce: str) -> bytes:
    """A page with a message and nothing else."""
    title = _ANSWERS.get(status, "No answer")
    rules = (
        ":root{color-scheme:light dark;background:light-dark(#fbfaf7,#15181b);color:light-dark(#1e2226,#e5e2dc)}"
        "body{font:1.1rem/1.6 Georgia,serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem}a{color:light-dark(#1f4e5f,#7fc3d8)}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{title}</title><style nonce="{nonce}">{rules}</style>'
        f'<main><h1>{title}</h1><p>{escape(message)}</p><p><a href="/">Back to the page</a></p></main>'
    ).encode()
