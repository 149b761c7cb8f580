"""The rules of the house that no linter knows, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "aidlog"
SOURCES = sorted(HOUSE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Yield calls in ``path`` of a function or method with one of ``names``."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield node


def test_there_is_a_house_to_check():
    assert len(SOURCES) > 50


def test_nothing_but_the_transaction_commits():
    """once() may end its own savepoint, which is a part of a transaction and not its end."""
    found = {
        (name_of(path), ast.unparse(call.func))
        for path in SOURCES
        for call in calls(path, "commit", "rollback")
        if name_of(path) != "db/transaction.py"
    }
    assert found <= {
        ("db/commands.py", "savepoint.commit"),
        ("db/commands.py", "savepoint.rollback"),
    }


def test_a_package_is_a_docstring():
    for path in SOURCES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert ast.get_docstring(ast.Module(body, [])), f"{name_of(path)} says nothing"
            assert not [
                node for node in nodes(path) if isinstance(node, ast.Import | ast.ImportFrom)
            ]


@pytest.mark.parametrize("word", ["util", "helper", "service", "manager", "common", "misc"])
def test_files_are_named_for_the_work_they_do(word):
    assert [name_of(path) for path in SOURCES if word in path.stem.split("_")] == []
    assert [name_of(path) for path in SOURCES if word + "s" in path.stem.split("_")] == []


def test_only_the_settings_read_the_environment():
    readers = {
        name_of(path)
        for path in SOURCES
        for node in nodes(path)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"})
        or (
            isinstance(node, ast.ImportFrom)
            and {"environ", "getenv"} & {a.name for a in node.names}
        )
    }
    # cells.py hands the system's own three names to a child, and reads nothing from them
    assert readers == {"settings.py", "reports/cells.py"}


def test_no_moment_is_taken_at_import():
    """A module lives for weeks: a date taken when it was loaded is a wrong date."""
    for path in SOURCES:
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                taken = [
                    ast.unparse(node)
                    for node in ast.walk(statement.value)
                    if isinstance(node, ast.Call)
                    and getattr(node.func, "attr", "") in {"now", "today", "utcnow"}
                ]
                inside = [n for n in ast.walk(statement.value) if isinstance(n, ast.Lambda)]
                assert not taken or inside, f"{name_of(path)}: {taken}"


def test_actions_do_not_open_a_transaction():
    """Transactions begin at the edges: web, api, cli, jobs."""
    edges = ("web/", "api/", "cli/", "jobs/", "db/transaction.py")
    found = [
        name_of(path)
        for path in SOURCES
        if not name_of(path).startswith(edges)
        for _ in calls(path, "writing")
    ]
    assert found == []
