"""Writes framing/unicode14.py, the pinned table of characters that a text may need care for.

Run it with Python 3.11, whose `unicodedata` is Unicode 14.0, the oldest version that framing runs on:
characters that later versions added are read as U+FFFD everywhere, so every Python gives the same tokens.

    python scripts/make_unicode_table.py
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

ZERO_WIDTH = [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF]
TARGET = Path(__file__).resolve().parent.parent / "framing" / "unicode14.py"


def ranges(codes: Iterable[int]) -> str:
    """A regular-expression class body for these code points, as ASCII source text."""
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"\\U{low:08x}" if low == high else f"\\U{low:08x}-\\U{high:08x}" for low, high in runs)


def composing(code: int) -> bool:
    """Whether NFC may change the character or join it to the one before it."""
    char = chr(code)
    quick_check_maybe = unicodedata.combining(char) != 0 or 0x1161 <= code <= 0x1175 or 0x11A8 <= code <= 0x11C2
    return quick_check_maybe or code in JOINED or unicodedata.normalize("NFC", char) != char


def joined() -> set[int]:
    """Second characters of canonical pairs: they may join what stands before them."""
    pairs = (unicodedata.decomposition(chr(code)).split() for code in range(sys.maxunicode + 1))
    return {int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}


JOINED = joined()


def main() -> None:
    """Write the table."""
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(f"This table is pinned to Unicode 14.0.0, which Python 3.11 has. This Python has {unicodedata.unidata_version}.")
    every = range(sys.maxunicode + 1)
    control = [c for c in every if unicodedata.category(chr(c)) == "Cc" and chr(c) not in "\t\n\r"]
    unassigned = [c for c in every if unicodedata.category(chr(c)) == "Cn"]
    compose = [c for c in every if not 0xD800 <= c <= 0xDFFF and composing(c)]
    marks = [c for c in every if unicodedata.combining(chr(c))]
    lines = [
        '"""Characters that need care, pinned to Unicode 14.0.0. Written by scripts/make_unicode_table.py; do not edit."""',
        "",
        "# Each is the body of a regular-expression class.",
        f'CONTROL = "{ranges(control)}"',
        f'ZERO_WIDTH = "{ranges(ZERO_WIDTH)}"',
        f'UNASSIGNED = "{ranges(unassigned)}"',
        f'COMPOSING = "{ranges(compose)}"',
        f'MARKS = "{ranges(marks)}"',
        "",
    ]
    TARGET.write_text("# ruff: noqa: E501\n" + "\n".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
