from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from framing import Model
from framing.errors import InputError, ModelNotFound
from framing.views.workers import Busy, Workers


def identity(model: Model) -> tuple[str, int]:
    return model.id, os.getpid()


def refuse(model: Model, message: str) -> None:
    raise InputError(message)


def break_down(model: Model) -> None:
    raise ZeroDivisionError("a secret of ours")


def sleep(model: Model, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def die(model: Model) -> None:
    os._exit(9)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers("news-en", count=1, waiting=3, deadline=1.5)
    yield made
    made.stop()


def test_a_task_gets_the_model_and_its_answer_comes_back(workers: Workers, model: Model) -> None:
    name, process = asyncio.run(workers.run(identity))
    assert name == model.id
    assert process != os.getpid()


def test_errors_of_the_task_are_raised_here(workers: Workers) -> None:
    with pytest.raises(InputError, match="no such target"):
        asyncio.run(workers.run(refuse, "no such target"))
    with pytest.raises(RuntimeError, match="a secret of ours"):
        asyncio.run(workers.run(break_down))


def test_bad_input_80_more_than_may_wait_is_refused(workers: Workers) -> None:
    async def many() -> list[object]:
        return await asyncio.gather(*(workers.run(sleep, 0.1) for _ in range(8)), return_exceptions=True)

    found = asyncio.run(many())
    assert [type(one) for one in found] == [int] * 3 + [Busy] * 5
    assert asyncio.run(workers.run(sleep, 0.0))  # and there is room again


def test_a_task_over_its_time_is_ended_and_the_next_is_answered(workers: Workers) -> None:
    before = asyncio.run(workers.run(sleep, 0.0))
    began = time.monotonic()
    with pytest.raises(Busy, match="took over 2 seconds"):
        asyncio.run(workers.run(sleep, 60.0))
    assert time.monotonic() - began < 10
    assert asyncio.run(workers.run(sleep, 0.0)) != before


def test_a_process_that_dies_is_begun_again(workers: Workers) -> None:
    with pytest.raises(Busy, match="ended"):
        asyncio.run(workers.run(die))
    assert asyncio.run(workers.run(sleep, 0.0))


def test_a_missing_model_is_told_at_the_start() -> None:
    with pytest.raises(ModelNotFound, match="news-xx"):
        Workers("news-xx", count=1)


def test_stopped_workers_leave_no_process() -> None:
    made = Workers("news-en", count=1)
    process = asyncio.run(made.run(sleep, 0.0))
    made.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(RuntimeError):
        asyncio.run(made.run(sleep, 0.0))
