"""``aidlog verify``: is every figure what its history says, and the history untouched?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.orm import Session

from aidlog.cli.opening import engine_of, open_app, require_current, tell
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.audit import CHANGED, Break
from aidlog.db.copying import size_of
from aidlog.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


class Unsound(Refusal):
    """The books do not hold; ``sentences`` names each fault."""

    def __init__(self, found: list[Message]) -> None:
        super().__init__(
            Message(
                N_("1 fault found. Stop work on this database and call whoever keeps it."),
                {"count": len(found)},
                plural=N_(
                    "{count} faults found. Stop work on this database and call whoever keeps it."
                ),
                count=len(found),
            )
        )
        self.found = found

    def sentences(self) -> list[Message]:
        return self.found


@click.command()
@click.pass_context
def verify(ctx: click.Context, /) -> None:
    """Check stock, numbers, pictures and the audit chain; exit 1 and name each fault."""
    app = open_app(ctx)
    require_current(app)
    with Session(engine_of(app)) as session:
        movements, entries = check(session, photos=data_dir(app))
    tell(
        ctx,
        Message(
            N_("Sound: {movements} movements and {entries} audit entries hold."),
            {"movements": movements, "entries": entries},
        ),
    )


def data_dir(app: Flask) -> Path:
    """Return the folder under which pictures lie."""
    settings: Settings = app.config["AIDLOG"]
    return Path(settings.data_dir)


def check(session: Session, *, photos: Path | None = None) -> tuple[int, int]:
    """Check everything; return how many movements and audit entries hold.

    ``photos`` is the data folder whose pictures are held against the books; None leaves them.

    Raises:
        Unsound: something does not hold.
    """
    from aidlog.dispatch.serving import unfollowed
    from aidlog.donations.photos import damaged
    from aidlog.stock.soundness import faults

    found = [
        Message(N_("Broken rule: {rule} ({where})"), {"rule": fault.rule, "where": fault.where})
        for fault in faults(session)
    ]
    entries = size_of(session, "audit_entry")
    found += _in_the_chain(list(audit.breaks(session)), entries)
    found += [
        Message(N_("A picture of {document} is missing or was changed."), {"document": code})
        for code in (damaged(session, photos) if photos else ())
    ]
    found += [
        Message(N_("What came for {document} is not what its waybills say."), {"document": code})
        for code in unfollowed(session)
    ]
    if found:
        raise Unsound(found)
    return size_of(session, "stock_movement"), entries


def _in_the_chain(broken: list[Break], entries: int) -> list[Message]:
    """Name each break; where no entry at all fits, it is the key that is another."""
    if entries and [found.what for found in broken] == [CHANGED] * entries:
        return [
            Message(
                N_(
                    "No audit entry was sealed with this key. Set AIDLOG_AUDIT_KEY to the key"
                    " that this database was written with."
                )
            )
        ]
    return [
        Message(N_("Audit entry {entry}: {what}"), {"entry": found.entry_id, "what": found.what})
        for found in broken
    ]
