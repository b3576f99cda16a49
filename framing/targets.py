"""Where a target is mentioned: by the caller's words or span, or else the name that the text mentions most."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from framing.errors import InputError
from framing.features import View
from framing.text import NAME_TOKEN, TOKEN, clean

Tokens = tuple[int, int]


def mentions(seen: View, target: str | tuple[int, int] | None, length: int | None = None) -> dict[int, Tokens]:
    """The first mention of the target in each sentence that has one: sentence number to tokens (first, end).

    `length` is that of the caller's text, which a span may not pass.

    Raises
    ------
    InputError
        If the target is neither words nor a span inside the text.
    """
    if target is None:
        return _first(seen, _most_mentioned(seen))
    if isinstance(target, str):
        return _first(seen, _occurrences(seen, target))
    return _first(seen, [_span(seen, target, length)])


def _span(seen: View, span: tuple[int, int], length: int | None) -> Tokens:
    if not (isinstance(span, (tuple, list)) and len(span) == 2 and all(isinstance(n, int) for n in span)):
        raise InputError(f"target must be str or a (start, end) span. Got {span!r:.60}.")
    if length is not None and span[1] > length:
        raise InputError(f"The target span {span!r} ends after the text of {length:,} characters. Give offsets (start, end) into it.")
    low, high = seen.clean.find(*span)
    first, end = bisect_right(seen.ends, low), bisect_left(seen.starts, high)
    if not 0 <= span[0] < span[1] or first >= end:
        raise InputError(f"The target span {span!r} holds no word of the text. Give offsets (start, end) into the text.")
    return first, end


def _occurrences(seen: View, target: str) -> list[Tokens]:
    """Places of the target's words; where there are none, of its last word (a surname)."""
    words = words_of(target)
    if not words:
        raise InputError("target must name somebody or something. Got a blank string.")
    found = list(_places(seen.words, words)) or list(_places(seen.words, words[-1:]))
    full = {sentence_of(seen, place[0]) for place in found}
    again = [p for p in _places(seen.words, words[-1:]) if sentence_of(seen, p[0]) not in full and _capital(seen, p[0])]
    return sorted(found + again)


def words_of(target: str) -> list[str]:
    """The words of a target as a view has them; none of a blank one."""
    return [word.lower().replace("’", "'") for word in TOKEN.findall(clean(target).text)]


def _places(row: Sequence[str], words: Sequence[str]) -> Iterator[Tokens]:
    n = len(words)
    possessive = words[-1] + "'s"
    for k in range(len(row) - n + 1):
        if list(row[k : k + n - 1]) == list(words[:-1]) and row[k + n - 1] in (words[-1], possessive):
            yield k, k + n


def _most_mentioned(seen: View) -> list[Tokens]:
    """Runs of names inside sentences, grouped by their last word; the most frequent, the earliest of equals."""
    runs: dict[str, list[Tokens]] = {}
    names = [k for k, token in enumerate(seen.folded) if token == NAME_TOKEN]
    firsts = [k for before, k in zip([-2, *names], names, strict=False) if k != before + 1]
    lasts = [k for k, after in zip(names, [*names[1:], -2], strict=False) if after != k + 1]
    for first, last in zip(firsts, lasts, strict=True):
        runs.setdefault(seen.words[last].removesuffix("'s"), []).append((first, last + 1))
    if not runs:
        return []
    counts = Counter({name: len(places) for name, places in runs.items()})
    name = max(runs, key=lambda name: (counts[name], -runs[name][0][0]))
    return runs[name]


def _first(seen: View, places: Sequence[Tokens]) -> dict[int, Tokens]:
    first: dict[int, Tokens] = {}
    for place in places:
        first.setdefault(sentence_of(seen, place[0]), place)
    return first


def sentence_of(seen: View, token: int) -> int:
    """The number of the sentence that holds a token."""
    return bisect_right(seen.bounds, token, key=lambda bound: bound[0]) - 1


def _capital(seen: View, token: int) -> bool:
    return seen.surface(token)[:1].isupper()
