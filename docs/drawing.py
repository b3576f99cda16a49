"""How the pictures of the manual are written: the same numbers give the same bytes, and no host is asked for fonts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PICTURES = Path(__file__).resolve().parent / "pictures"


def write(figure: Any, name: str) -> None:
    """One picture as SVG, its words as text."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "framing", "svg.fonttype": "none"}):
        figure.savefig(PICTURES / name, metadata={"Date": None, "Creator": None})
