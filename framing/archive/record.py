"""The record of a run: what it was asked for, which parts are done, and a lock that dies with its process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from framing.corpus import replacing
from framing.documents import escape
from framing.errors import LockedError, OutputError, ResumeMismatch

RUN, DONE, LOCK = "run.json", "record.jsonl", "lock"


@dataclass(frozen=True, slots=True)
class Done:
    """A part that stands on disk.

    Attributes
    ----------
    part : int
    stamp : str
        That of its inputs.
    counts : dict of str to int
        Rows by status: ok, abstained, error.
    reasons : dict of str to int
        Rows with status error by reason.
    failures : list of (key, reason, message)
        The first few.
    sizes : dict of str to int
        Bytes of its files by kind: scores, sentences, cues.
    """

    part: int
    stamp: str
    counts: dict[str, int]
    reasons: dict[str, int] = field(default_factory=dict)
    failures: list[list[str]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """The run's folder for this process alone; the system lets go of it when the process ends, however it ends.

    Gives whether the process that had it before died of something: the lock is marked while it is held.
    """
    try:
        folder.mkdir(parents=False, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    except OSError as error:
        message = f"{escape(str(folder))} cannot be written: {error.strerror}. Check that the folder around it exists and may be written."
        raise OutputError(message) from None
    try:
        if not _take(descriptor):
            raise LockedError(f"Another job writes to this destination ({escape(str(folder))}). Wait for it, or choose another --out.")
        died = bool(os.read(descriptor, 1))
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, b"held\n")
        try:
            yield died
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Whether the lock could be had."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def begin(folder: Path, asked: Mapping[str, Any], destination: str, there: bool) -> dict[int, Done]:
    """The parts that are done, by number, of a run that goes on; none of one that begins.

    Parameters
    ----------
    folder : Path
        The run's folder, locked.
    asked : mapping
        All that the rows depend on but the inputs: model, engine, source, options.
    destination : str
        Its name, for messages.
    there : bool
        Whether the destination is there; where it is missing though its run was finished, all starts anew.

    Raises
    ------
    ResumeMismatch
        If the run was begun with another model or other options.
    """
    before = _read(folder / RUN)
    done = dict(_recorded(folder / DONE)) if before is not None else {}
    if before is None or (before.get("finished") and not there):
        _clear(folder)
        write(folder, asked, finished=False)
        return {}
    if "scores" in before:
        raise _of_another(folder, before, destination)
    changed = [name for name in {**before, **asked} if name != "finished" and before.get(name) != asked.get(name)]
    if changed:
        told = "; ".join(f"{name} was {_short(before.get(name))}, is {_short(asked.get(name))}" for name in changed)
        whole = folder.parent if Path(destination) == folder.parent else folder  # a dataset's parts are beside its record
        remedy = f"Give the same again, choose another --out, or remove {escape(str(whole))} to start anew"
        raise ResumeMismatch(f"{destination} was begun otherwise: {told}. {remedy}.")
    return done


def claim(folder: Path, scores: str, destination: str) -> None:
    """Takes a destination of sentences or cues, whose folder is locked, for the run that writes its scores to `scores`.

    Raises
    ------
    ResumeMismatch
        If it is another run's.
    """
    before = _read(folder / RUN)
    if before is not None and before.get("scores") != scores:
        raise _of_another(folder, before, destination)
    with replacing(folder / RUN) as stream:
        stream.write(json.dumps({"scores": scores}).encode() + b"\n")


def _of_another(folder: Path, before: Mapping[str, Any], destination: str) -> ResumeMismatch:
    owner = f"belongs to the run that writes {before['scores']}" if "scores" in before else "holds the scores of another run"
    return ResumeMismatch(f"{escape(destination)} {escape(owner)}. Choose another place, or remove it and {escape(str(folder))}.")


def _short(value: Any) -> str:
    return f"{json.dumps(value):.80}"


def _read(path: Path) -> dict[str, Any] | None:
    """What a run was asked for; None where it never began."""
    try:
        made = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        made = None
    if not isinstance(made, dict):
        raise OutputError(f"{escape(str(path))} is damaged. Remove its folder to start anew.")
    return made


def write(folder: Path, asked: Mapping[str, Any], finished: bool) -> None:
    """Writes what the run was asked for, and whether its destination is whole."""
    with replacing(folder / RUN) as stream:
        stream.write(json.dumps({**asked, "finished": finished}, indent=1).encode() + b"\n")


def _recorded(path: Path) -> Iterator[tuple[int, Done]]:
    """The parts of the record; a last line that a kill cut short is none, a later line of a part replaces an earlier."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            made = Done(**json.loads(line))
            yield made.part, made


def _clear(folder: Path) -> None:
    """Empties the run's folder but for its lock."""
    for path in folder.iterdir():
        if path.name != LOCK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextlib.contextmanager
def journal(folder: Path, done: Mapping[int, Done]) -> Iterator[Journal]:
    """The record, rewritten whole from what is known to be good, and open to be added to."""
    with replacing(folder / DONE) as stream:
        stream.writelines(_line(done[number]) for number in sorted(done))
    with (folder / DONE).open("ab", buffering=0) as stream:
        yield Journal(stream)


def _line(done: Done) -> bytes:
    return json.dumps(asdict(done), sort_keys=True).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Journal:
    """The open record."""

    stream: Any

    def add(self, done: Done) -> None:
        """A part more, on disk when this returns."""
        self.stream.write(_line(done))
        os.fsync(self.stream.fileno())


def finished(folder: Path) -> bool:
    """Whether the destination was filled by the parts that the record held before this run."""
    return bool((_read(folder / RUN) or {}).get("finished"))
