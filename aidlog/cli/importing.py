"""``aidlog import``: a filled list into the books, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidlog.cli.files import check_targets, write_all
from aidlog.cli.import_options import NotThere, fields_of, meanings_of, pairs, places_of
from aidlog.cli.main import LANGUAGE
from aidlog.cli.opening import engine_of, open_app, require_current
from aidlog.cli.words import LANGUAGES, speaker, translator
from aidlog.core.text import N_, Message

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aidlog.core.actor import Actor
    from aidlog.reports.any_file import FileCells
    from aidlog.reports.importing.checking import Checked
    from aidlog.reports.importing.choices import Choices

Say = Callable[[Message], str]

#: The lists there are; a test holds them against reports/importing/kinds.py.
NAMES = (
    "items", "warehouses", "sites", "routes", "vehicles", "people", "population", "standards",
    "needs", "stock",
)  # fmt: skip
#: So many remarks are printed; the rest are counted.
MOST_REMARKS = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of the file."""

    kind: str
    source: Path
    dry_run: bool
    errors: Path | None
    login: str | None
    organisation: str | None
    choices: Choices


@click.command(name="import")
@click.argument("kind", type=click.Choice(NAMES))
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--numbers",
    type=click.Choice(["en", "fr", "rw"]),
    help="How the file writes numbers: 1,234.5 (en), 1 234,5 (fr) or 1.234,5 (rw).",
)
@click.option(
    "--dates",
    type=click.Choice(["dmy", "mdy"]),
    help="What comes first in 03/04/2027: the day (dmy) or the month (mdy).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be imported; write nothing.")
@click.option(
    "--errors",
    metavar="OUT.xlsx",
    type=click.Path(path_type=Path),
    help="Write the rows with what to correct in them, to be imported again.",
)
@click.option("--sheet", metavar="NAME", help="The sheet to read, where several look alike.")
@click.option(
    "--header",
    type=click.IntRange(min=0),
    metavar="ROW",
    help="The row of the headings; 0 where there are none.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADING",
    help="Read a field from the column of this heading or letter; repeat as needed.",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Say a value once for all rows; repeat as needed.",
)
@click.option(
    "--means",
    "meanings",
    multiple=True,
    metavar="FIELD:WORD=VALUE",
    help="Say what a word of the file stands for; repeat as needed.",
)
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@click.option("--organisation", metavar="CODE", help="Whose it is. Default: the person's own.")
@click.option(
    "--as",
    "login",
    metavar="LOGIN",
    help="In whose name, with that person's rights. Default: the first administrator's "
    "name, with the operator's rights.",
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of messages and of the workbook of errors.",
)
@click.pass_context
def import_file(  # noqa: PLR0913, PLR0917 - click hands over one argument an option
    ctx: click.Context, /, kind: str, source: Path, numbers: str | None, dates: str | None,
    dry_run: bool, errors: Path | None, sheet: str | None, header: int | None,
    columns: Sequence[str], given: Sequence[str], meanings: Sequence[str], again: bool,
    organisation: str | None, login: str | None, lang: str,
) -> None:  # fmt: skip
    """Import a list of KIND from FILE, an .xlsx workbook or a text file (CSV).

    Every row is checked first; nothing is written unless all of them hold. Exit 1 names each
    fault with its row and column. Make a sheet to fill in with: aidlog template KIND OUT.xlsx
    """
    if errors is not None and errors.suffix.lower() != ".xlsx":
        raise click.BadParameter("The workbook's name must end in .xlsx.", param_hint="--errors")
    check_targets(source, [] if errors is None else [errors])
    ctx.find_root().meta[LANGUAGE] = lang
    app = open_app(ctx)
    ctx.find_root().meta[LANGUAGE] = lang
    require_current(app)
    from aidlog.reports.any_file import must_fit, read_any
    from aidlog.reports.importing.choices import Choices, DayOrder, Numbers

    must_fit(source.stat().st_size)
    file = read_any(source.read_bytes())
    choices = Choices(
        sheet=sheet,
        header_row=header,
        numbers=Numbers(numbers) if numbers else None,
        dates=DayOrder(dates) if dates else None,
        given=pairs(given, "--set", fields=fields_of(kind)),
        meanings=meanings_of(meanings, fields_of(kind)),
        again=again,
    )
    wanted = pairs(columns, "--column", fields=fields_of(kind))
    asked = Asked(kind, source, dry_run, errors, login, organisation, choices)
    from sqlalchemy.orm import Session

    with Session(engine_of(app)) as session:
        _import(session, asked, file, wanted, speaker(lang))


def _import(
    session: Session, asked: Asked, file: FileCells, columns: Mapping[str, str], say: Say
) -> None:
    from dataclasses import replace

    from aidlog.db.transaction import writing

    with writing(session):
        actor, organisation_id = _who(session, asked)
        choices = asked.choices
        if columns:
            places = places_of(asked.kind, file, choices, columns)
            choices = replace(choices, columns=places)
        checked = _checked(session, actor, asked.kind, file, organisation_id, choices)
        _tell(checked, say)
        if asked.errors is not None and checked.stopping:
            _write_errors(asked.errors, checked, say)
        _carry_out(session, actor, asked, file, checked, organisation_id, say)


def _write_errors(target: Path, checked: Checked, say: Say) -> None:
    """Write the workbook of what is to be corrected."""
    from aidlog.reports.importing.correcting import write_to_correct

    write_all({target: write_to_correct(checked, say)})
    click.echo(say(Message(N_("Rows and what to correct in them: {file}"), {"file": target})),
               err=True)  # fmt: skip


def _carry_out(  # noqa: PLR0913, PLR0917 - one import's circumstances
    session: Session, actor: Actor, asked: Asked, file: FileCells, checked: Checked,
    organisation_id: int, say: Say,
) -> None:  # fmt: skip
    from aidlog.db.commands import new_id
    from aidlog.reports.faults import FileRefused
    from aidlog.reports.importing.carrying_out import carry_out, for_the_record, refuse_second

    refuse_second(session, actor, kind=asked.kind, digest=file.digest, again=asked.choices.again)
    if checked.stopping:
        raise FileRefused(checked.stopping)
    if asked.dry_run:
        click.echo(say(Message(
            N_("{count} row would be imported. Nothing was written."),
            {"count": len(checked.lines)},
            plural=N_("{count} rows would be imported. Nothing was written."),
            count=len(checked.lines),
        )))  # fmt: skip
        return
    kept = for_the_record(
        actor, kind=asked.kind, organisation_id=organisation_id, digest=file.digest
    )
    answer = carry_out(
        session, actor, checked, kept, command_id=new_id(), again=asked.choices.again
    )
    if asked.login is None:
        _note_the_operator(session, asked.kind, kept.id)
    click.echo(say(Message(
        N_("Imported: {added} added, {changed} changed, {unchanged} as before."), answer
    )))  # fmt: skip
    for note in answer.get("notes", ()):
        click.echo(say(Message(N_("Goods received note {number}"), {"number": note})))


def _note_the_operator(session: Session, kind: str, subject: str) -> None:
    from aidlog.db import audit

    audit.record(session, actor_id=None, verb=f"Import:{kind}:operator", subject=subject)


def _checked(
    session: Session, actor: Actor, kind: str, file: FileCells, organisation_id: int,
    choices: Choices,
) -> Checked:  # fmt: skip
    from aidlog.reports.importing.checking import check_file
    from aidlog.reports.importing.kinds import importer_of

    translations = [translator(language) for language in LANGUAGES if language != "en"]
    return check_file(
        session, actor, importer_of(kind), file, organisation_id, choices, translations
    )


def _tell(checked: Checked, say: Say) -> None:
    """Say on standard error what was read as what, and what is worth a look."""
    plan = checked.importer.plan
    read = [
        f"{seen.heading or seen.letter} → {say(Message(plan.column(seen.field).heading))}"
        for seen in checked.found.columns
        if seen.field
    ]
    click.echo(say(Message(N_("Columns read: {columns}"), {"columns": "; ".join(read)})), err=True)
    for remark in checked.remarks[:MOST_REMARKS]:
        click.echo(say(remark.sentence()), err=True)
    more = len(checked.remarks) - MOST_REMARKS
    if more > 0:
        click.echo(say(Message(N_("and {more} more."), {"more": more})), err=True)


def _who(session: Session, asked: Asked) -> tuple[Actor, int]:
    """Return in whose name, and for which organisation."""
    from sqlalchemy import select

    from aidlog.core.actor import Actor, Permission
    from aidlog.registry.models import Organisation, Person, RoleGrant
    from aidlog.registry.roles import Role, actor_for

    if asked.login is not None:
        person = session.scalars(
            select(Person).where(Person.login == asked.login.casefold(), Person.active)
        ).one_or_none()
        if person is None:
            raise NotThere(Message(N_("Nobody signs in as {login}."), {"login": asked.login[:60]}))
        actor = actor_for(session, person.id)
    else:
        person = session.scalars(
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == Role.ADMINISTRATOR, Person.active)
            .order_by(Person.id)
            .limit(1)
        ).first()
        if person is None:
            raise NotThere(
                Message(N_("There is no administrator yet. Add one with: aidlog user add"))
            )
        everyone = frozenset(session.scalars(select(Organisation.id)))
        actor = Actor(person.id, everyone, dict.fromkeys(Permission))
    if asked.organisation is None:
        return actor, person.organisation_id
    organisation_id = session.scalar(
        select(Organisation.id).where(Organisation.code == asked.organisation.strip().upper())
    )
    if organisation_id is None or organisation_id not in actor.organisation_ids:
        raise NotThere(
            Message(N_("There is no organisation {code}."), {"code": asked.organisation[:20]})
        )
    return actor, organisation_id
