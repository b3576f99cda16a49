"""Threads or processes that score parts; a process that dies costs a retry, and at last the one text that kills it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from framing.archive import work
from framing.archive.parts import Part
from framing.archive.record import Done
from framing.corpus import Input, Unread
from framing.documents import Failure
from framing.errors import OutputError

if TYPE_CHECKING:
    from framing.archive.work import Wanted
    from framing.model import Model

DEATHS = 3
"""A text is given up when it has ended a process of its own so often; other deaths may have come from outside."""

STARTS = 5
"""Attempts at new processes; deaths may come from outside there too."""

ATTEMPTS = 25
"""Deaths that a part may cost; so many come from the machine, not from a text."""

GRACE = 2.0
"""Seconds that threads have to end after an interrupt."""

SWITCH = 0.0005
"""Seconds after which Python's lock may change hands while threads score; at its usual 5 ms one waits as long as 40 texts take."""

DIED = "The process that scored it died, alone with it and more than once. Look at the text."

_held: list[Any] = []
"""The model and what is wanted, in a process of the pool: sent once, not with every part."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part and the temporary files that take its rows."""

    part: Part
    files: Mapping[str, str]


class Crew(ABC):
    """Some workers that score parts side by side."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.pending: dict[Future[Done], Task] = {}

    def scored(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Done]]:
        """Each task with what was done, in the order of their ends; the next tasks are taken while the workers work."""
        for task in tasks:
            if len(self.pending) > self.workers:
                yield from self.settled()
            self.pending[self.begun(task)] = task
        while self.pending:
            yield from self.settled()

    @abstractmethod
    def begun(self, task: Task) -> Future[Done]:
        """A task under way."""

    @abstractmethod
    def settled(self) -> Iterator[tuple[Task, Done]]:
        """Takes what has ended out of `pending`."""


class Threads(Crew):
    """Threads of this process: the kernel works without Python's lock. Nothing starts and nothing is sent, and nothing survives a crash."""

    def __init__(self, model: Model, wanted: Wanted, workers: int) -> None:
        super().__init__(workers)
        self._given, self._stop = (model, wanted), threading.Event()
        self._executor, self._filters = ThreadPoolExecutor(workers), warnings.catch_warnings()
        self._interval = sys.getswitchinterval()

    def __enter__(self) -> Threads:
        sys.setswitchinterval(min(SWITCH, self._interval))
        self._filters.__enter__()  # threads that hush warnings one beside the other do not leave the filters as they were
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        wait(self.pending, GRACE)
        self._filters.__exit__(None, None, None)
        sys.setswitchinterval(self._interval)

    def begun(self, task: Task) -> Future[Done]:
        """A task under way."""
        return self._executor.submit(work.do, *self._given, task.part, task.files, self._checked)

    def settled(self) -> Iterator[tuple[Task, Done]]:
        """What has ended."""
        for future in wait(self.pending, return_when=FIRST_COMPLETED)[0]:
            yield self.pending.pop(future), future.result()

    def _checked(self, n: int, failed: int) -> None:
        """Between two batches: end where nobody waits for the part any more."""
        if self._stop.is_set():
            raise InterruptedError


class Pool(Crew):
    """Processes that hold the model, through joblib's loky."""

    def __init__(self, model: Model, wanted: Wanted, workers: int) -> None:
        super().__init__(workers)
        self._start = model, wanted, os.getpid()
        self._executor = self._new()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._end(starting=kind is not None)

    def begun(self, task: Task) -> Future[Done]:
        """A task under way."""
        return self._submit(_do, task.part, task.files)

    def settled(self) -> Iterator[tuple[Task, Done]]:
        """What has ended; where a process died, every task under way is done again, one at a time."""
        ended, _ = wait(self.pending, return_when=FIRST_COMPLETED)
        broken = []
        for future in ended:
            task = self.pending.pop(future)
            try:
                yield task, future.result()
            except _broken():
                broken.append(task)
        if broken:
            broken += self.pending.values()
            self.pending.clear()
            self._renew()
            yield from ((task, self._alone(task)) for task in sorted(broken, key=lambda task: task.part.number))

    def _alone(self, task: Task) -> Done:
        """A part with no other beside it; one that ends its process twice is searched for the text that does so."""
        part = task.part
        for attempt in range(ATTEMPTS):
            try:
                done: Done = self._submit(_do, part, task.files).result()
                return done
            except _broken():
                self._renew()
                if attempt:
                    part = replace(part, inputs=tuple(self._harmless(part.inputs)))
        raise OutputError(f"Processes died {ATTEMPTS} times over one part. Is there enough memory? Run again with --workers 1.")

    def _harmless(self, items: tuple[Input, ...]) -> Iterator[Input]:
        """The inputs, with a failure in the place of each that ends a process."""
        if self._survives(items, 1 if len(items) > 1 else DEATHS):
            yield from items
        elif len(items) == 1:
            yield Failure(items[0].key, "worker_died", DIED, items[0].row)
        else:
            half = len(items) // 2
            yield from self._harmless(items[:half])
            yield from self._harmless(items[half:])

    def _survives(self, items: tuple[Input, ...], attempts: int) -> bool:
        for _ in range(attempts):
            try:
                self._submit(_probe, items).result()
                return True
            except _broken():
                self._renew()
        return False

    def _submit(self, function: Any, *arguments: Any) -> Future[Any]:
        try:
            future: Future[Any] = self._executor.submit(function, *arguments)
        except _broken():  # a process died while nothing was under way
            self._renew()
            future = self._executor.submit(function, *arguments)
        return future

    def _renew(self) -> None:
        """New processes, of which it is known that they live: where none does, no text is to blame."""
        for _ in range(STARTS):
            self._end(starting=False)
            self._executor = self._new()
            with contextlib.suppress(_broken()):
                self._executor.submit(os.getpid).result()
                return
        raise OutputError(f"{STARTS} times a process died at its start. Is there enough memory? Run again with --workers 1.")

    def _end(self, starting: bool) -> None:
        """End the processes and let the executor find them dead: its own `kill_workers` forgets work that its thread then looks up.

        An interrupt may come while processes start; the executor does not know those yet, and Python's exit would wait for them.
        """
        processes = list((self._executor._processes or {}).values())
        if starting:
            processes += [process for process in multiprocessing.active_children() if process.name.startswith("LokyProcess")]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        self._executor.shutdown(wait=False)

    def _new(self) -> Any:
        from joblib.externals.loky.process_executor import ProcessPoolExecutor

        return ProcessPoolExecutor(self.workers, initializer=_hold, initargs=self._start)


def _broken() -> type[Exception]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    broken: type[Exception] = BrokenProcessPool
    return broken


def _hold(model: Model, wanted: Wanted, parent: int) -> None:
    """In a new process: keep the model, leave interrupts to the parent, and end when it has ended."""
    _held[:] = model, wanted
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _do(part: Part, files: Mapping[str, str]) -> Done:
    model, wanted = _held
    return work.do(model, wanted, part, files)


def _probe(items: tuple[Input, ...]) -> None:
    """Read and score, and forget it."""
    model, wanted = _held
    work.score(model, wanted, [item.read() if isinstance(item, Unread) else item for item in items], ["key"])
