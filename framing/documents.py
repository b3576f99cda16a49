"""One document: the bytes of a file, its characters, its text and title."""

from __future__ import annotations

import codecs
import contextlib
import errno
import functools
import gzip
import io
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from framing.errors import ReadError
from framing.inert import UNSAFE

LIMIT = 64 << 20
"""Most bytes of one document, packed and unpacked."""

DEFAULT_COLUMNS = {
    "text": ("text", "body", "content", "article", "maintext", "sentence"),
    "title": ("title", "headline"),
    "key": ("key", "id", "url", "doc"),
}
"""Names of columns that are looked for, in this order, where the caller names none."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to classify.

    Attributes
    ----------
    key : str
        Its name in the source: the relative path, the id, or the number of the row.
    title : str or None
        The headline, where it can be told. In a plain text it also stays in `text`.
    text : str
        What is classified; every offset of an analysis is an index into it.
    extra : dict of str to Any
        The other columns of the row (outlet, date, label), or what a page says of itself.
    row : int
        Number of the row in its file, from 0. Together, `key` and `row` are unique in a source.
    """

    key: str
    title: str | None
    text: str
    extra: dict[str, Any] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that gives no text: the `reason` is a word of the quarantine list, the `message` says what to do."""

    key: str
    reason: str
    message: str
    row: int = 0


def apart(title: str | None, text: str) -> str | None:
    """The headline, where it does not stand at the head of the text as well and would be read twice."""
    return None if title is None or text.lstrip().startswith(title) else title


class Columns(NamedTuple):
    """The names of the columns that hold the text, the title and the key; None: look for `DEFAULT_COLUMNS`."""

    text: str | None = None
    title: str | None = None
    key: str | None = None


ANY_COLUMNS = Columns()


# ---- bytes ----------------------------------------------------------------------------------------------------------

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_OS_REASONS = {
    errno.ENOENT: ("vanished", "The file is not there (any more). Check the path, or run again if it was moved meanwhile."),
    errno.ENOTDIR: ("vanished", "A folder of the path is not there (any more). Check the path."),
    errno.ELOOP: ("not_a_file", "The link leads in a circle. Remove it or point it at a file."),
    errno.EISDIR: ("not_a_file", "It is a folder. Name a file, or read the folder with framing.corpus.documents."),
    errno.ENXIO: ("not_a_file", "It is a socket or a device. Only regular files are read."),
}


def os_failure(error: OSError) -> ReadError:
    """The `ReadError` for what the system said."""
    other = ("unreadable", f"The system refused to read it: {error.strerror}. Check its permissions.")
    return ReadError(*_OS_REASONS.get(error.errno or 0, other))


def open_regular(path: str | os.PathLike[str]) -> int:
    """A file descriptor of a regular file; a FIFO or device is refused without waiting for it."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        raise os_failure(error) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReadError("not_a_file", "It is a folder, a pipe or a device. Only regular files are read.")
    return descriptor


def read_bytes(path: str | os.PathLike[str], limit: int = LIMIT) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; else `ReadError`."""
    descriptor = open_regular(path)
    try:
        if (size := os.fstat(descriptor).st_size) > limit:
            raise _too_large(limit)
        data = os.read(descriptor, size + 1)
        while len(data) <= limit and (more := os.read(descriptor, 1 << 20)):  # it grew, or the system reads in pieces
            data += more
    except OSError as error:
        raise os_failure(error) from None
    finally:
        os.close(descriptor)
    return _within(data, limit)


def unpack(data: bytes, limit: int = LIMIT) -> bytes:
    """The content of gzipped bytes, at most `limit` of them."""
    try:
        return _within(gzip.GzipFile(fileobj=io.BytesIO(data)).read(limit + 1), limit)
    except EOFError:
        raise ReadError("truncated", "The gzip data ends too early. Fetch the file again.") from None
    except (OSError, zlib.error) as error:
        raise ReadError("corrupt", f"The gzip data are damaged ({error}). Fetch the file again.") from None


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _too_large(limit: int) -> ReadError:
    return ReadError("too_large", f"A document may have {limit:,} bytes, and it has more. Split it, or make it a table of rows.")


# ---- characters -----------------------------------------------------------------------------------------------------

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xfd7zXZ\x00", b"(\xb5/\xfd"),
    *(b"\x7fELF", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"SQLite format 3\x00", b"{\\rtf", b"\xca\xfe\xba\xbe", b"%!PS-Adobe", b"OggS\x00"),
)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r") + b"\x7f"
_HIGH = bytes(range(0x80, 0x100))
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
_NO_CHARSET = re.compile(r"utf|idna|punycode|unicode|undefined|mbcs|oem|palmos")

# Punctuation of cp1252 that stands beside letters in good text: quotes, dashes, nbsp, soft hyphen, guillemets, middle dot ...
_BESIDE_LETTERS = b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa9\xab\xad\xae\xb0\xb7\xbb"
_PUNCTUATION = bytes(32 if code in _BESIDE_LETTERS else code for code in range(256))
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_SYMBOL_IN_WORD = re.compile(rb"(?<=[A-Za-z\xc0-\xff])[\xa1-\xbf](?=[A-Za-z\xc0-\xff])")


def decode(data: bytes, declared: str | None = None) -> str:
    """The characters of a text file.

    Parameters
    ----------
    data : bytes
        The whole file.
    declared : str, optional
        The charset that the file or its sender names.

    Returns
    -------
    str
        By its byte order mark (dropped), else UTF-16 by the pattern of its NULs, else UTF-8 (also with a few broken
        places, which become U+FFFD), else the declared charset, else cp1252 where the bytes look like Western
        words, else what charset-normalizer detects.

    Raises
    ------
    ReadError
        Reasons `empty`, `binary`, `undecodable`.
    """
    return decode_named(data, declared)[0]


def decode_named(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """`decode` with the name of the codec that did it."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _checked(_strictly(data, codec)), codec
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\x00" in data and (order := _utf16(data)):
        return _checked(_strictly(data, order)), order
    if declared and b"\x1b" in data and (found := _try_declared(data, declared)):  # ISO-2022: its bytes are UTF-8 too
        return found
    refuse_binary(data)
    try:
        return _not_blank(data.decode()), "utf-8"
    except UnicodeDecodeError:
        text, codec = _not_utf8(data, declared)
        return _not_blank(text), codec


def refuse_binary(data: bytes) -> None:
    """`ReadError('binary')` for bytes of a known file type, or where over 1 in 50 is a control character."""
    if data.startswith(_MAGIC) or 50 * (len(data) - len(data.translate(None, _CONTROLS))) > len(data):
        raise ReadError("binary", "It is no text: it begins as other file types do, or is full of control characters. Export it as text.")


def _not_blank(text: str) -> str:
    if not text or text.isspace():
        raise ReadError("empty", "There is no text in it. Leave it out, or fetch it again.")
    return text


def _checked(text: str) -> str:
    """Text decoded from wide characters, where control characters show a wrong guess."""
    refuse_binary(text.encode())
    return _not_blank(text)


def _strictly(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise ReadError("undecodable", f"It is marked as {codec}, but that fails at byte {error.start}. Save it as UTF-8.") from None


def _utf16(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: its spaces and Latin letters have all their NULs on one side."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) < max(2, len(data) // 16, 20 * min(even, odd)):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _not_utf8(data: bytes, declared: str | None) -> tuple[str, str]:
    """Legacy charsets, and UTF-8 with broken places."""
    text = data.decode(errors="replace")
    wide = len(text) - len(data.translate(None, _HIGH))
    if wide > 2 * (text.count("\ufffd") - data.count(b"\xef\xbf\xbd")):  # most sequences are good UTF-8: no legacy text is like that
        return text, "utf-8"
    if declared and (found := _try_declared(data, declared)):
        return found
    if _looks_western(data[: 1 << 20]):
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            pass
    return _detected(data)


def _try_declared(data: bytes, declared: str) -> tuple[str, str] | None:
    """The text in the declared charset, read as the wider one that browsers take for it; None if that fails."""
    try:
        codec = codecs.lookup(declared.strip()).name
        if _NO_CHARSET.match(codec):
            return None
        codec = _WIDER.get(codec, codec)
        return data.decode(codec), codec
    except (LookupError, ValueError):  # no such codec, or not a codec of text; UnicodeDecodeError is a ValueError
        return None


def _looks_western(data: bytes) -> bool:
    """False where cp1252 would mangle: its letters fill whole words (Cyrillic, Chinese), or signs stand inside words (Polish)."""
    data = data.translate(_PUNCTUATION)
    high = len(data) - len(data.translate(None, _HIGH))
    strange = sum(map(len, _RUN.findall(data))) + len(_SYMBOL_IN_WORD.findall(data))
    return 4 * strange <= high


def _detected(data: bytes) -> tuple[str, str]:
    """What charset-normalizer finds in the first part, if the whole then decodes."""
    from charset_normalizer import from_bytes

    sample = data[: 1 << 17]
    best = from_bytes(sample[: sample.rfind(b"\n") + 1] or sample).best()
    if best is not None:
        try:
            return data.decode(best.encoding), best.encoding
        except UnicodeDecodeError:
            pass
    raise ReadError("undecodable", "Its charset could not be told. Save it as UTF-8.")


# ---- formats --------------------------------------------------------------------------------------------------------

_KINDS = {
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xml"), "html"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **{".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"},
}


def kind_of(name: str) -> tuple[str, str]:
    """The kind of a file (text, html, markdown, json, jsonl, csv, tsv, parquet) and its packing ("", ".gz", ".zst"), by its name."""
    name = name.lower()
    packing = name[name.rfind(".") :] if name.endswith((".gz", ".zst")) else ""
    name = name.removesuffix(packing)
    return _KINDS.get(name[name.rfind(".") :], "text"), packing


def read_document(path: str | os.PathLike[str], key: str | None = None, limit: int = LIMIT) -> Document:
    """The document in a file: .txt, .md, .html, .json with a text field, or one of these with .gz; any other ending is read as plain text.

    Parameters
    ----------
    path : path
        A regular file.
    key : str, optional
        The document's key; the path as given if None.
    limit : int
        Most bytes, packed and unpacked.

    Raises
    ------
    ReadError
        Reasons vanished, unreadable, not_a_file, too_large, truncated, corrupt, binary, empty, undecodable,
        no_article, bad_json, no_text.
    """
    name = os.fspath(path)
    return parse_document(read_bytes(path, limit), name, escape(name) if key is None else key, limit)


def parse_document(data: bytes, name: str, key: str, limit: int = LIMIT) -> Document:
    """The document in the bytes of a file called `name`; its ending tells the format."""
    kind, packing = kind_of(name)
    if packing == ".gz":
        data = unpack(data, limit)
    if kind == "html":
        from framing.webpage import article, declared_charset

        return Document(key, *article(decode(data, declared_charset(data))))
    text = decode(data)
    if kind == "markdown":
        return Document(key, *_plain_markdown(text))
    if kind == "json":
        return _one_record(text, key)
    headline = _HEADLINE.match(text)
    return Document(key, headline[1].rstrip() if headline else None, text)


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Puts the path before the message of a `ReadError`, for files that were named one by one."""
    try:
        yield
    except ReadError as error:
        raise ReadError(error.reason, f"{escape(path)}: {error}") from None


def escape(name: str) -> str:
    r"""A file name as one line that any encoding can carry: backslashes, and bytes that are not UTF-8 or not for print, become `\xNN`."""
    if name.isascii() and name.isprintable() and "\\" not in name:
        return name
    if os.name == "nt":
        name = name.replace("\\", "/")
    name = os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")
    return UNSAFE.sub(_as_bytes, name).replace("\n", "\\x0a")


def _as_bytes(found: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in found[0].encode("utf-8", "surrogatepass"))


# A first line of at most 200 characters that does not end like a sentence, then an empty line, then text.
_HEADLINE = re.compile(r"\s*(\S[^\r\n]{0,198}(?<![.,;:\s]))[ \t]*\r?\n[ \t]*\r?\n(?=\s*\S)")

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:([^\r\n]*)\r?$", re.MULTILINE)
_HEADING = re.compile(r"\s*#{1,6}[ \t]++([^\r\n]*[^\s#])")
_MARKDOWN = (  # each is linear: every repeat ends at the sign that would begin another match
    (re.compile(r"^ {0,3}(?:```|~~~)[^\r\n]*|^[ \t]*[-=*_]{3,}[ \t]*$", re.MULTILINE), ""),  # fences, rules, underlines of headings
    (re.compile(r"^ {0,3}\[[^\[\]\r\n]+\]:[ \t]*\S+[^\r\n]*", re.MULTILINE), ""),  # where reference links lead
    (re.compile(r"^ {0,3}(?:#{1,6}[ \t]+|>[ \t]?)+", re.MULTILINE), ""),
    (re.compile(r"(?<=\S)[ \t]#+[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\[\]]*)\](?:\([^()\r\n]*\)|\[[^\[\]\r\n]*\])"), r"\1"),
    (re.compile(r"<(https?://[^\s<>]+)>"), r"\1"),
    (re.compile(r"(?<!`)`{1,3}([^`]+)`{1,3}(?!`)"), r"\1"),
    (re.compile(r"(\*{1,3})(?=[^\s*])([^*]+)(?<=[^\s*])\1"), r"\2"),
    (re.compile(r"(\*{1,3})(?=[^\s*])([^*]+)(?<=[^\s*])\1"), r"\2"),  # once more, for emphasis inside emphasis
    (re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_]+)(?<=[^\s_])\1(?!\w)"), r"\2"),
)


def _plain_markdown(text: str) -> tuple[str | None, str]:
    """Title and words of a Markdown text, its marks taken away."""
    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    named = _FRONT_TITLE.search(front[1]) if front else None
    heading = _HEADING.match(body)
    for pattern, replacement in _MARKDOWN:
        body = pattern.sub(replacement, body)
    title = _unquoted(named[1].strip(" \t")) if named else heading[1] if heading else None
    return title or None, _not_blank(body)


def _unquoted(title: str) -> str:
    """A title without a quotation mark at either end."""
    title = title[1:] if title[:1] in ("'", '"') else title
    return title[:-1] if title[-1:] in ("'", '"') else title


def load_json(text: str) -> Any:
    """`json.loads`, with every way to fail as `ReadError('bad_json')`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ReadError("bad_json", f"It is no JSON: {error}. Mend it there.") from None
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, thousands of brackets
        raise ReadError("bad_json", f"It is JSON beyond reason: {error}.") from None


def _one_record(text: str, key: str) -> Document:
    """The document in an object with a text field, or in a list of one such."""
    value = load_json(text)
    if isinstance(value, list) and len(value) != 1:
        raise ReadError("no_text", f"It is a list of {len(value)} items, not one document. Read it with framing.corpus.documents.")
    result = from_record(value[0] if isinstance(value, list) else value, 0)
    if isinstance(result, Failure):
        raise ReadError(result.reason, result.message)
    return Document(key, result.title, result.text, result.extra)


def from_record(record: Any, row: int, columns: Columns = ANY_COLUMNS) -> Document | Failure:
    """The document in row number `row` of a table; Failure `no_text` where it has no string of text."""
    if not isinstance(record, Mapping):
        return Failure(str(row), "no_text", f"A row must be an object with a text field, got {type(record).__name__}.", row)
    found = _find(tuple(record), columns)
    text, title, key = (None if name is None else record[name] for name in found)
    key = str(key) if isinstance(key, (str, int)) and key != "" else str(row)
    if not isinstance(text, str):
        looked_for = columns.text or ", ".join(DEFAULT_COLUMNS["text"])
        got = f"the columns {', '.join(map(str, record))[:200]}" if found.text is None else f"{type(text).__name__} in {found.text}"
        return Failure(key, "no_text", f"The text must be a string in {looked_for}. Got {got}. Name its column.", row)
    extra = {name: value for name, value in record.items() if name not in found}
    return Document(key, title if isinstance(title, str) and title else None, text, extra, row)


@functools.lru_cache(maxsize=64)
def _find(names: tuple[str, ...], columns: Columns) -> Columns:
    """Which of the names hold the text, the title and the key: those asked for, or the first default, whatever its case."""
    by_lower = {str(name).lower(): name for name in reversed(names)}
    asked = (given if given in names else None for given in columns)
    default = (next((by_lower[name] for name in DEFAULT_COLUMNS[field] if name in by_lower), None) for field in Columns._fields)
    return Columns(*(a if given is not None else d for given, a, d in zip(columns, asked, default, strict=True)))
