"""Is every dependency of pyproject.toml in the lock, at a version it allows, with hashes?

``python -m tests.packaging.lock`` says what is not. No network: the lock is read, not made.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def locked(text: str) -> dict[str, str]:
    """Return the versions that a lock pins, by canonical name."""
    return {canonicalize_name(name): version for name, version in PINNED.findall(text)}


def faults(project: str, lock: str, constraints: str) -> list[str]:
    """Return what is wrong with ``lock`` for the dependencies in ``project``."""
    table = tomllib.loads(project)["project"]
    wanted = [Requirement(line) for line in table["dependencies"]]
    for lines in table["optional-dependencies"].values():
        wanted += [Requirement(line) for line in lines]
    pins = locked(lock)
    found = [
        f"{need.name}: not in the lock"
        for need in wanted
        if canonicalize_name(need.name) not in pins
    ]
    found += [
        f"{need.name}: {pins[name]} in the lock, {need.specifier} in pyproject.toml"
        for need in wanted
        if (name := canonicalize_name(need.name)) in pins and pins[name] not in need.specifier
    ]
    unhashed = [
        block.split("==")[0]
        for block in re.split(r"\n(?=\S)", lock)
        if PINNED.match(block) and "--hash=sha256:" not in block
    ]
    found += [f"{name}: without a hash" for name in unhashed]
    for name, text in (("requirements.lock", lock), ("constraints.txt", constraints)):
        if re.search(r"(https?|file)://", text):
            found.append(f"{name} names a registry")
    if locked(constraints) != pins:
        different = dict(locked(constraints).items() ^ pins.items())
        found.append(f"constraints.txt pins otherwise than the lock: {sorted(different)}")
    return found


def main() -> None:
    found = faults(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        (ROOT / "config/requirements.lock").read_text(encoding="utf-8"),
        (ROOT / "config/constraints.txt").read_text(encoding="utf-8"),
    )
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
