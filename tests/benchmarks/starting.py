"""How long aidlog takes to begin: a process, the command line, and a newcomer's two commands."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import floor
from tests.benchmarks.report import Line
from tests.serving import free_port

ROOT = Path(__file__).parents[2]
OURS = """
from aidlog.app import create_app
assert create_app().test_client().get("/login").status_code == 200
"""
FLOOR = """
from tests.benchmarks.floor import create_app
assert create_app().test_client().get("/orm/list?store=1").status_code == 200
"""


def costs(folder: Path) -> Iterator[Line]:
    """Measure target 11's cold start, and ``aidlog --help``."""
    home = folder / "start"
    home.mkdir()
    environment = os.environ | {"AIDLOG_HOME": str(home), "FLOOR_FILE": str(home / "floor.db")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    floor.fill(home / "floor.db")
    _cpu([sys.executable, "-m", "aidlog", "migrate"], environment)
    ours = min(_cpu([sys.executable, "-c", OURS], environment) for _ in range(3))
    beside = min(_cpu([sys.executable, "-c", FLOOR], environment) for _ in range(3))
    yield Line(
        "11",
        "cold start to the first page",
        f"{ours:.2f} CPU-s = {ours / beside:.2f}×",
        f"{beside:.2f} CPU-s",
        "≤ 1.5×",
        ours / beside <= 1.5,
    )
    seconds = min(_cpu([sys.executable, "-m", "aidlog", "--help"], environment) for _ in range(3))
    yield Line("–", "aidlog --help", f"{seconds:.2f} CPU-s", "–", "< 1 s", seconds < 1)


def _cpu(command: list[str], environment: dict[str, str]) -> float:
    """Return the CPU-seconds that ``command`` took, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def two_commands(folder: Path) -> Iterator[Line]:
    """Target 12: from a clone to the first page of the demo, as the readme says it."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    port = free_port()
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=clone, check=True)
    install = [".venv/bin/pip", "install", "-q", "-c", "config/constraints.txt", "-e", "."]
    subprocess.run(install, cwd=clone, check=True)
    installed = time.perf_counter()
    demo = subprocess.Popen(
        [".venv/bin/aidlog", "demo", "--port", str(port)], cwd=clone, stdout=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            assert demo.poll() is None, "the demo ended"
            time.sleep(0.1)
        shown = time.perf_counter()
    finally:
        demo.terminate()
        demo.wait(30)
        shutil.rmtree(clone)
    yield Line(
        "12",
        "clone to first page, two commands",
        f"{shown - began:.0f} s ({installed - began:.0f} install, {shown - installed:.0f} demo)",
        "–",
        "≤ 60 s",
        shown - began <= 60,
    )


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
