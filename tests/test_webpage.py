"""The process that finds articles: one for all pages of a thread, ended where a page takes too long."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from framing import webpage
from framing.documents import parse_document
from framing.errors import ReadError

PAGE = (Path(__file__).parent / "files" / "article.html").read_text(encoding="utf-8")
SLOW = "<p>" + "<br>" * 400_000 + "</p>"


def current() -> int:
    pid: int = webpage._mine.child.process.pid
    return pid


def test_one_process_reads_page_after_page() -> None:
    first = webpage.article(PAGE)
    pid = current()
    assert [webpage.article(PAGE) for _ in range(20)] == [first] * 20
    assert current() == pid


def test_bad_input_35_a_page_that_takes_too_long() -> None:
    began = time.monotonic()
    with pytest.raises(ReadError) as told:
        webpage.article(SLOW, seconds=0.5)
    assert told.value.reason == "timeout"
    assert "took over" in str(told.value)
    assert time.monotonic() - began < 20
    assert "ferry" in webpage.article(PAGE)[1]  # the next page has a process again


def test_a_process_that_dies_is_begun_anew() -> None:
    first = webpage.article(PAGE)
    os.kill(current(), signal.SIGKILL)
    assert webpage.article(PAGE) == first


def test_a_page_that_kills_twice_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    webpage.article(PAGE)

    def dies(self: webpage._Child, page: bytes) -> bytes:
        raise EOFError

    monkeypatch.setattr(webpage._Child, "ask", dies)
    with pytest.raises(ReadError) as told:
        webpage.article(PAGE)
    assert told.value.reason == "worker_died"


def test_threads_have_processes_of_their_own() -> None:
    webpage.article(PAGE)
    pids = [current()]

    def read() -> None:
        webpage.article(PAGE)
        pids.append(current())

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(set(pids)) == 2


def test_the_process_gives_what_the_function_gives() -> None:
    assert webpage.article(PAGE) == webpage._found(PAGE)
    assert parse_document(PAGE.encode(), "a.html", "k").text == webpage.article(PAGE)[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_page_that_takes_too_much_memory_costs_that_page_only(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "<html><body><p>" + "word " * 4_000_000
    monkeypatch.setattr(webpage, "MEMORY", 200 << 20)
    webpage._mine.child = None
    with pytest.raises(ReadError) as caught:
        webpage.article(page)
    assert caught.value.reason == "worker_died"
    monkeypatch.undo()
    webpage._mine.child = None
    assert "It rained" in webpage.article("<html><body><article><p>It rained in the town.</p></article></body></html>")[1]
