"""The ``aidlog`` command: a table of commands, each imported only when it is called.

Exit codes: 0 done, 1 the data or the machine says no (a sentence on standard error), 2 wrong
usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import importlib
from typing import Any

import click

from aidlog import __version__
from aidlog.cli.words import speaker
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message

#: Command → where it is defined, and its line in ``aidlog --help``.
COMMANDS: dict[str, tuple[str, str]] = {
    "allocate": (
        "aidlog.cli.allocate:allocate",
        N_("Make a fair distribution workbook from a filled problem workbook."),
    ),
    "template": (
        "aidlog.cli.template:template",
        N_("Write a workbook to fill in, with an example and notes."),
    ),
    "import": (
        "aidlog.cli.importing:import_file",
        N_("Import a list from a workbook or a text file."),
    ),
    "demo": ("aidlog.cli.demo:demo", N_("Make a demo operation and serve it.")),
    "serve": ("aidlog.cli.serve:serve", N_("Serve the configured database.")),
    "work": ("aidlog.cli.work:work", N_("Do the work that pages ask for: solve plans, send mail.")),
    "migrate": ("aidlog.cli.migrate:migrate", N_("Bring the database to this version.")),
    "export": (
        "aidlog.cli.export:export",
        N_("Write a list (stock, movements, needs …) to a file."),
    ),
    "verify": ("aidlog.cli.verify:verify", N_("Check that the books are sound.")),
    "user": ("aidlog.cli.user:user", N_("Add people, give roles, disable.")),
    "backup": ("aidlog.cli.backup:backup", N_("Write the database and its manifest to a file.")),
    "restore": ("aidlog.cli.backup:restore", N_("Bring back a backup and verify it.")),
}

#: Keys of the click context: the language of sentences on standard error.
LANGUAGE = "aidlog.language"


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command), f"{module}:{name} is no command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it says no to becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            _fail(ctx, refusal.message, *getattr(refusal, "sentences", tuple)())
        except (NotFound, NotAllowed) as error:
            _fail(ctx, Message(N_("There is no such thing, or not for you: {what}."),
                               {"what": error}))  # fmt: skip
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output went away: not our news
                raise
            _fail(ctx, about_file(error))
        except KeyboardInterrupt:
            click.echo(speaker(_language(ctx))(Message(N_("Stopped. Nothing was written."))),
                       err=True)  # fmt: skip
            ctx.exit(130)


def about_file(error: OSError) -> Message:
    """Return a sentence for what the file system refused."""
    name = error.filename or ""
    known = {
        FileNotFoundError: N_("{file} is not there. Check the name and the folder."),
        PermissionError: N_("{file} may not be opened by you, or is open in another program."),
        IsADirectoryError: N_("{file} is a folder. Name a file."),
        NotADirectoryError: N_("{file} is not in a folder. Check the name."),
        FileExistsError: N_("{file} exists already. Choose another name."),
    }
    for kind, template in known.items():
        if isinstance(error, kind):
            return Message(template, {"file": name})
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Message(N_("The disk is full. Make room, then run the command again."))
    return Message(N_("{file}: {why}."), {"file": name, "why": error.strerror or error})


def _language(ctx: click.Context) -> str:
    return str(ctx.find_root().meta.get(LANGUAGE, "en"))


def _fail(ctx: click.Context, *sentences: Message) -> None:
    """Say the first sentence, the others under it, and exit with 1."""
    say = speaker(_language(ctx))
    for number, sentence in enumerate(sentences):
        click.echo(f"  {say(sentence)}" if number else say(sentence), err=True)
    ctx.exit(1)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="aidlog %(version)s")
def main() -> None:
    """Fair allocation, honest stock and confirmed receipts for help to refugee sites."""
