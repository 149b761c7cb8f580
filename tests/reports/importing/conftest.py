"""A small operation to import into, and what an import of a file comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.reports.any_file import read_any
from aidlog.reports.importing.carrying_out import carry_out, for_the_record
from aidlog.reports.importing.checking import Checked, check_file
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.kinds import importer_of
from tests.factories import make_actor, make_item, make_organisation, make_place, make_warehouse

Check = Callable[..., Checked]
Import = Callable[..., dict[str, object]]


class Desk:
    """Someone of one organisation who checks and imports files."""

    def __init__(self, session: Session, actor: Actor, organisation_id: int) -> None:
        self.session, self.actor, self.organisation_id = session, actor, organisation_id

    def check(self, kind: str, data: bytes, **choices: object) -> Checked:
        """Check a file; whatever was read from the books is let go again."""
        decided = replace(Choices(), **choices)  # type: ignore[arg-type]
        file = read_any(data)
        try:
            return check_file(
                self.session, self.actor, importer_of(kind), file, self.organisation_id, decided
            )
        finally:
            self.session.rollback()

    def take(
        self, kind: str, data: bytes, *, id_: str = "", **choices: object
    ) -> dict[str, object]:
        """Check and import a file as the edges do, in one transaction."""
        decided = replace(Choices(), **choices)  # type: ignore[arg-type]
        file = read_any(data)
        with writing(self.session) as session:
            checked = check_file(
                session, self.actor, importer_of(kind), file, self.organisation_id, decided
            )
            kept = for_the_record(
                self.actor, kind=kind, organisation_id=self.organisation_id, digest=file.digest
            )
            return dict(
                carry_out(
                    session, self.actor, checked, kept,
                    command_id=id_ or new_id(), again=decided.again,
                )
            )  # fmt: skip


def told(checked: Checked, *, stops: bool = True) -> str:
    """Return all sentences of a check, a line each."""
    faults = checked.stopping if stops else checked.remarks
    return "\n".join(str(fault.sentence()) for fault in faults)


@pytest.fixture
def desk(session: Session) -> Desk:
    """A planner who keeps the store as well: W01, C01, sites S01 and S02, mats and rice."""
    with writing(session):
        organisation = make_organisation(session)
        make_warehouse(session, code="W01", name="Lakeside store")
        make_place(session, code="S01")
        make_place(session, code="S02", name="Tumaini", protected=False)
        make_item(session, code="MAT", name="Plastic mat", pack=(PackKind.BALE, 20))
        actor = make_actor(session, Role.PLANNER, Role.STOREKEEPER, Role.ADMINISTRATOR)
        organisation_id = organisation.id
    return Desk(session, actor, organisation_id)
