"""Open the configured database for a command, or say what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from aidlog.cli.main import LANGUAGE
from aidlog.cli.words import speaker
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine


class NotReady(Refusal):
    """The database cannot be used as it is; the sentence says which command helps."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Which migration a database stands at, and which one this version of aidlog wants.

    ``now`` is None where no migration has run; ``known`` is False where a newer aidlog has
    been at work.
    """

    now: str | None
    newest: str
    known: bool

    @property
    def current(self) -> bool:
        return self.now == self.newest


def open_app(ctx: click.Context) -> Flask:
    """Return the app of this installation; sentences are said in its language from now on."""
    from aidlog.app import create_app

    app = create_app()
    settings: Settings = app.config["AIDLOG"]
    ctx.find_root().meta[LANGUAGE] = settings.default_language
    ctx.call_on_close(engine_of(app).dispose)
    return app


def tell(ctx: click.Context, message: Message) -> None:
    """Say ``message`` on standard output."""
    click.echo(speaker(str(ctx.find_root().meta.get(LANGUAGE, "en")))(message))


def engine_of(app: Flask) -> Engine:
    """Return the engine of the app's database."""
    from aidlog.extensions import db

    with app.app_context():
        return db.engine


def schema_of(app: Flask) -> Schema:
    """Return where the database's schema stands.

    Raises:
        NotReady: the database cannot be reached.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy.exc import OperationalError

    from aidlog.settings import resource

    scripts = ScriptDirectory(str(resource("migrations")))
    try:
        with engine_of(app).connect() as connection:
            now = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise NotReady(
            Message(N_("The database cannot be reached. Check AIDLOG_DATABASE_URL and the server."))
        ) from error
    newest = scripts.get_current_head()
    assert newest is not None, "there are migrations in every installation"
    revisions = {script.revision for script in scripts.walk_revisions()}
    return Schema(now=now, newest=newest, known=now is None or now in revisions)


def require_current(app: Flask) -> None:
    """Raise unless the database is at this version's schema.

    Raises:
        NotReady: it is older, newer or empty; the sentence says what to do.
    """
    schema = schema_of(app)
    refuse_newer(schema)
    if not schema.current:
        raise NotReady(
            Message(N_("The database is not at this version of aidlog. Run: aidlog migrate"))
        )


def refuse_newer(schema: Schema) -> None:
    """Raise where a newer aidlog has migrated the database."""
    if not schema.known:
        raise NotReady(
            Message(
                N_(
                    "The database is at version {revision}, which this aidlog does not know."
                    " Install the newer aidlog that made it."
                ),
                {"revision": schema.now},
            )
        )
