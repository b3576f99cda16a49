"""How `framing serve` bears many clients: latencies and statuses, with slow connections open or not.

    python benchmarks/serve_load.py                    # 50 clients, 2,000 requests each
    python benchmarks/serve_load.py --slow 200         # the same while 200 connections send their heads letter by letter
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

TEXT = (
    "The mayor may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money "
    "and not about the voters of the city."
)
SLOW_HEAD = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 1000


def request(port: int) -> bytes:
    body = json.dumps({"text": TEXT}).encode()
    head = f"POST /v1/classify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def client(port: int, requests: int, latencies: list[float], statuses: Counter[int]) -> None:
    """One connection, one request after another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = request(port)
    for _ in range(requests):
        began = time.perf_counter()
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
        latencies.append(time.perf_counter() - began)
        statuses[int(head[9:12])] += 1
    writer.close()


async def slow(port: int, closed: list[float]) -> None:
    """A connection that sends a letter a second, and begins again when it is closed; how long each was borne."""
    while True:
        began = time.monotonic()
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for letter in SLOW_HEAD:
                writer.write(bytes([letter]))
                with suppress(TimeoutError):
                    if not await asyncio.wait_for(reader.read(100), 1):
                        break
            writer.close()
        closed.append(time.monotonic() - began)


async def measure(port: int, clients: int, requests: int, slow_ones: int) -> None:
    closed: list[float] = []
    others = [asyncio.create_task(slow(port, closed)) for _ in range(slow_ones)]
    await asyncio.sleep(1 if others else 0)
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    await client(port, 20, [], Counter())
    began = time.perf_counter()
    await asyncio.gather(*(client(port, requests, latencies, statuses) for _ in range(clients)))
    took = time.perf_counter() - began
    for task in others:
        task.cancel()
    latencies.sort()
    cuts = {f"p{share}": f"{1000 * latencies[min(len(latencies) - 1, len(latencies) * share // 100)]:.0f} ms" for share in (50, 90, 99)}
    print(f"{clients} clients x {requests} requests, {slow_ones} slow connections open: {len(latencies) / took:.0f} requests/s,", end=" ")
    print(", ".join(f"{name} {value}" for name, value in cuts.items()), f"max {1000 * latencies[-1]:.0f} ms, statuses {dict(statuses)}")
    if closed:
        print(f"slow connections closed by the server: {len(closed)}, borne at most {max(closed):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--requests", type=int, default=2000, help="of each client")
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--workers", default="2")
    given = parser.parse_args()
    command = [sys.executable, "-m", "framing.cli", "serve", "--port", "0", "--workers", given.workers]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            port = int(re.search(r":(\d+) ", server.stderr.readline())[1])
            asyncio.run(measure(port, given.clients, given.requests, given.slow))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
