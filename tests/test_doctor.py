from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from framing import cli, persist
from framing.views import doctor


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_a_sound_installation(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    root = str(Path(doctor.__file__).parents[2])
    monkeypatch.setattr(sys, "path", [root, *(entry for entry in sys.path if "site-packages" in entry)])
    code, out = call(capsys, "doctor")
    assert code == 0, out
    for said in ("engine", "news-en@", "sha256", "numpy", "extra serve", "can be written"):
        assert said in out


@pytest.mark.parametrize("name", ["framing.py", "framing/__init__.py"])
def test_a_clash_of_names_is_a_fault_with_a_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    code, out = call(capsys, "doctor")
    assert code == 1 and f"! name             another package `framing`: {tmp_path}" in out and "python -m venv" in out


def test_a_missing_or_broken_model_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(persist, "installed", dict)
    assert any(one.fault and "FRAMING_MODELS" in one.remedy for one in doctor.checks())
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    monkeypatch.setattr(persist, "installed", lambda: {"bad": tmp_path})
    assert any(one.fault and one.name == "model bad" for one in doctor.checks())


def test_a_missing_extra_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "fastapi" else known(name))
    extra = next(one for one in doctor.checks() if one.name == "extra serve")
    assert "fastapi" in extra.seen and "framing-news[serve]" in extra.remedy and not extra.fault


def test_every_fault_has_a_remedy() -> None:
    assert all(one.remedy for one in doctor.checks() if one.fault)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    code, out = call(capsys, "--show-completion", shell)
    assert code == 0 and "_FRAMING_COMPLETE" in out


ASKED = {
    "bash": {"_FRAMING_COMPLETE": "complete_bash", "COMP_WORDS": "framing cla", "COMP_CWORD": "1"},
    "zsh": {"_FRAMING_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "framing cla"},
    "fish": {"_FRAMING_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": "framing cla"},
}


@pytest.mark.parametrize("shell", ASKED)
def test_what_each_shell_asks_is_answered(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    for name, value in ASKED[shell].items():
        monkeypatch.setenv(name, value)
    out = call(capsys)[1]
    assert "classify" in out and "check" not in out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_with_the_script_that_is_shown(tmp_path: Path) -> None:
    root, command = Path(doctor.__file__).parents[2], tmp_path / "framing"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m framing.cli \"$@\"\n")
    command.chmod(0o755)
    typed = "COMP_WORDS=(framing check --qu); COMP_CWORD=2; _framing_completion framing"
    script = f"source <(framing --show-completion bash); {typed}; echo $COMPREPLY"
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(root), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("--quoted\n", "")
