"""Strings made to be slow: of signs that repeat, and of a regular expression itself, each of its repeats blown up and then made to fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

PIECES = (
    *(
        "a",
        "A",
        "1",
        " ",
        "\n",
        "\t",
        ".",
        ",",
        "'",
        '"',
        "“",
        "’",
        "-",
        "–",
        "_",
        "*",
        "`",
        "#",
        ">",
        "<",
        "[",
        "]",
        "(",
        ")",
        "{",
        "&",
        "=",
        "@",
        "/",
    ),
    *("a.", ". ", "a ", "\n\n", " \n", "\r\n", "\r", "'a", "a-", "U.S.", "[a](", "![a]", "**a", "__a", "<a ", "<div>", "</p>", "<!--"),
    *(
        "<script>",
        "<title>",
        "é",
        "\u0301",
        "e\u0301",
        "\u200b",
        "e\u0301 \u200b",
        "\x00",
        "中",
        "aж",
        "\ud800",
        "\u2028",
        "😀",
        "\x80",
        "- ",
    ),
    *("1. ", "--- ", "| ", "A B", "no. ", "&#", "&#x1", "a@b.", ".“ ", "He said, “", "It may rain, he said. ", "Some say ", "if ", '"a'),
    *("\\", "\\u00", '{"a":', "a,b\n", '""'),
)
"""No spaces, all quotes, all dots, open tags and brackets, combining marks, digits, cues ..."""

ENDS = ("", "\x00", "\rx", "\n", "!")
"""What follows a run, so that a match that was nearly found is not."""

Attack: TypeAlias = tuple[str, str, str]
"""What stands before, what is repeated, what stands behind."""


def repeated(attack: Attack, size: int) -> str:
    """The string of an attack, of about so many characters."""
    before, piece, behind = attack
    return before + piece * (size // len(piece)) + behind


def attacks(pattern: re.Pattern[Any]) -> list[Attack]:
    """All of the pieces; every repeat without end of a pattern, behind what leads to it; and the whole beginning again and again."""
    parsed: Any = re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)  # type: ignore[attr-defined]
    places = list(_repeats(parsed, ""))
    found = [(before, piece, end) for before, inner in places for piece in _samples(inner) for end in ENDS]
    again = [("", before + some, end) for before, inner in places for some in ("", _sample(inner)) for end in ENDS if before + some]
    return list(dict.fromkeys([*found, *again, *(("", piece, "") for piece in PIECES)]))


def _repeats(nodes: Iterable[Any], before: str) -> Iterator[tuple[str, Any]]:
    """What leads to each repeat of over thirty times, and what it repeats."""
    for op, value in nodes:
        match str(op):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                if value[1] > 30:
                    yield before, value[2]
                yield from _repeats(value[2], before)
            case "BRANCH":
                for branch in value[1]:
                    yield from _repeats(branch, before)
            case "SUBPATTERN" | "ATOMIC_GROUP" | "ASSERT" | "ASSERT_NOT":
                yield from _repeats(value[-1] if isinstance(value, tuple) else value, before)
        before += _sample([(op, value)])


def _sample(nodes: Iterable[Any]) -> str:
    """A short string that the nodes match, or nearly."""
    made = ""
    for op, value in nodes:
        match str(op):
            case "LITERAL":
                made += chr(value)
            case "NOT_LITERAL" | "ANY":
                made += "x"
            case "IN":
                made += _members(value)[0]
            case "BRANCH":
                made += _sample(value[1][0])
            case "SUBPATTERN" | "ATOMIC_GROUP":
                made += _sample(value[-1] if isinstance(value, tuple) else value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                made += _sample(value[2]) * value[0]
            case "ASSERT" if value[0] < 0:
                made += _sample(value[1])
    return made


def _samples(inner: Any) -> list[str]:
    """Pieces that a repeat may take: its sample, what its first set holds, each branch."""
    made = [_sample(inner)]
    for op, value in inner:
        match str(op):
            case "IN":
                made += _members(value)
            case "NOT_LITERAL" | "ANY":
                made += ["a", " ", "-"]
            case "SUBPATTERN" | "ATOMIC_GROUP":
                made += _samples(value[-1] if isinstance(value, tuple) else value)
            case "BRANCH":
                made += [piece for branch in value[1] for piece in _samples(branch)]
    return [piece for piece in dict.fromkeys(made) if piece]


CLASSES = {"DIGIT": "0", "WORD": "a", "SPACE": " ", "NOT_DIGIT": "a", "NOT_WORD": "-", "NOT_SPACE": "a"}
SIGNS = ("x", " ", "\t", "-", "<", "[", "(", "*", "_", '"')


def _members(items: Any) -> list[str]:
    """Some characters of a set; of one that is told by what it leaves out, those of `SIGNS` that it holds."""
    kinds = [(str(op), value) for op, value in items]
    if kinds[0][0] != "NEGATE":
        return [_first(op, value) for op, value in kinds[:6]]
    return [char for char in SIGNS if not any(_in(char, op, value) for op, value in kinds[1:])] or ["\u0101"]


def _first(op: str, value: Any) -> str:
    if op == "CATEGORY":
        return CLASSES[str(value).removeprefix("CATEGORY_")]
    return chr(value if op == "LITERAL" else value[0])


def _in(char: str, op: str, value: Any) -> bool:
    if op == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        held = {"DIGIT": char.isdigit(), "WORD": char.isalnum() or char == "_", "SPACE": char.isspace()}
        return held[kind] if kind in held else not held[kind.removeprefix("NOT_")]
    return ord(char) == value if op == "LITERAL" else value[0] <= ord(char) <= value[1]
