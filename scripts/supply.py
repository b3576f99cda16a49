"""What framing needs, from the lock: `docs/licences.md` and `requirements/sbom.cdx.json`. Usage: python scripts/supply.py

Run in the environment of `make lint`, which holds what is locked: licences are read from what is installed.
"""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK, SBOM, LICENCES = ROOT / "requirements/dev.txt", ROOT / "requirements/sbom.cdx.json", ROOT / "docs/licences.md"
OURS = "framing-news"

USES = {"required": "by everyone", "optional": "with an extra", "excluded": "by developers only"}
"""CycloneDX's scopes, and who installs a package of each."""

_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))? \\\n(?P<rest>(?:    .*\n)+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #(?: via|  ) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of the lock: the machines it is for, the SHA-256 of its files, and what asks for it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """The packages of a lock that `make lock` wrote."""
    return [_package(*found.group("name", "version", "marker", "rest")) for found in _ENTRY.finditer(text)]


def _package(name: str, version: str, marker: str | None, rest: str) -> Locked:
    return Locked(name, version, marker or "", tuple(_HASH.findall(rest)), tuple(_VIA.findall(rest)))


def direct(project: Mapping[str, Any]) -> dict[str, str]:
    """The packages that pyproject.toml names, each with its scope."""
    extras = project["optional-dependencies"]
    names = {"excluded": extras["dev"] + extras["docs"], "required": project["dependencies"]}
    names["optional"] = [line for extra, lines in extras.items() if extra not in ("dev", "docs") for line in lines]
    return {canonicalize_name(Requirement(line).name): scope for scope in ("excluded", "optional", "required") for line in names[scope]}


def scopes(packages: Iterable[Locked], named: Mapping[str, str]) -> dict[str, str]:
    """The scope of every package: the nearest to a user of all that ask for it."""
    needs: dict[str, set[str]] = {}
    for package in packages:
        for other in package.via:
            needs.setdefault(other, set()).add(package.name)
    made: dict[str, str] = {}
    for scope in USES:  # what everyone installs first
        waiting = [name for name, given in named.items() if given == scope]
        while waiting:
            if (name := waiting.pop()) not in made:
                made[name] = scope
                waiting += needs.get(name, ())
    return made


def sbom(packages: list[Locked], named: Mapping[str, str], version: str) -> dict[str, Any]:
    """A CycloneDX 1.6 record of the lock; the same lock gives the same bytes."""
    scope = scopes(packages, named)
    components = [_component(package, scope[package.name]) for package in packages]
    ours = {"type": "library", "bom-ref": OURS, "name": OURS, "version": version}
    asked: dict[str, set[str]] = {OURS: {_ref(package) for package in packages if package.name in named}}
    refs = {name: [_ref(package) for package in packages if package.name == name] for name in {package.name for package in packages}}
    for package in packages:
        for other in package.via:
            for ref in refs.get(other, ()):
                asked.setdefault(ref, set()).add(_ref(package))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))}",
        "version": 1,
        "metadata": {"component": ours},
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": sorted(asked[ref])} for ref in sorted(asked)],
    }


def _ref(package: Locked) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _component(package: Locked, scope: str) -> dict[str, Any]:
    """One package; the hashes of its files, one for each kind of machine, stay in the lock."""
    named = {"type": "library", "bom-ref": _ref(package), "name": package.name, "version": package.version}
    marker = {"properties": [{"name": "framing:marker", "value": package.marker}]} if package.marker else {}
    return named | {"scope": scope, "purl": _ref(package)} | marker


def licence(found: Distribution) -> str:
    """The licence that a package's metadata declare."""
    metadata = found.metadata
    told = metadata.get("License-Expression") or _classified(metadata.get_all("Classifier") or [])
    if not told:
        first = (metadata.get("License") or "").strip().splitlines()[:1]
        told = first[0] if first else "not declared"
    return told if len(told) <= 80 else f"{told[:77]}..."


def _classified(classifiers: Iterable[str]) -> str:
    names = (line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ") and line.count(" :: ") > 1)
    return ", ".join(sorted(names))


def table(packages: Iterable[Locked], named: Mapping[str, str]) -> Iterator[str]:
    """The page of licences, line by line."""
    yield "# Licences of what framing needs"
    yield ""
    yield "Written by `python scripts/supply.py` (`make lock`) from what is installed; each licence as the package declares it. None of"
    yield "these packages is in framing's wheel. Versions and hashes stand in `requirements/dev.txt`, all of it as CycloneDX in"
    yield "`requirements/sbom.cdx.json`."
    scope = scopes(packages, named)
    for kind, heading in USES.items():
        names = sorted({package.name for package in packages if scope[package.name] == kind})
        yield from ("", f"## Installed {heading}", "", "| package | licence |", "|---|---|")
        yield from (f"| {name} | {_installed(name)} |" for name in names)


def _installed(name: str) -> str:
    try:
        return licence(distribution(name)).replace("|", "/")
    except PackageNotFoundError:
        return "not installed on this machine"


def main() -> None:
    """Write both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages, named = locked(LOCK.read_text(encoding="utf-8")), direct(project)
    SBOM.write_text(json.dumps(sbom(packages, named, project["version"]), indent=1) + "\n", encoding="utf-8")
    LICENCES.write_text("\n".join(table(packages, named)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
