"""Strings that make offsets drift, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    *(
        "İ",
        "ıİ",
        "I\u0307",
        "Σ",
        "ΟΔΟΣ",
        "ß",
        "ẞ",
        "ſt",
        "\ufb01",
        "é",
        "e\u0301",
        "q\u0323\u0307",
        "\u0307\u0323",
        "a\u0301\u0301\u0301",
        "\uac01",
        "\u1100\u1161\u11a8",
    ),
    *("\u212b", "\u0958", "\U0001d7d8", "𐐀", "😀", "\U0001f469\u200d\U0001f4bb", "❤\ufe0f", "\U0001f1ec\U0001f1e7", "\U0001f44d\U0001f3fd"),
    *(
        "\ud800",
        "\udfff",
        "\x00",
        "\x07",
        "\x85",
        "\ufeff",
        "\u200b",
        "\u00ad",
        "\u200d",
        "\u2060",
        "\u202e",
        "\u2066",
        "\u061c",
        "\u2028",
        "\u2029",
        "\u00a0",
    ),
    *("\r\n", "\n", "\n\n", "\r", "\t", " ", ". ", "? ", "! ", "...", "…", "“", "”", "‘", "’", '"', "'", "-", "–", "•", ",", "<p>", "</p>"),
    *(
        "may ",
        "May",
        "might",
        " allegedly ",
        "according to ",
        "some experts ",
        "if ",
        "about 20 ",
        "He said ",
        "Jane Doe",
        "Doe’s",
        "U.S.",
        "2024",
        "mаy",
        "中文",
        "ру",
    ),
)
"""Letters that change length in lower case, open accents, non-BMP, emoji, lone surrogates, invisible characters, line ends,
quotation marks, cues."""

TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
"""Any string, and strings of the pieces above."""
