"""The list of characters that no output prints, and JSON by it; tests/test_views.py and test_outputs.py hold the other outputs to it."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from framing.documents import escape
from framing.inert import UNSAFE, json_text

UNPRINTED = "a\x00\x1b[2J\x7f\x9b\u202e\u2028\ufeff\ud800é\U0001f600"


def test_json_is_safe_to_print_and_reads_back_the_same() -> None:
    made = json_text({"é": [UNPRINTED, None]})
    assert not UNSAFE.search(made) and "\n" not in made
    assert json.loads(made) == {"é": [UNPRINTED, None]}


def test_json_text_keeps_what_can_be_read() -> None:
    assert json_text("é\U0001f600\n") == '"é\U0001f600\\n"'
    assert json_text("\u2028\x9b") == '"\\u2028\\u009b"'


def test_json_text_can_be_indented_and_told_how_to_write_other_things() -> None:
    assert json_text({"a": [1]}, indent=1) == '{\n "a": [\n  1\n ]\n}'
    assert json_text([PurePosixPath("a/b")], default=str) == '["a/b"]'


def test_a_file_name_is_one_line_that_can_be_printed_and_told_from_others() -> None:
    assert escape("a b-é.txt") == "a b-é.txt"
    assert escape("a\x1b[2J\nb\x7f") == "a\\x1b[2J\\x0ab\\x7f"
    assert escape("\u202ea\udcff\\x1b") == "\\xe2\\x80\\xaea\\xff\\x5cx1b"
