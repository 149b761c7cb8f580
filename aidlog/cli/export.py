"""``aidlog export KIND OUT``: a list of the operation as a file, with its class in the header."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from aidlog.cli.files import check_targets
from aidlog.cli.main import LANGUAGE
from aidlog.cli.opening import engine_of, open_app, require_current
from aidlog.cli.words import LANGUAGES, speaker
from aidlog.core.text import N_, Message

#: The lists there are; tests hold them against reports/exports/kinds.py, which loads openpyxl.
NAMES = ("items", "sites", "population", "stock", "movements", "needs", "pledges", "waybills")


@click.command()
@click.argument("kind", type=click.Choice(NAMES))
@click.argument("output", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--hxl", is_flag=True, help="Write a row of HXL tags under the headings.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Its language."
)
@click.pass_context
def export(
    ctx: click.Context, /, kind: str, output: Path, hxl: bool, force: bool, lang: str
) -> None:  # fmt: skip
    """Write a list of the whole operation to OUT, a file whose name ends in .xlsx or .csv.

    Its first line says how much harm it does in the wrong hands. A protected site stands
    under its code.
    """
    if output.suffix.lower() not in {".xlsx", ".csv"}:
        raise click.BadParameter("The file's name must end in .xlsx or .csv.", param_hint="OUT")
    check_targets(None, [output])
    if output.exists() and not force:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(output))
    app = open_app(ctx)
    ctx.find_root().meta[LANGUAGE] = lang
    require_current(app)
    from sqlalchemy.orm import Session

    from aidlog.reports.exports.flat_file import write_file
    from aidlog.reports.exports.kinds import KINDS, everything
    from aidlog.reports.exports.rows import Asked

    beside = output.with_name(f".{os.getpid()}-{output.name}")
    say = speaker(lang)
    try:
        with Session(engine_of(app)) as session:
            asked = Asked(
                session=session,
                actor=everything(session),
                language=lang,
                say=say,
                now=datetime.now(UTC),
            )
            wanted = KINDS[kind]
            count = write_file(beside, wanted.head(asked, hxl=hxl), wanted.rows(asked))
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
    sentence = Message(
        N_("Written: {file}, {count} row"),
        {"file": output, "count": count},
        plural=N_("Written: {file}, {count} rows"),
        count=count,
    )
    click.echo(say(sentence))
