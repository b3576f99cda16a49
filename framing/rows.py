"""The rows of a table, one after the other in flat memory: JSON lines, JSON lists, CSV, Parquet."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import itertools
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from framing.documents import decode, decode_named, kind_of, load_json, open_regular, os_failure
from framing.errors import ReadError

KINDS = ("jsonl", "json", "csv", "tsv", "parquet")
"""The kinds of files that hold rows, as `kind_of` names them."""

LINE_LIMIT = 16 << 20
"""Most bytes of a line, and characters of a CSV cell."""

TABLE_LIMIT = 1 << 30
"""Most bytes of what must be read as a whole: a JSON list, UTF-16, the strings that a Parquet file unfolds to."""

Rows: TypeAlias = Iterator[tuple[int, Any]]
"""Number of the row from 0, and its record, or the `ReadError` that it is."""

_SAMPLE = 1 << 16
_BATCH = 256

BATCH_BYTES = 1 << 26
"""Most bytes that a dictionary may unfold to in a batch of Parquet rows."""


def records(path: str) -> Rows:
    """The rows of a table; what is wrong with the file as a whole is raised where it is met."""
    kind, packing = kind_of(path)
    if kind == "json":
        yield from _json_items(path, packing)
        return
    with damage_told(), opened(path, packing) as stream:
        yield from {"jsonl": json_rows, "csv": _csv_rows, "tsv": _tsv_rows, "parquet": _parquet_rows}[kind](stream)


def _json_items(path: str, packing: str) -> Rows:
    """The items of a JSON list, or the one object."""
    with damage_told(), opened(path, packing) as stream:
        value = load_json(_whole(stream))
    yield from enumerate(value if isinstance(value, list) else [value])


def _whole(stream: io.BufferedReader) -> str:
    """The characters of a table that cannot be read line by line."""
    data = stream.read(TABLE_LIMIT + 1)
    if len(data) > TABLE_LIMIT:
        message = f"JSON lists and UTF-16 may have {TABLE_LIMIT:,} bytes, and it has more. Save it as JSON lines in UTF-8."
        raise ReadError("too_large", message)
    return decode(data)


@contextlib.contextmanager
def opened(path: str, packing: str) -> Iterator[io.BufferedReader]:
    """A regular file, unpacked as it is read."""
    with contextlib.ExitStack() as stack:
        raw: Any = stack.enter_context(os.fdopen(open_regular(path), "rb", _SAMPLE))
        if not os.fstat(raw.fileno()).st_size:
            raise ReadError("empty", "The file has no bytes. Leave it out, or fetch it again.")
        if packing == ".gz":  # not buffered once more: that would lose the last good rows of a truncated file
            raw = stack.enter_context(gzip.GzipFile(fileobj=raw))
        elif packing == ".zst":
            import pyarrow as pa

            raw = io.BufferedReader(stack.enter_context(pa.input_stream(raw, compression="zstd")), 1 << 13)
        yield raw


@contextlib.contextmanager
def damage_told() -> Iterator[None]:
    """What gzip, zstd and the system say while reading, as `ReadError`."""
    try:
        yield
    except EOFError:
        raise ReadError("truncated", "The packed data end too early; the rows before were read. Fetch the file again.") from None
    except (OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno:
            raise os_failure(error) from None
        reason = "truncated" if "runcated" in str(error) else "corrupt"
        raise ReadError(reason, f"The packed data are damaged ({error}); the rows before were read. Fetch the file again.") from None


def _lines(stream: io.BufferedReader) -> Iterator[tuple[int, str | ReadError]]:
    """Byte offset and text of each line. Only a line feed ends a line, so U+2028 and U+0085 are no row breaks."""
    sample = stream.peek(_SAMPLE)[:_SAMPLE]
    codec, source, offset = _codec(sample), stream, 0
    if codec.startswith(("utf-16", "utf-32")):  # their line feeds are not a single byte
        source, codec = io.BufferedReader(io.BytesIO(_whole(stream).encode())), "utf-8"
    while line := source.readline(LINE_LIMIT + 1):
        start, offset = offset, offset + len(line)
        if len(line) <= LINE_LIMIT:
            yield start, _characters(line, codec).removeprefix("\ufeff" if start == 0 else "")
            continue
        while line and not line.endswith(b"\n"):  # forgotten piece by piece: a line of any length takes no memory
            line = source.readline(_SAMPLE)
            offset += len(line)
        yield start, ReadError("line_too_long", f"The line at byte {start} has over {LINE_LIMIT:,} bytes. Split it, or leave it out.")


def _codec(sample: bytes) -> str:
    """The codec of a file of lines, told from its beginning, of which the last character may be cut."""
    if b"\x00" in sample[:1024]:
        return decode_named(sample[: len(sample) // 4 * 4])[1]
    return decode_named(re.sub(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z", b"", sample) or sample)[1]


def _characters(line: bytes, codec: str) -> str:
    """A line as UTF-8, else in the file's own codec, where what cannot be read becomes U+FFFD."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252" if codec == "utf-8" else codec, "replace")


def json_rows(stream: io.BufferedReader) -> Rows:
    """The objects of JSON lines in an open stream; blank lines are no rows."""
    numbered = enumerate(_lines(stream), 1)
    filled = ((number, offset, line) for number, (offset, line) in numbered if isinstance(line, ReadError) or not line.isspace())
    for row, (number, offset, line) in enumerate(filled):
        yield row, line if isinstance(line, ReadError) else _json_record(line, number, offset)


def _json_record(line: str, number: int, offset: int) -> Any:
    try:
        return load_json(line)
    except ReadError as error:
        return ReadError("bad_json", f"Line {number}, which begins at byte {offset}: {error}")


def _tsv_rows(stream: io.BufferedReader) -> Rows:
    return _csv_rows(stream, "\t")


def _csv_rows(stream: io.BufferedReader, delimiter: str | None = None) -> Rows:
    """The rows of a CSV file as dicts of strings; the first line names the columns and shows the delimiter."""
    csv.field_size_limit(LINE_LIMIT)  # of the whole process; its default of 128 KiB is less than a long article
    # A line too long is handed on as a cell too long: the parser refuses its row, wherever in it the line stands.
    lines = ("x" * (LINE_LIMIT + 1) if isinstance(line, ReadError) else line for _, line in _lines(stream))
    first = next(lines)
    reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter or max(",;\t|", key=first.count), strict=True)
    header = _csv_cells(reader)
    if not isinstance(header, list):
        raise header or ReadError("empty", "The file has no line with the names of its columns. Add one.")
    names, row = apart([name.strip() for name in header]), 0
    while (cells := _csv_cells(reader)) is not None:
        if cells != []:  # an empty line is no row
            yield row, cells if isinstance(cells, ReadError) else _csv_record(names, cells, reader.line_num)
            row += 1


def apart(names: Iterable[str]) -> list[str]:
    """Names of columns; one that comes again is named as pandas does: text, text.1."""
    made: dict[str, int] = {}
    for name in names:
        told = name
        while told in made:
            made[name] += 1
            told = f"{name}.{made[name]}"
        made[told] = 0
    return list(made)


def _csv_cells(reader: Any) -> list[str] | ReadError | None:
    """The cells of the next row, or why it is none; None at the end."""
    try:
        return next(reader, None)
    except csv.Error as error:  # the parser goes on after it
        reason = "line_too_long" if "field larger" in str(error) else "bad_row"
        return ReadError(reason, f"The row that ends at line {reader.line_num} is no CSV: {error}. Mend its quotes.")


def _csv_record(header: list[str], cells: list[str], line: int) -> dict[str, str | None] | ReadError:
    """Cells by name; cells that lack at the end are None, cells too many are refused: a text has been cut at its commas."""
    if any(cells[len(header) :]):
        message = f"The row that ends at line {line} has {len(cells)} cells, the header {len(header)}. Quote texts that hold the delimiter."
        return ReadError("bad_row", message)
    return dict(itertools.zip_longest(header, cells[: len(header)]))


def _parquet_rows(stream: io.BufferedReader) -> Rows:
    """The rows of a Parquet file, so few at a time that a small file with large strings in its dictionary cannot fill the memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = itertools.count()
    try:
        file = checked_parquet(stream)
        few = max(1, min(_BATCH, BATCH_BYTES // max(1, _largest_dictionary(stream, file))))
        for batch in pq.ParquetFile(stream, metadata=file.metadata).iter_batches(batch_size=few):
            for record in _parquet_records(batch):
                yield next(rows), record
    except pa.ArrowException as error:
        raise ReadError("corrupt", f"The Parquet data are damaged ({error}). Fetch the file again.") from None


def _largest_dictionary(stream: io.BufferedReader, file: Any) -> int:
    """Most bytes of a dictionary, of which every row of a batch may repeat the longest string."""
    parts = (file.metadata.row_group(i).column(j) for i in range(_sound_groups(file)) for j in range(file.metadata.num_columns))
    return max((_dictionary_bytes(stream, part) for part in parts if any("DICT" in name for name in part.encodings)), default=0)


def _sound_groups(file: Any) -> int:
    """How many row groups stand before the first that is damaged: to ask for the columns of a damaged one ends the process (pyarrow 26)."""
    import pyarrow as pa

    for group in range(file.num_row_groups):
        try:
            next(file.iter_batches(batch_size=1, row_groups=[group]), None)
        except pa.ArrowException:
            return group
    return int(file.num_row_groups)


def _dictionary_bytes(stream: io.BufferedReader, part: Any) -> int:
    """Bytes of an unpacked dictionary: the second number of its page's header (Thrift, compact), after the page's kind."""
    if not part.has_dictionary_page:
        return int(part.total_uncompressed_size)
    stream.seek(part.dictionary_page_offset)
    head, numbers = stream.read(12), []
    for _ in range(2):
        digits = list(itertools.takewhile(lambda byte: byte & 0x80, head[1:]))
        numbers.append(sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head[1 : len(digits) + 2])) >> 1)
        head = head[len(digits) + 2 :]
    return numbers[1]


def _parquet_records(batch: Any) -> list[dict[str, Any] | ReadError]:
    """The rows of a batch; one by one where a string among them is damaged."""
    names = apart(batch.schema.names)
    try:
        return [dict(zip(names, cells, strict=True)) for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
    except UnicodeDecodeError:
        return [_parquet_record(names, cells) for cells in zip(*batch.columns, strict=True)]


def _parquet_record(names: list[str], cells: Iterable[Any]) -> dict[str, Any] | ReadError:
    try:
        return {name: cell.as_py() for name, cell in zip(names, cells, strict=True)}
    except UnicodeDecodeError:
        return ReadError("undecodable", "A string of this row is not UTF-8, as Parquet wants it. Write the file again.")


def open_parquet(stream: io.BufferedReader) -> Any:
    """An open ParquetFile whose strings are read as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = checked_parquet(stream)
    strings = [field.name for field in file.schema_arrow if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    return pq.ParquetFile(stream, metadata=file.metadata, read_dictionary=strings)


def checked_parquet(stream: io.BufferedReader) -> Any:
    """An open ParquetFile that does not unfold without bound."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    groups = [file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)]
    packed = os.fstat(stream.fileno()).st_size
    if sum(groups) > max(1 << 28, 1000 * packed):
        raise ReadError("too_large", f"{packed:,} bytes unfold to {sum(groups):,}, a thousand times as many. Write the file anew.")
    return file


def is_one_object(path: str) -> bool:
    """Whether a JSON file holds one object, by its first character: such a file is a document, not a table."""
    kind, packing = kind_of(path)
    if kind != "json":
        return False
    with damage_told(), opened(path, packing) as stream:
        return stream.peek(_SAMPLE)[:_SAMPLE].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
