"""The article in a web page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from framing.errors import ReadError

_CHARSET = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{2,40})")
_UNPARSABLE = re.compile("[\x00\ud800-\udfff]")


def declared_charset(data: bytes) -> str | None:
    """The charset that a page names at its beginning."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode() if found else None


def article(html: str) -> tuple[str | None, str, dict[str, Any]]:
    """The article of a page.

    Parameters
    ----------
    html : str
        The page. Nothing that it refers to is fetched; its entities become characters and no more.

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
        Reason `no_article`.
    """
    html = _UNPARSABLE.sub("\ufffd", html)
    found = _extract(html) or (*visible_text(html), {})
    if not found[1].strip():
        raise ReadError("no_article", "No article was found in the page. Save its text as .txt if there is one.")
    return found


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
