"""Draws docs/pictures/learning_curve.svg from what `scripts/curves.py` writes.

    python scripts/curves.py CORPORA/train frames:economic --json curve.json
    python docs/make_curve.py curve.json
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

WIDE, TALL = 420, 240
LOW, HIGH = 0.5, 1.0
"""Pixels of the plot, and the measures that its axis spans."""
INK, FAINT, LINE = "#222", "#767676", "#d0d0d0"
COLOURS = {"f1": "#b3541e", "macro_f1": "#1f5fa8", "accuracy": "#4f7d3a"}
NAMES = {"f1": "F1", "macro_f1": "macro-F1", "accuracy": "accuracy"}


def picture(curve: dict[str, Any]) -> str:
    """One plot: each measure over the training rows, whose axis is logarithmic."""
    points = curve["points"]
    sizes = [math.log(point["rows"]) for point in points]
    places = [20 + (WIDE - 40) * (size - sizes[0]) / (sizes[-1] - sizes[0]) for size in sizes]
    title = f"{curve['head']}: what more training rows give"
    note = f"{curve['folds']} folds; bars are 95% intervals"
    width, height = WIDE + 150, TALL + 112
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11" fill="{INK}">',
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            '<g transform="translate(58 58)">',
            f'<text y="-32" font-size="14" font-weight="bold">{title}</text><text y="-15" fill="{FAINT}">{note}</text>',
            *_axes(points, places),
            *(_line(points, places, name) for name in COLOURS),
            "</g>",
            "</svg>\n",
        ]
    )


def _y(value: float) -> float:
    return TALL * (HIGH - value) / (HIGH - LOW)


def _axes(points: list[dict[str, Any]], places: list[float]) -> list[str]:
    parts = [f'<path d="M0 {TALL}H{WIDE}" stroke="{FAINT}"/>']
    for tenth in range(round(LOW * 10), round(HIGH * 10) + 1):
        y = _y(tenth / 10)
        parts.append(f'<path d="M0 {y:.1f}H{WIDE}" stroke="{LINE}" stroke-width=".6"/>')
        parts.append(f'<text x="-7" y="{y + 4:.1f}" text-anchor="end">{tenth / 10:g}</text>')
    for point, x in zip(points, places, strict=True):
        parts.append(f'<text x="{x:.1f}" y="{TALL + 16}" text-anchor="middle">{point["rows"]:,}</text>')
        parts.append(f'<text x="{x:.1f}" y="{TALL + 30}" text-anchor="middle" fill="{FAINT}">{point["share"]:.0%}</text>')
    return [*parts, f'<text x="{WIDE / 2}" y="{TALL + 47}" text-anchor="middle">training rows, log scale (share of all)</text>']


def _line(points: list[dict[str, Any]], places: list[float], name: str) -> str:
    """A measure's line, its points with their intervals, its name at the end; measures stand a little apart."""
    colour, apart = COLOURS[name], 5 * (list(COLOURS).index(name) - 1)
    values = [point["measures"][name] for point in points]
    xs = [x + apart for x in places]
    path = "L".join(f"{x:.1f} {_y(value):.1f}" for x, (value, _, _) in zip(xs, values, strict=True))
    parts = [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>']
    for x, (value, low, high) in zip(xs, values, strict=True):
        parts.append(f'<path d="M{x:.1f} {_y(low):.1f}V{_y(high):.1f}" stroke="{colour}" stroke-width="1.4" opacity=".6"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{_y(value):.1f}" r="3.5" fill="{colour}"/>')
    end = f"{NAMES[name]} {values[-1][0]:.3f}"
    return "".join([*parts, f'<text x="{WIDE + 2}" y="{_y(values[-1][0]) + 4:.1f}" fill="{colour}">{end}</text>'])


def main() -> None:
    """Draw the curve of the file named."""
    if len(sys.argv) != 2:
        sys.exit("Name the JSON file that scripts/curves.py wrote: python docs/make_curve.py curve.json")
    curve = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (Path(__file__).parent / "pictures" / "learning_curve.svg").write_text(picture(curve), encoding="utf-8")


if __name__ == "__main__":
    main()
