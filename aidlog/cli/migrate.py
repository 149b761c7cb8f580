"""``aidlog migrate``: bring the database to the schema of this version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidlog.cli.opening import Schema, open_app, refuse_newer, schema_of, tell
from aidlog.core.text import N_, Message
from aidlog.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


@click.command()
@click.pass_context
def migrate(ctx: click.Context, /) -> None:
    """Bring the database to this version of aidlog; a new one gets all its tables."""
    app = open_app(ctx)
    before = upgrade(app)
    if before.current:
        tell(
            ctx,
            Message(N_("The database is at version {now} already."), {"now": before.newest}),
        )
        return
    tell(
        ctx,
        Message(
            N_("The database went from version {before} to {now}."),
            {"before": before.now or "0000", "now": before.newest},
        ),
    )


def upgrade(app: Flask) -> Schema:
    """Run the migrations that the database lacks; return where it stood before.

    Raises:
        NotReady: the database cannot be reached, or is newer than this aidlog.
    """
    from alembic import command

    settings: Settings = app.config["AIDLOG"]
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    before = schema_of(app)
    refuse_newer(before)
    if not before.current:
        with app.app_context():
            config = app.extensions["migrate"].migrate.get_config(None)
            command.upgrade(config, "head")
    return before
