from __future__ import annotations

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from serving import Served, serving

from framing.errors import FramingError
from framing.views import server as serverside

HEAD = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def connect(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def seconds_until_closed(server: Served, pieces: list[bytes], pause: float) -> float:
    """How long the server bears a client that sends these pieces with pauses, then nothing."""
    began = time.monotonic()
    with connect(server) as client:
        client.settimeout(pause)
        for piece in [*pieces, *[b""] * 1000]:
            try:
                client.sendall(piece)
                if not client.recv(1 << 16):
                    break
            except TimeoutError:
                continue
            except OSError:  # closed while we sent
                break
    return time.monotonic() - began


ANSWERED = b"GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW = {
    "says nothing": ([], 0.5),
    "half a head": ([HEAD[:20]], 0.5),
    "a head letter by letter": ([bytes([letter]) for letter in HEAD * 9], 0.4),
    "a header for ever": ([HEAD, *[b"X-A: b\r\n"] * 100], 0.4),
    "a body letter by letter": ([HEAD + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 1000], 0.4),
    "a chunked body without end": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 1000], 0.4),
    "half a second head": ([ANSWERED, HEAD[:20]], 0.5),
    "a second head letter by letter": ([ANSWERED, *[bytes([letter]) for letter in HEAD * 9]], 0.4),
}


def test_bad_input_79_slow_connections_are_closed_within_ten_seconds(server: Served) -> None:
    with ThreadPoolExecutor(len(SLOW)) as pool:
        waits = dict(zip(SLOW, pool.map(lambda how: seconds_until_closed(server, *how), SLOW.values()), strict=True))
    # Counted from the connection; after an answer, from that answer.
    assert all(3 < seconds <= 10.5 for seconds in waits.values()), waits


def test_a_quick_client_keeps_its_connection_while_others_are_slow(server: Served) -> None:
    slow = [connect(server) for _ in range(50)]
    for client in slow:
        client.sendall(HEAD[:30])
    with httpx.Client(base_url=server.url) as client:
        answers = [client.post("/v1/classify", json={"text": "The mayor may resign."}) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    for one in slow:
        one.close()


def test_bad_input_77_a_chunked_body_over_the_limit_is_413_on_the_wire(server: Served) -> None:
    with connect(server) as client:
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(5):
            client.sendall(b"40000\r\n" + b"x" * 0x40000 + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_head_over_its_limit_is_refused(server: Served) -> None:
    with connect(server) as client:
        client.sendall(HEAD + b"X-A: " + b"b" * serverside.HEAD_LIMIT)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


NO_HTTP = [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 50, b"PRI * HTTP/2.0\r\n\r\n"]


@pytest.mark.parametrize("raw", NO_HTTP)
def test_what_is_no_http_is_refused_and_the_server_lives(server: Served, raw: bytes) -> None:
    with connect(server) as client:
        client.sendall(raw)
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(1000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert httpx.get(server.url).status_code == 200


def test_pipelined_requests_are_all_answered(server: Served) -> None:
    with connect(server) as client:
        client.sendall(ANSWERED * 3)
        client.settimeout(1)
        got = b""
        while got.count(b"HTTP/1.1 200") < 3:
            got += client.recv(1 << 16)


def test_bad_input_83_a_port_in_use_is_a_plain_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "framing.cli", "serve", "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == f"framing: Port {port} is in use, perhaps by another framing serve. Choose another: --port {port + 1}\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("no.such.host.invalid", 0, "no address 'no.such.host.invalid'"),
        ("203.0.113.7", 0, "no address '203.0.113.7'"),
        ("a" * 300, 0, "no address"),
        ("127.0.0.1", 70000, "port 70000"),
    ],
)
def test_an_address_that_is_none_is_a_plain_message(host: str, port: int, message: str) -> None:
    with pytest.raises(FramingError, match=message):
        serverside.listen(host, port)


def test_it_listens_on_this_machine_only_unless_told(server: Served) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    here = socket.gethostbyname(socket.gethostname())
    if not here.startswith("127."):
        with pytest.raises(OSError):
            socket.create_connection((here, server.port), timeout=2)


def test_it_listens_at_ipv6_if_told() -> None:
    try:
        listening = serverside.listen("::1", 0)
    except FramingError as error:
        assert "no address" in str(error)  # a machine without IPv6
        return
    assert listening.family == socket.AF_INET6
    listening.close()


def test_ctrl_c_ends_it_and_its_processes_with_130() -> None:
    with serving("--workers", "1") as served:
        pass  # at once: the line that names the address promises that it can be stopped
    assert served.process.returncode == 130
    assert served.said == []


def test_a_missing_model_is_a_plain_message_and_exit_2() -> None:
    command = [sys.executable, "-m", "framing.cli", "serve", "--port", "0", "--model", "news-xx"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "news-xx" in done.stderr and "Traceback" not in done.stderr
