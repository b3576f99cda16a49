"""The notebooks of the manual run from their first cell to their last, and show what their text speaks of."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("nbclient", reason="notebooks need the extra dev: pip install -e '.[dev]'")
ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "docs" / "notebooks"

# Name: pictures that are drawn, what must stand in what the cells show.
KEY = {
    "first_look": (2, ['<mark class="approximator"', 'class="loaded"', "too_short", "language", "the minister: "]),
    "corpus": (4, ["ok    158", "attributed_rate", "p_holm", "Articles coded as\nloaded had", '<mark class="epistemic"']),
    "own_label": (3, ["always attack: 0.", "the model:", "ece", ", said ", "('side',)"]),
}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(notebook: Any) -> tuple[int, str]:
    """How many pictures the cells show, and all their text and HTML."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    data = [output.get("data", {"text/plain": output.get("text", "")}) for output in outputs]
    texts = ["".join(one.get(kind, "")) for one in data for kind in ("text/html", "text/plain")]
    return sum("image/png" in one for one in data), "\n".join(texts)


def test_every_notebook_is_tested() -> None:
    assert sorted(KEY) == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", KEY)
def test_a_notebook_runs_and_shows_what_it_speaks_of(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "notebooks"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    notebook = script("make_notebooks").run(NOTEBOOKS / f"{name}.ipynb", folder)
    pictures, text = shown(notebook)
    assert pictures == KEY[name][0]
    assert [said for said in KEY[name][1] if said not in text] == []
    assert "Warning" not in text and list(folder.iterdir()) == []


@pytest.mark.parametrize("name", KEY)
def test_what_is_stored_was_run_and_names_no_machine(name: str) -> None:
    text = (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(text)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1)), "run docs/make_notebooks.py"
    assert not [said for said in ("/work", "/root", "/home", "/tmp") if said in text]
    pictures, said = shown(notebook)
    assert pictures == KEY[name][0] and "Traceback" not in said


def test_a_page_is_made_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mkdocs", reason="the manual needs the extra docs: pip install -e '.[docs]'")
    page = script("render_notebooks").page
    output = [{"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}, {"data": {"text/html": ["<b>x</b>"]}}]
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "See [it](corpus.ipynb)."]},
        {"cell_type": "code", "source": ["x"], "outputs": [*output, {"data": {"image/png": "aaaa\n"}}]},
    ]
    made = page({"cells": cells}, "a.ipynb")
    assert made.startswith("# Title\n\n*This page is a notebook: [download it](a.ipynb)")
    assert "[it](corpus.md)" in made and "```python\nx\n```" in made and "one\ntwo\n```" in made
    assert '<div class="output"><b>x</b></div>' in made and 'src="data:image/png;base64,aaaa"' in made


