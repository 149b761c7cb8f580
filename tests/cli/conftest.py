"""The command on an installation of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aidlog.cli.main import main
from tests.conftest import TEST_KEY


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Point the command at a database URL; keys and folder are the test's own."""

    def install(url: str, *, key: str = TEST_KEY) -> None:
        monkeypatch.setenv("AIDLOG_DATABASE_URL", url)
        monkeypatch.setenv("AIDLOG_HOME", str(tmp_path / "installation"))
        monkeypatch.setenv("AIDLOG_SECRET_KEY", key)
        monkeypatch.setenv("AIDLOG_AUDIT_KEY", key)

    return install


@pytest.fixture
def aidlog() -> Callable[..., Result]:
    """Run the command in this process; answers with exit code, standard output and error."""

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception  # a traceback is never an answer
        return result

    return run
