"""Draws docs/pictures/classify.svg: an article as `framing classify` prints it.

    python docs/make_picture.py
"""

import io
from pathlib import Path

from rich.console import Console

import framing
from framing.views import terminal

TEXT = """Aides Said to Be Given a Free Hand at the Harbour Ministry

He has purportedly empowered aides, per reporting from the Daily Post, and may be planning a possibly less legal turn, according to two
officials. Critics say the shameless scheme would hand the docks to his cronies if the courts look away. “It could be a misunderstanding,”
the minister’s lawyer said on Tuesday. Roughly 300 dockers walked out on 3 May; whether they return remains to be seen.
"""


def main() -> None:
    """Write the picture beside this file."""
    console = Console(record=True, width=96, file=io.StringIO(), force_terminal=True, highlight=False, markup=False)
    console.print(terminal.article(framing.classify(TEXT), TEXT, None, color=True))
    target = Path(__file__).parent / "pictures" / "classify.svg"
    drawn = console.export_svg(title="framing classify article.txt")
    # The picture asks no other host for its fonts.
    target.write_text(drawn.replace("https://cdnjs.cloudflare.com/ajax/libs/firacode/6.2.0/", ""), encoding="utf-8")


if __name__ == "__main__":
    main()
