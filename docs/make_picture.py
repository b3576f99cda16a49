"""Draws docs/pictures/classify.svg and classify-plain.svg: what `framing classify` prints at 80 columns, with and without colour.

    python docs/make_picture.py
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
ARTICLE = """Aides Said to Be Given a Free Hand at the Harbour Ministry

He has purportedly empowered aides, per reporting from the Daily Post, and may be planning a possibly less legal turn, \
according to two officials. Critics say the shameless scheme would hand the docks to his cronies if the courts look away. \
“It could be a misunderstanding,” the minister’s lawyer said on Tuesday. Roughly 300 dockers walked out on 3 May; whether \
they return remains to be seen.
"""
FONTS = "https://cdnjs.cloudflare.com/ajax/libs/firacode/6.2.0/"


def printed(*options: str) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "framing.cli", "classify", "-", *options]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, input=ARTICLE, env=environment, capture_output=True, text=True, check=True).stdout


def draw(name: str, *options: str) -> None:
    """One picture, which asks no other host for its fonts."""
    console = Console(record=True, width=81, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(printed(*options)))
    drawn = console.export_svg(title=" ".join(["framing classify article.txt", *options]), unique_id=name)
    (PICTURES / f"{name}.svg").write_text(drawn.replace(FONTS, ""), encoding="utf-8")


if __name__ == "__main__":
    draw("classify", "--color")
    draw("classify-plain", "--no-color")
