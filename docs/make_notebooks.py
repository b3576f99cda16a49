"""Runs the notebooks of docs/notebooks and writes what they show into them; run it after a change, and look at each.

    python docs/make_notebooks.py
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "docs" / "notebooks"


def run(path: Path, folder: Path) -> Any:
    """A notebook after all its cells have run in a folder; raises what a cell raises."""
    notebook = nbformat.read(path, as_version=4)
    places = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    there = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=there, record_timing=False)
    client.execute(env={**os.environ, "PYTHONPATH": places})
    return notebook


def main() -> None:
    """All of them."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        before = time.perf_counter()
        notebook = run(path, path.parent)
        notebook.metadata.language_info = {"name": "python"}
        nbformat.write(notebook, path)
        print(f"{path.name}: {time.perf_counter() - before:.0f} s")


if __name__ == "__main__":
    main()
