"""The command line and a web worker start without the heavy libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = [
    "ortools", "numpy", "pandas", "openpyxl", "reportlab", "python_calamine", "segno", "huey",
    "alembic", "argon2", "psycopg",
]  # fmt: skip
REPORT = f"""
import json, sys
sys.stderr.write(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


MIGRATE = """
from aidlog.cli.main import main
main(["migrate"], standalone_mode=False)
"""


def loaded_by(code: str, folder: Path) -> list[str]:
    """Run ``code`` in a fresh interpreter; return which heavy libraries it had loaded."""
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "AIDLOG_HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


def test_help_loads_nothing_heavy(tmp_path):
    code = """
from aidlog.cli.main import main
main(["--help"], standalone_mode=False)
"""
    assert loaded_by(code, tmp_path) == []


def test_a_worker_that_shows_a_page_has_loaded_nothing_heavy(tmp_path):
    code = """
from aidlog.app import create_app
page = create_app().test_client().get("/login")
assert page.status_code == 200, page.status
assert b"<form" in page.data
"""
    loaded_by(MIGRATE, tmp_path)
    assert loaded_by(code, tmp_path) == []
