"""Does the wheel hold everything that runs? ``python -m tests.packaging.wheel FILE.whl``.

The wheel is unpacked away from the checkout and used from there: a new database is migrated
and verified, a workbook is written, and the first page is shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: In the wheel → where it comes from in the checkout.
FOLDERS = {
    "aidlog/_migrations": ROOT / "migrations",
    "aidlog/_config": ROOT / "config",
    "aidlog/web/templates": ROOT / "aidlog/web/templates",
    "aidlog/web/static": ROOT / "aidlog/web/static",
    "aidlog/translations": ROOT / "aidlog/translations",
}

FIRST_PAGE = """
from aidlog.app import create_app
import aidlog
page = create_app().test_client().get("/login")
assert page.status_code == 200, page.status
print(aidlog.__file__)
"""


def missing(wheel: Path) -> list[str]:
    """Return files of the checkout that the wheel lacks."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    return [
        name
        for folder, source in FOLDERS.items()
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
        if (name := f"{folder}/{path.relative_to(source).as_posix()}") not in inside
    ]


def use(wheel: Path) -> None:
    """Unpack the wheel and work with it as an installation that has no checkout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "installed")
        environment = os.environ | {
            "PYTHONPATH": str(folder / "installed"),
            "AIDLOG_HOME": str(folder / "home"),
        }

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [sys.executable, *arguments],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                sys.exit(f"{arguments}: {done.stdout}{done.stderr}")
            return done.stdout

        run("-m", "aidlog", "migrate")
        run("-m", "aidlog", "verify")
        run("-m", "aidlog", "template", "allocate", "sheet.xlsx", "--lang", "fr")
        shown_from = run("-c", FIRST_PAGE).strip()
        if not shown_from.startswith(str(folder)):
            sys.exit(f"the wheel was not what ran: {shown_from}")


def main() -> None:
    wheel = Path(sys.argv[1])
    if lacking := missing(wheel):
        sys.exit("not in the wheel: " + ", ".join(lacking))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    if not any(name.endswith("LC_MESSAGES/messages.mo") for name in names):
        sys.exit("no compiled catalogue in the wheel")
    if strange := [name for name in names if name.startswith("tests/")]:
        sys.exit(f"tests in the wheel: {strange[:3]}")
    use(wheel)


if __name__ == "__main__":
    main()
