"""The lock, the SBOM made of it and the page of licences say the same, and hold what pyproject.toml asks for."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import supply  # noqa: E402

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXT = supply.LOCK.read_text(encoding="utf-8")
LOCKED = supply.locked(TEXT)
NAMED = supply.direct(PROJECT)

FREE = re.compile(r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|Zlib|CC0|Unlicense|HPND|CNRI|LGPL", re.IGNORECASE)

SMALL = """# by hand
a==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:{0} \\
    --hash=sha256:{1}
    # via
    #   b
    #   framing-news (pyproject.toml)
b==2 \\
    --hash=sha256:{0}
    # via c
c==3 \\
    --hash=sha256:{1}
    # via framing-news (pyproject.toml)
""".format("0" * 64, "1" * 64)


def test_a_lock_is_read_whole() -> None:
    first, second, third = supply.locked(SMALL)
    assert (first.name, first.version, first.marker) == ("a", "1.0", "python_full_version < '3.12'")
    assert first.hashes == ("0" * 64, "1" * 64) and first.via == ("b", "framing-news") and second.via == ("c",)
    assert supply.scopes([first, second, third], {"a": "excluded", "c": "optional"}) == {"a": "optional", "b": "optional", "c": "optional"}
    assert supply.scopes([first, second, third], {"a": "required", "c": "excluded"}) == {"a": "required", "b": "excluded", "c": "excluded"}
    made = supply.sbom([first, second, third], {"a": "required", "c": "optional"}, "1.0")
    assert {entry["ref"]: entry["dependsOn"] for entry in made["dependencies"]} == {
        "framing-news": ["pkg:pypi/a@1.0", "pkg:pypi/c@3"],
        "pkg:pypi/b@2": ["pkg:pypi/a@1.0"],
        "pkg:pypi/c@3": ["pkg:pypi/b@2"],
    }


def test_every_package_is_locked_by_hash_and_from_no_address() -> None:
    lines = [line for line in TEXT.splitlines() if line and not line.lstrip().startswith("#")]
    starts = [line for line in lines if not line.startswith(" ")]
    assert len(starts) == len(LOCKED) > 100
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines if line.startswith(" "))
    assert all(package.hashes for package in LOCKED)
    assert "://" not in TEXT and " @ " not in TEXT and not re.search(r"^-", TEXT, re.MULTILINE)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_holds_what_is_asked_for(version: str) -> None:
    here = {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": "linux", "implementation_name": "cpython"}
    here["platform_python_implementation"] = "CPython"
    fit = [package for package in LOCKED if not package.marker or Marker(package.marker).evaluate(here)]
    versions = {package.name: package.version for package in fit}
    assert len(versions) == len(fit), "one version of each"
    extras = PROJECT["optional-dependencies"]
    asked = PROJECT["dependencies"] + [line for extra in extras if extra != "spark" for line in extras[extra]]
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        if name != supply.OURS:
            assert requirement.specifier.contains(versions.get(name, "0")), f"{requirement} is not locked: make lock"


def test_the_sbom_is_that_of_the_lock_and_valid() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = supply.SBOM.read_text(encoding="utf-8")
    made = json.loads(text)
    assert made == supply.sbom(LOCKED, NAMED, PROJECT["version"]), "python scripts/supply.py writes it anew"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert {(one["name"], one["version"]) for one in made["components"]} == {(package.name, package.version) for package in LOCKED}
    scope = {one["name"]: one["scope"] for one in made["components"]}
    assert (scope["numpy"], scope["starlette"], scope["pytest"]) == ("required", "optional", "excluded")
    refs = {one["bom-ref"] for one in made["components"]}
    assert {ref for entry in made["dependencies"] for ref in entry["dependsOn"]} == refs


def test_licences_are_told_and_free() -> None:
    text = supply.LICENCES.read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([a-z0-9.-]+) \| (.+) \|$", text, re.MULTILINE))
    assert told.keys() - {"package"} == {package.name for package in LOCKED}, "python scripts/supply.py writes it anew"
    scope = supply.scopes(LOCKED, NAMED)
    used = [package.name for package in LOCKED if scope[package.name] != "excluded"]
    assert not [name for name in used if not FREE.search(told[name])]


def test_a_licence_is_what_a_package_declares() -> None:
    class Fake:
        def __init__(self, **fields: list[str]) -> None:
            self.fields = fields
            self.metadata = self

        def get(self, name: str) -> str | None:
            return (self.fields.get(name.replace("-", "")) or [None])[0]

        def get_all(self, name: str) -> list[str] | None:
            return self.fields.get(name)

    osi = "License :: OSI Approved :: MIT License"
    fakes = (
        (Fake(LicenseExpression=["MIT OR X"], Classifier=["License :: OSI Approved :: BSD License"]), "MIT OR X"),
        (Fake(Classifier=[osi, "License :: OSI Approved", "Topic :: Text"], License=["long text"]), "MIT License"),
        (Fake(License=["\nBSD\nmore"]), "BSD"),
        (Fake(License=["y" * 90]), "y" * 77 + "..."),
        (Fake(), "not declared"),
    )
    for fake, said in fakes:
        assert supply.licence(fake) == said  # type: ignore[arg-type]


def test_the_policy_says_what_is_promised_and_what_is_not() -> None:
    promised, _, rest = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## What is not promised")
    assert "## What is promised" in promised and "docs/promises.md" in promised
    assert "it will give other scores" in rest and 'framing.load("news-en", sha256=' in rest
