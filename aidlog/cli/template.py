"""``aidlog template``: a workbook to fill in."""

from __future__ import annotations

import errno
import functools
import io
import os
from pathlib import Path

import click

from aidlog.cli.files import check_targets, write_all
from aidlog.cli.importing import NAMES
from aidlog.cli.main import LANGUAGE
from aidlog.cli.words import LANGUAGES, speaker
from aidlog.core.text import N_, Message


@click.command()
@click.argument("kind", type=click.Choice(["allocate", *NAMES]))
@click.argument("output", metavar="OUT.xlsx", type=click.Path(path_type=Path))
@click.option("--empty", is_flag=True, help="Leave out the example rows.")
@click.option("--force", is_flag=True, help="Replace OUT.xlsx if it exists.")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of the headings and notes.",
)
@click.pass_context
def template(
    ctx: click.Context, /, kind: str, output: Path, empty: bool, force: bool, lang: str
) -> None:  # fmt: skip
    """Write a workbook to fill in: KIND allocate is the input of "aidlog allocate".

    Every other KIND is a list for "aidlog import". The rows are an invented example that can
    be used as it stands.
    """
    ctx.find_root().meta[LANGUAGE] = lang
    if output.suffix.lower() != ".xlsx":
        raise click.BadParameter("The workbook's name must end in .xlsx.", param_hint="OUT.xlsx")
    check_targets(None, [output])
    if output.exists() and not force:  # somebody's figures may be in it
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(output))
    make = _allocate_template if kind == "allocate" else functools.partial(_list_template, kind)
    write_all({output: make(lang, empty=empty)})
    click.echo(speaker(lang)(Message(N_("Written: {file}"), {"file": output})))


def _allocate_template(language: str, *, empty: bool) -> bytes:
    from aidlog.reports.examples import great_lakes
    from aidlog.reports.problem_template import write_problem_template

    stream = io.BytesIO()
    if empty:
        write_problem_template(stream, None, say=speaker(language))
    else:
        write_problem_template(
            stream,
            great_lakes.problem_document(),
            say=speaker(language),
            organisation=great_lakes.ORGANISATION,
            starts_on=great_lakes.STARTS_ON,
        )
    return stream.getvalue()


def _list_template(kind: str, language: str, *, empty: bool) -> bytes:
    from aidlog.reports.importing.kinds import importer_of
    from aidlog.reports.importing.template import write_import_template

    stream = io.BytesIO()
    write_import_template(stream, importer_of(kind).plan, say=speaker(language), examples=not empty)
    return stream.getvalue()
