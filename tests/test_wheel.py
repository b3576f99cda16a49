"""The wheel, installed where the checkout cannot be seen, classifies with the model it carries."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="the paths below are those of POSIX")]

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("framing", "trained", "datasets/LICENSE", "pyproject.toml", "README.md", "LICENSE")

PROGRAM = """
import json
import framing, framing.cli, framing.archive.score, framing.views.terminal, framing.views.sheet
assert framing.views.sheet.stylesheet() and framing.views.sheet.script() and framing.views.sheet.examples(2)
a = framing.classify("He may have lied, and might again, two people familiar with the inquiry said.")
print(json.dumps({"file": framing.__file__, "model": a.model, "cues": [c.text for c in a.cues]}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints, in an environment that names no folder of ours."""
    hidden = ("PYTHONPATH", "FRAMING_MODELS", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def build(folder: Path) -> Path:
    """The wheel of a copy of the tree, so that nothing is written into the checkout."""
    source = folder / "source"
    for name in SHIPPED:
        origin, copy = ROOT / name, source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, copy)
    offline = ["--no-isolation"] if _builds_here() else []
    run(sys.executable, "-m", "build", "--wheel", *offline, "--outdir", folder, source, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _builds_here() -> bool:
    """Whether the tools of pyproject's build-system are in this environment; else `build` fetches them."""
    try:
        return int(importlib.metadata.version("setuptools").partition(".")[0]) >= 77
    except importlib.metadata.PackageNotFoundError:
        return False


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel of its own and the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build(folder)
    environment = folder / "env"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    # Folders named in a .pth are searched last and their own .pth files are not read: an editable install stays unseen.
    (own,) = environment.glob("lib/python*/site-packages")
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (own / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return environment


def test_classifies_with_the_model_in_the_wheel(installed: Path) -> None:
    said = json.loads(run(installed / "bin" / "python", "-c", PROGRAM, cwd=installed))
    assert Path(said["file"]).is_relative_to(installed)
    assert said["model"].startswith("news-en")
    assert {"may", "might"} <= set(said["cues"])


def test_the_command_runs(installed: Path) -> None:
    listed = run(installed / "bin" / "framing", "models", cwd=installed)
    assert "news-en" in listed and str(installed) in listed
    (installed / "a.txt").write_text("He may have lied, and might again.")
    cues = json.loads(run(installed / "bin" / "framing", "classify", "a.txt", "--json", cwd=installed))["cues"]
    assert [cue["text"] for cue in cues] == ["may", "might"]


def test_carries_licences_and_the_model_card(installed: Path) -> None:
    names = {path.name for path in installed.rglob("*.dist-info/**/*") if "framing_news" in str(path)}
    assert "LICENSE" in names
    assert list(installed.rglob("framing/trained/news-en/README.md"))
    assert list(installed.rglob("framing/py.typed"))
