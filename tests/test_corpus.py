"""The readers of documents and tables; numbers are those of the catalogue of bad inputs."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import json
import os
import re
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import framing.rows
from framing.corpus import check_writable, documents, read_table, replacing, walk, write_table
from framing.documents import Document, Failure, decode, escape, parse_document, read_document
from framing.errors import FramingError, InputError, OutputError, ReadError
from framing.inert import UNSAFE
from framing.webpage import article, visible_text

FILES = Path(__file__).parent / "files"
PAGE = (FILES / "article.html").read_text(encoding="utf-8")
WESTERN = "L’été dernier, le président a déclaré que la réforme était « très » nécessaire — “yes”—“no”. "
RUSSIAN = "Президент заявил, что новый закон вступит в силу в январе. Газеты пишут об этом много, и читатели спорят. "
JAPANESE = "大統領は、新しい法律が一月に施行されると述べた。新聞はこれについて多くを書いている。"
POLISH = "Żółw ściął łąkę, a książę pojechał do Łodzi, gdzie sędzia ogłosił wyrok w głośnej sprawie. "


def reason(call, *arguments, **options) -> str:
    """The reason of the ReadError that a call raises."""
    with pytest.raises(ReadError) as caught:
        call(*arguments, **options)
    assert len(str(caught.value)) > 20
    return caught.value.reason


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def outcomes(results) -> list[tuple[str, str]]:
    """(key, text or reason) of each result."""
    return [(r.key, r.text if isinstance(r, Document) else r.reason) for r in results]


# ---- characters


def test_bad_input_09_byte_order_mark_is_dropped():
    assert decode(codecs.BOM_UTF8 + "Café".encode()) == "Café"


@pytest.mark.parametrize("data", [b"caf\xe9 \x93yes\x94", "café “yes”".encode("cp1252")])
def test_bad_input_21_invalid_utf8_is_cp1252(data):
    assert decode(data) == "café “yes”"


def test_bad_input_21_declared_charset_comes_first():
    assert decode("дом и сад".encode("koi8-r"), "koi8-r") == "дом и сад"
    assert decode("“yes” ".encode("cp1252"), "iso-8859-1") == "“yes” "  # as browsers read it
    assert decode(JAPANESE.encode("iso2022_jp"), "iso-2022-jp") == JAPANESE
    assert decode("Café".encode(), "cp1251") == "Café"  # valid UTF-8 is UTF-8, whatever the page says


@pytest.mark.parametrize("declared", ["", "no-such", "hex", "rot13", "idna", "undefined", "utf-7", "unicode_escape", "a\x00b", "é", "../x"])
def test_bad_input_21_nonsense_charsets_are_passed_over(declared):
    assert decode(b"caf\xe9 noir", declared) == "café noir"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *((RUSSIAN * 4, codec) for codec in ("cp1251", "koi8-r", "cp866", "iso8859-5")),
        *((JAPANESE * 4, codec) for codec in ("cp932", "euc_jp")),
        (POLISH * 4, "cp1250"),
        *((WESTERN * n, "cp1252") for n in (1, 9)),
    ],
)
def test_bad_input_21_legacy_text_is_not_mangled(text, codec):
    assert decode(text.encode(codec)) == text


def test_bad_input_21_undecodable():
    assert reason(decode, bytes(range(128, 256)) * 3) == "undecodable"
    assert reason(decode, codecs.BOM_UTF16_LE + "Hello there".encode("utf-16-le") + b"\x00\xd8") == "undecodable"


def test_bad_input_21_a_broken_byte_does_not_make_utf8_mojibake():
    assert decode(("It’s “so”. " * 3).encode() + b"\xff end") == "It’s “so”. " * 3 + "\ufffd end"
    assert decode(("It’s “so”. " * 3).encode() + "’".encode()[:2]) == "It’s “so”. " * 3 + "\ufffd"


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["The plan may “work”.\r\nIt might not. 🙂", RUSSIAN])
def test_bad_input_22_utf16(codec, text):
    assert decode(text.encode(codec)) == text


def test_bad_input_22_utf16_big_endian_mark():
    assert decode(codecs.BOM_UTF16_BE + "Café".encode("utf-16-be")) == "Café"


@pytest.mark.parametrize("data", [b"", b" \r\n\t ", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, "\u3000\u2003".encode()])
def test_bad_input_23_zero_bytes_and_blank(data):
    assert reason(decode, data) == "empty"


@pytest.mark.parametrize(
    "data",
    [
        *(b"%PDF-1.7 hello", b"PK\x03\x04abc", b"\x89PNG\r\n", b"{\\rtf1 hi}", gzip.compress(b"hello", mtime=0), bytes(1000)),
        *(bytes(range(256)) * 4, b"\x00\x01\x02\x03" * 99, b"word\x01\x02 " * 9),
    ],
)
def test_bad_input_37_binary(data):
    assert reason(decode, data) == "binary"


def test_bad_input_37_a_stray_control_character_is_no_binary():
    assert decode(b"The plan may work. " * 9 + b"\x00\x0c") == "The plan may work. " * 9 + "\x00\x0c"


@given(st.text().filter(lambda text: text.strip() and "\x00" not in text))
def test_utf8_is_read_to_the_letter(text):
    try:
        assert decode(text.encode()) == text.removeprefix("\ufeff")
    except ReadError as error:
        assert error.reason in ("binary", "empty", "undecodable")


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.json", "a.txt.gz"]))
@settings(max_examples=200, deadline=None)
def test_bytes_give_a_document_or_a_read_error(data, name):
    with contextlib.suppress(ReadError):
        assert parse_document(data, name, "k").text.strip()


# ---- one document


def test_plain_text_keeps_every_character(tmp_path):
    data = b"\r\n  Council delays vote \r\n\r\nIt may rain.\r\n\r\n"
    document = read_document(put(tmp_path / "a.txt", data), key="k")
    assert document == Document("k", "Council delays vote", data.decode())


@pytest.mark.parametrize(
    "text",
    [
        "It rained.\n\nIt may rain.",
        "A headline\nTuesday\n\nText.",
        "word " * 60 + "\n\nText.",
        "Only a line",
        "A line\n\n  \n",
        "As he said:\n\nText.",
    ],
)
def test_plain_text_without_a_headline_has_no_title(text):
    assert parse_document(text.encode(), "a.txt", "k").title is None


def test_unknown_endings_are_plain_text():
    assert parse_document(b"It may rain.", "article.story", "k").text == "It may rain."


def test_markdown_is_words():
    source = """---
title: "The *plan*"
---
# Ferry **plan** #

It [may](http://x.y/a "t") *work*, **or *not***; see `code`, <https://a.b> and ![a map](m.png).

> Quoted_word_here and __strong__ 2 * 3 * 4.

```python
x = 1
```
Next[^1] line, [ref][r].

[r]: http://z.z
"""
    document = parse_document(source.encode(), "a.md", "k")
    assert document.title == "The *plan*"
    assert document.text.split("\n") == [
        *("Ferry plan", "", "It may work, or not; see code, https://a.b and a map.", "", "Quoted_word_here and strong 2 * 3 * 4.", ""),
        *("", "x = 1", "", "Next[^1] line, ref.", "", "", ""),
    ]


def test_markdown_title_is_the_first_heading():
    assert parse_document(b"\n## The plan ##\n\nIt may work.", "a.markdown", "k").title == "The plan"
    assert parse_document(b"It may work.\n\n# Later\n", "a.md", "k").title is None


def test_json_document(tmp_path):
    record = {"headline": "T", "body": "It may rain.", "outlet": "Post"}
    for name, value in (("a.json", record), ("b.json", [record])):
        document = read_document(put(tmp_path / name, json.dumps(value)), key="k")
        assert document == Document("k", "T", "It may rain.", {"outlet": "Post"})
    assert reason(parse_document, b'{"n": 1}', "a.json", "k") == "no_text"
    assert reason(parse_document, b'[{"text": "a"}, {"text": "b"}]', "a.json", "k") == "no_text"
    for bad in (b"{", b"[" * 100_000, b"1" * 5000):
        assert reason(parse_document, bad, "a.json", "k") == "bad_json"


def test_gzipped_documents(tmp_path):
    assert read_document(put(tmp_path / "a.txt.gz", gzip.compress(b"It may rain."))).text == "It may rain."
    assert "ferry" in read_document(put(tmp_path / "a.html.gz", gzip.compress(PAGE.encode()))).text
    assert reason(parse_document, gzip.compress(b"a" * 2000), "a.txt.gz", "k", 1000) == "too_large"  # a bomb is not unfolded
    assert reason(parse_document, b"no gzip", "a.txt.gz", "k") == "corrupt"


def test_bad_input_43_truncated_gzip_document():
    assert reason(parse_document, gzip.compress(os.urandom(999).hex().encode())[:-99], "a.txt.gz", "k") == "truncated"


def test_too_large(tmp_path):
    path = put(tmp_path / "a.txt", b"a" * 1001)
    assert reason(read_document, path, limit=1000) == "too_large"
    assert read_document(path, limit=1001).text == "a" * 1001


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_bad_input_24_no_permission(tmp_path):
    path = put(tmp_path / "a.txt", "text")
    path.chmod(0)
    assert reason(read_document, path) == "unreadable"


def test_bad_input_24_what_the_system_refuses(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    put(tmp_path / "a.txt", "text")
    monkeypatch.setattr("framing.documents.os.open", refuse)
    assert reason(read_document, tmp_path / "a.txt") == "unreadable"
    assert outcomes(documents(tmp_path)) == [("a.txt", "unreadable")]


def test_bad_input_25_vanished(tmp_path):
    assert reason(read_document, tmp_path / "a.txt") == "vanished"
    put(tmp_path / "a.txt", "It may.")
    put(tmp_path / "b.txt", "It may.")
    found = documents(tmp_path)
    first = next(found)
    (tmp_path / "b.txt").unlink()
    assert outcomes([first, *found]) == [("a.txt", "It may."), ("b.txt", "vanished")]
    assert reason(documents, tmp_path / "none") == "vanished"


def test_bad_input_26_symlink_loops_and_escapes(tmp_path):
    put(tmp_path / "out" / "secret.txt", "Secret.")
    root = tmp_path / "in"
    put(root / "sub" / "a.txt", "It may.")
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to("..", target_is_directory=True)
    (root / "sub" / "again").symlink_to("..", target_is_directory=True)
    (root / "same.txt").symlink_to("sub/a.txt")
    (root / "secret.txt").symlink_to("../out/secret.txt")
    (root / "gone.txt").symlink_to("nothing.txt")
    assert outcomes(documents(root)) == [
        *(("gone.txt", "vanished"), ("loop", "not_a_file"), ("same.txt", "It may."), ("secret.txt", "not_a_file")),
        *(("sub/a.txt", "It may."), ("up", "not_a_file")),
    ]


def test_bad_input_27_fifo_and_device_do_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "rows.jsonl")
    start = time.monotonic()
    assert outcomes(documents(tmp_path)) == [("pipe.txt", "not_a_file"), ("rows.jsonl", "not_a_file")]
    assert reason(read_document, "/dev/zero") == "not_a_file"
    assert reason(read_document, tmp_path) == "not_a_file"
    assert reason(read_table, tmp_path / "rows.jsonl") == "not_a_file"
    assert time.monotonic() - start < 5


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names there are always Unicode")
def test_bad_input_28_file_name_that_is_not_utf8(tmp_path):
    names = [b"caf\xe9.txt", b"caf\\xe9.txt", "café.txt".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("It may.")
    keys = [d.key for d in documents(tmp_path)]
    assert keys == sorted(["caf\\xe9.txt", "caf\\x5cxe9.txt", "café.txt"])
    back = {re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), key.encode()) for key in keys}
    assert back == set(names)


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"/" not in name and b"\x00" not in name))
@pytest.mark.skipif(os.name == "nt", reason="file names there are always Unicode")
def test_bad_input_28_escape_is_reversible(name):
    key = escape(os.fsdecode(name)).encode()
    assert re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), key) == name


@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=("Cs",)), min_size=1, max_size=20))
@pytest.mark.skipif(os.name == "nt", reason="file names there hold no such characters")
def test_bad_input_73_file_names_are_safe_lines_and_nothing_is_lost(name):
    key = escape(name)
    assert not UNSAFE.search(key) and "\n" not in key
    assert re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), key.encode()).decode() == name


def test_bad_input_29_same_base_name(tmp_path):
    put(tmp_path / "a" / "x.txt", "One.")
    put(tmp_path / "b" / "x.txt", "Two.")
    assert outcomes(documents(tmp_path)) == [("a/x.txt", "One."), ("b/x.txt", "Two.")]


@pytest.mark.skipif(sys.platform == "darwin", reason="that file system makes one of the two")
def test_bad_input_30_nfc_and_nfd_twins(tmp_path):
    put(tmp_path / "caf\u00e9.txt", "One.")
    put(tmp_path / "cafe\u0301.txt", "Two.")
    assert outcomes(documents(tmp_path)) == [("cafe\u0301.txt", "Two."), ("caf\u00e9.txt", "One.")]


# ---- web pages


def test_html_article():
    title, text, extra = article(PAGE)
    assert title == "Harbour council delays vote on ferry plan"
    assert extra == {"date": "2024-05-14", "author": "Ada Brink", "outlet": "The Inlet Post"}
    for words in ("put off a vote", "“We may need another month,”", "doubt those figures & ask", "which officials called unlikely."):
        assert words in text
    assert not re.search("MENU|COMMENT|FOOTER|tracker", text)


def test_html_charset_of_the_page():
    page = PAGE.replace('charset="utf-8"', 'charset="windows-1251"').replace("Lena Orr", "Лена").encode("cp1251", "replace")
    assert "Лена" in parse_document(page, "a.html", "k").text
    xml = '<?xml version="1.0" encoding="koi8-r"?>' + PAGE.replace("Lena Orr", "Лена")
    assert "Лена" in parse_document(xml.encode("koi8-r", "xmlcharrefreplace"), "a.xhtml", "k").text


def nested(depth: int) -> str:
    return PAGE.replace("<p>A decision", "<div>" * depth + "<p>A decision").replace("unlikely.</p>", "unlikely.</p>" + "</div>" * depth)


@pytest.mark.parametrize("depth", [10, 240, 300, 3000, 60_000])
def test_bad_input_31_deep_nesting_gives_the_whole_text(depth):
    title, text, _ = article(nested(depth))
    assert title.startswith("Harbour council")
    assert "put off a vote" in text and "called unlikely." in text and "tracker" not in text


def test_bad_input_32_huge_text_node_gives_the_whole_text():
    text = article(PAGE.replace("unlikely.</p>", "unlikely. " + "It may rain. " * 800_000 + "THE TAIL</p>"))[1]
    assert "put off a vote" in text and text.count("It may rain.") == 800_000 and "THE TAIL" in text


def test_bad_input_33_surrogates_are_cleaned_before_parsing():
    text = article(PAGE.replace("four", "").replace("could carry", "could\ud800 carry\x00 &#xD800;"))[1]
    assert "as many as 4,000" in text and "called unlikely." in text
    assert not re.search("[\ud800-\udfff\x00]", text)


def test_bad_input_34_entity_bombs_are_inert(tmp_path):
    secret = put(tmp_path / "secret", "SECRET")
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    head = f'<!DOCTYPE html [<!ENTITY e0 "BOOM"><!ENTITY x SYSTEM "{secret.as_uri()}">{entities}]>'
    page = head + PAGE.removeprefix("<!DOCTYPE html>").replace("could carry", "could carry &e12; &x;")
    for html in (page, '<?xml version="1.0"?>' + page):
        text = parse_document(html.encode(), "a.xhtml", "k").text
        assert "put off a vote" in text and "SECRET" not in text and text.count("BOOM") < 3


@pytest.mark.parametrize("html", ["<body><script>x()</script></body>", "<html></html>", "<p></p>", "<!-- x -->", "<!doctype html>"])
def test_bad_input_36_no_article(html):
    assert reason(article, html) == "no_article"


def test_visible_text():
    page = """<title>A &amp; B</title><script>if (a < b) "<p>no</p>"</script><!-- <p>no --><nav>no<nav>no</nav>no</nav>
    <p class="x>y">One<b>two</b>&nbsp;&#x4e;</p><br>three<SCRIPT>no</SCRIPT ><aside>never closed <p>&#99999999999999999999; &#xD800;"""
    title, text = visible_text(page)
    assert title == "A & B"
    assert text.split("\n") == ['y">Onetwo N', "three", "never closed", "\ufffd \ufffd"]


@pytest.mark.parametrize("unit", ["<", "<!--", "<a ", "<a b='", "<![CDATA[", "</a ", "<title>", "<nav>", "<nav></aside>", "&#9", "<div>"])
def test_visible_text_is_linear(unit):
    start = time.perf_counter()
    visible_text(unit * 200_000)  # html.parser takes an hour for some
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("unit", ["*a ", "_a ", "[", "[a](", "`", "# ", "#", "***a", "> ", "- ", "\n ", "---\n", "[a]: "])
def test_markdown_is_linear(unit):
    start = time.perf_counter()
    parse_document(b"x " + unit.encode() * 200_000, "a.md", "k")
    assert time.perf_counter() - start < 5


# ---- folders


def test_folder_is_sorted_by_key_and_leaves_hidden_files_out(tmp_path):
    for name in ("b.txt", "a/z.txt", "a.txt", "a-b/c.txt", "é.txt", ".hidden", ".git/config", "a/.x/y.txt"):
        put(tmp_path / name, "It may.")
    keys = [d.key for d in documents(tmp_path)]
    assert keys == sorted(["b.txt", "a/z.txt", "a.txt", "a-b/c.txt", "é.txt"])
    assert [key for key, _ in walk(tmp_path)] == keys


def test_folder_of_everything_gives_one_result_for_each_input(tmp_path):
    put(tmp_path / "a.html", PAGE)
    put(tmp_path / "b.jpg", b"\xff\xd8\xff\xe0")
    put(tmp_path / "c.json", '{"text": "One.", "id": "x"}')
    put(tmp_path / "d.json", '[{"text": "One.", "id": "x"}, {"text": 5}]')
    put(tmp_path / "e.csv", "id,text\n7,One.\n")
    put(tmp_path / "f.csv", "n,m\n7,8\n")
    put(tmp_path / "g.txt", b"")
    results = list(documents(tmp_path))
    assert outcomes(results)[1:] == [
        *(("b.jpg", "binary"), ("c.json", "One."), ("d.json#x", "One."), ("d.json#1", "no_text")),
        *(("e.csv#7", "One."), ("f.csv#0", "no_text"), ("g.txt", "empty")),
    ]
    assert results[0].title == "Harbour council delays vote on ferry plan"


def test_deep_folders_do_not_exhaust_the_stack(tmp_path):
    depth = sys.getrecursionlimit() + 100
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.txt").write_text("It may.")
        assert outcomes(documents(tmp_path)) == [("d/" * depth + "a.txt", "It may.")]
    finally:  # by hand: shutil.rmtree recurses, and pytest's own cleaning with it
        Path("a.txt").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
        os.chdir(here)


# ---- rows


def test_rows_and_their_columns(tmp_path):
    path = put(
        tmp_path / "a.jsonl",
        '{"url": "u", "Headline": "T", "maintext": "It may.", "outlet": "Post"}\n\n{"id": 3, "text": ""}\r\n{"text": "x"}',
    )
    assert list(documents(path)) == [
        Document("u", "T", "It may.", {"outlet": "Post"}, 0),
        Document("3", None, "", {}, 1),
        Document("2", None, "x", {}, 2),
    ]
    named = list(documents(path, text="outlet", title="url", key="maintext"))
    assert named[0] == Document("It may.", "u", "Post", {"Headline": "T"}, 0)
    assert outcomes(named[1:]) == [("1", "no_text"), ("2", "no_text")]


def test_bad_input_38_bad_json_line(tmp_path):
    results = list(documents(put(tmp_path / "a.jsonl", '{"text": "é"}\n{"text": \n{"text": "c"}\n')))
    assert outcomes(results) == [("0", "é"), ("1", "bad_json"), ("2", "c")]
    assert "Line 2" in results[1].message and "byte 15" in results[1].message
    assert [r.row for r in results] == [0, 1, 2]


def test_bad_input_39_a_line_too_long_takes_no_memory(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b'{"text": "a"}\n{"text": "')
        for _ in range(200):
            stream.write(b"a" * (1 << 20))
        stream.write(b'"}\n{"text": "c"}\n')
    tracemalloc.start()
    assert outcomes(documents(path)) == [("0", "a"), ("1", "line_too_long"), ("2", "c")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * framing.rows.LINE_LIMIT


def test_bad_input_39_a_csv_line_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(framing.rows, "LINE_LIMIT", 1000)
    path = put(tmp_path / "a.csv", "text\nOne.\n" + "a" * 3000 + '\nTwo.\n"' + "a\n" * 800 + '"\nThree.\n')
    results = outcomes(documents(path))
    assert results[:3] == [("0", "One."), ("1", "line_too_long"), ("2", "Two.")]
    assert results[3][1] == "line_too_long" and results[-1][1] in ("Three.", "bad_row")


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_bad_input_40_unicode_line_ends_are_no_row_breaks(tmp_path, ending):
    text = "One\u2028two\u2029three\u0085four"
    data = json.dumps({"text": text}, ensure_ascii=False) if ending == "jsonl" else "text\n" + text
    assert [d.text for d in documents(put(tmp_path / f"a.{ending}", data + "\n"))] == [text]


@pytest.mark.parametrize("row", ['{"n": 1}', '{"text": null}', '{"text": 5}', '{"text": ["a"]}', "[1]", '"text"', "null"])
def test_bad_input_41_text_absent_or_no_string(tmp_path, row):
    assert outcomes(documents(put(tmp_path / "a.jsonl", row + '\n{"text": "b"}'))) == [("0", "no_text"), ("1", "b")]


def test_bad_input_42_ids_twice(tmp_path):
    results = list(documents(put(tmp_path / "a.csv", "id,text\n1,a\n1,b\n")))
    assert outcomes(results) == [("1", "a"), ("1", "b")]
    assert [r.row for r in results] == [0, 1]


def test_bad_input_43_truncated_gzip(tmp_path):
    lines = "".join(json.dumps({"id": i, "text": os.urandom(20).hex()}) + "\n" for i in range(2000))
    path = put(tmp_path / "a.jsonl.gz", gzip.compress(lines.encode())[:-2000])
    *good, last = documents(path)
    assert isinstance(last, Failure) and (last.key, last.reason, last.row) == ("a.jsonl.gz", "truncated", len(good))
    assert len(good) > 1800 and all(isinstance(d, Document) for d in good)
    assert reason(read_table, path) == "truncated"


def test_zstandard_lines(tmp_path):
    data = b"".join(b'{"text": "%s"}\n' % os.urandom(20).hex().encode() for _ in range(5000))
    with pa.CompressedOutputStream(str(tmp_path / "a.jsonl.zst"), "zstd") as stream:
        stream.write(data)
    assert len(list(documents(tmp_path / "a.jsonl.zst"))) == 5000
    packed = (tmp_path / "a.jsonl.zst").read_bytes()
    *_, last = documents(put(tmp_path / "b.jsonl.zst", packed[:-999]))
    assert last.reason == "truncated"


def test_bad_input_44_corrupt_parquet(tmp_path):
    assert outcomes(documents(put(tmp_path / "a.parquet", b"PAR1" + b"x" * 99))) == [("a.parquet", "corrupt")]
    assert outcomes(documents(put(tmp_path / "b.parquet", b""))) == [("b.parquet", "empty")]
    pq.write_table(pa.table({"text": [os.urandom(30).hex() for _ in range(3000)]}), tmp_path / "c.parquet", row_group_size=1000)
    data = bytearray((tmp_path / "c.parquet").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    results = list(documents(put(tmp_path / "c.parquet", bytes(data))))
    assert results[-1].reason in ("corrupt", "undecodable") or any(isinstance(r, Failure) for r in results)
    assert reason(read_table, put(tmp_path / "d.parquet", bytes(data[:999]))) == "corrupt"


def test_bad_input_45_parquet_that_unfolds_without_bound(tmp_path):
    path = tmp_path / "a.parquet"
    big = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["a" * 2_000_000]))
    pq.write_table(pa.table({"text": big}), path, compression="zstd")
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from framing.corpus import documents, read_table
assert sum(len(d.text) for d in documents({str(path)!r})) == 4_000_000_000
try: read_table({str(path)!r})
except Exception as error: print(error.reason)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=120)
    assert run.stdout.strip() == "too_large", run.stderr[-2000:]


def test_csv_rows(tmp_path):
    path = put(tmp_path / "a.csv", '\ufeffid;text;n\r\n1;"It ""may"";\r\nso";5\r\n\r\n2;short\r\n3;a;5;b\r\n4;"x"y;1\r\n5;end;1\r\n')
    results = list(documents(path))
    assert outcomes(results) == [("1", 'It "may";\r\nso'), ("2", "short"), ("2", "bad_row"), ("3", "bad_row"), ("5", "end")]
    assert results[0].extra == {"n": "5"} and results[1].extra == {"n": None}


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252", "cp1251", "utf-16-le"])
def test_bad_input_22_tables_in_other_encodings(tmp_path, codec):
    text = RUSSIAN if codec == "cp1251" else "The “café” may close, it is said. "
    path = put(tmp_path / "a.tsv", f"id\ttext\n1\t{text * 9}\n2\t{text}\n".encode(codec))
    assert [d.text for d in documents(path)] == [text * 9, text]
    assert list(read_table(path).text) == [text * 9, text]


def test_of_columns_with_one_name_the_first_keeps_it(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = {"text": "May rain.", "text.1": "Must not.", "text.1.1": "Will."}
    (tmp_path / "a.csv").write_text("text,text,text.1\n" + ",".join(kept.values()) + "\n")
    pq.write_table(pa.table([[cell] for cell in kept.values()], names=["text", "text", "text.1"]), tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        assert list(framing.rows.records(str(tmp_path / name))) == [(0, kept)]


def test_a_cell_longer_than_csv_allows_by_default(tmp_path):
    assert [len(d.text) for d in documents(put(tmp_path / "a.csv", "text\n" + "a" * 200_000))] == [200_000]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_csv_that_python_writes_is_read_to_the_letter(tmp_path, cells):
    cells = [(a.replace("\x00", ""), b.replace("\x00", "")) for a, b in cells]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", errors="replace", newline="") as stream:
        csv.writer(stream).writerows([("other", "text"), *cells])
    try:
        results = list(documents(tmp_path / "a.csv"))
    except FramingError:
        return
    if all(isinstance(r, Document) for r in results):
        assert [r.text.encode() for r in results] == [text.encode(errors="replace") for _, text in cells]
    else:
        assert [r.reason for r in results] == ["binary"]  # a little file full of control characters


# ---- tables


def frame() -> pd.DataFrame:
    return pd.DataFrame({"text": ["a", "b “c”", None], "n": [1, -2, 3], "share": [0.1, None, 1 / 3], "flag": [True, False, True]})


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_tables_come_back(tmp_path, ending):
    write_table(frame(), tmp_path / f"a.{ending}")
    back = read_table(tmp_path / f"a.{ending}")
    assert list(back.columns) == ["text", "n", "share", "flag"]
    assert back.n.tolist() == [1, -2, 3] and back.share.tolist()[::2] == [0.1, 1 / 3] and back.share.isna().tolist() == [False, True, False]
    assert back.text.isna().tolist() == [False, False, True] and back.text[1] == "b “c”"
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]


def test_categories_in_parquet(tmp_path):
    table = pd.DataFrame({"text": pd.Categorical(["a", "b", "a"]), "n": pd.Categorical([3, 1, 3])})
    write_table(table, tmp_path / "a.parquet")
    back = read_table(tmp_path / "a.parquet")
    assert back.text.tolist() == ["a", "b", "a"] and back.n.tolist() == [3, 1, 3]
    assert [d.text for d in documents(tmp_path / "a.parquet")] == ["a", "b", "a"]


def test_bad_input_07_lone_surrogates(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "a\\ud800b", "tags": ["\\udfff"], "n": 1}\n')
    assert next(documents(path)).text == "a\ud800b"
    assert read_table(path).text.tolist() == ["a\ufffdb"]
    bad = pd.DataFrame({"text": pd.Series(["a\ud800b"], dtype=object), "tags": [["\udfff"]], "n": [1]})
    for ending in ("csv", "jsonl", "parquet"):
        write_table(bad, tmp_path / f"b.{ending}")
        assert read_table(tmp_path / f"b.{ending}").text.tolist() == ["a\ufffdb"]
    assert json.loads((tmp_path / "b.jsonl").read_text()) == {"text": "a\ufffdb", "tags": ["\ufffd"], "n": 1}


def test_bad_input_72_csv_cells_that_a_spreadsheet_would_run(tmp_path):
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "", "'=1", "'"]
    table = pd.DataFrame({"text": cells, "n": range(-3, 7), "=x": pd.Categorical(cells)})
    write_table(table, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["text", "n", "'=x"]
    assert [row[0] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "", "'=1", "'"]
    assert [row[2] for row in rows] == [row[0] for row in rows]
    assert [int(row[1]) for row in rows] == list(range(-3, 7))
    for ending in ("jsonl", "parquet"):
        write_table(table, tmp_path / f"a.{ending}")
        assert read_table(tmp_path / f"a.{ending}").text.tolist() == cells


def test_bad_input_67_unwritable_output(tmp_path):
    put(tmp_path / "file", "x")
    for path in (tmp_path / "none" / "a.csv", tmp_path / "file" / "a.csv", Path("/proc/none/a.csv")):
        with pytest.raises(OutputError):
            check_writable(path)
        with pytest.raises(OutputError):
            write_table(frame(), path)
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_table(frame(), tmp_path / "b.csv")
    check_writable(tmp_path / "c.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.csv", "file"]
    with pytest.raises(InputError, match=r"\.csv, \.jsonl or \.parquet"):
        write_table(frame(), tmp_path / "c.xlsx")
    with pytest.raises(InputError, match="one type"):
        write_table(pd.DataFrame({"a": [1, "b", {}]}), tmp_path / "c.parquet")


def test_bad_input_67_output_is_refused_before_anything_else(tmp_path, monkeypatch):
    monkeypatch.setattr("framing.corpus._arrow", lambda _: pytest.fail("the table was converted first"))
    with pytest.raises(OutputError):
        write_table(frame(), tmp_path / "none" / "a.csv")


def test_bad_input_66_a_failed_write_leaves_the_old_file(tmp_path):
    path = put(tmp_path / "a.csv", "old")
    with pytest.raises(OutputError, match="No space left"), replacing(path) as stream:
        stream.write(b"new")
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyboardInterrupt), replacing(path) as stream:
        raise KeyboardInterrupt
    assert path.read_text() == "old" and [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_replacing_writes_through_a_link_and_refuses_devices(tmp_path):
    put(tmp_path / "a.csv", "old")
    (tmp_path / "link.csv").symlink_to("a.csv")
    with replacing(tmp_path / "link.csv") as stream:
        stream.write(b"new")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "a.csv").read_text() == "new"
    with pytest.raises(OutputError), replacing(Path("/dev/null")) as stream:
        stream.write(b"x")


@pytest.mark.parametrize(
    ("name", "data", "expected", "words"),
    [
        ("a.jsonl", '{"text": "a"}\n{', "bad_json", "Line 2"),
        ("a.jsonl", "[1]", "bad_row", "list"),
        ("a.json", "{", "bad_json", ""),
        ("a.json", "[]", "empty", "rows"),
        ("a.csv", "a,b\n1,2\n1,2,3\n", "bad_row", "line 3"),
        ("a.csv", "a,b\n", "empty", "rows"),
        ("a.csv", "", "empty", ""),
        ("a.parquet", "PAR1", "corrupt", ""),
        ("a.xlsx", "PK", "no_table", ".csv"),
    ],
)
def test_read_table_is_strict(tmp_path, name, data, expected, words):
    with pytest.raises(ReadError) as caught:
        read_table(put(tmp_path / name, data))
    assert caught.value.reason == expected and words in str(caught.value)


def test_read_table_of_csv_keeps_words_that_look_missing(tmp_path):
    table = read_table(put(tmp_path / "a.csv", "text,label,n,id\nNA,None,1,a1\nnull,,,7\n"))
    assert table.text.tolist() == ["NA", "null"] and table.label[0] == "None" and pd.isna(table.label[1])
    assert table.n[0] == 1 and pd.isna(table.n[1]) and table.id.tolist() == ["a1", "7"]


def test_heavy_packages_are_loaded_late():
    code = """
import sys, framing.corpus
loaded = {"pandas", "pyarrow", "trafilatura", "lxml", "charset_normalizer", "numpy"} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def test_a_folder_of_small_files_is_quick(tmp_path):
    for i in range(2000):
        put(tmp_path / f"{i % 20}" / f"{i}.txt", "It may rain. " * 300)
    best = min(_seconds(lambda: sum(1 for _ in documents(tmp_path))) for _ in range(3))
    assert best / 2000 < 250e-6  # 23 us were seen; ten times that is a fault, not a busy machine


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
