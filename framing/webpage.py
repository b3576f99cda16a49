"""The article in a web page."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
from html import unescape
from typing import Any, BinaryIO

from framing.errors import ReadError

_CHARSET = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{2,40})")
_UNPARSABLE = re.compile("[\x00\ud800-\udfff]")

SECONDS = 30.0
"""The time that a page may take: the parser is quadratic for some."""

MEMORY = 2 << 30
"""Most bytes of memory that its process may have, where the system can limit them."""

_SIZE = struct.Struct(">Q")
_CHILD = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from framing.webpage import serve
serve(float(sys.argv[2]), int(sys.argv[3]))
"""


def declared_charset(data: bytes) -> str | None:
    """The charset that a page names at its beginning."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode() if found else None


def article(html: str, seconds: float = SECONDS) -> tuple[str | None, str, dict[str, Any]]:
    """The article of a page, found by a process apart, which is kept for the next page and ended where it takes too long.

    Parameters
    ----------
    html : str
        The page. Nothing that it refers to is fetched; its entities become characters and no more.
    seconds : float
        The time limit.

    Returns
    -------
    title : str or None
        From the page's metadata.
    text : str
        The article. A page that is nested over 256 deep or has a piece of text over 10 MB, of which the parser would
        silently lose the tail, gives all its visible text.
    extra : dict
        Date, author and outlet, those that the page gives.

    Raises
    ------
    ReadError
        Reasons `no_article`, `timeout`, `worker_died`.
    """
    page = _UNPARSABLE.sub("\ufffd", html).encode()
    title, text, extra = _ask(page, seconds)
    if not text.strip():
        raise ReadError("no_article", "No article was found in the page. Save its text as .txt if there is one.")
    return title, text, extra


# ---- the process apart ----------------------------------------------------------------------------------------------


class _Child:
    """A process that finds articles; it ends when the pipe to it closes."""

    def __init__(self, seconds: float) -> None:
        self.owner, self.seconds = os.getpid(), seconds  # a fork must not write into its parent's pipe
        command = [sys.executable, "-c", _CHILD, json.dumps(sys.path), str(seconds), str(MEMORY)]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.pipe, self.answers = self.process.stdin, self.process.stdout
        _receive(self.answers)  # it has loaded its libraries: the time limit is for the page alone

    def ask(self, page: bytes) -> bytes:
        """Its answer; EOFError where it died, TimeoutError where it was ended for taking too long."""
        over = threading.Event()
        timer = threading.Timer(self.seconds, self._kill, (over,))
        timer.start()
        try:
            _send(self.pipe, page)
            return _receive(self.answers)
        except (EOFError, OSError):
            raise (TimeoutError if over.is_set() else EOFError) from None
        finally:
            timer.cancel()

    def _kill(self, over: threading.Event) -> None:
        over.set()
        self.process.kill()

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.pipe, self.answers):
            with contextlib.suppress(OSError):
                stream.close()

    def __del__(self) -> None:
        if getattr(self, "answers", None) is not None and self.owner == os.getpid():
            self.end()


_mine = threading.local()  # a process for each thread, so that threads read side by side


def _child(seconds: float) -> _Child:
    """This thread's process, begun where there is none that serves."""
    kept: _Child | None = getattr(_mine, "child", None)
    if kept is None or kept.owner != os.getpid() or kept.seconds != seconds or kept.process.poll() is not None:
        kept = _mine.child = _Child(seconds)
    return kept


def _ask(page: bytes, seconds: float) -> tuple[str | None, str, dict[str, Any]]:
    """What the process finds; one that dies is tried once more."""
    for _ in range(2):
        try:
            title, text, extra = json.loads(_child(seconds).ask(page))
            return title, text, extra
        except TimeoutError:
            _mine.child.end()
            del _mine.child
            message = f"To find its article took over {seconds:.0f} seconds and was given up. Save its text as .txt."
            raise ReadError("timeout", message) from None
        except (EOFError, OSError):
            _mine.child = None
    raise ReadError("worker_died", "The process that looks for the article died of this page, twice. Save its text as .txt.")


def serve(seconds: float, memory: int) -> None:
    """In the process: answers pages until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for who asked, and with it the pipe closes
    pages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between answers
    import trafilatura  # noqa: F401

    with contextlib.suppress(ImportError, ValueError):  # not on Windows; not over a lower limit that stands already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    _send(answers, b"")
    with contextlib.suppress(EOFError, OSError):
        while True:
            page = _receive(pages)
            if hasattr(signal, "alarm"):
                signal.alarm(int(seconds) + 10)  # ends us also where who asked is no more
            _send(answers, json.dumps(_found(page.decode())).encode())


def _send(stream: BinaryIO | Any, data: bytes) -> None:
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes:
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    data: bytes = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _found(html: str) -> tuple[str | None, str, dict[str, Any]]:
    """The article, or all visible text where the parser would lose some."""
    return _extract(html) or (*visible_text(html), {})


def _extract(html: str) -> tuple[str | None, str, dict[str, Any]] | None:
    """What trafilatura finds (no text where there is no article); None where the parser gave up or broke."""
    from lxml.etree import LxmlError, ParserError  # type: ignore[import-untyped]
    from lxml.html import HTMLParser, document_fromstring  # type: ignore[import-untyped]
    from trafilatura import bare_extraction

    parser = HTMLParser(encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(html.encode(), parser=parser)
        if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            return None
        page = bare_extraction(tree, favor_recall=True, include_comments=False, with_metadata=True)
    except ParserError:  # it holds no element
        return None, "", {}
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, RecursionError):  # what odd trees did to it
        return None
    if page is None or isinstance(page, dict):
        return None, "", {}
    extra = {"date": page.date, "author": page.author, "outlet": page.sitename}
    return page.title or None, page.text or "", {name: value for name, value in extra.items() if value}


# Linear on any input, which html.parser is not (60 KB of "<a " take it 34 s): no repeat runs over a "<".
_TOKEN = re.compile(r"<(?:(!--)|(/?)([A-Za-z][A-Za-z0-9:-]{0,30})[^<>]*>|[!?][^<>]*>)")
_ENDS = {"!--": re.compile("-->"), **{name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title")}}
_FURNITURE = frozenset(["nav", "footer", "aside", "form", "noscript", "template", "svg", "iframe", "select", "button"])
_INLINE = frozenset(
    [
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark"),
        *("q", "s", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    ]
)
_LONG_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")  # int() refuses thousands of digits


def visible_text(html: str) -> tuple[str | None, str]:
    """Title and all text of a page outside scripts, menus and forms, a line for each block."""
    parts: list[str] = []
    opened: list[tuple[str, int]] = []  # furniture that is open: its tag, and how many parts stood before it
    ends = dict(_ENDS)
    title, position = None, 0
    for token in _TOKEN.finditer(html):
        if token.start() < position:  # inside a comment or a script
            continue
        parts.append(html[position : token.start()])
        position = token.end()
        name = token[1] or (token[3] or "").lower()
        if name in ends and not token[2]:
            if (end := ends[name].search(html, position)) is None:
                del ends[name]  # never closed: its content is text, and nobody need search again
                continue
            title = html[position : end.start()] if name == "title" and title is None else title
            position = end.end() if token[1] else end.start()
        elif name in _FURNITURE:
            _open_or_close(name, bool(token[2]), opened, parts)
        if name not in _INLINE:
            parts.append("\n")
    parts.append(html[position:])
    return (_lines(title) or None) if title else None, _lines("".join(parts))


def _open_or_close(name: str, closing: bool, opened: list[tuple[str, int]], parts: list[str]) -> None:
    """Drops the parts of a piece of furniture when it ends; one that never ends keeps them."""
    if not closing:
        opened.append((name, len(parts)))
        return
    for index in range(len(opened) - 1, max(-1, len(opened) - 33), -1):
        if opened[index][0] == name:
            del parts[opened[index][1] :], opened[index:]
            return


def _lines(markup: str) -> str:
    """Entities to characters, blanks to one blank, no empty lines."""
    text = _UNPARSABLE.sub("\ufffd", unescape(_LONG_ENTITY.sub("\ufffd", markup)))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)
