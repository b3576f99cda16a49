"""Raise the floors of the quality gate to what the model reaches now, less a margin; lower one only with a reason.

python scripts/floors.py ../shared/corpora
python scripts/floors.py ../shared/corpora --only babe --lower-floor "fewer loaded terms, for fairness to names"
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "tests" / "golden" / "floors.json"
MARGIN = 0.01
"""A floor stands this far under the figure that was seen."""


def accuracy() -> Any:
    """The module benchmarks/accuracy.py."""
    spec = importlib.util.spec_from_file_location("accuracy", ROOT / "benchmarks" / "accuracy.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sha256(path: Path) -> str:
    """Hash of a corpus."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def moved(floor: dict[str, Any], seen: float, reason: str | None) -> dict[str, Any]:
    """A floor after a new figure was seen: raised, lowered for a reason, or as it was."""
    wanted = round(seen - MARGIN, 3)
    if wanted > floor["floor"]:
        return floor | {"floor": wanted, "seen": round(seen, 4)}
    if wanted < floor["floor"] and reason:
        lowered = {"from": floor["floor"], "to": wanted, "seen": round(seen, 4), "reason": reason}
        return floor | {"floor": wanted, "seen": round(seen, 4), "lowered": [*floor.get("lowered", []), lowered]}
    return floor


def main(arguments: list[str] | None = None) -> int:
    """Measure every gate and write the floors; 1 if a figure is under its floor and no reason was given."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--only", help="one gate of floors.json")
    parser.add_argument("--lower-floor", metavar="REASON", help="lower floors that are not reached, and record why")
    chosen = parser.parse_args(arguments)
    if chosen.lower_floor is not None and not chosen.lower_floor.strip():
        parser.error("--lower-floor needs a reason")
    gates = json.loads(FLOORS.read_text(encoding="utf-8"))
    if chosen.only and chosen.only not in gates:
        parser.error(f"no gate {chosen.only!r}; there are {', '.join(gates)}")
    under = [name for name in gates if chosen.only in (None, name) and not _update(gates[name], name, chosen)]
    FLOORS.write_text(json.dumps(gates, indent=2) + "\n", encoding="utf-8")
    return 1 if under else 0


def _update(gate: dict[str, Any], name: str, chosen: argparse.Namespace) -> bool:
    """Move the floors of a gate; whether all of them are reached."""
    import framing

    seen = getattr(accuracy(), name)(chosen.corpora, framing.load())
    gate["corpora"] = {path: sha256(chosen.corpora / path) for path in gate["corpora"]}
    reached = True
    for metric, floor in gate["floors"].items():
        value = seen[metric][0]
        gate["floors"][metric] = moved(floor, value, chosen.lower_floor)
        good = value >= gate["floors"][metric]["floor"]
        print(f"{name} {metric}: {value:.3f}, floor {gate['floors'][metric]['floor']:.3f}{'' if good else '  NOT REACHED'}", flush=True)
        reached &= good
    return reached


if __name__ == "__main__":
    sys.exit(main())
