"""The same text gives the same bytes on an engine, and the same to 1e-9 on the other: in any batch, order, process, thread, locale,
hash seed, working directory and number of cores."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framing import Model
from framing.native import extension

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("pure", "native")

ODD = (
    "İSTANBUL’DA ılık: It may be that İzmir's Mayor I. IŞIK lied, some critics say, in the TITLE of a bill of 1.234,5 lira, if it IS one.",
    "He may \ud800 have been fu\u0301rious, e\u0301ven ﬁne 😀; 3,14 % of “voters” allegedly told Ⅳ reporters about 20 RIOTS in Kraków.",
)

PROGRAM = """
import json, locale, sys, warnings
locale.setlocale(locale.LC_ALL, "")
warnings.simplefilter("ignore")
from dataclasses import replace
import framing
texts = json.loads(sys.stdin.buffer.read())
model = framing.load()
for engine in sys.argv[1:]:
    made = replace(model, engine=None) if engine == "pure" else model
    print(json.dumps([analysis.to_json() for analysis in made.classify_many(texts)]))
print(locale.getlocale()[0], hash("a"))
"""

Answers = dict[str, list[str]]
Machine = tuple[Path, dict[str, str]]


@pytest.fixture(scope="module")
def texts(articles: list[str]) -> list[str]:
    return [*articles[:4], *ODD]


@pytest.fixture(scope="module")
def engines(model: Model) -> dict[str, Model]:
    """The default model on each engine that is here."""
    made = {"pure": replace(model, engine=None), "native": model}
    return made if extension() is not None else {"pure": made["pure"]}


@pytest.fixture(scope="module")
def expected(engines: dict[str, Model], texts: list[str]) -> Answers:
    """What each text gives alone."""
    return {name: [one.classify(text).to_json() for text in texts] for name, one in engines.items()}


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of an analysis with its place."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from numbers(item, f"{path}/{name}")
    if not items:
        yield path, value


def test_engines_agree_to_a_billionth(expected: Answers) -> None:
    if len(expected) < 2:
        pytest.skip("the kernel was not built here, or FRAMING_PURE is set")
    for one, other in zip(*expected.values(), strict=True):
        first, second = (dict(numbers(json.loads(text))) for text in (one, other))
        assert first.keys() == second.keys()
        for place, value in first.items():
            assert second[place] == (pytest.approx(value, abs=1e-9, rel=1e-9) if isinstance(value, float) else value), place


def test_any_batch_and_order(engines: dict[str, Model], texts: list[str], expected: Answers) -> None:
    for name, one in engines.items():
        for seed in range(3):
            picked = random.Random(seed).choices(range(len(texts)), k=7)
            assert [made.to_json() for made in one.classify_many([texts[n] for n in picked])] == [expected[name][n] for n in picked]


def test_any_number_of_threads(engines: dict[str, Model], texts: list[str], expected: Answers) -> None:
    for name, one in engines.items():
        for threads in (1, 7):
            with ThreadPoolExecutor(threads) as pool:
                assert list(pool.map(lambda text, one=one: one.classify(text).to_json(), texts * 2)) == expected[name] * 2  # type: ignore[misc]


def turkish(folder: Path) -> dict[str, str]:
    """A locale in which I is no capital of i and numbers have commas, made here if the system can make it."""
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/tr_TR").exists():
        return {"LC_ALL": "C.UTF-8"}
    subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")], check=True, capture_output=True, timeout=60)
    return {"LC_ALL": "tr_TR.UTF-8", "LOCPATH": str(folder)}


def environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def elsewhere(tmp_path: Path) -> list[Machine]:
    """Two machines as unlike as one can be made: a folder to stand in and an environment each."""
    one = {"PYTHONHASHSEED": "0", "LC_ALL": "C", "PYTHONUTF8": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC"}
    two = {"PYTHONHASHSEED": "4294967295", "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4", "TZ": "Asia/Kathmandu", "COLUMNS": "20"}
    return [(Path("/"), one), (tmp_path, two | turkish(tmp_path))]


def test_any_process_locale_hash_seed_and_folder(elsewhere: list[Machine], texts: list[str], expected: Answers) -> None:
    told = set()
    for folder, more in elsewhere:
        program = [sys.executable, "-c", PROGRAM, *expected]
        given = json.dumps(texts).encode()
        done = subprocess.run(program, input=given, capture_output=True, cwd=folder, env=environment(more), timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        *found, place = done.stdout.decode().splitlines()
        assert dict(zip(expected, map(json.loads, found), strict=True)) == expected
        told.add(place)
    assert len(told) == 2, "hash seed and locale were not taken"


def test_a_table_is_the_same_bytes_whoever_writes_it(elsewhere: list[Machine], texts: list[str], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "in" / f"{number} é.json").write_text(json.dumps({"text": text}), encoding="utf-8")
    sums = set()
    for number, (folder, more) in enumerate(elsewhere):
        out = tmp_path / f"{number}.csv"
        options = ["--workers", str(number + 1), "--part", str(4 - number), "--quiet", "--cues", f"{out}.cues.jsonl"]
        command = [sys.executable, "-m", "framing.cli", "score", str(tmp_path / "in"), "--out", str(out), *options]
        done = subprocess.run(command, capture_output=True, cwd=folder, env=environment(more), timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        sums.add(tuple(hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in (out, f"{out}.cues.jsonl")))
    assert len(sums) == 1
