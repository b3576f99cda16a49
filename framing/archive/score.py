"""Scores a folder or a file of rows: a row for each input, those that fail too."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from framing.corpus import documents
from framing.documents import Document, Failure
from framing.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model

BATCH = 32
"""Documents scored at once; the progress moves as often."""

Advance: TypeAlias = Callable[[int], object]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A scored archive.

    Attributes
    ----------
    frame : DataFrame
        Columns key, title, row (together key and row are unique), then those of `framing.table.columns`. A row for each
        input, in the order of the source; where it failed the status is `error` and the reason a word of the quarantine list.
    failures : tuple of Failure
        The inputs that gave no text, with what to do.
    """

    frame: pd.DataFrame
    failures: tuple[Failure, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status: ok, abstained, error; they add up to the rows."""
        found = Counter(self.frame["status"].tolist())
        return {status: found[status] for status in ("ok", "abstained", "error")}

    @property
    def exit_code(self) -> int:
        """0 all scored, 3 some inputs failed, 4 nothing scored."""
        counts = self.counts
        if counts["ok"] + counts["abstained"] == 0:
            return 4
        return 3 if counts["error"] else 0


def score(model: Model, source: str | os.PathLike[str], text: str | None = None, advance: Advance = lambda n: None) -> Scored:
    """Scores every document of a source.

    Parameters
    ----------
    model : Model
    source : path
        As `framing.corpus.documents` takes it.
    text : str, optional
        The column of a table's texts; guessed if None.
    advance : callable
        Told the number of documents done, every `BATCH`.

    Raises
    ------
    ReadError
        If the source itself is missing or may not be read.
    """
    import pandas as pd

    tables, failures = [model.score(pd.DataFrame({"text": [], "title": []}, dtype=object), title="title")], []
    names: list[tuple[str, str | None, int]] = []
    for batch in _batches(documents(source, text)):
        tables.append(_scored(model, batch))
        failures += [item for item in batch if isinstance(item, Failure)]
        names += [(item.key, item.title if isinstance(item, Document) else None, item.row) for item in batch]
        advance(len(batch))
    records = [record for table in tables for record in table.to_dict("records")]
    frame = pd.DataFrame(names, columns=["key", "title", "row"]).join(pd.DataFrame(records, columns=tables[0].columns))
    counted = [name for name in frame.columns if name in ("words", "sentences") or name.startswith("cues_")]
    return Scored(frame.astype(dict.fromkeys(counted, "Int64")), tuple(failures))


def apart(document: Document) -> str | None:
    """The headline, where it does not stand at the head of the text as well and would be read twice."""
    title = document.title
    return None if title is None or document.text.lstrip().startswith(title) else title


def refuse_own_output(source: Path, out: Path) -> None:
    """`InputError` if the table would overwrite what is read, or be read as an article the next time."""
    read, written = source.resolve(), out.resolve()
    if written == read or (read.is_dir() and read in written.parents):
        raise InputError("The output lies in the source, and would be read as an article the next time. Choose a path outside of it.")


def _batches(items: Iterable[Document | Failure]) -> Iterator[list[Document | Failure]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _scored(model: Model, batch: list[Document | Failure]) -> pd.DataFrame:
    """The scores of a batch; an input without a text is a bad row with its own reason."""
    import pandas as pd

    texts = [item.text if isinstance(item, Document) else None for item in batch]
    titles = [apart(item) if isinstance(item, Document) else None for item in batch]
    table = model.score(pd.DataFrame({"text": texts, "title": titles}, dtype=object), title="title")
    for place, item in enumerate(batch):
        if isinstance(item, Failure):
            table.loc[place, ["status", "reason"]] = ["error", item.reason]
    return table
