"""Draws docs/pictures/learning_curve.svg from what `scripts/curves.py` writes.

    python scripts/curves.py CORPORA/train frames:economic --json curve.json
    python docs/make_curve.py curve.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from drawing import write

import framing


def table(points: list[dict[str, Any]]) -> pd.DataFrame:
    """The points as `framing.plot.learning_curve` takes them."""
    rows = [(point["rows"], name, *values) for point in points for name, values in point["measures"].items()]
    return pd.DataFrame(rows, columns=["rows", "measure", "value", "low", "high"])


def main() -> None:
    """Draw the curve of the file named."""
    if len(sys.argv) != 2:
        sys.exit("Name the JSON file that scripts/curves.py wrote: python docs/make_curve.py curve.json")
    curve = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    ax = framing.plot.learning_curve(table(curve["points"]))
    ax.set_title(f"{curve['head']}, {curve['folds']} folds, 95% intervals", loc="left", fontsize="medium")
    write(ax.figure, "learning_curve.svg")


if __name__ == "__main__":
    main()
