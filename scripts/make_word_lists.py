"""Writes native/word_lists.h: the word lists of framing/sentences.py and framing/language.py, for the kernel.

The Python modules hold the lists; a test holds that the header is what this script writes.

    python scripts/make_word_lists.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from framing import language, sentences

TARGET = Path(__file__).resolve().parent.parent / "native" / "word_lists.h"
LONGEST = 16  # bytes of a word that the kernel's tables hold


def alternatives(pattern: re.Pattern[str]) -> list[str]:
    r"""The words of a pattern that ends in ``(?:one|two)\b``."""
    match = re.search(r"\(\?:([^()]*)\)\\b$", pattern.pattern)
    assert match is not None, pattern.pattern
    return [word for word in match[1].split("|") if word.isalpha()]


def abbreviations() -> dict[str, Iterable[str]]:
    """The lists that rules of sentences and quotations name."""
    return {
        "NEVER": sentences.NEVER,
        "SOMETIMES": sentences.SOMETIMES,
        "BEFORE_NUMBER": sentences.BEFORE_NUMBER,
        "STARTER": sentences.STARTERS,
        "CLOCK": sentences._CLOCK,
        "SHOUT": sentences._SHOUTS,
        "DOMAIN_NAME": sentences._DOMAINS,
        "SPEECH": alternatives(sentences._SPEAKER),
        "ELISION": alternatives(sentences._ELISION),
    }


def languages() -> dict[str, Iterable[str]]:
    """The function words of each language, and words that stand in names."""
    lists: dict[str, Iterable[str]] = {name: words.split() for name, words in language.FUNCTION_WORDS.items()}
    return {**lists, "PARTICLE": language.PARTICLES}


def quoted(text: str) -> str:
    """A C string of UTF-8, each other byte in octal."""
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}" for byte in text.encode()) + '"'


def points(text: str) -> str:
    """A C++ string of code points."""
    return 'U"' + "".join(f"\\U{ord(char):08X}" for char in text) + '"'


def table(name: str, lists: Mapping[str, Iterable[str]]) -> list[str]:
    """An array of each word with a bit for each list that it stands in."""
    words: dict[str, int] = {}
    for bit, members in enumerate(lists.values()):
        for word in members:
            words[word] = words.get(word, 0) | 1 << bit
    assert len(lists) <= 32
    assert all(len(word.encode()) <= LONGEST for word in words)
    return array("Listed", name, [f"{{{quoted(word)}, {bits}}}" for word, bits in sorted(words.items())])


def array(kind: str, name: str, items: list[str]) -> list[str]:
    """An array, some items a line."""
    lines = [", ".join(items[low : low + 8]) for low in range(0, len(items), 8)]
    return [f"constexpr {kind} {name}[] = {{", *(f"    {line}," for line in lines), "};", ""]


def header() -> str:
    """All of the file."""
    short, tongues = abbreviations(), languages()
    letters = [(script, *rule) for script, rules in language.LETTERS.items() for rule in rules]
    alphabets = [f"{{0x{start:X}, {quoted(name)}, {language.DENSE.get(name, 1)}}}" for start, name in language.SCRIPTS]
    numbers = {name: getattr(language, name) for name in ("BLOCKS", "BLOCK", "LONGEST", "ENOUGH", "LEAD", "PROOF")}
    lines = [
        "// The word lists of framing/sentences.py and framing/language.py. Written by scripts/make_word_lists.py; do not edit.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace framing {",
        "",
        "// A word and a bit for each list that it stands in.",
        "struct Listed {",
        "    const char *word;",
        "    uint32_t lists;",
        "};",
        "",
        f"enum List : uint32_t {{ {', '.join(f'{name} = 1u << {bit}' for bit, name in enumerate(short))} }};",
        "",
        *table("ABBREVIATIONS", short),
        "// The languages of FUNCTION_WORDS, by bits; the last bit is PARTICLE.",
        *array("const char *", "LANGUAGES", [quoted(name) for name in language.FUNCTION_WORDS]),
        f"constexpr uint32_t PARTICLE = 1u << {len(language.FUNCTION_WORDS)};",
        "",
        *table("FUNCTION_WORDS", tongues),
        *array("const char *", "ENDINGS", [quoted(word) for word in language.ENDINGS]),
        "// The first code point of a script; its name, or the language where no other is written in it; how much a letter says.",
        "struct Script {",
        "    uint32_t start;",
        "    const char *name;",
        "    uint32_t weight;",
        "};",
        "",
        *array("Script", "SCRIPTS", alphabets),
        "// Languages of one script by letters of their own and these letters' least share.",
        "struct Letters {",
        "    const char *script, *language;",
        "    const char32_t *own;",
        "    double share;",
        "};",
        "",
        *array("Letters", "LETTERS", [f"{{{quoted(a)}, {quoted(b)}, {points(own)}, {share!r}}}" for a, b, own, share in letters]),
        f"constexpr uint32_t {', '.join(f'{name} = {value}' for name, value in numbers.items())};",
        "",
        "}  // namespace framing",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.write_text(header(), encoding="ascii")
