"""Who is acting, as plain data: no login, no session, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aidlog.core.errors import NotAllowed, NotFound


class Permission(StrEnum):
    """``<thing>:<act>``. Which role holds which is one page: registry/roles.py."""

    REGISTRY_VIEW = "registry:view"
    REGISTRY_EDIT = "registry:edit"
    PEOPLE_MANAGE = "people:manage"
    SITE_POINT_VIEW = "site:point"
    NEEDS_VIEW = "needs:view"
    POPULATION_UPDATE = "population:update"
    STANDARD_EDIT = "standard:edit"
    REQUISITION_VIEW = "requisition:view"
    REQUISITION_MAKE = "requisition:make"
    REQUISITION_DECIDE = "requisition:decide"
    PLEDGE_VIEW = "pledge:view"
    PLEDGE_RECORD = "pledge:record"
    PURCHASE_RECORD = "purchase:record"
    GOODS_RECEIVE = "goods:receive"
    STOCK_VIEW = "stock:view"
    STOCK_ADJUST = "stock:adjust"
    STOCK_APPROVE = "stock:approve"
    PLAN_VIEW = "plan:view"
    PLAN_DRAFT = "plan:draft"
    PLAN_APPROVE = "plan:approve"
    WAYBILL_VIEW = "waybill:view"
    WAYBILL_LOAD = "waybill:load"
    RECEIPT_CONFIRM = "receipt:confirm"
    HANDOUT_RECORD = "handout:record"
    VOICE_VIEW = "voice:view"
    VOICE_RECORD = "voice:record"
    VOICE_ANSWER = "voice:answer"
    ALERT_ANSWER = "alert:answer"
    REPORT_VIEW = "report:view"
    AUDIT_VIEW = "audit:view"
    OWN_GIFTS_VIEW = "gifts:own"
    HOME_VIEW = "home:view"


#: Places where a permission holds: a set of place ids, or None for everywhere in the
#: actor's organisations.
Scope = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts: for which organisations, and where each permission holds.

    ``organisation_ids`` are those whose goods and documents the actor may see or move; a
    coordinator acts for several. ``grants`` maps each permission to its places.
    """

    user_id: int
    organisation_ids: frozenset[int]
    grants: Mapping[Permission, Scope]
    role: str = ""

    def may(self, permission: Permission, *, at: int | None = None) -> bool:
        """Say whether ``permission`` holds; with ``at``, whether it holds at that place."""
        if permission not in self.grants:
            return False
        places = self.grants[permission]
        return at is None or places is None or at in places

    def must(self, permission: Permission, *, at: int | None = None) -> None:
        """Raise unless ``permission`` holds, at place ``at`` where one is named.

        Raises:
            NotAllowed: the actor does not hold it there. Pages answer 404 to it.
        """
        if not self.may(permission, at=at):
            raise NotAllowed(permission)

    def must_own(self, organisation_id: int) -> None:
        """Raise :class:`NotFound` unless the thing belongs to an organisation of the actor."""
        if organisation_id not in self.organisation_ids:
            raise NotFound(f"organisation {organisation_id}")

    def places(self, permission: Permission) -> Scope:
        """Return where ``permission`` holds: place ids, None for everywhere.

        Raises:
            NotAllowed: it holds nowhere.
        """
        self.must(permission)
        return self.grants[permission]
