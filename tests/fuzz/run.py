"""Throw bytes at an aim: `python tests/fuzz/run.py AIM EXECUTIONS [SEED]`. Prints how many were tried and stops at a find, which it keeps.

With atheris installed coverage guides the choice of bytes; without, mutants of the seeds are made by chance.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

try:
    import atheris
except ImportError:
    atheris = None  # type: ignore[assignment]


def by_chance(name: str, executions: int, seed: int) -> None:
    """Mutants of the seeds, one after the other."""
    from aims import AIMS, mutant, seeds

    chance, begin, pool, begun = random.Random(seed), seeds(name), seeds(name), time.monotonic()
    for done in range(1, executions + 1):
        data = mutant(chance.choice(pool), chance)
        if len(data) < 20_000 and done % 100 == 0:  # mutants of mutants too
            pool = (begin + pool)[: len(begin) + 200] if chance.random() < 0.01 else [*pool[-300:], data]
        tried(name, AIMS[name], data)
        if done % 10_000 == 0 or done == executions:
            print(f"{name}: {done:,} executions, {done / (time.monotonic() - begun):,.0f} a second", flush=True)


def by_coverage(name: str, executions: int, seed: int) -> None:
    """What libFuzzer chooses by the lines that earlier bytes reached."""
    with atheris.instrument_imports(include=["framing"]):
        from aims import AIMS, folder, seeds

        AIMS[name](b"")
    start = Path(folder(), "corpus")
    start.mkdir(exist_ok=True)
    for number, data in enumerate(seeds(name)):
        (start / str(number)).write_bytes(data)
    flags = [f"-runs={executions}", f"-seed={seed}", "-max_len=8192" if name == "model_file" else "-max_len=600", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *flags, "-timeout=60", str(start)], lambda data: tried(name, AIMS[name], data))
    atheris.Fuzz()


def tried(name: str, aim, data: bytes) -> None:  # type: ignore[no-untyped-def]
    """One execution; bytes that make a find are kept."""
    try:
        aim(data)
    except BaseException:
        Path(f"find-{name}").write_bytes(data)
        raise


if __name__ == "__main__":
    _, which, count, *rest = sys.argv
    run = by_coverage if atheris is not None and "chance" not in rest else by_chance
    run(which, int(count), int(next((one for one in rest if one.isdigit()), "1")))
