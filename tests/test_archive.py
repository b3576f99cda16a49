from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from framing import Model
from framing.archive import record, schema, work
from framing.archive.destinations import Destination, refuse_own_output
from framing.archive.parts import cut
from framing.archive.pool import Threads
from framing.archive.score import Options, Summary, _Run, first_rows, score
from framing.archive.sources import Choice, open_source
from framing.archive.work import Wanted
from framing.corpus import inputs
from framing.documents import Columns, Document, Failure, apart
from framing.errors import InputError, LockedError, OutputError, ReadError, ResumeMismatch
from framing.style import Style
from framing.table import columns

LONG = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    (made / "a.txt").write_text(f"Rain ahead\n\n{LONG}")
    (made / "b.txt").write_text("Short.")
    (made / "c.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (made / "deep" / "a.txt").write_text("")
    (made / "deep" / "rows.jsonl").write_text(json.dumps({"id": "x", "text": LONG}) + '\n{"id": "x", "text": 7}\n')
    return made


def read(path: Path) -> pd.DataFrame:
    if path.is_dir():
        return pa.dataset.dataset(path).to_table().to_pandas()
    return {".csv": pd.read_csv, ".parquet": pd.read_parquet}.get(path.suffix, lambda path: pd.read_json(path, lines=True))(path)


def run(model: Model, source: Path | str, out: Path | str, **options: Any) -> Summary:
    return score(model, str(source), str(out), Options(**options))


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "s.parquet", "dataset"])
def test_a_row_for_each_input_in_order(tiny: Model, folder: Path, tmp_path: Path, name: str) -> None:
    made = run(tiny, folder, tmp_path / name, size=2, workers=1)
    frame = read(tmp_path / name)
    assert list(frame["key"]) == ["a.txt", "b.txt", "c.txt", "deep/a.txt", "deep/rows.jsonl#x", "deep/rows.jsonl#x"]
    assert list(frame["status"]) == ["ok", "abstained", "error", "error", "ok", "error"]
    assert [value for value in frame["reason"] if isinstance(value, str)] == ["too_short", "binary", "empty", "no_text"]
    assert made.counts == {"ok": 2, "abstained": 1, "error": 3} and sum(made.counts.values()) == made.rows == made.scored == 6
    assert made.reasons == {"binary": 1, "empty": 1, "no_text": 1}
    assert [reason for _, reason, _ in made.failures] == ["binary", "empty", "no_text"]
    assert list(frame.columns[:3]) == ["key", "title", "row"] and frame["title"][0] == "Rain ahead"
    assert frame["words"].dropna().tolist() == [24, 1, 22]
    if name == "s.jsonl":
        assert '"words": 24,' in (tmp_path / name).read_text()


def test_bad_input_42_ids_that_stand_twice_are_told_apart_by_their_row(tiny: Model, folder: Path, tmp_path: Path) -> None:
    run(tiny, folder, tmp_path / "s.parquet")
    assert not read(tmp_path / "s.parquet").duplicated(["key", "row"]).any()


def test_scores_are_those_of_model_score(model: Model, articles: list[str], tmp_path: Path) -> None:
    pd.DataFrame({"text": articles}).to_parquet(tmp_path / "in.parquet")
    run(model, tmp_path / "in.parquet", tmp_path / "s.parquet")
    mine, wanted = read(tmp_path / "s.parquet"), model.score(pd.DataFrame({"text": articles}))
    for name in wanted.columns:
        assert mine[name].astype(object).where(mine[name].notna(), None).tolist() == [
            None if pd.isna(value) else value for value in wanted[name]
        ]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_databases_give_and_take(tiny: Model, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "news.db"
    connect: Any = duckdb.connect if kind == "duckdb" else sqlite3.connect
    database = connect(str(path))
    database.execute("CREATE TABLE news (id TEXT, body TEXT, outlet TEXT)")
    database.executemany("INSERT INTO news VALUES (?, ?, ?)", [["a", LONG, "x"], ["b", None, "y"], ["c", "=Short", "z"]])
    database.commit()
    database.close()
    query = f"{kind}:{path}?SELECT * FROM news ORDER BY id"
    made = run(tiny, query, f"{kind}:{path}?scores", kept=("outlet",))
    assert made.counts == {"ok": 1, "abstained": 1, "error": 1}
    rows = connect(str(path)).execute("SELECT key, outlet, status, words FROM scores").fetchall()
    assert [tuple(row) for row in rows] == [("a", "x", "ok", 22), ("b", None, "error", None), ("c", "z", "abstained", 1)]
    assert run(tiny, query, f"{kind}:{path}?scores", kept=("outlet",)).scored == 0
    with pytest.raises(InputError, match="refuses the query"):
        run(tiny, f"{kind}:{path}?SELECT nothing FROM nowhere", tmp_path / "x.csv")
    with pytest.raises(ReadError, match="no such database"):
        run(tiny, f"{kind}:{tmp_path}/none.db?SELECT 1", tmp_path / "y.csv")


def test_standard_input_is_json_lines(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (json.dumps({"id": "a", "text": LONG}) + "\nnonsense\n").encode()
    monkeypatch.setattr("framing.archive.sources._standard_input", lambda: io.BufferedReader(io.BytesIO(lines)))  # type: ignore[arg-type]
    made = run(tiny, "-", tmp_path / "s.csv")
    assert made.counts["ok"] == 1 and made.reasons == {"bad_json": 1}


def test_sentences_and_cues_have_rows_with_offsets(model: Model, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(f"{LONG} It rained. {LONG}")
    run(model, tmp_path / "in", tmp_path / "s.csv", sentences=str(tmp_path / "sentences.csv"), cues=str(tmp_path / "cues.jsonl"))
    text = (tmp_path / "in" / "a.txt").read_text()
    sentences, cues = read(tmp_path / "sentences.csv"), read(tmp_path / "cues.jsonl")
    assert len(sentences) == 3 and sentences["hedged"].tolist() == ["hedged", "plain", "hedged"]
    for table in (sentences, cues):
        assert all(text[row.start : row.end] == row.text for row in table.itertuples())
    analysis = model.classify(text)
    assert [(cue.text, cue.type, cue.sentence) for cue in analysis.cues] == list(cues[["text", "type", "sentence"]].itertuples(False, None))


@pytest.mark.parametrize("pure", [True, False])
def test_the_scores_are_the_same_with_sentences_and_each_text_is_read_once(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pure: bool
) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in [LONG, "Kurz.", "", "a\ud800 " + LONG, None]))
    chosen, read_by = replace(model, engine=None) if pure else model, Model.classify
    seen: list[str] = []
    run(chosen, tmp_path / "in.jsonl", tmp_path / "alone.jsonl", workers=1)
    monkeypatch.setattr(Model, "classify", lambda self, text, *rest: seen.append(text) or read_by(self, text, *rest))
    run(chosen, tmp_path / "in.jsonl", tmp_path / "s.jsonl", workers=1, sentences=str(tmp_path / "x.jsonl"), cues=str(tmp_path / "c.jsonl"))
    assert (tmp_path / "s.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()
    assert len(seen) == (1 if chosen.engine else 4) and len(read(tmp_path / "x.jsonl")) == 3


def test_trying_out(tiny: Model, tmp_path: Path) -> None:
    rows = [{"id": n, "text": LONG, "outlet": "ab"[n % 2], "tags": ["x"]} for n in range(10)]
    pd.DataFrame(rows).to_json(tmp_path / "in.jsonl", orient="records", lines=True)
    run(tiny, tmp_path / "in.jsonl", tmp_path / "s.csv", choice=Choice(where=("outlet=b",), limit=3), chosen=("words",), kept=("tags",))
    frame = read(tmp_path / "s.csv")
    assert list(frame.columns) == ["key", "title", "row", "tags", "words", "status", "reason", "model"]
    assert frame["key"].tolist() == [1, 3, 5] and frame["tags"].tolist() == ['["x"]'] * 3
    kept = list(open_source(str(tmp_path / "in.jsonl"), Choice(where=("outlet!=b", "key!=0"))))
    assert [item.key for item in kept] == ["2", "4", "6", "8"]
    with pytest.raises(InputError, match="column=pattern"):
        list(open_source(str(tmp_path / "in.jsonl"), Choice(where=("outlet",))))
    with pytest.raises(InputError, match="No column nonsense"):
        run(tiny, tmp_path / "in.jsonl", tmp_path / "x.csv", chosen=("nonsense",))


def test_files_of_a_folder_are_chosen_by_key_only(tiny: Model, folder: Path) -> None:
    assert [item.key for item in open_source(str(folder), Choice(where=("key=deep/a*",)))] == ["deep/a.txt"]
    with pytest.raises(InputError, match="Only key"):
        list(open_source(str(folder), Choice(where=("outlet=x",))))


def test_threads_and_processes_give_the_same_bytes_as_one(tiny: Model, folder: Path, tmp_path: Path) -> None:
    for workers, backend in ((1, None), (2, "threads"), (2, "processes")):
        before = list(warnings.filters)
        run(tiny, folder, tmp_path / f"s{workers}{backend}.csv", size=2, workers=workers, backend=backend)
        assert warnings.filters == before
    assert len({path.read_bytes() for path in tmp_path.glob("*.csv")}) == 1
    with pytest.raises(InputError, match="backend must be"):
        run(tiny, folder, tmp_path / "x.csv", backend="fibres")


def test_the_kernel_works_in_threads_and_python_in_processes(model: Model, tmp_path: Path) -> None:
    def chosen(model: Model, **options: Any) -> str:
        return _Run.planned(model, "in", str(tmp_path / "s.csv"), Options(**options))._backend()

    pure = replace(model, engine=None)
    assert chosen(pure) == "processes" and chosen(pure, backend="threads") == "threads"
    if model.engine:
        assert chosen(model) == chosen(model, cues=str(tmp_path / "c.csv")) == "threads"
        assert chosen(model.with_style(Style({"about": ("allow", "")}))) == "processes"


@dataclass(frozen=True)
class Unsendable(Model):
    """Cannot be made again in another process."""

    def __reduce__(self) -> Any:
        """Ends whoever reads it."""
        return os._exit, (1,)


def test_processes_that_die_at_their_start_are_no_fault_of_a_text(tiny: Model, folder: Path, tmp_path: Path) -> None:
    model = Unsendable(**{field.name: getattr(tiny, field.name) for field in fields(Model)})
    with pytest.raises(OutputError, match="died at its start"):
        run(model, folder, tmp_path / "s.csv", size=2, workers=2, backend="processes")
    assert run(tiny, folder, tmp_path / "s.csv", size=2, workers=1).rows == 6


def test_threads_end_soon_where_a_source_fails(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> Iterator[Document]:
        yield from (Document(str(n), None, LONG) for n in range(9))
        raise InputError("the source broke")

    monkeypatch.setattr("framing.archive.score.open_source", failing)
    with pytest.raises(InputError, match="broke"):
        run(tiny, "in", tmp_path / "s.csv", size=2, workers=2, backend="threads")
    stop, interval = Threads(tiny, Wanted(), 2), sys.getswitchinterval()
    with stop:
        assert sys.getswitchinterval() < interval
    assert sys.getswitchinterval() == interval
    with pytest.raises(InterruptedError):
        stop._checked(1, 0)


def test_bad_input_69_another_model_or_other_options_are_refused(tiny: Model, model: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    run(tiny, folder, out)
    with pytest.raises(ResumeMismatch, match="model was"):
        run(model, folder, out)
    with pytest.raises(ResumeMismatch, match="limit was null, is 2"):
        run(tiny, folder, out, choice=Choice(limit=2))
    out.unlink()
    assert run(tiny, folder, out, choice=Choice(limit=2)).rows == 2


def test_bad_input_69_to_start_a_dataset_anew_is_to_remove_it(tiny: Model, folder: Path, tmp_path: Path) -> None:
    run(tiny, folder, tmp_path / "data")
    with pytest.raises(ResumeMismatch, match=rf"remove {re.escape(str(tmp_path))}/data to start anew"):
        run(tiny, folder, tmp_path / "data", size=2)


def test_bad_input_70_a_changed_input_is_scored_again(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    run(tiny, folder, out, size=2)
    assert run(tiny, folder, out, size=2).scored == 0
    (folder / "b.txt").write_text(LONG)
    assert run(tiny, folder, out, size=2).scored == 2
    assert read(out)["status"].tolist()[1] == "ok"
    (folder / "deep" / "rows.jsonl").unlink()
    assert run(tiny, folder, out, size=2).rows == 4 and len(read(out)) == 4
    run(tiny, folder, tmp_path / "new.jsonl", size=2)
    assert out.read_bytes() == (tmp_path / "new.jsonl").read_bytes()


def test_bad_input_68_a_second_job_on_one_output_is_refused(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = Destination.named(str(tmp_path / "s.csv"))
    with record.locked(out.home), pytest.raises(LockedError, match="Another job"):
        run(tiny, folder, out.path)
    assert run(tiny, folder, out.path).rows == 6


@pytest.mark.parametrize("name", ["t.csv", "data", "sqlite:t.db?t"])
def test_bad_input_68_sentences_and_cues_are_of_one_job_too(tiny: Model, folder: Path, tmp_path: Path, name: str) -> None:
    second = name.replace("t.", f"{tmp_path}/t.") if ":" in name else str(tmp_path / name)
    home = Destination.named(second).home
    home.parent.mkdir(exist_ok=True)
    home.mkdir()
    with record.locked(home), pytest.raises(LockedError, match="Another job"):
        run(tiny, folder, tmp_path / "one.csv", sentences=second)
    assert run(tiny, folder, tmp_path / "one.csv", sentences=second).scored == 6
    assert run(tiny, folder, tmp_path / "one.csv", sentences=second).scored == 0
    with pytest.raises(ResumeMismatch, match=r"belongs to the run that writes .*one\.csv\. Choose another place, or remove it"):
        run(tiny, folder, tmp_path / "two.csv", sentences=second)
    with pytest.raises(ResumeMismatch, match=r"belongs to the run that writes .*one\.csv"):
        run(tiny, folder, second)
    with pytest.raises(ResumeMismatch, match="holds the scores of another run"):
        run(tiny, folder, tmp_path / "three.csv", cues=str(tmp_path / "one.csv"))


def test_what_a_kill_left_half_written_is_taken_away(tiny: Model, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that becomes the destination is made in the run's folder, where the next run looks."""
    seen: list[str] = []

    def killed(*_: object) -> None:
        seen.extend(path.parent.name for path in tmp_path.rglob(".*.part"))
        raise KeyboardInterrupt

    out = tmp_path / "s.csv"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("framing.archive.destinations.writer_of", lambda path: killed)
        run(tiny, folder, out)
    left = tmp_path / "s.csv.run" / ".0123456789abcdef.part"
    left.write_text("half")
    assert run(tiny, folder, out).scored == 0 and read(out).shape[0] == 6
    assert seen == ["s.csv.run"] and not list(tmp_path.rglob(".*.part"))


def test_details_by_the_kernel_are_those_of_analyses(tiny: Model, model: Model, articles: list[str]) -> None:
    """Titles, a text that is cleaned first, another language, too few words, a failure: in both the same rows, in their order."""
    unclean = "He said:\r\n\r\nthe e\u0301clair \ufb01lm may \u2018fail\u2019."
    german = "Der Minister sagte, es sei noch nicht entschieden."
    odd = [unclean, german, "Perhaps.", ""]
    texts: list[Document | Failure] = [Document(str(n), None, text, {}, n) for n, text in enumerate([*articles[:8], *odd])]
    items = [*texts, Document("t", "Mayor may quit", articles[0]), Failure("f", "binary", "Told.")]
    for chosen in (tiny, model):
        names = [*schema.NAMES, *columns(chosen)]
        native = _details(chosen, items, names)
        pure = _details(replace(chosen, engine=None), items, names)
        assert {kind: len(rows) for kind, rows in native.items()} == {kind: len(rows) for kind, rows in pure.items()}
        for kind, rows in native.items():
            assert [_rounded(row) for row in rows] == [_rounded(row) for row in pure[kind]]


def _details(model: Model, items: list[Document | Failure], names: list[str]) -> dict[str, Any]:
    return work.score(model, Wanted(sentences=True, cues=True), items, names)


def _rounded(row: tuple[Any, ...]) -> list[Any]:
    return [round(value, 9) if isinstance(value, float) else value for value in row]


def test_bad_input_72_texts_that_a_spreadsheet_would_run(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "=1+1", "text": LONG, "title": "@SUM(A1)", "n": -5}) + "\n")
    run(tiny, tmp_path / "in.jsonl", tmp_path / "s.csv", kept=("n",))
    run(tiny, tmp_path / "in.jsonl", tmp_path / "s.jsonl")
    assert """"'=1+1","'@SUM(A1)",0""" in (tmp_path / "s.csv").read_text()
    assert read(tmp_path / "s.jsonl")["key"].tolist() == ["=1+1"]


def test_bad_input_67_what_cannot_be_written_fails_before_scoring(tiny: Model, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    for out, said in (("none/s.csv", "cannot be written"), ("none/data", "cannot be written"), ("full", "other files")):
        with pytest.raises(OutputError, match=said):
            run(tiny, folder, tmp_path / out)
    for out in (folder / "s.csv", folder / "deep" / "x", folder / ".." / "in" / "x.csv"):
        with pytest.raises(InputError, match="outside"):
            run(tiny, folder, out)
    with pytest.raises(InputError, match="different places"):
        run(tiny, folder, tmp_path / "s.csv", cues=str(tmp_path / "s.csv"))
    with pytest.raises(InputError, match="must end"):
        run(tiny, folder, tmp_path / "s.xlsx")
    with pytest.raises(InputError, match="letters, digits"):
        run(tiny, folder, f"sqlite:{tmp_path}/x.db?a b")
    refuse_own_output(str(folder / "a.txt"), folder / "s.csv")


def test_bad_input_71_and_exit_codes(tiny: Model, folder: Path, tmp_path: Path) -> None:
    codes = {"a.txt": 0, "b.txt": 0, "c.txt": 4, "": 3}
    assert {name: run(tiny, folder / name, tmp_path / f"{n}.csv").exit_code for n, name in enumerate(codes)} == codes
    (tmp_path / "none").mkdir()
    empty = run(tiny, tmp_path / "none", tmp_path / "empty.csv")
    assert empty.exit_code == 4 and empty.rows == 0 and "words" in read(tmp_path / "empty.csv")
    with pytest.raises(ReadError, match="not there"):
        run(tiny, tmp_path / "missing", tmp_path / "missing.csv")


def test_a_lone_surrogate_becomes_a_sign(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "a\\ud800", "text": "' + LONG + '"}\n')
    run(tiny, tmp_path / "in.jsonl", tmp_path / "s.parquet")
    assert read(tmp_path / "s.parquet")["key"].tolist() == ["a\ufffd"]


def test_parts_are_the_same_every_time_and_show_what_changed(folder: Path) -> None:
    first, again = list(cut(inputs(folder), 2)), list(cut(inputs(folder), 2))
    assert [part.stamp for part in first] == [part.stamp for part in again] and [len(part.inputs) for part in first] == [2, 2, 2]
    os.utime(folder / "b.txt", ns=(1, 1))
    changed = [part.stamp for part in cut(inputs(folder), 2)]
    assert [a == b.stamp for a, b in zip(changed, first, strict=True)] == [False, True, True]
    assert len(list(cut([Document(str(n), None, "x" * 5_000_000) for n in range(4)]))) == 2


def test_a_record_cut_short_by_a_kill_is_read_to_its_last_whole_line(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out, size=2)
    path = out / "_framing" / "record.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    assert run(tiny, folder, out, size=2).scored == 2
    (out / "part-000001.parquet").write_bytes(b"torn")
    assert run(tiny, folder, out, size=2).scored == 2
    assert len(read(out)) == 6 and not list(out.glob(".*"))


def test_the_first_rows(tiny: Model, folder: Path, tmp_path: Path) -> None:
    run(tiny, folder, tmp_path / "s.csv", size=2)
    assert first_rows(str(tmp_path / "s.csv"), 3)["key"].tolist() == ["a.txt", "b.txt", "c.txt"]


def test_columns_can_be_named(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,lead,nr\nno,This is it now,k\n")
    run(tiny, tmp_path / "rows.csv", tmp_path / "s.parquet", choice=Choice(Columns("lead", None, "nr")))
    assert pq.read_table(tmp_path / "s.parquet").select(["key", "words"]).to_pylist() == [{"key": "k", "words": 4}]


def test_a_headline_that_stands_in_the_text_is_not_read_twice() -> None:
    assert apart("Rain", "\nRain\n\nIt rains.") is None
    assert apart("Rain", "It rains.") == "Rain"
    assert apart(None, "It rains.") is None
