"""Who may do what: the whole table, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission, Scope
from aidlog.core.errors import NotFound
from aidlog.registry.models import Person, RoleGrant


class Role(StrEnum):
    PLANNER = "planner"
    STOREKEEPER = "storekeeper"
    SITE_LEAD = "site_lead"
    DONOR = "donor"
    COORDINATOR = "coordinator"
    PROTECTION = "protection"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


P = Permission

_READING = frozenset(
    {
        P.HOME_VIEW,
        P.REGISTRY_VIEW,
        P.NEEDS_VIEW,
        P.REQUISITION_VIEW,
        P.PLEDGE_VIEW,
        P.STOCK_VIEW,
        P.PLAN_VIEW,
        P.WAYBILL_VIEW,
        P.REPORT_VIEW,
        P.VOICE_VIEW,
    }
)

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.PLANNER: _READING
    | {
        P.REGISTRY_EDIT,
        P.POPULATION_UPDATE,
        P.STANDARD_EDIT,
        P.REQUISITION_MAKE,
        P.REQUISITION_DECIDE,
        P.PLEDGE_RECORD,
        P.PURCHASE_RECORD,
        P.PLAN_DRAFT,
        P.PLAN_APPROVE,
        P.WAYBILL_LOAD,
        P.STOCK_APPROVE,
        P.VOICE_RECORD,
        P.VOICE_ANSWER,
        P.ALERT_ANSWER,
    },
    Role.STOREKEEPER: frozenset(
        {
            P.HOME_VIEW,
            P.REGISTRY_VIEW,
            P.REQUISITION_VIEW,
            P.REQUISITION_MAKE,
            P.PLEDGE_VIEW,
            P.PLEDGE_RECORD,
            P.PURCHASE_RECORD,
            P.GOODS_RECEIVE,
            P.STOCK_VIEW,
            P.STOCK_ADJUST,
            P.ALERT_ANSWER,
            P.WAYBILL_VIEW,
            P.WAYBILL_LOAD,
        }
    ),
    Role.SITE_LEAD: frozenset(
        {
            P.HOME_VIEW,
            P.POPULATION_UPDATE,
            P.REQUISITION_VIEW,
            P.REQUISITION_MAKE,
            P.RECEIPT_CONFIRM,
            P.HANDOUT_RECORD,
            P.VOICE_VIEW,
            P.VOICE_RECORD,
        }
    ),
    Role.DONOR: frozenset({P.HOME_VIEW, P.OWN_GIFTS_VIEW}),
    Role.COORDINATOR: _READING
    | {
        P.REQUISITION_MAKE,
        P.REQUISITION_DECIDE,
        P.PLAN_APPROVE,
        P.STOCK_APPROVE,
        P.ALERT_ANSWER,
    },
    Role.PROTECTION: frozenset(
        {P.HOME_VIEW, P.REGISTRY_VIEW, P.NEEDS_VIEW, P.SITE_POINT_VIEW, P.POPULATION_UPDATE}
    ),
    Role.AUDITOR: _READING | {P.AUDIT_VIEW},
    Role.ADMINISTRATOR: _READING | {P.REGISTRY_EDIT, P.PEOPLE_MANAGE, P.AUDIT_VIEW},
}


def actor_for(session: Session, person_id: int) -> Actor:
    """Return a person as an actor: the union of their roles, each where it was given.

    Raises:
        NotFound: there is no such person, or the account is switched off.
    """
    session.flush()
    rows = session.execute(_grants(), {"person": person_id}).all()
    if not rows:
        raise NotFound(f"person {person_id}")
    grants: dict[Permission, Scope] = {}
    organisations = set()
    roles = []
    for organisation, role, place in rows:
        if role is None:  # the person is there and may nothing yet
            continue
        organisations.add(organisation)
        roles.append(role)
        for permission in ROLES[Role(role)]:
            here = None if place is None else frozenset({place})
            grants[permission] = _wider(grants[permission], here) if permission in grants else here
    return Actor(
        user_id=person_id,
        organisation_ids=frozenset(organisations),
        grants=grants,
        role=roles[0] if roles else "",
    )


@cache
def _grants() -> Select[Any]:
    """Return the statement of an active person's roles: asked at every request, built once."""
    person, grant = Person.__table__.c, RoleGrant.__table__.c
    return (
        select(grant.organisation_id, grant.role, grant.place_id)
        .select_from(Person.__table__.outerjoin(RoleGrant.__table__, grant.person_id == person.id))
        .where(person.id == bindparam("person"), person.active)
        .order_by(grant.id)
    )


def _wider(one: Scope, other: Scope) -> Scope:
    return None if one is None or other is None else one | other
