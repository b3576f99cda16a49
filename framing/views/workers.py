"""A few processes that each hold the model, so that the page answers while it scores, and no text holds it up for ever."""

from __future__ import annotations

import asyncio
import multiprocessing
import queue
import signal
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from framing.errors import FramingError

if TYPE_CHECKING:
    from framing.model import Model
    from framing.style import Style

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 45.0
"""Seconds that one task may take; its process is then ended and another begun."""

START_DEADLINE = 120.0


class Busy(FramingError):
    """More work is waiting than is let wait, or a task took too long."""


class Workers:
    """Processes that run `task(model, ...)` for the page.

    Parameters
    ----------
    model : str
        Name or folder of the model; each process loads its own.
    count : int
        Number of processes.
    waiting : int
        Most tasks that run or wait; one more is refused with `Busy`.
    deadline : float
        Seconds that a task may take.
    style : Style, optional
        A house style for the model.

    Raises
    ------
    FramingError
        If the model cannot be loaded.
    """

    def __init__(self, model: str, count: int = 2, waiting: int = 128, deadline: float = DEADLINE, style: Style | None = None) -> None:
        self._waiting, self._deadline, self._held = waiting, deadline, 0
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="framing")
        self._all = [_Worker(model, style) for _ in range(count)]  # they load side by side
        try:
            for worker in self._all:
                worker.ready()
                self._idle.put(worker)
        except BaseException:
            self.stop()
            raise

    async def run(self, task: Callable[Concatenate[Model, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of a function of a module, called with the model first; its `FramingError` is raised here."""
        if self._held >= self._waiting:
            raise Busy(f"{self._waiting} texts are being read or wait already. Try again in a moment.")
        self._held += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._one, task, arguments, named)
        finally:
            self._held -= 1

    def _one(self, task: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """In a thread: as many as there are processes, so one is always idle."""
        worker = self._idle.get()
        try:
            return worker.ask((task, arguments, named), self._deadline)
        finally:
            self._idle.put(worker)

    def stop(self) -> None:
        """End the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.end()


class _Worker:
    """One process and the pipe to it; begun anew when it was ended or died."""

    def __init__(self, model: str, style: Style | None = None) -> None:
        self._model, self._style, self._over = model, style, False
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._model, self._style, theirs), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the process
        self._fresh = True

    def ready(self) -> None:
        """Wait until it has loaded the model."""
        if self._fresh:
            try:
                self._answer(START_DEADLINE)
            except Busy:
                raise Busy("The process that scores could not be started. See whether memory is short.") from None
            self._fresh = False

    def ask(self, task: tuple[Any, ...], deadline: float) -> Any:
        if not self._process.is_alive():
            self._again()
        self.ready()
        try:
            self._pipe.send(task)
        except OSError:  # it died this very moment
            self._again()
            raise Busy("The process that should read the text had ended. Send it again.") from None
        return self._answer(deadline)

    def _answer(self, deadline: float) -> Any:
        """What the process answers within the deadline; else it is ended and another begun."""
        try:
            if not self._pipe.poll(deadline):
                self._again()
                raise Busy(f"The text took over {deadline:.0f} seconds and was given up. Send a shorter one.")
            done, value = self._pipe.recv()
        except (EOFError, OSError):
            self._again()
            raise Busy("The process that read the text ended. Send it again, or a shorter one.") from None
        if done:
            return value
        raise value

    def _again(self) -> None:
        if self._over:
            raise Busy("The server is closing.")
        self._kill()
        self._begin()

    def end(self) -> None:
        self._over = True
        self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(model: str, style: Style | None, pipe: Connection) -> None:
    """In the process: load, then answer until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends us
    warnings.simplefilter("ignore")  # they are about a reader's text: for the page, which records them, not for the log
    try:
        from framing.persist import load

        loaded = load(model).with_style(style)
    except FramingError as error:
        pipe.send((False, error))
        return
    pipe.send((True, None))
    while True:
        try:
            task, arguments, named = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_done(task, loaded, arguments, named))


def _done(task: Callable[..., Any], model: Model, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[bool, Any]:
    try:
        return True, task(model, *arguments, **named)
    except FramingError as error:
        return False, error
    except Exception:  # a fault of ours: it goes to the log of the server, never to the reader
        return False, RuntimeError(traceback.format_exc())
