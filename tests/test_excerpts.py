"""The texts behind a table of scores: from the source or from the tables of sentences and cues, the same marks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from framing import Model
from framing.archive.excerpts import LENGTH, excerpt, from_source, from_tables
from framing.archive.score import Options, score
from framing.archive.sources import Choice
from framing.corpus import write_table
from framing.errors import FramingError, InputError

TEXT = (
    "The council met on Monday in the old hall by the river. It adopted the budget after four hours of talk. "
    "Critics argue that the mayor may have hidden a deficit, and the auditor might reportedly look into whether it was so. "
    "“It could rain,” a clerk said. The shameful scheme is an insult to every honest voter in this town. The hall was closed at nine."
)


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    pd.DataFrame({"id": ["a", "b", "b"], "text": [TEXT, TEXT[:160], TEXT]}).to_json(folder / "in.jsonl", orient="records", lines=True)
    for ending in ("parquet", "csv"):
        options = Options(sentences=str(folder / f"sentences.{ending}"), cues=str(folder / f"cues.{ending}"), workers=1)
        score(model, str(folder / "in.jsonl"), str(folder / f"scores.{ending}"), options)
    return folder


def test_the_source_gives_the_texts_that_are_wanted(model: Model, scored: Path) -> None:
    found = from_source(str(scored / "in.jsonl"), Choice(), model, {("b", 2), ("gone", 0)})
    assert list(found) == [("b", 2)] and found["b", 2][1] == TEXT


def test_a_folder_is_read_only_where_it_must(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.txt").mkdir()
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01")
    assert list(from_source(str(tmp_path), Choice(), model, {("a.txt", 0), ("bad.txt", 0)})) == [("a.txt", 0)]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_tables_give_the_marks_that_the_model_gives(model: Model, scored: Path, ending: str) -> None:
    made, text = from_tables(str(scored / f"sentences.{ending}"), str(scored / f"cues.{ending}"), {("b", 2)})["b", 2]
    true = model.classify(TEXT)
    assert [one.text for one in made.sentences] == [one.text for one in true.sentences]
    assert [(one.text, one.type, one.voice, one.sentence) for one in made.cues] == [
        (one.text, one.type, one.voice, one.sentence) for one in true.cues
    ]
    assert all(text[one.start : one.end] == one.text for one in (*made.sentences, *made.cues))


def test_the_excerpt_holds_what_is_hedged_or_loaded(model: Model) -> None:
    analysis = model.classify(TEXT)
    for kind, words in (("hedged", "might reportedly"), ("loaded", "shameful")):
        found = excerpt(analysis, TEXT, kind)
        assert words in TEXT[slice(*found.within)]
    assert not TEXT[slice(*excerpt(analysis, TEXT, "hedged").within)].startswith("The council met")


def test_an_excerpt_is_short(model: Model) -> None:
    text = "The plan may fail and " * 400 + "end. " + TEXT
    start, end = excerpt(model.classify(text), text, "hedged").within
    assert 0 < end - start <= LENGTH
    assert excerpt(model.classify(""), "", "hedged").within == (0, 0)


def test_tables_that_lie_about_places_give_no_wrong_mark(scored: Path, tmp_path: Path) -> None:
    cues = pd.read_parquet(scored / "cues.parquet").astype({"start": object, "sentence": object, "probability": object})
    cues.loc[cues.index[:4], "start"] = [10**15, -5, None, "x"]
    cues.loc[cues.index[4], "probability"] = 7
    cues.to_json(tmp_path / "cues.jsonl", orient="records", lines=True)
    sentences = pd.read_parquet(scored / "sentences.parquet").astype({"start": object})
    sentences.loc[0, "start"] = 10**15
    write_table(sentences.astype({"start": int}), tmp_path / "sentences.parquet")
    made, text = from_tables(str(tmp_path / "sentences.parquet"), str(tmp_path / "cues.jsonl"), {("a", 0)})["a", 0]
    assert len(text) < 2000 and all(text[one.start : one.end] == one.text and 0 <= one.probability <= 1 for one in made.cues)


def test_other_tables_are_refused(scored: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no column 'sentence'.*--sentences"):
        from_tables(str(scored / "scores.parquet"), None, {("a", 0)})
    with pytest.raises(FramingError):
        from_tables(str(tmp_path / "missing.parquet"), None, {("a", 0)})
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    with pytest.raises(FramingError, match="cannot be read"):
        from_tables(str(tmp_path / "bad.parquet"), None, {("a", 0)})
