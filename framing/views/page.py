"""`framing serve`: a page for people and a JSON API for programs, on this machine."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError, MissingExtra, TextTooLong
from framing.views.workers import Busy, Workers

if TYPE_CHECKING:
    from fastapi import FastAPI

    from framing.style import Style
    from framing.views.guard import Guard

HOST, PORT = "127.0.0.1", 8765

_FORM_PARTS = 16


def serve(
    host: str = HOST,
    port: int = PORT,
    model: str = "news-en",
    hosts: Sequence[str] = (),
    workers: int | None = None,
    announce: Callable[[str], object] = print,
    style: Style | None = None,
) -> None:
    """Serve the page until stopped.

    Parameters
    ----------
    host, port : str, int
        The address to listen at; port 0 takes a free one.
    model : str
        Name or folder of the model.
    hosts : sequence of str
        Further names that the page may be asked for by.
    workers : int, optional
        Processes that score; two, or one on a single core, if not given.
    announce : callable
        Told the address in one line.
    style : Style, optional
        A house style for the model.

    Raises
    ------
    FramingError
        If the extra `serve` or the model is missing, or the address is taken.
    """
    check_extra()
    from framing.views import server

    listening = server.listen(host, port)
    try:
        staff = Workers(model, workers or min(2, os.cpu_count() or 1), style=style)
        try:
            name = f"[{host}]" if ":" in host else host
            line = f"Open http://{name}:{listening.getsockname()[1]}  (Ctrl+C stops)"
            server.run(application(staff, _names(host, hosts)), listening, lambda: announce(line))
        finally:
            staff.stop()
    finally:
        listening.close()


def check_extra() -> None:
    """`MissingExtra` now, if the packages of the page are not installed."""
    try:
        import fastapi  # noqa: F401
        import jinja2  # noqa: F401
        import python_multipart  # type: ignore[import-untyped, unused-ignore]  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingExtra(f"The page needs {error.name}, which is not installed. Run: pip install 'framing-news[serve]'") from None


def _names(host: str, more: Sequence[str]) -> frozenset[str]:
    """The names the page may be asked for by: this machine's, the address it was told, and those given; `*` for any address in figures."""
    from framing.views.guard import LOOPBACK

    names = {name.lower() for name in (host, *more)}
    try:
        if ipaddress.ip_address(host).is_unspecified:
            names.add("*")
    except ValueError:
        pass
    return LOOPBACK | names


def application(workers: Workers, hosts: frozenset[str]) -> Guard:
    """The whole ASGI application: the guard, and behind it the page and the API."""
    from fastapi import FastAPI

    import framing
    from framing.views import api
    from framing.views.guard import Guard

    quiet = {"telemetry": {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}}  # of FastAPI from 0.160 or so
    app = FastAPI(title="framing", version=framing.__version__, description=_ABOUT, docs_url=None, redoc_url=None, **quiet)  # type: ignore[arg-type, unused-ignore]
    _add_errors(app)
    _add_files(app)
    _add_pages(app, workers)
    api.add(app, workers)
    return Guard(app, hosts)


_ABOUT = "Tells how an English news text says what it says: tone, valence, hedging and frames. A request may have 1 MiB."


def _add_files(app: FastAPI) -> None:
    """Style, script and icon: three texts held in memory, so that no path of a request is ever one of a file."""
    from fastapi import Response

    from framing.views import sheet

    def add(path: str, content: str, kind: str) -> None:
        async def file(request: Any) -> Response:
            return Response(content, media_type=kind, headers={"cache-control": "no-cache"})

        app.add_route(path, file, methods=["GET", "HEAD"])

    add("/page.css", sheet.stylesheet(), "text/css")
    add("/page.js", sheet.script(), "text/javascript")
    add("/icon.svg", sheet.icon(), "image/svg+xml")


def _add_pages(app: FastAPI, workers: Workers) -> None:
    """The form for one text and for two, filled with examples, and what answers it."""
    from fastapi.responses import HTMLResponse
    from starlette.requests import Request

    from framing.views import sheet

    def add(path: str, texts: int) -> None:
        async def blank(request: Request) -> HTMLResponse:
            return HTMLResponse(sheet.blank(request.scope["nonce"], texts))

        async def shown(request: Request) -> HTMLResponse:
            status, page = await workers.run(sheet.page, sheet.examples(texts), "", request.scope["nonce"])
            return HTMLResponse(page, status)

        async def answered(request: Request) -> HTMLResponse:
            drafts, target = await _drafts(request, texts)
            status, page = await workers.run(sheet.page, drafts, target, request.scope["nonce"])
            return HTMLResponse(page, status)

        app.add_route(path, blank, methods=["GET", "HEAD"])
        app.add_route(path, answered, methods=["POST"])
        app.add_route(f"{path.rstrip('/')}/example", shown, methods=["GET", "HEAD"])

    add("/", 1)
    add("/compare", 2)


async def _drafts(request: Any, texts: int) -> tuple[list[Any], str]:
    """What was put into the form."""
    from framing.views.guard import BODY_LIMIT
    from framing.views.sheet import Draft

    async with request.form(max_files=texts, max_fields=_FORM_PARTS, max_part_size=BODY_LIMIT) as form:
        drafts = []
        for n in ("", "2")[:texts]:
            file = form.get(f"file{n}")
            data = b"" if file is None or isinstance(file, str) else await file.read()
            name = "" if not data else str(file.filename or "")
            drafts.append(Draft(_field(form, f"text{n}"), _field(form, f"title{n}"), name, data))
        return drafts, _field(form, "target")


def _field(form: Any, name: str) -> str:
    """A typed field; browsers send line ends as CR LF."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _add_errors(app: FastAPI) -> None:
    """Every error is one line: as a page to a browser, else as JSON."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    async def told(request: Any, error: Exception) -> Any:
        return _error(request, *_said(error))

    for kind in (FramingError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, told)


def _said(error: Exception) -> tuple[int, str]:
    """Status and message; of faults of ours, nothing but that."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        return error.status_code, _HTTP.get(error.status_code, str(error.detail))
    if isinstance(error, Busy):
        return 503, str(error)
    if isinstance(error, FramingError):
        return 413 if isinstance(error, TextTooLong) else 422, str(error)
    return 500, "Something broke here; the server's log says what. Please report it."


_HTTP = {
    404: "There is nothing at this address. The page is at /, the API is described at /openapi.json.",
    405: "This address does not take that method. See /openapi.json.",
}


def _invalid(errors: Sequence[Any]) -> tuple[int, str]:
    """The first fault of a body that is no JSON (400) or not of the right form (422)."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return 400, f"The body is no JSON: {first.get('ctx', {}).get('error', 'it cannot be read')}. Send {{\"text\": \"...\"}}."
    place = ".".join(str(step) for step in first["loc"][1:]) or "The body"
    return 422, f"{place}: {first['msg']}. Send {{\"text\": \"...\", \"title\": \"...\", \"target\": \"...\"}}; only text is needed."


def _error(request: Any, status: int, message: str) -> Any:
    from fastapi import Response

    from framing.views.guard import error_json, plain_page, wants_page

    headers = {"retry-after": "1"} if status == 503 else {}
    if wants_page(request.scope):
        return Response(plain_page(status, message, request.scope["nonce"]), status, headers, "text/html")
    return Response(error_json(message), status, headers, "application/json")
