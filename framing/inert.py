r"""Which characters move a cursor, break a line or start a formula: the one list that every output asks.

Printed text shows them as escapes (`framing.views.parts.printable`), file names and keys hold them as `\xNN` of their bytes
(`framing.documents.escape`), JSON as `\uNNNN` (`json_text`), and a CSV cell that would start a formula gets a `'` before it
(`framing.corpus.write_table`). Parquet and databases hold a text as it is.
"""

from __future__ import annotations

import json
from typing import Any

from framing.patterns import pattern

# Control characters but the line break, marks that turn the reading direction, line separators, lone surrogates.
UNSAFE = pattern("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ufeff]")

FORMULA = r"\A([\t\r\n]|[\x00-\x20\x7f\x{a0}\x{3000}\x{200b}\x{feff}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])"
"""How a cell begins that a spreadsheet may run, for RE2: also behind blanks and control characters, which some drop, and in full width."""


def json_text(value: Any, indent: int | None = None, default: Any = None) -> str:
    """JSON text of one line (or indented): UTF-8 characters as they are, those of `UNSAFE` as escapes, which read back as the same."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent, default=default))
