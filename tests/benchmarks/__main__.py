"""What aidlog costs, beside a floor measured in the same run: ``python -m tests.benchmarks``.

Prints one line a target and exits 1 where one is missed. Ratios hold on a busy machine;
seconds do not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, create_engine

from aidlog.db import audit
from aidlog.db.transaction import prepare
from tests.benchmarks import board, files, floor, growth, many_lines, pages, starting
from tests.benchmarks.operation import Operation, make_operation
from tests.benchmarks.report import Line, Report
from tests.conftest import TEST_KEY, migrate_up
from tests.postgres import running_server
from tests.serving import Server, serving


def main() -> None:
    options = _options()
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, measure in _measures(options, folder).items():
            if not options.only or options.only in title:
                sys.stderr.write(f"… {title}\n")
                for line in measure():
                    report.add(line)
    report.show()
    sys.exit(0 if report.all_met() else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--movements", type=int, default=100_000)
    parser.add_argument("--grown", type=int, default=500_000, help="movements of large books")
    parser.add_argument("--times", type=int, default=300, help="requests a figure")
    parser.add_argument("--races", type=int, default=500, help="units that 8 clients fight for")
    parser.add_argument(
        "--only", default="", help="pages, board, races, lines, files, growth, starting or commands"
    )
    parser.add_argument("--commands", action="store_true", help="time the two commands as well")
    return parser.parse_args()


def _measures(options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], Iterator[Line]]]:
    def of_pages() -> Iterator[Line]:
        floor_file = folder / "floor.db"
        floor.fill(floor_file)
        bare = {"app": "tests.benchmarks.floor:create_app()"}
        with (
            served(folder / "a", work_of(options.movements)) as (server, engine, operation),
            serving("", folder, more={"FLOOR_FILE": str(floor_file)}, **bare) as naked,
        ):
            yield from pages.costs(server, engine, operation, naked, options)

    def of_races() -> Iterator[Line]:
        with (
            running_server("") as url,  # durable, as in earnest
            served(folder / "pg", work_of(options.movements // 50), url) as made,
        ):
            yield pages.races(*made, options.races, "PostgreSQL")

    def of_board() -> Iterator[Line]:
        floor_file = folder / "board-floor.db"
        floor.fill(floor_file)
        bare = {"app": "tests.benchmarks.floor:create_app()"}
        with (
            served(folder / "b", board.make_board) as (server, engine, planner),
            serving("", folder, more={"FLOOR_FILE": str(floor_file)}, **bare) as naked,
        ):
            yield from board.costs(server, engine, planner, naked)

    measures = {
        "pages": of_pages,
        "board": of_board,
        "races": of_races,
        "lines": lambda: many_lines.costs(folder, options.movements // 10),
        "files": lambda: files.costs(folder),
        "growth": lambda: growth.costs(
            folder, growth.Size(10_000, 2_000), growth.Size(options.grown, options.grown // 5)
        ),
        "starting": lambda: starting.costs(folder),
    }
    if options.commands or options.only == "commands":
        measures["commands"] = lambda: starting.two_commands(folder)
    return measures


def work_of(movements: int) -> Callable[[Engine], Operation]:
    """Return what makes an operation of that many movements."""
    return partial(make_operation, movements=movements)


Made = TypeVar("Made")


@contextmanager
def served(
    folder: Path, make: Callable[[Engine], Made], url: str = ""
) -> Iterator[tuple[Server, Engine, Made]]:
    """Make an operation and serve it with two workers; yield what ``make`` returned as well.

    ``url`` names an empty database; else it is SQLite in ``folder``.
    """
    folder.mkdir()
    url = url or f"sqlite:///{folder / 'aidlog.db'}"
    migrate_up(url, folder)
    engine = create_engine(url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    operation = make(engine)
    try:
        with serving(url, folder) as server:
            yield server, engine, operation
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
