"""Writes framing/unicode14.py and native/unicode_table.h, the pinned tables of characters.

Run it with Python 3.11, whose `unicodedata` is Unicode 14.0, the oldest version that framing runs on:
characters that later versions added are read as U+FFFD everywhere, so every Python gives the same tokens.
The kernel's table holds what Python's own `re` and `str` say of each character, so both engines read the same.

    python scripts/make_unicode_table.py
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

ZERO_WIDTH = [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF]
ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "framing" / "unicode14.py"
NATIVE = ROOT / "native" / "unicode_table.h"
PAGE = 128  # code points of a page of the kernel's table
FLAGS = ("word", "alnum", "letter", "decimal", "digit", "upper", "lower", "space", "cased", "ignorable", "curious")


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


def record(code: int, curious: bool) -> tuple[int, int]:
    """The kernel's flags of a character, and what leads from it to its lower case."""
    char = chr(code)
    cased = (char + "Σ").lower().endswith("ς")
    ignorable = not cased and ("a" + char + "Σ").lower().endswith("ς")
    holds = (
        *(char.isalnum() or char == "_", char.isalnum(), char.isalpha(), char.isdecimal(), char.isdigit()),
        *(char.isupper(), char.islower(), char.isspace(), cased, ignorable, curious),
    )
    return sum(1 << place for place, held in enumerate(holds) if held), ord(char.lower()[0]) - code


def native(odd: set[int]) -> str:
    """The kernel's table: pages of numbers of records."""
    odd = odd | {0x130, *range(0x370, 0x400), *range(0x400, 0x530)}
    of_code = [record(code, code in odd) for code in range(sys.maxunicode + 1)]
    records = sorted(set(of_code))
    number = {pair: place for place, pair in enumerate(records)}
    cut = [tuple(number[pair] for pair in of_code[low : low + PAGE]) for low in range(0, len(of_code), PAGE)]
    pages = list(dict.fromkeys(cut))
    place = {page: index for index, page in enumerate(pages)}
    lines = [
        "// What characters are, pinned to Unicode 14.0.0. Written by scripts/make_unicode_table.py; do not edit.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace framing {",
        "",
        f"enum Flag : uint16_t {{ {', '.join(f'{name.upper()} = {1 << bit}' for bit, name in enumerate(FLAGS))} }};",
        "",
        "struct Character {",
        "    uint16_t flags;",
        "    int32_t lower;  // added to a code point it gives its lower case",
        "};",
        "",
        f"constexpr Character CHARACTERS[{len(records)}] = {{",
        *wrapped([f"{{{flags}, {lower}}}" for flags, lower in records]),
        "};",
        "",
        f"// A page holds {PAGE} code points.",
        f"constexpr uint8_t PAGE_OF[{len(cut)}] = {{",
        *wrapped([str(place[page]) for page in cut]),
        "};",
        "",
        f"constexpr uint8_t PAGES[{len(pages)}][{PAGE}] = {{",
        *(f"{{{','.join(map(str, page))}}}," for page in pages),
        "};",
        "",
        "}  // namespace framing",
        "",
    ]
    return "\n".join(lines)


def wrapped(items: Sequence[str]) -> list[str]:
    """Lines of items with commas between."""
    return [", ".join(items[low : low + 20]) + "," for low in range(0, len(items), 20)]


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
    NATIVE.write_text(native({*control, *ZERO_WIDTH, *unassigned, *compose, *range(0xD800, 0xE000)}), encoding="ascii")


if __name__ == "__main__":
    main()
