"""The report: one file that holds everything, says what it was not given, and lets no text of the table act."""

from __future__ import annotations

import re
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import scores
from browser.payloads import PAYLOADS

from framing import Model
from framing.archive.excerpts import excerpt
from framing.archive.findings import Asked, find
from framing.cli import main
from framing.errors import MissingExtra
from framing.views import methods
from framing.views.report import Setting, page

KINDS = (
    "html head meta title style body header span h1 h2 h3 nav ul li a main dl div dt dd section p em figure figcaption b svg defs g path"
    " use clippath rect text details summary table thead tbody tr th td article mark q footer code tspan"
)
ELEMENTS = set(KINDS.split())


class Reader(HTMLParser):
    """Elements, attributes and text, and whether every element is closed."""

    EMPTY = ("meta", "path", "use", "rect")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def inert(html: str) -> Reader:
    """Nothing in it runs, leads elsewhere or is not of the report's own kinds."""
    read = Reader(html)
    assert not read.open
    assert {tag for tag, _ in read.tags} <= ELEMENTS
    for _, attributes in read.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and (name not in ("href", "xlink:href", "src") or str(value).startswith("#")), (name, value)
    assert not re.search(r"@import|url\((?!#)", "".join(re.findall(r"<style>.*?</style>", html, re.S)))
    return read


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["report", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    scores.made().to_csv("s.csv", index=False)
    return tmp_path


def test_the_command_writes_one_inert_file_the_same_every_time(home: Path) -> None:
    given = ["s.csv", "--by", "outlet", "--time", "date", "--out"]
    assert run(*given, "a.html") == run(*given, "b.html") == 0
    html = (home / "a.html").read_text(encoding="utf-8")
    assert (home / "a.html").read_bytes() == (home / "b.html").read_bytes()
    read = inert(html)
    said = " ".join(" ".join(read.said).split())
    for words in ("Loaded articles by month", "Frames by outlet", "Hedges' g", "The most hedged articles", "small@01234567"):
        assert words in said
    assert "The texts were not given" in said and "not installed" in said and "Headline 2" in said and "binary" in said
    svgs = [attributes for tag, attributes in read.tags if tag == "svg"]
    assert len(svgs) > 10 and all(one["role"] == "img" and one["aria-label"] for one in svgs)
    assert sum(tag == "figure" for tag, _ in read.tags) == len(svgs) == sum(tag == "details" for tag, _ in read.tags)
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_bad_input_73_a_file_s_name_is_one_line_of_words(home: Path) -> None:
    name = "<b>s\n\x1b[31m\u202e.csv"
    Path("s.csv").rename(name)
    assert run(name, "--out", "<i>r\n.html") == 0
    said = " ".join(inert(Path("<i>r\n.html").read_text(encoding="utf-8")).said)
    assert "<b>s\\n\\x1b[31m\\u202e.csv" in said


def test_bad_input_67_an_output_that_cannot_be_written_is_told_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("missing.csv", "--out", "no/r.html") == 2
    assert "no/r.html cannot be written" in capsys.readouterr().err


def test_bad_input_84_scores_that_are_not_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("missing.csv", "--out", "r.html") == 2
    assert "missing.csv" in capsys.readouterr().err and not Path("r.html").exists()


def test_without_groups_and_dates_it_tells_of_all_articles(home: Path) -> None:
    assert run("s.csv", "--out", "r.html") == 0
    said = " ".join(Reader((home / "r.html").read_text(encoding="utf-8")).said)
    assert "Differences between groups" not in said and "by month" not in said and "Frames of all articles" in said


@pytest.mark.parametrize("texts", [["--source", "in"], ["--sentences", "sen.parquet", "--cues", "cue.jsonl"]], ids=["source", "tables"])
def test_excerpts_with_their_marks(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    body = "The shameful mayor may resign on Friday, her office reportedly said, and <b>nobody</b> in town seemed surprised by it at all."
    for name in ("a.txt", "<i>b.txt", "empty.txt"):
        Path("in", name).write_text(body if "b" in name or name == "a.txt" else "", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["score", "in", "--out", "s.csv", "--sentences", "sen.parquet", "--cues", "cue.jsonl", "--workers", "1", "-q"])
    assert run("s.csv", *texts, "--out", "r.html") == 0
    html = Path("r.html").read_text(encoding="utf-8")
    inert(html)
    assert '<mark class="reportative"' in html and "&lt;b&gt;nobody&lt;/b&gt;" in html and "&lt;i&gt;b.txt" in html
    assert "news-en" in html and "Trained on" in html and "The texts were not given" not in html


def test_what_changed_or_is_gone_has_no_excerpt(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    body = "The shameful mayor may resign on Friday, her office reportedly said, and nobody in the town seemed to be surprised by it all."
    for name in ("a.txt", "b.txt"):
        Path("in", name).write_text(body, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["score", "in", "--out", "s.csv", "--workers", "1", "-q"])
    Path("in", "a.txt").unlink()
    other = "The mayor opened the hall on Friday. The council met at nine. It adopted the budget, and then all went home."
    Path("in", "b.txt").write_text(other, encoding="utf-8")
    assert run("s.csv", "--source", "in", "--out", "r.html") == 0
    html = Path("r.html").read_text(encoding="utf-8")
    assert "Its text was not found" in html and "has changed since it was scored" in html


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["s.csv", "--out", "r.pdf"], "must end in .html"),
        (["s.csv", "--out", "r.html", "--by", "paper"], "No column 'paper'"),
        (["s.csv", "--out", "r.html", "--time", "title"], "No row has a date"),
        (["other.csv", "--out", "r.html"], "no table of scores"),
        (["failed.csv", "--out", "r.html"], "No article has a label"),
        (["s.csv", "--out", "r.html", "--cues", "c.csv"], "--cues needs --sentences"),
        (["s.csv", "--out", "r.html", "--source", "a", "--sentences", "b"], "not both"),
        (["s.csv", "--out", "r.html", "--source", "-"], "standard input"),
        (["s.csv", "--out", "r.html", "--model", "news-en"], "The scores are of small@01234567"),
        (["s.csv", "--out", "r.html", "--source", "s.csv"], "No model named 'small'"),
        (["s.csv", "--out", "r.html", "--sentences", "s.csv"], "no column 'sentence'"),
        (["s.csv", "--out", "in/r.html", "--source", "in"], "The output lies in the source"),
    ],
)
def test_what_does_not_fit_is_refused(home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    Path("in").mkdir()
    scores.made().head(3).to_csv("failed.csv", index=False)
    pd.DataFrame({"a": [1], "b": [2]}).to_csv("other.csv", index=False)
    assert run(*arguments) == 2
    told = capsys.readouterr().err
    assert re.search(said, told) and "Traceback" not in told
    assert not Path("r.html").exists()


def hostile(payloads: list[str]) -> pd.DataFrame:
    frame = scores.made(60)
    for place, name in enumerate(("key", "title", "outlet", "reason", "model", "hedging")):
        frame[name] = [payloads[(row + place) % len(payloads)] for row in range(len(frame))]
    frame.loc[:9, "status"] = "error"
    return frame.rename(columns={"frame_morality": "frame_<img src=x onerror=ran=1>"}).assign(**{"<b>$x_{": 1.0})


@pytest.mark.parametrize("part", range(2))
def test_bad_input_74_hostile_words_stay_words(part: int, model: Model) -> None:
    payloads = list(PAYLOADS)[part::2]
    card = f"# {payloads[2]}\n| a | b |\n|---|---|\n| {payloads[3]} | `x` |"
    setting = Setting(payloads[0], "outlet", "date", {}, payloads[1], card)
    inert(page(find(hostile(payloads), Asked("outlet", "date", ("<b>$x_{",))), setting))


def test_hostile_texts_in_excerpts_stay_words(model: Model) -> None:
    found = find(scores.made(), Asked(top=2))
    text = f"Critics argue that {' may '.join(list(PAYLOADS)[:40])} it might reportedly be so, officials said."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the text holds tags
        one = excerpt(model.classify(text), text, "hedged")
    wanted = {kind: {(row["key"], row["row"]): one for row in rows} for kind, rows in found.extremes.items()}
    inert(page(found, Setting("s.csv", excerpts=wanted)))


def test_many_groups_are_drawn_in_part_and_listed_whole() -> None:
    html = page(find(scores.made(600, 90), Asked("outlet")), Setting("s.csv", "outlet"))
    assert "the 30 with most articles" in html and all(f">Outlet {n}<" in html for n in range(90))


def test_the_methods_paragraph_has_the_numbers() -> None:
    told = " ".join(methods.told(find(scores.made(), Asked("outlet", "date")), "outlet", "date"))
    numbers = ("120 articles of 2024-01 to 2024-06", "117 have labels", "3 (2.5%", "1,000 resamples", "Holm's method over 24")
    for words in ("small@01234567", *numbers):
        assert words in told, words


def test_a_card_becomes_headings_tables_and_lists() -> None:
    made = methods.card("# <x>\n\ntext `a`\nmore\n\n| h | k |\n|---|---|\n| 1 | |\n\n- one\n- two\n")
    assert made.startswith("<h3>&lt;x&gt;</h3><p>text <code>a</code> more</p>") and made.endswith("<ul><li>one</li><li>two</li></ul>")
    assert "<td>1</td><td></td>" in made


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"framing-news\[plot\]"):
        page(find(scores.made(), Asked()), Setting("s.csv"))
