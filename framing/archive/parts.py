"""Parts: some hundred inputs in a row, which are scored, written and recorded together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.corpus import Input, Unread
from framing.documents import Document

SIZE = 1000
"""Inputs of a part."""

CHARACTERS = 8_000_000
"""A part ends early where its texts have so many characters, so that no part needs much memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive inputs of a source.

    Attributes
    ----------
    number : int
        Its place, from 0.
    inputs : tuple
        Documents, failures and unread files.
    stamp : str
        Hash of all that its rows depend on in the source: texts, or size and time of files.
    """

    number: int
    inputs: tuple[Input, ...]
    stamp: str


def cut(items: Iterable[Input], size: int = SIZE, kept: Sequence[str] = ()) -> Iterator[Part]:
    """Parts of at most `size` inputs; the same inputs give the same parts."""
    number, held, characters = 0, [], 0
    for item in items:
        held.append(item)
        characters += len(item.text) if isinstance(item, Document) else 0
        if len(held) >= size or characters >= CHARACTERS:
            yield Part(number, tuple(held), stamp(held, kept))
            number, held, characters = number + 1, [], 0
    if held:
        yield Part(number, tuple(held), stamp(held, kept))


def stamp(items: Iterable[Input], kept: Sequence[str] = ()) -> str:
    """The hash of a part's inputs."""
    made = hashlib.blake2b(digest_size=16)
    for item in items:
        text = item.text.encode("utf-8", "surrogatepass") if isinstance(item, Document) else b""
        told = repr((*_told(item, kept), len(text))).encode()  # surrogates are escaped in it
        made.update(b"%d:" % len(told))
        made.update(told)
        made.update(text)
    return made.hexdigest()


def _told(item: Input, kept: Sequence[str]) -> tuple[Any, ...]:
    """What of an input, but its text, shows that it has changed."""
    if isinstance(item, Document):
        return ("text", item.key, item.row, item.title, *[item.extra.get(name) for name in kept])
    if isinstance(item, Unread):
        return ("file", item.key, _state(item.path))
    return ("failure", item.key, item.row, item.reason)


def _state(path: str) -> str:
    """Size and times of a file; a file whose bytes changed has another."""
    try:
        found = Path(path).stat()
    except OSError as error:
        return str(error.errno)
    return f"{found.st_size} {found.st_mtime_ns}"
