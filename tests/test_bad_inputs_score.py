"""Bad files and tables through `framing score` itself: what each row, the counts and the exit code say."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framing import Model, cli, webpage

LONG = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."
PAGE = "<!doctype html><html><head><title>Ferry late</title></head><body><article>{}</article></body></html>"
DEEP = PAGE.format("<div>" * 300 + f"<p>{LONG}</p>" * 5 + "</div>" * 300)
ENTITIES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
BOMB = f'<!DOCTYPE html [<!ENTITY e0 "x">{ENTITIES}]>'
OK, NAMES = ("ok", None), ["a.txt", "b.txt"]

Row = tuple[str, str, str | None]
Made = Callable[[Path], object]


def _put(name: str, data: str | bytes) -> Made:
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))

    return make


def _lines(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def _both(*makers: Made) -> Made:
    return lambda folder: [make(folder) for make in makers]


def _links(folder: Path) -> None:
    (folder.parent / "outside.txt").write_text(LONG)
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "out.txt").symlink_to("../outside.txt")


def _odd_name(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(LONG)


def _unfolding(folder: Path) -> None:
    """4 GB of text in some KB."""
    big = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["a" * 2_000_000]))
    pq.write_table(pa.table({"text": big}), folder / "a.parquet", compression="zstd")


def _bad(key: str, reason: str) -> list[Row]:
    return [(key, "error", reason)]


CASES: list[tuple[str, Made, list[Row]]] = [
    ("21 undecodable", _put("a.txt", bytes(range(128, 256)) * 3), _bad("a.txt", "undecodable")),
    ("21 cp1252", _put("a.txt", f"caf\xe9 \u201cmay\u201d {LONG}".encode("cp1252")), [("a.txt", *OK)]),
    ("22 utf-16", _put("a.txt", codecs.BOM_UTF16_LE + LONG.encode("utf-16-le")), [("a.txt", *OK)]),
    ("23 empty", _put("a.txt", ""), _bad("a.txt", "empty")),
    ("23 empty table", _put("a.jsonl", ""), _bad("a.jsonl", "empty")),
    ("25 vanished", lambda folder: (folder / "a.txt").symlink_to("none.txt"), _bad("a.txt", "vanished")),
    ("26 links", _links, [("loop.txt", "error", "not_a_file"), ("out.txt", "error", "not_a_file")]),
    ("27 fifo", lambda folder: os.mkfifo(folder / "a.txt"), _bad("a.txt", "not_a_file")),
    ("28 name", _odd_name, [("caf\\xe9.txt", *OK)]),
    ("29 same name", _both(_put("x/a.txt", LONG), _put("y/a.txt", LONG)), [("x/a.txt", *OK), ("y/a.txt", *OK)]),
    (
        "30 twins",
        _both(*(_put(unicodedata.normalize(form, "caf\xe9.txt"), LONG) for form in ("NFC", "NFD"))),
        [(unicodedata.normalize(form, "caf\xe9.txt"), *OK) for form in ("NFD", "NFC")],
    ),
    ("31 nesting", _put("a.html", DEEP), [("a.html", *OK)]),
    ("32 huge node", _put("a.html", PAGE.format(f"<p>{LONG} {'It may rain. ' * 900_000}</p>")), _bad("a.html", "too_long")),
    ("33 surrogates", _put("a.html", PAGE.format(f"<p>\ud800 {LONG} &#xD800;</p>" * 5)), [("a.html", *OK)]),
    ("34 entities", _put("a.xhtml", BOMB + PAGE.format(f"<p>{LONG} &e12;</p>" * 5)), [("a.xhtml", *OK)]),
    ("35 slow page", _put("a.html", PAGE.format("<p>slow</p>")), _bad("a.html", "timeout")),
    ("36 no article", _put("a.html", "<!doctype html><body><script>x()</script></body>"), _bad("a.html", "no_article")),
    ("37 binary", _put("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00"), _bad("a.txt", "binary")),
    (
        "38 bad JSON",
        _put("a.jsonl", _lines({"text": LONG}, '{"text": ', {"text": LONG})),
        [("a.jsonl#0", *OK), ("a.jsonl#1", "error", "bad_json"), ("a.jsonl#2", *OK)],
    ),
    (
        "39 long line",
        _put("a.jsonl", _lines({"text": "x" * (17 << 20)}, {"text": LONG})),
        [("a.jsonl#0", "error", "line_too_long"), ("a.jsonl#1", *OK)],
    ),
    (
        "40 line ends",
        _put("a.jsonl", "".join(json.dumps({"text": f"{LONG}{end}{LONG}"}, ensure_ascii=False) + "\n" for end in "\u2028\x85")),
        [("a.jsonl#0", *OK), ("a.jsonl#1", *OK)],
    ),
    (
        "41 no text",
        _put("a.jsonl", _lines({"text": 7}, {"no": "text"}, [1], {"text": None}, {"text": LONG})),
        [*((f"a.jsonl#{n}", "error", "no_text") for n in range(4)), ("a.jsonl#4", *OK)],
    ),
    ("42 ids twice", _put("a.jsonl", _lines(*[{"id": "x", "text": LONG}] * 2)), [("a.jsonl#x", *OK)] * 2),
    ("43 truncated", _put("a.txt.gz", gzip.compress(os.urandom(3000).hex().encode())[:-900]), _bad("a.txt.gz", "truncated")),
    ("44 corrupt", _put("a.parquet", b"PAR1" + b"x" * 99), _bad("a.parquet", "corrupt")),
    ("45 unfolds", _unfolding, [(f"a.parquet#{n}", "error", "too_long") for n in range(20)]),
]


@pytest.fixture(scope="module")
def saved(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model in a folder."""
    return tiny.save(tmp_path_factory.mktemp("model") / "tiny")


def score(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["score", *map(str, arguments)])
    return (int(ended.value.code or 0), *capsys.readouterr())


def told(path: Path) -> list[Row]:
    return [(row["key"], row["status"], row["reason"]) for row in map(json.loads, path.read_text().splitlines())]


@pytest.mark.skipif(os.name == "nt", reason="links, FIFOs and names that are not UTF-8")
@pytest.mark.parametrize(("what", "make", "rows"), CASES, ids=[what.replace(" ", "_") for what, *_ in CASES])
def test_bad_input_21_to_45_files_through_the_command(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, what: str, make: Made, rows: list[Row]
) -> None:
    """Alone: every input failed, exit 4, unless it is none; beside a good file: its row only, exit 3."""
    if what == "35 slow page":
        monkeypatch.setattr(webpage._Child, "ask", _slow)
    folder = tmp_path / "in"
    folder.mkdir()
    make(folder)
    limit = ("--limit", len(rows)) if what == "45 unfolds" else ()
    code, out, _ = score(capsys, folder, "--out", tmp_path / "s.jsonl", "--model", saved, "--json", "--part", 7, *limit)
    failed = [reason for _, status, reason in rows if status == "error"]
    assert told(tmp_path / "s.jsonl") == rows
    summary = json.loads(out)
    assert code == summary["exit_code"] == (4 if len(failed) == len(rows) else 3 if failed else 0)
    assert summary["rows"] == sum(summary["counts"].values()) == len(rows)
    assert summary["reasons"] == {reason: failed.count(reason) for reason in set(failed)}
    assert all(message and message[0].isupper() and message.endswith(".") for *_, message in summary["failures"])
    if not limit:
        (folder / "zz.txt").write_text(LONG)
        code, _, said = score(capsys, folder, "--out", tmp_path / "t.jsonl", "--model", saved)
        assert told(tmp_path / "t.jsonl") == [*rows, ("zz.txt", *OK)] and code == (3 if failed else 0)
        assert "Traceback" not in said and all(reason in said for reason in failed)


def _slow(self: webpage._Child, page: bytes) -> bytes:
    raise TimeoutError


def test_bad_input_24_what_may_not_be_read_costs_its_own_row(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the system's answer is given here."""
    folder, opened = tmp_path / "in", os.open
    _both(*(_put(name, LONG) for name in NAMES))(folder)

    def refuse(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("in/a.txt"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr("framing.documents.os.open", refuse)
    code, _, _ = score(capsys, folder, "--out", tmp_path / "s.jsonl", "--model", saved)
    assert code == 3 and told(tmp_path / "s.jsonl") == [("a.txt", "error", "unreadable"), ("b.txt", *OK)]


def test_bad_input_25_a_file_that_vanishes_in_mid_run_costs_its_own_row(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from framing.archive import work

    folder, do = tmp_path / "in", work.do
    _both(*(_put(name, LONG) for name in NAMES))(folder)

    def later(*arguments: Any) -> Any:
        (folder / "b.txt").unlink(missing_ok=True)
        return do(*arguments)

    monkeypatch.setattr(work, "do", later)
    code, _, _ = score(capsys, folder, "--out", tmp_path / "s.jsonl", "--model", saved)
    assert code == 3 and told(tmp_path / "s.jsonl") == [("a.txt", *OK), ("b.txt", "error", "vanished")]


def test_bad_input_71_73_every_input_bad_and_names_that_move_a_cursor(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _put("a\x1b[2J\nb.txt", b"\x00\x01\x02")(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    code, _, said = score(capsys, "in", "--out", "s.jsonl", "--cues", "c.csv", "--model", saved)
    assert said.endswith("1 failed (1 binary). Wrote s.jsonl, c.csv.\n")
    assert code == 4 and "\x1b" not in said and "a\\x1b[2J\\x0ab.txt" in said
    assert told(tmp_path / "s.jsonl") == [("a\\x1b[2J\\x0ab.txt", "error", "binary")]


@pytest.mark.parametrize("source", ["none", "none.parquet", "duckdb:none.db?SELECT 1", "sqlite:none.db?SELECT 1"])
def test_bad_input_84_a_source_that_is_missing_writes_nothing(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, said = score(capsys, source, "--out", "s.csv", "--model", saved)
    assert code == 2 and not out and "none" in said and said.startswith("framing: ") and not list(tmp_path.glob("s.csv*"))


def test_bad_input_87_a_folder_named_like_an_option(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _put("a.txt", LONG)(tmp_path / "-x")
    assert score(capsys, "--out", "s.jsonl", "--model", saved, "--", "-x")[0] == 0
    assert told(tmp_path / "s.jsonl") == [("a.txt", *OK)]
