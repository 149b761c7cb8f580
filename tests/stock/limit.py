"""How much one person may correct alone, set as an administrator does."""

from __future__ import annotations

from sqlalchemy.orm import Session

from aidlog.db.commands import once
from aidlog.registry.models import Organisation
from aidlog.registry.roles import Role
from aidlog.stock.limits import SetAdjustmentLimit, set_adjustment_limit
from tests.factories import command_id, make_actor, make_organisation


def set_limit(
    session: Session,
    organisation: Organisation | None = None,
    *,
    packs: int | None,
    permille: int | None,
) -> None:
    organisation = organisation or make_organisation(session)
    command = SetAdjustmentLimit(
        command_id=command_id(),
        organisation_id=organisation.id,
        packs=packs,
        permille=permille,
    )
    boss = make_actor(session, Role.ADMINISTRATOR, organisation=organisation)
    once(session, boss, command, set_adjustment_limit)


def lift_the_limit(session: Session, organisation: Organisation | None = None) -> None:
    """Let everybody correct alone: for tests of something else."""
    set_limit(session, organisation, packs=None, permille=None)
