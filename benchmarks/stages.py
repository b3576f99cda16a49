"""How long each stage of the kernel's text layer takes, and `wc -w` on the same bytes in the same run.

    python benchmarks/stages.py ../shared/corpora/train/hyperpartisan_train.jsonl.gz ...

Each file is JSON lines with a `text`, gzipped or not. Needs a C++ compiler (`CXX`, else c++) and `wc`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from framing.training import read_rows

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("benchmarks/stages.cpp", "native/text.cpp", "native/sentences.cpp", "native/language.cpp", "native/view.cpp")
FLAGS = ("-std=c++17", "-O3", "-fno-exceptions", "-fno-rtti")
LEAST = 20_000_000  # bytes that a turn reads


def texts(path: Path) -> Iterator[bytes]:
    """The texts of a file, each with a zero byte behind."""
    for row in read_rows(path):
        yield row["text"].replace("\0", " ").encode() + b"\0"


def main(paths: list[str]) -> None:
    """Build, write the texts to a file, run."""
    data = b"".join(text for path in paths for text in texts(Path(path)))
    with tempfile.TemporaryDirectory() as folder:
        program, sample = Path(folder) / "stages", Path(folder) / "texts"
        subprocess.run([os.environ.get("CXX", "c++"), *FLAGS, *(str(ROOT / name) for name in SOURCES), "-o", str(program)], check=True)
        sample.write_bytes(data * (LEAST // max(len(data), 1) + 1))
        subprocess.run([str(program), str(sample)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:] or [str(ROOT / "datasets" / "articles.jsonl")])
