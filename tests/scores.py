"""Made-up tables of scores for the tests of reports."""

from __future__ import annotations

import numpy as np
import pandas as pd

FRAMES = ("economic", "morality")


def made(rows: int = 120, outlets: int = 3, months: int = 6) -> pd.DataFrame:
    """A table as framing score writes it with --keep outlet,date; two rows abstained and one failed."""
    random = np.random.default_rng(0)
    outlet, loaded = np.arange(rows) % outlets, random.random(rows)
    present = random.random((rows, len(FRAMES))) < 0.4
    frame = pd.DataFrame(
        {
            "key": [f"a{n:03d}" for n in range(rows)],
            "title": [f"Headline {n}" for n in range(rows)],
            "row": np.arange(rows),
            "outlet": [f"Outlet {k}" for k in outlet],
            "date": [f"2024-{n % months + 1:02d}-15" for n in range(rows)],
            "tone": np.where(loaded > 0.5, "loaded", "measured"),
            "tone_loaded": loaded,
            "hedging": random.choice(["plain", "hedged", "heavily hedged"], rows),
            "hedged_rate": random.random(rows) * 0.5 + outlet * 0.1,
            "vague_rate": random.random(rows) * 0.1,
            "attributed_rate": random.random(rows),
            "hedging_percentile": random.random(rows) * 100,
            "frames": [";".join(name for name, there in zip(FRAMES, row, strict=True) if there) for row in present],
            **{f"frame_{name}": random.random(rows) for name in FRAMES},
            "words": random.integers(100, 900, rows),
            "status": "ok",
            "reason": None,
            "model": "small@01234567",
        }
    )
    scored = [name for name in frame.columns if name not in ("key", "title", "row", "outlet", "date", "status", "reason", "model")]
    frame["words"] = frame["words"].astype(float)
    frame.loc[:2, scored] = None
    frame.loc[:2, "status"], frame.loc[:2, "reason"] = ["abstained", "abstained", "error"], ["too_short", "language", "binary"]
    return frame
