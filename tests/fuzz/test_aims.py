"""A bounded run of the fuzzers: mutants of the seeds, made by chance, the same in every run. tests/fuzz/run.py goes on from here."""

from __future__ import annotations

import os
import pickle
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import aims
import pytest

EXECUTIONS = int(os.environ.get("FRAMING_FUZZ", "1"))
"""Times as many as in CI."""

MANY = {"text": 2000, "sentences": 600, "page": 60, "document": 2000, "table": 600, "model_file": 2000}
"""Mutants of each aim: a few seconds each."""


def test_every_aim_is_bounded_here() -> None:
    assert set(MANY) == set(aims.AIMS)
    assert all(len(aims.seeds(name)) > 0 for name in MANY)


@pytest.mark.parametrize("name", MANY)
@pytest.mark.filterwarnings("ignore")
def test_nothing_but_framing_errors(name: str) -> None:
    aim, pool, chance = aims.AIMS[name], aims.seeds(name), random.Random(zlib.crc32(name.encode()))
    for data in (b"", *pool):
        aim(data)
    for _ in range(EXECUTIONS * MANY[name]):
        data = aims.mutant(chance.choice(pool), chance)
        try:
            aim(data)
        except BaseException as error:
            error.add_note(f"The bytes: {data!r}")
            raise


@pytest.mark.filterwarnings("ignore")
def test_a_forged_specification_is_refused_or_scores() -> None:
    chance = random.Random(2)
    for _ in range(EXECUTIONS * 1500):
        data = aims.forged(chance)
        try:
            aims.model_file(data)
        except BaseException as error:
            size = int.from_bytes(data[:8], "little")
            error.add_note(f"The header: {data[8 : 8 + size]!r}")
            raise


def test_a_renamed_label_of_a_sentence_is_refused() -> None:
    """Found by chance: one engine counted the rate by the label's place, the other by its name."""
    data = aims.tiny()[0].replace(b'\\"plain\\", \\"attributed\\"', b'\\"plain\\", \\"attribute$\\"')
    assert data != aims.tiny()[0]
    assert aims.restored(aims.resealed(data)) is None


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


BOMB = pickle.dumps(Bomb())


@pytest.mark.parametrize("run", [lambda: pickle.loads(BOMB), lambda: os.system("true"), lambda: exec("1"), lambda: eval("1")])
def test_the_canary_sings(run: Callable[[], object]) -> None:
    with pytest.raises(aims.Ran), aims.watched(*aims.MADE):
        run()


def test_a_damaged_footer_does_not_end_the_process(tmp_path: Path) -> None:
    """Found by chance: pyarrow ends the process when asked for a column of this file; framing.rows does not ask."""
    data = (Path(__file__).parent / "seeds" / "table" / "footer").read_bytes()
    aims.table(data)


def test_the_tiny_model_is_read_by_every_engine() -> None:
    data, golden = aims.tiny()
    model = aims.restored(data)
    assert model is not None and model.heads and len(data) < 16_000
    assert aims.persist.golden(aims.replace(model, engine=None)) == golden
    aims.model_file(data)
