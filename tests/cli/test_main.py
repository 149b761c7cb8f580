"""The command as a whole: what it offers, how fast it answers, how it says no."""

from __future__ import annotations

import errno
import importlib
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from aidlog import __version__
from aidlog.cli.main import COMMANDS, LazyGroup, about_file, main
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message

HEAVY = ("ortools", "numpy", "openpyxl", "python_calamine", "reportlab", "flask", "sqlalchemy",
         "babel", "segno", "huey")  # fmt: skip


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom aidlog.cli.main import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    loaded = set(done.stdout.rsplit("LOADED", 1)[1].split())
    assert "click" in loaded
    assert loaded & set(HEAVY) == set()


def test_help_lists_every_command_with_its_line(aidlog: Callable[..., Result]) -> None:
    shown = " ".join(aidlog("--help").stdout.split())
    for name, (_, line) in COMMANDS.items():
        assert f"{name} " in shown
        assert line in shown


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_of_the_table_can_be_imported(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name


def test_the_version_is_said(aidlog: Callable[..., Result]) -> None:
    assert aidlog("--version").stdout == f"aidlog {__version__}\n"


def test_a_command_that_does_not_exist_is_wrong_usage(aidlog: Callable[..., Result]) -> None:
    result = aidlog("alocate")
    assert result.exit_code == 2
    assert "alocate" in result.stderr


def test_python_m_aidlog_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aidlog", "--version"], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, f"aidlog {__version__}\n")


def saying(error: BaseException) -> Result:
    """Run a command that raises ``error``."""

    @click.group(cls=LazyGroup)
    def group() -> None:
        raise error

    return CliRunner().invoke(group, ["template"])


def test_a_refusal_is_its_sentence_and_exit_code_1() -> None:
    result = saying(Refusal(Message("Only {held} in stock.", {"held": 3})))
    assert (result.exit_code, result.stderr, result.stdout) == (1, "Only 3 in stock.\n", "")


def test_what_is_not_there_is_a_sentence() -> None:
    result = saying(NotFound("user 7"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "user 7" in result.stderr


def test_ctrl_c_says_that_nothing_was_written() -> None:
    result = saying(KeyboardInterrupt())
    assert (result.exit_code, result.stderr) == (130, "Stopped. Nothing was written.\n")


def test_a_full_disk_is_a_sentence() -> None:
    result = saying(OSError(errno.ENOSPC, "No space left on device", "plan.xlsx"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The disk is full" in result.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOENT, "is not there"),
        (errno.EACCES, "may not be opened by you"),
        (errno.EISDIR, "is a folder"),
        (errno.ENOTDIR, "is not in a folder"),
        (errno.EEXIST, "exists already"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_the_file_system_refused_is_a_sentence_with_the_name(code: int, words: str) -> None:
    import os

    said = str(about_file(OSError(code, os.strerror(code), "december.xlsx")))
    assert said.startswith("december.xlsx")
    assert words in said


def test_the_group_itself_is_the_lazy_one() -> None:
    assert isinstance(main, LazyGroup)
