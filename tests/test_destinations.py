"""Where rows go: what a name means, what is refused before any work, and that a table is the old one or the new one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framing.archive.destinations import Destination, refuse_own_output, remove
from framing.errors import InputError, OutputError

SCHEMA = pa.schema([("key", pa.string()), ("n", pa.int64()), ("p", pa.float64())])
ROWS = [[("a", 1, 0.5), ("b", None, None)], [("c\ud7ff=1", -3, 1e-9)]]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two parts."""
    made = []
    for number, rows in enumerate(ROWS):
        made.append(tmp_path / f"part-{number}.parquet")
        columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
        pq.write_table(pa.table(columns, schema=SCHEMA), made[-1])
    return made


def rows_of(place: Destination, table: str = "t") -> list[Any]:
    connect: Any = sqlite3.connect if place.kind == "sqlite" else duckdb.connect
    database = connect(str(place.path))
    try:
        return list(database.execute(f"SELECT * FROM {table}").fetchall())
    finally:
        database.close()


# Names.


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [("s.csv", "file", "s.csv"), ("a/s.JSONL", "file", "a/s.JSONL"), ("s.parquet", "file", "s.parquet"), ("scores", "dataset", "scores")],
)
def test_an_ending_makes_a_file_and_none_a_folder(text: str, kind: str, shown: str) -> None:
    made = Destination.named(text)
    assert (made.kind, made.path, made.table, str(made)) == (kind, Path(shown), "", shown)


def test_a_folder_may_have_a_dot_if_it_ends_in_a_slash_or_is_there(tmp_path: Path) -> None:
    (tmp_path / "v1.2").mkdir()
    assert Destination.named(f"{tmp_path}/v1.2").kind == Destination.named("v1.3/").kind == "dataset"
    with pytest.raises(
        InputError, match=r"--out must end in \.csv, \.jsonl or \.parquet\. Got 'v1\\\\x1b\.3'\. Choose one of these, a name without"
    ):
        Destination.named("v1\x1b.3")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_table_of_a_database(kind: str) -> None:
    made = Destination.named(f"{kind}:a/news.db?scores_2")
    assert (made.kind, made.path, made.table, str(made)) == (kind, Path("a/news.db"), "scores_2", f"{kind}:a/news.db?scores_2")
    assert made.home == Path("a/news.db.scores_2.run")


@pytest.mark.parametrize("table", ["a", "_", "Az09_", "x" * 63])
def test_names_of_tables(table: str) -> None:
    assert Destination.named(f"sqlite:n.db?{table}").table == table


@pytest.mark.parametrize("table", ["9a", "a b", 'a"; DROP', "a-b", "x" * 64, "é", "[a", "a]", "a,b", "a{", "a\n"])
def test_names_that_are_none(table: str) -> None:
    with pytest.raises(InputError, match="must be letters, digits and underscores"):
        Destination.named(f"sqlite:n.db?{table}")


def test_the_record_stands_beside_a_file_and_inside_a_dataset() -> None:
    file, dataset = Destination.named("a/s.csv"), Destination.named("a/scores")
    assert file.home == Path("a/s.csv.run") and dataset.home == Path("a/scores/_framing")
    assert file.shelf(file.home, "cues") == Path("a/s.csv.run/cues")
    assert dataset.shelf(dataset.home, "cues") == Path("a/scores")


# What is refused.


def test_bad_input_67_a_folder_with_other_files_or_around_which_there_is_none(tmp_path: Path) -> None:
    for name in ("new", "empty", "again"):
        Destination.named(str(tmp_path / name)).check("in")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "again" / "_framing").mkdir()
    (tmp_path / "again" / "part-000000.parquet").touch()
    Destination.named(str(tmp_path / "again")).check("in")
    (tmp_path / "full\x1b").mkdir()
    (tmp_path / "full\x1b" / "mine.txt").touch()
    with pytest.raises(OutputError, match=r"full\\x1b holds other files\. Choose a new folder"):
        Destination.named(str(tmp_path / "full\x1b")).check("in")
    with pytest.raises(OutputError, match=r"no\\x1bne/data cannot be written: No such file"):
        Destination.named(str(tmp_path / "no\x1bne" / "data")).check("in")
    assert not (tmp_path / "no\x1bne").exists()
    for text in ("none/s.csv", "sqlite:{}/none/n.db?t"):
        with pytest.raises(OutputError, match="cannot be written"):
            Destination.named(text.format(tmp_path) if "{}" in text else str(tmp_path / text)).check("in")


def test_trying_a_database_leaves_it_alone(tmp_path: Path) -> None:
    place = Destination.named(f"sqlite:{tmp_path}/n.db?t")
    place.check("in")
    assert not place.there and list(tmp_path.iterdir()) == []


def test_an_output_is_not_in_its_source(tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "a.csv").touch()
    for out in (source / "s.csv", source / "deep" / "s.csv", source, source / "deep" / ".." / "s.csv"):
        with pytest.raises(InputError, match="would be read as an article the next time"):
            refuse_own_output(str(source), out)
    with pytest.raises(InputError):
        refuse_own_output(str(source / "a.csv"), source / "a.csv")
    refuse_own_output(str(source / "a.csv"), source / "b.csv")
    refuse_own_output(str(source), tmp_path / "s.csv")
    refuse_own_output("-", Path("-"))
    refuse_own_output(f"sqlite:{source}/n.db?SELECT 1", source / "n.db")


# Filling.


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_table_is_filled_whole_and_filled_again(tmp_path: Path, files: list[Path], kind: str) -> None:
    place = Destination.named(f"{kind}:{tmp_path}/n.db?t")
    assert not place.there
    for count in (2, 1):
        place.fill(files[:count], SCHEMA)
        assert rows_of(place) == [row for rows in ROWS[:count] for row in rows]
    assert place.there and not Destination.named(f"{kind}:{tmp_path}/n.db?other").there
    place.fill([], SCHEMA)
    assert rows_of(place) == [] and place.there


def test_the_columns_of_a_sqlite_table_have_kinds(tmp_path: Path, files: list[Path]) -> None:
    place = Destination.named(f"sqlite:{tmp_path}/n.db?t")
    place.fill(files, SCHEMA)
    with sqlite3.connect(place.path) as database:
        assert [row[1:3] for row in database.execute("PRAGMA table_info(t)")] == [("key", "TEXT"), ("n", "INTEGER"), ("p", "REAL")]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_bad_input_66_a_part_that_cannot_be_read_leaves_the_old_rows(tmp_path: Path, files: list[Path], kind: str) -> None:
    place = Destination.named(f"{kind}:{tmp_path}/n.db?t")
    place.fill(files, SCHEMA)
    files[1].write_bytes(b"torn")
    with pytest.raises(Exception, match=r"(?i)parquet"):
        place.fill(files, SCHEMA)
    assert rows_of(place) == [row for rows in ROWS for row in rows]


def test_others_see_the_old_rows_until_the_new_ones_stand(tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    place = Destination.named(f"sqlite:{tmp_path}/n.db?t")
    place.fill(files[:1], SCHEMA)
    seen, read = [], pq.read_table

    def looked(*arguments: Any, **options: Any) -> Any:
        seen.append(rows_of(place))
        return read(*arguments, **options)

    monkeypatch.setattr(pq, "read_table", looked)
    place.fill(files, SCHEMA)
    assert seen == [ROWS[0], ROWS[0]] and len(rows_of(place)) == 3


def test_bad_input_67_a_database_that_cannot_be_written_is_an_error(tmp_path: Path, files: list[Path]) -> None:
    for kind in ("duckdb", "sqlite"):
        path = tmp_path / f"{kind}\x1b.db"
        path.write_bytes(b"no database at all, but text of some length " * 40)
        with pytest.raises(OutputError, match=rf"{kind}:.*\\x1b\.db\?t cannot be written: "):
            Destination(kind, path, "t").fill(files, SCHEMA)


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "s.parquet"])
def test_a_file_is_filled_whole_or_keeps_what_it_had(tmp_path: Path, files: list[Path], name: str) -> None:
    place = Destination.named(str(tmp_path / name))
    assert not place.there
    place.fill(files, SCHEMA)
    before = place.path.read_bytes()
    files[1].write_bytes(b"torn")
    with pytest.raises(pa.ArrowInvalid):
        place.fill(files, SCHEMA)
    assert place.there and place.path.read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_remove_takes_files_folders_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "f").touch()
    for name in ("d", "f", "none"):
        remove(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
