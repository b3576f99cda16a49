"""Imports go down the layers; a first classify stays light."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "framing"

LAYERS = (
    ("errors", "inert", "patterns", "roles", "tree", "types", "unicode14"),
    ("text", "sentences", "language", "features", "linear", "lexicon"),
    ("cues", "heads", "joint", "targets", "explain", "export", "native", "table", "style", "model"),
    ("persist", "card", "webpage", "documents", "rows", "corpus", "bootstrap", "evaluation", "measure", "calibrate", "regression"),
    ("fit",),
    ("counting",),
    ("training",),
    ("cli", "__init__"),
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}

PARTS = ("archive", "views")
MAY_IMPORT_PARTS = ("cli", "__init__", "types")

SAVING = ("model", "persist")
"""The one way up: `Model.save` hands itself to the module that writes models, when it is called."""

CHECK = "import framing, sys; a = framing.classify({!r}); print(*({{m.partition('.')[0] for m in sys.modules}} & {!r}))"
TEXT = "Officials may have misread the figures, two people familiar with the inquiry said."
HEAVY = {"sklearn", "scipy", "pandas", "pyarrow", "trafilatura"}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each part or module of framing that a file imports, and whether inside a function; what only a type checker reads is left out."""
    yield from _below(ast.parse(path.read_text(encoding="utf-8")), False)


def _below(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        for name in _names(child):
            yield name, late
        yield from _below(child, late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        dotted = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: imports are absolute here"
        known = {*LAYER, *PARTS}
        dotted = [f"framing.{a.name}" if node.module == "framing" and a.name in known else node.module or "" for a in node.names]
    else:
        return
    for name in dotted:
        head, _, rest = name.partition(".")
        if head == "framing":
            yield rest.partition(".")[0] or "__init__"


MODULES = sorted(path.stem for path in CORE.glob("*.py"))
PART_FILES = sorted(path for part in PARTS for path in (CORE / part).rglob("*.py"))


def test_every_module_has_a_layer() -> None:
    assert sorted(LAYER) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    for name, late in imports(CORE / f"{module}.py"):
        if name in PARTS:
            assert module in MAY_IMPORT_PARTS and late, f"{module} must not import framing.{name} (cli, __init__, types: inside a function)"
        elif (module, name) != SAVING or not late:
            assert LAYER[name] <= LAYER[module], f"{module} imports {name}, which is above it"


@pytest.mark.parametrize("path", PART_FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_archive_and_views_know_the_core_only(path: Path) -> None:
    part = path.relative_to(CORE).parts[0]
    for name, _ in imports(path):
        assert name == part or name in LAYER, f"{path.name} imports framing.{name}"
        assert name != "cli", f"{path.name} must not import the command"


def test_the_reader_of_imports_sees_them_all(tmp_path: Path) -> None:
    source = "import framing.views.html\nfrom framing import text, load\ndef f():\n    from framing.model import Model\n"
    source += "if TYPE_CHECKING:\n    from framing.training import train\n"
    (tmp_path / "m.py").write_text(source)
    assert list(imports(tmp_path / "m.py")) == [("views", False), ("text", False), ("__init__", False), ("model", True)]


def test_classify_loads_no_heavy_library() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CHECK.format(TEXT, HEAVY)], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
