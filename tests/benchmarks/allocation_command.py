"""The whole way of a large problem: ``python -m tests.benchmarks.allocation_command XL 1``.

Writes the generated problem as a file, hands it to ``aidlog allocate`` in a process of its own,
and tells its CPU seconds and peak memory, how sure the plan is, and whom it leaves with nothing.
Sizes S, M, L and XL; ``--time-limit`` is that of the command, in seconds of wall time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aidlog.allocation.snapshot import problem_to_json
from tests.benchmarks.allocation_families import SIZES, family


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        question, answer = Path(name, "problem.json"), Path(name, "result.json")
        problem = family(options.size, options.seed)
        question.write_text(json.dumps(problem_to_json(problem)), encoding="utf-8")
        print(f"{problem.id}: {len(problem.needs):,} needs, {len(problem.lots):,} lots", flush=True)
        del problem
        command = [sys.executable, "-m", "aidlog", "allocate", str(question), "--json", str(answer)]
        begun = time.monotonic()
        subprocess.run([*command, "--time-limit", str(options.time_limit), "--quiet"], check=True)
        _tell(json.loads(answer.read_text(encoding="utf-8")), time.monotonic() - begun)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.allocation_command")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("seed", type=int)
    parser.add_argument("--time-limit", type=int, default=60)
    return parser.parse_args()


def _tell(result: dict[str, object], wall: float) -> None:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{cpu:.1f} s CPU, {wall:.1f} s on the wall, {peak:,.0f} MB at the peak")
    print(f"{result['status']}, bound {result['bound']}, gap {result['gap']}")
    print(result["measures"])
    print(result["timings"])


if __name__ == "__main__":
    main()
