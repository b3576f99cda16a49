"""Whether this installation is sound: the engine, the models, the versions, whose `framing` is imported; each with a remedy."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import framing
from framing import native, persist
from framing.errors import FramingError

EXTRAS = {"serve": ("fastapi", "uvicorn", "jinja2"), "dask": ("dask", "distributed"), "spark": ("pyspark",), "plot": ("matplotlib",)}
NEEDED = ("numpy", "scikit-learn", "pandas", "joblib", "pyarrow", "trafilatura")


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was seen, and what to do where it is not well (`remedy`); `fault` counts, the rest is told."""

    name: str
    seen: str
    remedy: str = ""
    fault: bool = False


def checks() -> list[Check]:
    """All checks, in the order in which they are printed."""
    return [*_python(), *_engine(), *_models(), *_packages(), *_clash(), *_writable()]


def _python() -> Iterator[Check]:
    yield Check("framing", f"{framing.__version__} in {Path(framing.__file__).parent}")
    yield Check("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _engine() -> Iterator[Check]:
    built = find_spec("framing._native") is not None
    built_not = "For the quick one install a C++ compiler, then framing-news anew."
    remedy = "" if native.extension() else "Unset FRAMING_PURE." if built else built_not
    yield Check("engine", framing.engine(), remedy)


def _models() -> Iterator[Check]:
    found = persist.installed()
    if not found:
        yield Check("models", "none found", "Install framing-news again, or set FRAMING_MODELS to a folder of models.", True)
    for name, folder in found.items():
        try:
            model = persist.load(folder)
        except FramingError as error:
            yield Check(f"model {name}", str(error), "Get the model again; its bytes are not those that were written.", True)
        else:
            slow = native.extension() is not None and model.engine is None
            remedy = "The kernel does not know a part of it, so the pure engine scores it. Train it anew for the quick one." if slow else ""
            yield Check(f"model {name}", f"{model.id}, sha256 {model.digest}", remedy)


def _packages() -> Iterator[Check]:
    for name in NEEDED:
        seen = _version(name)
        yield Check(name, seen or "missing", "" if seen else "Run: pip install framing-news", seen is None)
    for extra, names in EXTRAS.items():
        missing = [name for name in names if find_spec(name) is None]
        remedy = f"If you want it: pip install 'framing-news[{extra}]'" if missing else ""
        yield Check(f"extra {extra}", f"without {', '.join(missing)}" if missing else "installed", remedy)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _clash() -> Iterator[Check]:
    """Another package of the import name would be imported instead of ours, or ours instead of it."""
    ours = Path(framing.__file__).resolve().parent
    others = [place for entry in sys.path if (place := _package(Path(entry or "."))) and place != ours]
    if others:
        remedy = "Uninstall it, or use an environment of its own: python -m venv .venv"
        yield Check("name", f"another package `framing`: {others[0]}", remedy, True)
    else:
        yield Check("name", "no other package `framing` on the path")


def _package(entry: Path) -> Path | None:
    module, place = entry / "framing.py", entry / "framing"
    if module.is_file():
        return module.resolve()
    return place.resolve() if (place / "__init__.py").is_file() else None


def report(found: list[Check]) -> str:
    """A line for each check, its remedy below it."""
    lines = []
    for check in found:
        lines.append(f"{'!' if check.fault else ' '} {check.name:16s} {check.seen}")
        lines += [f"  {'':16s} -> {check.remedy}"] if check.remedy else []
    return "\n".join(lines)


def _writable() -> Iterator[Check]:
    """Whether results can be written where the command is run."""
    here = Path.cwd()
    writable = os.access(here, os.W_OK)
    yield Check("folder", f"{here} can {'' if writable else 'not '}be written", "" if writable else "Give --out in a folder of yours.")
