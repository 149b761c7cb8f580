"""Which documents are a place's own, for those who see that place only."""

import pytest
from sqlalchemy import select

from aidlog.db.numbering import Document, Series
from aidlog.db.transaction import writing
from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.registry.roles import Role
from aidlog.stock.queries import AT_A_PLACE, moved_at
from tests.booking import arrive, book, move, send
from tests.factories import make_actor, make_lot, make_place, make_warehouse


@pytest.mark.parametrize("kind", AT_A_PLACE)
def test_what_is_destroyed_where_it_stands_is_a_document_of_that_place(session, kind):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=40)
        arrive(session, actor, lot, 20, send(session, actor, lot, 20, warehouse, site))
        apart = {AccountKind.QUARANTINE: warehouse, AccountKind.SITE_HELD: site}
        usable = {AccountKind.WAREHOUSE: warehouse, AccountKind.SITE: site}
        place = (apart | usable)[kind]
        here = Account(kind, place.id)
        if kind in apart:
            other = next(one for one, at in usable.items() if at is place)
            book(session, actor, [move(MovementKind.HELD, lot, 5, Account(other, place.id), here)])
        destroyed = move(MovementKind.DESTROYED, lot, 5, here, Account(AccountKind.LOSS))
        code = book(session, actor, [destroyed], series=Series.DISPOSAL)
    codes = select(Document.code).where(Document.series == Series.DISPOSAL)
    assert session.scalars(codes.where(moved_at(Document.id, [place.id]))).all() == [code]
    assert session.scalars(codes.where(moved_at(Document.id, [place.id + 1000]))).all() == []
