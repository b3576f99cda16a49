"""The wheel, built with a compiler and without, installed where the checkout cannot be seen, classifies with the model it carries."""

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
SHIPPED = ("framing", "trained", "native", "datasets/LICENSE", "pyproject.toml", "setup.py", "README.md", "LICENSE")
LEFT = shutil.ignore_patterns("__pycache__", "*.so", "build", "fuzz")
NO_COMPILER = {"CC": "/bin/false", "CXX": "/bin/false"}

PROGRAM = """
import json
import framing, framing.cli, framing.archive.score, framing.views.terminal, framing.views.sheet
assert framing.views.sheet.stylesheet() and framing.views.sheet.script() and framing.views.sheet.examples(2)
a = framing.classify("He may have lied, and might again, two people familiar with the inquiry said.")
said = {"file": framing.__file__, "engine": framing.engine(), "model": a.model, "cues": [c.text for c in a.cues]}
print(json.dumps(said))
"""


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """What a command prints, in an environment that names no folder of ours and has some variables more."""
    hidden = ("PYTHONPATH", "FRAMING_MODELS", "FRAMING_PURE", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | more
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def build(folder: Path, **more: str) -> Path:
    """The wheel of a copy of the tree, so that nothing is written into the checkout and no kernel that stands there is taken."""
    source = folder / "source"
    for name in SHIPPED:
        origin, copy = ROOT / name, source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, ignore=LEFT, copy_function=shutil.copyfile)  # the time of every file is now
        else:
            shutil.copyfile(origin, copy)
    offline = ["--no-isolation"] if _builds_here() else []
    run(sys.executable, "-m", "build", "--wheel", *offline, "--outdir", folder, source, cwd=folder, SOURCE_DATE_EPOCH="1700000000", **more)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _builds_here() -> bool:
    """Whether the tools of pyproject's build-system are in this environment; else `build` fetches them."""
    try:
        return int(importlib.metadata.version("setuptools").partition(".")[0]) >= 77
    except importlib.metadata.PackageNotFoundError:
        return False


def install(folder: Path, wheel: Path) -> Path:
    """An environment with the wheel of its own and the libraries of this one."""
    environment = folder / "env"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    # Folders named in a .pth are searched last and their own .pth files are not read: an editable install stays unseen.
    (own,) = environment.glob("lib/python*/site-packages")
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (own / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment of a machine that has no compiler."""
    folder = tmp_path_factory.mktemp("wheel")
    return install(folder, build(folder, **NO_COMPILER))


def checked(first: Path, second: Path, tag: str) -> Path:
    """Two wheels that were built in different folders on different days: the same bytes, for the machines they are for, without faults."""
    assert first.name == second.name and tag in first.name
    assert first.read_bytes() == second.read_bytes()
    assert ": OK" in run(sys.executable, "-m", "check_wheel_contents", first, cwd=first.parent)
    return first


def two(folder: Path, **more: str) -> tuple[Path, Path]:
    """The wheel, built twice, of copies whose files bear the time of their making."""
    folders = (folder / "one", folder / "deeper" / "two")
    for each in folders:
        each.mkdir(parents=True)
    first = build(folders[0], **more)
    return first, build(folders[1], **more)


def quick(folder: Path) -> dict[str, str]:
    """A compiler that optimizes nothing and takes half the time; the kernel that other tests run was built as it is shipped."""
    kind = "g" if shutil.which("g++") else "clang"
    made = {}
    for name, compiler in (("CC", {"g": "gcc", "clang": "clang"}[kind]), ("CXX", f"{kind}++")):
        made[name] = folder / name.lower()
        made[name].write_text(f'#!/bin/sh\nexec {compiler} "$@" -O0\n')
        made[name].chmod(0o755)
    return {name: str(path) for name, path in made.items()}


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="no C++ compiler here")
def test_a_compiler_builds_the_kernel(tmp_path: Path) -> None:
    environment = install(tmp_path, checked(*two(tmp_path, **quick(tmp_path)), "-cp311-abi3-"))
    said = json.loads(run(environment / "bin" / "python", "-c", PROGRAM, cwd=environment))
    assert said["engine"] == "native" and {"may", "might"} <= set(said["cues"])
    (kernel,) = environment.rglob("framing/_native.abi3.so")
    assert kernel.stat().st_size < 3_000_000


def test_a_wheel_without_a_kernel_is_for_any_machine(tmp_path: Path) -> None:
    checked(*two(tmp_path, **NO_COMPILER), "-py3-none-any")


def test_classifies_with_the_model_in_the_wheel(installed: Path) -> None:
    said = json.loads(run(installed / "bin" / "python", "-c", PROGRAM, cwd=installed))
    assert Path(said["file"]).is_relative_to(installed)
    assert said["engine"] == "pure"
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
