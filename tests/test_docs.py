"""The manual is built without a warning, asks no other host for anything, and its samples run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import framing
from framing import cli

ROOT = Path(__file__).resolve().parent.parent
CLUSTERS = "clusters"
"""A page whose samples take a running Dask or Spark cluster; tests of the archive run that code."""

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


def samples(page: Path) -> list[tuple[str, str]]:
    if page.stem == CLUSTERS:
        return []
    return [(found[1], found[2]) for found in FENCE.finditer(page.read_text(encoding="utf-8"))]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    monkeypatch.chdir(tmp_path)


def command(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main(shlex.split(line)[1:])
    said = capsys.readouterr()
    assert not ended.value.code, f"{line}: {said.err}"
    return said.out


@pytest.mark.parametrize("page", [page for page in PAGES if samples(page)], ids=lambda page: page.stem)
def test_the_samples_run(page: Path, root: None, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for kind, code in samples(page):
        if kind == "python":
            exec(compile(code, page.name, "exec"), names)
            continue
        for block in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
            line, *expected = block.strip().split("\n")
            shown = command(line, capsys)
            assert all(said.removeprefix("...") in shown for said in expected), f"{line} printed {shown}"


def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    pytest.importorskip("mkdocstrings", reason="the manual needs the extra docs: pip install -e '.[docs]'")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        assert not ELSEWHERE.search(page.read_text(encoding="utf-8")), f"{page.name} asks another host"


def test_every_public_name_and_command_is_in_the_manual() -> None:
    manual = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in framing.__all__ if name not in manual] == []
    commands = ("classify", "score", "explain", "summary", "report", "check", "doctor", "serve", "train")
    assert [one for one in commands if f"framing {one}" not in manual] == []
