from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from framing.views import guard
from framing.views.guard import BODY_LIMIT, Guard

OURS = ((b"host", b"localhost:8765"),)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    message = await receive()
    assert not message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"%d" % len(message["body"])})


def ask(
    headers: Sequence[tuple[bytes, bytes]] = OURS,
    method: str = "POST",
    chunks: Sequence[bytes] = (b"",),
    made: Guard | None = None,
    pause: float = 0.0,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one request."""
    sent: list[Any] = []
    waiting = list(chunks)

    async def receive() -> Any:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run((made or Guard(echo))({"type": "http", "method": method, "headers": list(headers)}, receive, send))
    found = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:8765", "[::1]:9", "localhost."])
def test_our_own_names_pass(host: str) -> None:
    assert ask([(b"host", host.encode())])[0] == 200


FOREIGN = [
    *("evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.evil.example", "8.8.8.8", "10.0.0.1:8765", "0.0.0.0"),
    *("", ":8765", "[::1", "localhost:99999", "user@localhost", "localhost/", "localhost:x", "[localhost]", "127.1", "localhost:0"),
]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_bad_input_76_a_foreign_host_is_400(host: str, method: str) -> None:
    status, _, body = ask([(b"host", host.encode())], method)
    assert status == 400
    assert "does not go by that name" in json.loads(body)["error"]


def test_bad_input_76_no_host_and_two_hosts_are_400() -> None:
    assert ask([])[0] == 400
    assert ask([*OURS, (b"host", b"evil.example")])[0] == 400


def test_a_server_on_every_address_takes_addresses_but_no_names() -> None:
    open_to_all = Guard(echo, guard.LOOPBACK | {"*", "desk.example"})
    for host, status in (("192.168.1.7:8765", 200), ("[fe80::1]", 200), ("desk.example", 200), ("evil.example", 400)):
        assert ask([(b"host", host.encode())], made=open_to_all)[0] == status, host


@pytest.mark.parametrize(
    "headers",
    [
        [(b"origin", b"http://evil.example")],
        [(b"origin", b"http://localhost:8766")],
        [(b"origin", b"https://localhost.evil.example:8765")],
        [(b"origin", b"null")],
        [(b"origin", b"")],
        [(b"origin", b"http://localhost:8765"), (b"origin", b"http://evil.example")],
        [(b"sec-fetch-site", b"cross-site")],
        [(b"sec-fetch-site", b"same-site")],
        [(b"origin", b"http://localhost:8765"), (b"sec-fetch-site", b"cross-site")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "WHATEVER"])
def test_bad_input_75_a_post_from_another_site_is_403(headers: list[tuple[bytes, bytes]], method: str) -> None:
    status, found, body = ask([*OURS, *headers], method)
    assert status == 403
    assert "Another site's page" in json.loads(body)["error"]
    assert found["connection"] == "close"
    assert "access-control-allow-origin" not in found


def test_our_own_page_and_programs_may_post() -> None:
    own = [(b"origin", b"http://localhost:8765"), (b"sec-fetch-site", b"same-origin")]
    assert ask([*OURS, *own])[0] == ask(OURS)[0] == 200
    assert ask([*OURS, (b"origin", b"http://evil.example")], "GET")[0] == 200


@pytest.mark.parametrize("sizes", [[BODY_LIMIT], [BODY_LIMIT // 2] * 2, [1] * 50])
def test_a_body_within_the_limit_arrives_whole(sizes: list[int]) -> None:
    made = Guard(echo)
    assert ask(chunks=[b"x" * size for size in sizes], made=made)[2] == b"%d" % sum(sizes)
    assert made._held == [0]


@pytest.mark.parametrize("sizes", [[BODY_LIMIT + 1], [1 << 18] * 5, [1 << 20] * 30])
def test_bad_input_77_a_body_over_the_limit_is_413_chunked_too(sizes: list[int]) -> None:
    made = Guard(echo)
    status, _, body = ask(chunks=[b"x" * size for size in sizes], made=made)
    assert status == 413
    assert "1,048,576" in json.loads(body)["error"]
    assert made._held == [0]


def test_bad_input_77_a_body_said_to_be_huge_is_refused_unread() -> None:
    assert ask([*OURS, (b"content-length", b"99999999999")], chunks=[])[0] == 413
    assert ask([*OURS, (b"content-length", b"-1")], chunks=[])[0] == 400


def test_bad_input_79_a_body_that_does_not_come_is_408() -> None:
    made = Guard(echo, body_seconds=0.2)
    assert ask(chunks=[b"x"] * 100, made=made, pause=0.05)[0] == 408
    assert made._held == [0]


def test_bad_input_80_no_more_bodies_are_held_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HELD_LIMIT", 1000)
    status, found, _ = ask(chunks=[b"x" * 1001])
    assert (status, found["retry-after"]) == (503, "1")
    assert ask(chunks=[b"x" * 1000])[0] == 200


def test_every_answer_holds_browsers_to_the_policy() -> None:
    nonces = set()
    for status, headers, _ in (ask(), ask([])):
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy and "http" not in policy and "*" not in policy and "data:" not in policy
        nonces.add(re.search(r"script-src 'nonce-([\w-]{20,})'", policy)[1])  # type: ignore[index]
        assert headers["x-content-type-options"] == "nosniff", status
        assert headers["cache-control"] == "no-store"
    assert len(nonces) == 2


def test_a_browser_is_told_in_a_page_and_a_program_in_json() -> None:
    status, headers, body = ask([(b"host", b"evil.example"), (b"accept", b"text/html,*/*")])
    assert (status, headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert b"<h1>Bad request</h1>" in body
    assert guard.plain_page(500, "<b>", "n").count(b"<b>") == 0


def test_other_kinds_of_scope_pass_through() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
